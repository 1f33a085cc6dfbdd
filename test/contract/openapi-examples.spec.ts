import addFormats from 'ajv-formats';
import Ajv from 'ajv/dist/2020';
import { committedDocument } from '../support/api-client-contract';

/** Far enough that no example is out of date while the service is in use. */
const FAR = '2090';
const DATE = /^\d{4}-\d{2}-\d{2}/;
/** A version of the API is a date, and no time. */
const VERSION = '2026-05-01';

interface Example {
  readonly where: string;
  readonly value: unknown;
}

/** Every example of the document, wherever it stands. */
function examplesOf(part: unknown, where: string): Example[] {
  if (part === null || typeof part !== 'object') return [];
  return Object.entries(part).flatMap(([key, value]) => {
    if (key === 'example' && !where.endsWith('/properties')) return [{ where, value }];
    if (key === 'examples' && !Array.isArray(value)) {
      return Object.entries<any>(value).map(([name, each]) => ({ where: `${where}/${name}`, value: each.value }));
    }
    return examplesOf(value, `${where}/${key}`);
  });
}

function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return value !== null && typeof value === 'object' ? Object.values(value).flatMap(textsOf) : [];
}

describe.each(['public', 'admin'] as const)('examples of the %s document', (surface) => {
  const document = committedDocument(surface);
  const examples = examplesOf(document, '');

  it('say something, and nothing that is over', () => {
    expect(examples.length).toBeGreaterThan(100);
    const wrong = examples.flatMap(({ where, value }) =>
      textsOf(value)
        .filter((text) => ['text', 'string', ''].includes(text) || (DATE.test(text) && text < FAR && text !== VERSION))
        .map((text) => `${where}: ${text}`),
    );
    expect(wrong).toEqual([]);
  });

  it('are not given for what must be another one each time', () => {
    for (const name of ['RequestId', 'IdempotencyKey']) {
      const { example, examples: several, schema } = document.components.parameters[name] ?? { schema: {} };
      expect([name, example, several, schema.example, schema.default]).toEqual([name, ...Array(4)]);
    }
  });

  it('are bodies that their schemas take', () => {
    const ajv = new Ajv({ strict: false, allErrors: true });
    addFormats(ajv);
    ajv.addSchema(structuredClone(document), 'openapi.json');
    const problems: string[] = [];
    for (const item of Object.values<any>(document.paths)) {
      for (const { operationId, requestBody, responses } of Object.values<any>(item)) {
        for (const [name, body] of Object.entries<any>({ request: requestBody, ...responses })) {
          const { schema, example } = body?.content?.['application/json'] ?? {};
          if (example === undefined) continue;
          const validate = ajv.compile(rebased(schema));
          if (!validate(example)) problems.push(`${operationId} ${name}: ${ajv.errorsText(validate.errors)}`);
        }
      }
    }
    expect(problems).toEqual([]);
  });
});

/** References lead to the document from wherever they are compiled. */
function rebased(schema: unknown): object {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/components/', '"openapi.json#/components/')) as object;
}
