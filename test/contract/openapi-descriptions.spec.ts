import { ADMIN_FIELDS } from '../../src/platform/http/server/openapi-admin-fields';
import { FIELDS } from '../../src/platform/http/server/openapi-fields';
import { PARAMETER_TEXTS } from '../../src/platform/http/server/openapi-parameters';
import { committedDocument } from '../support/api-client-contract';

const words = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]/g, '');
/** What an operation itself says, without the line on who may call it. */
const ownWords = (description: string): string => description.split('\n\nNeeds ')[0]!;

interface Described {
  readonly where: string;
  readonly name: string;
  readonly description: unknown;
}

/** Every field of every schema, wherever it is written. */
function fieldsOf(where: string, schema: any): Described[] {
  if (schema === null || typeof schema !== 'object') return [];
  const own = Object.entries<any>(schema.properties ?? {}).flatMap(([name, field]) => [
    { where: `${where}.${name}`, name, description: field.description },
    ...fieldsOf(`${where}.${name}`, field),
  ]);
  return [
    ...own,
    ...fieldsOf(where, schema.items),
    ...(schema.oneOf ?? []).flatMap((part: any) => fieldsOf(where, part)),
  ];
}

describe.each(['public', 'admin'] as const)('the %s document', (surface) => {
  const document = committedDocument(surface);
  const operations = Object.values<any>(document.paths).flatMap((item) => Object.values<any>(item));
  const parameters = [
    ...Object.entries<any>(document.components.parameters).map(([where, parameter]) => ({ where, ...parameter })),
    ...operations.flatMap(({ operationId, parameters: own }) =>
      own.filter(({ $ref }: any) => !$ref).map((each: any) => ({ where: `${operationId}.${each.name}`, ...each })),
    ),
  ];
  const fields = [
    ...Object.entries<any>(document.components.schemas).flatMap(([name, schema]) => fieldsOf(name, schema)),
    ...operations.flatMap(({ operationId, responses }) =>
      Object.values<any>(responses).flatMap(({ content = {} }) =>
        Object.values<any>(content).flatMap(({ schema }) => fieldsOf(operationId, schema)),
      ),
    ),
  ];

  it('describes every field and every parameter in more than its name', () => {
    const described: Described[] = [...fields, ...parameters];
    expect(described.length).toBeGreaterThan(250);
    const silent = described.filter(
      ({ name, description }) =>
        typeof description !== 'string' || description.length < 8 || words(description) === words(name),
    );
    expect(silent.map(({ where }) => where)).toEqual([]);
  });

  it('describes every operation, and not by its summary', () => {
    const silent = operations.filter(({ summary, description, operationId }) => {
      const own = ownWords(description ?? '');
      return (
        own.length < 20 || own.startsWith('Needs ') || [summary, operationId].some((each) => words(each) === words(own))
      );
    });
    expect(silent.map(({ operationId }) => operationId)).toEqual([]);
  });

  it('shows an example for every code that an operation answers', () => {
    for (const { operationId, responses, 'x-error-codes': codes } of operations) {
      const shown = Object.entries<any>(responses)
        .filter(([status]) => Number(status) >= 400)
        .flatMap(([, written]) => {
          const answer = written.$ref ? document.components.responses[written.$ref.split('/').at(-1)] : written;
          return Object.keys(answer.content['application/json'].examples);
        });
      expect([operationId, shown.sort()]).toEqual([operationId, [...codes].sort()]);
    }
  });
});

it('activate, deactivate and sync-toggle tell when they answer 409', () => {
  const { paths } = committedDocument('public');
  for (const name of ['activate', 'deactivate', 'sync-toggle']) {
    const { post, put } = paths[`/v2/integrations/{provider}/${name}`];
    expect([name, (post ?? put).description]).toEqual([name, expect.stringContaining('409')]);
  }
});

it('no text is kept for a field or a parameter that is gone', () => {
  const documents = [committedDocument('public'), committedDocument('admin')];
  const text = JSON.stringify(documents);
  const unused = Object.entries({ ...FIELDS, ...ADMIN_FIELDS, ...PARAMETER_TEXTS }).filter(
    ([, description]) => !text.includes(JSON.stringify(description).slice(1, -1)),
  );
  expect(unused).toEqual([]);
});
