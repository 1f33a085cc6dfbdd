import { readFileSync } from 'node:fs';
import path from 'node:path';
import { breakProblems } from './allowed-breaks';
import { breakingChanges } from './breaking-changes';

const DOCUMENT = readFileSync(path.join(__dirname, '../../openapi.json'), 'utf8');

/** What a change of today's document breaks. */
function broken(change: (document: any) => void): string[] {
  const after = JSON.parse(DOCUMENT);
  change(after);
  return breakingChanges(JSON.parse(DOCUMENT), after);
}

const list = (document: any) => document.paths['/v2/products'].get;
const upsert = (document: any) => document.paths['/v2/products'].put;
const schemas = (document: any) => document.components.schemas;
const integration = (document: any) => schemas(document).Integration;
const queryOf = (operation: any, name: string) => operation.parameters.find((each: any) => each.name === name);

const BREAKING: [what: string, change: (document: any) => void, sentence: RegExp][] = [
  ['an operation that is gone', (d) => delete d.paths['/v2/products'].get, /^GET \/v2\/products: is gone$/],
  [
    'a path that moved',
    (d) => {
      d.paths['/v2/goods'] = d.paths['/v2/products'];
      delete d.paths['/v2/products'];
    },
    /^PUT \/v2\/products: is gone$/,
  ],
  [
    'a field of an answer that is gone',
    (d) => delete integration(d).properties.syncHealth,
    /GET \/v2\/integrations 200\.data\[\]\.syncHealth: is gone$/,
  ],
  [
    'a field of an answer that may be missing',
    (d) => {
      integration(d).required = integration(d).required.filter((name: string) => name !== 'createdAt');
    },
    /200\.data\[\]\.createdAt: may be missing$/,
  ],
  [
    'a field of an answer of one more type',
    (d) => (integration(d).properties.id.type = ['string', 'integer']),
    /\.id: may be integer now$/,
  ],
  [
    'a field of an answer that may be null',
    (d) => (integration(d).properties.createdAt.type = ['string', 'null']),
    /\.createdAt: may be null now$/,
  ],
  [
    'one more value of an answer’s list of values',
    (d) => integration(d).properties.syncHealth.enum.push('asleep'),
    /\.syncHealth: may be "asleep" now$/,
  ],
  [
    'a list of values that became any text',
    (d) => delete integration(d).properties.syncHealth.enum,
    /\.syncHealth: may be any value now$/,
  ],
  [
    'one more form of a record',
    (d) => {
      const { SyncedRecord } = schemas(d);
      schemas(d).Odd = { type: 'object', properties: { odd: { type: 'string' } } };
      SyncedRecord.oneOf.push({ $ref: '#/components/schemas/Odd' });
    },
    /^GET \/v2\/integrations\/\{\}\/records\/\{\} 200\.data\[\]\.\w+: (is gone|may be missing)$/,
  ],
  [
    'another status of success',
    (d) => {
      list(d).responses[201] = list(d).responses[200];
      delete list(d).responses[200];
    },
    /^GET \/v2\/products 200: is gone$/,
  ],
  [
    'an answer in another media type',
    (d) => {
      list(d).responses[200].content = { 'text/csv': {} };
    },
    /^GET \/v2\/products 200 application\/json: is gone$/,
  ],
  [
    'a new field that must be sent',
    (d) => {
      schemas(d).ActivateRequest.properties.region = { type: 'string' };
      schemas(d).ActivateRequest.required.push('region');
    },
    /activate body\.region: is required$/,
  ],
  [
    'a field that must be sent now',
    (d) => schemas(d).ActivateRequest.required.push('timezone'),
    /body\.timezone: is required$/,
  ],
  [
    'a field that is not taken any more',
    (d) => delete schemas(d).ActivateRequest.properties.currency,
    /activate body\.currency: is gone$/,
  ],
  [
    'a value that is not taken any more',
    (d) => queryOf(d.paths['/v2/integrations/{provider}/sync-logs'].get, 'status').schema.enum.pop(),
    /sync-logs query status: does not take ".+" any more$/,
  ],
  [
    'a field that must not be null any more',
    (d) => (schemas(d).DeactivateRequest.properties.deleteCredentials.type = 'string'),
    /deleteCredentials: does not take boolean any more$/,
  ],
  [
    'a lower maximum',
    (d) => (schemas(d).ActivateRequest.properties.invoiceLookbackDays.maximum = 30),
    /invoiceLookbackDays: has a tighter maximum$/,
  ],
  [
    'a higher minimum length',
    (d) => (schemas(d).ActivateRequest.properties.timezone.minLength = 9),
    /timezone: has a tighter minLength$/,
  ],
  [
    'a pattern that was not there',
    (d) => (schemas(d).ActivateRequest.properties.timezone.pattern = '^E'),
    /timezone: has another pattern$/,
  ],
  [
    'a query parameter that is gone',
    (d) => {
      list(d).parameters = list(d).parameters.filter(({ name }: any) => name !== 'limit');
    },
    /^GET \/v2\/products query limit: is gone$/,
  ],
  [
    'a query parameter that must be there',
    (d) => (queryOf(list(d), 'limit').required = true),
    /^GET \/v2\/products query limit: is required$/,
  ],
  [
    'a header that must be sent',
    (d) => list(d).parameters.push({ name: 'X-Region', in: 'header', required: true }),
    /^GET \/v2\/products header x-region: is required$/,
  ],
  [
    'a body that must be sent',
    (d) => (d.paths['/v2/integrations/{provider}/sync'].post.requestBody.required = true),
    /\/sync body: is required$/,
  ],
  [
    'an open operation that is closed',
    (d) => (d.paths['/health/live'].get.security = [{ ApiKeyAuth: [] }]),
    /^GET \/health\/live security: needs a credential$/,
  ],
  [
    'a credential that is not taken any more',
    (d) => (list(d).security = [{ ApiKeyAuth: [] }]),
    /^GET \/v2\/products security: does not take BearerAuth any more$/,
  ],
];

const HARMLESS: [what: string, change: (document: any) => void][] = [
  ['a new operation', (d) => (d.paths['/v2/new'] = { get: list(d) })],
  ['a new field of an answer', (d) => (integration(d).properties.color = { type: 'string' })],
  [
    'a field of an answer that is always there now',
    (d) => (integration(d).required = Object.keys(integration(d).properties)),
  ],
  ['a value that an answer does not have any more', (d) => integration(d).properties.syncHealth.enum.pop()],
  ['a new field that may be sent', (d) => (schemas(d).ActivateRequest.properties.color = { type: 'string' })],
  [
    'a field that need not be sent any more',
    (d) => (schemas(d).UpsertProductsRequest ?? schemas(d).ActivateRequest).required.pop(),
  ],
  [
    'one more value that is taken',
    (d) => queryOf(d.paths['/v2/integrations/{provider}/sync-logs'].get, 'status').schema.enum.push('odd'),
  ],
  ['a higher maximum', (d) => (schemas(d).ActivateRequest.properties.invoiceLookbackDays.maximum = 99_999)],
  [
    'a field that may be null too',
    (d) => (schemas(d).ActivateRequest.properties.invoiceLookbackDays.type = ['integer', 'null']),
  ],
  ['a new query parameter', (d) => list(d).parameters.push({ name: 'sort', in: 'query', schema: { type: 'string' } })],
  [
    'other words',
    (d) => {
      list(d).description = 'Otherwise.';
      list(d).operationId = 'allProducts';
      list(d).tags = ['Goods'];
    },
  ],
  [
    'another name of a schema',
    (d) => {
      schemas(d).Connection = schemas(d).Integration;
      for (const [name, part] of Object.entries(schemas(d)))
        schemas(d)[name] = JSON.parse(JSON.stringify(part).replaceAll('schemas/Integration"', 'schemas/Connection"'));
    },
  ],
  [
    'another name of a path’s parameter',
    (d) => {
      d.paths['/v2/providers/{id}'] = d.paths['/v2/providers/{provider}'];
      delete d.paths['/v2/providers/{provider}'];
    },
  ],
  ['one more error', (d) => (list(d).responses[418] = { description: 'x' })],
  ['an error that does not happen any more', (d) => delete upsert(d).responses[413]],
];

describe('a change of the document', () => {
  it.each(BREAKING)('breaks callers: %s', (_, change, sentence) => {
    const found = broken(change);
    expect(found).toContainEqual(expect.stringMatching(sentence));
  });

  it.each(HARMLESS)('breaks nobody: %s', (_, change) => {
    expect(broken(change)).toEqual([]);
  });

  it('is none where there is none', () => {
    expect(broken(() => undefined)).toEqual([]);
  });
});

describe('a break', () => {
  const CHANGELOG = '# Changelog\n\n## Unreleased\n\n- It is\n  better.\n\n## 0.2.0\n\n- Old.\n';

  it('is refused unless it is allowed, with a reason that the changelog tells', () => {
    expect(breakProblems(['GET /a: is gone'], [], CHANGELOG)).toEqual(['breaks callers: GET /a: is gone']);
    expect(
      breakProblems(['GET /a: is gone'], [{ reason: 'It is better.', breaks: ['GET /a: is gone'] }], CHANGELOG),
    ).toEqual([]);
    expect(breakProblems(['GET /a: is gone'], [{ reason: 'Old.', breaks: ['GET /a: is gone'] }], CHANGELOG)).toEqual([
      'is not in the changelog under Unreleased: Old.',
    ]);
  });

  it('is not allowed in advance', () => {
    expect(breakProblems([], [{ reason: 'It is better.', breaks: ['GET /a: is gone'] }], CHANGELOG)).toEqual([
      'is allowed and does not happen: GET /a: is gone',
    ]);
  });
});
