import { ApiContract, committedDocument, type ReceivedAnswer } from '../support/api-client-contract';

const contract = new ApiContract();
const ID = '7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55';
const LIST: ReceivedAnswer = {
  method: 'get',
  path: '/v2/products?limit=5',
  status: 200,
  headers: { 'content-type': 'application/json; charset=utf-8', 'x-request-id': 'r1', 'revkeen-version': '2026-05-01' },
  body: JSON.stringify({
    data: [{ id: ID, name: 'Consultation', kind: 'service', amountMinor: 1, currency: 'GBP' }],
    pagination: { limit: 5, offset: 0, total: 1, hasMore: false },
  }),
};
const REFUSED: ReceivedAnswer = {
  ...LIST,
  status: 401,
  headers: { ...LIST.headers, 'www-authenticate': 'Bearer' },
  body: JSON.stringify({ error: 'No.', code: 'unauthenticated', requestId: 'r1', nextAction: 'fix_credentials' }),
};
const withBody = (answer: ReceivedAnswer, change: (body: any) => void): ReceivedAnswer => {
  const body = JSON.parse(answer.body);
  change(body);
  return { ...answer, body: JSON.stringify(body) };
};

/** An operation says first what it does. */
const VERBS =
  'begin finish refuse preview switch export disable enable get list create update delete activate deactivate test sync report toggle set resume replace rollback explain erase push lookUp suggest upsert save retry rotate authenticate refresh stream pause approve discard revoke start search declare sign replay';
const VERB_FIRST = new RegExp(`^(admin(?=[A-Z]))?(${VERBS.replaceAll(' ', '|')})([A-Z][A-Za-z]*)?$`, 'i');

describe.each(['public', 'admin'] as const)('the %s document', (surface) => {
  const document = committedDocument(surface);
  const items = Object.entries<Record<string, any>>(document.paths);
  const operations = items.flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ name: `${method} ${path}`, operation })),
  );

  it('holds its own paths alone, and no component that no operation leads to', () => {
    expect(operations.length).toBeGreaterThan(30);
    expect(items.filter(([path]) => path.startsWith('/admin/') !== (surface === 'admin'))).toEqual([]);
    const references = new Set(JSON.stringify(document).match(/(?<="#\/components\/)[^"]+/g));
    for (const section of ['schemas', 'responses', 'examples', 'headers', 'parameters']) {
      const unused = Object.keys(document.components[section]).filter((name) => !references.has(`${section}/${name}`));
      expect([section, unused]).toEqual([section, []]);
    }
  });

  it('has a contact and a server, and its paths stand in the order of the tags', () => {
    expect(document.info.contact).toEqual({
      name: expect.any(String),
      url: expect.any(String),
      email: expect.any(String),
    });
    expect(document.servers.length).toBeGreaterThan(0);
    const tags: string[] = document.tags.map(({ name }: { name: string }) => name);
    const order = items.map(([, item]) => tags.indexOf(Object.values(item)[0].tags[0]));
    expect(order).toEqual([...order].sort((one, other) => one - other));
    expect(new Set(operations.map(({ operation }) => operation.tags[0]))).toEqual(new Set(tags));
  });

  it('names schemas for what they are, and the body of a request Request', () => {
    const names = Object.keys(document.components.schemas);
    expect(names.filter((name) => /Dto|_|^[a-z]/.test(name))).toEqual([]);
    const bodies = operations.flatMap(
      ({ operation }) => operation.requestBody?.content['application/json'].schema.$ref ?? [],
    );
    expect(bodies.length).toBeGreaterThan(3);
    expect(bodies.filter((name: string) => !name.endsWith('Request'))).toEqual([]);
  });

  it('names each operation by a verb, and then what it acts on', () => {
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(ids.filter((id) => !VERB_FIRST.test(id))).toEqual([]);
  });
});

it('a record narrows by its resource type', () => {
  const { schemas } = committedDocument('public').components;
  const { oneOf, discriminator } = schemas.SyncedRecord;
  expect(discriminator.propertyName).toBe('resourceType');
  expect(Object.values(discriminator.mapping)).toEqual(oneOf.map(({ $ref }: { $ref: string }) => $ref));
  for (const [type, reference] of Object.entries<string>(discriminator.mapping)) {
    expect(schemas[reference.split('/').at(-1)!].properties.resourceType.enum).toEqual([type]);
  }
});

describe('both documents', () => {
  const operations = contract.operations.map(({ method, path, operation }) => ({
    name: `${method} ${path}`,
    operation,
  }));

  it('takes an answer as it describes it, and an error in the one shape', () => {
    expect(contract.problems(LIST)).toEqual([]);
    expect(contract.problems(REFUSED)).toEqual([]);
  });

  it.each([
    ['a status that is not documented', { ...LIST, status: 201 }],
    ['a missing member', withBody(LIST, (body) => delete body.pagination.hasMore)],
    ['a member too many', withBody(LIST, (body) => (body.data[0].secret = 'x'))],
    ['a null where none may be', withBody(LIST, (body) => (body.data[0].name = null))],
    ['a string for a number', withBody(LIST, (body) => (body.data[0].amountMinor = '1'))],
    ['an id of another form', withBody(LIST, (body) => (body.data[0].id = '17'))],
    ['no request id', { ...LIST, headers: { ...LIST.headers, 'x-request-id': undefined } }],
    ['no version', { ...LIST, headers: { ...LIST.headers, 'revkeen-version': undefined } }],
    ['a 401 without a challenge', { ...REFUSED, headers: LIST.headers }],
    ['HTML', { ...LIST, headers: { ...LIST.headers, 'content-type': 'text/html' }, body: '<p>' }],
    ['a code outside the catalogue', withBody(REFUSED, (body) => (body.code = 'nope'))],
    ['an error with a member too many', withBody(REFUSED, (body) => (body.stack = 'x'))],
    ['another request id than the header’s', withBody(REFUSED, (body) => (body.requestId = 'r2'))],
    ['Retry-After where none is documented', { ...LIST, headers: { ...LIST.headers, 'retry-after': '1' } }],
    ['an answer of nothing that is documented', { ...LIST, path: '/v2/nowhere' }],
  ])('refuses %s', (_, answer) => {
    expect(contract.problems(answer)).not.toEqual([]);
  });

  it('names every operation once, with summary, description, tag and security', () => {
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    const tags = new Set(contract.document.tags.map(({ name }: { name: string }) => name));
    for (const { name, operation } of operations) {
      expect([name, operation.operationId]).toEqual([name, expect.stringMatching(/^[a-z][A-Za-z]+$/)]);
      expect([name, operation.summary, operation.description]).toEqual([name, expect.any(String), expect.any(String)]);
      expect([name, operation.tags.length, tags.has(operation.tags[0])]).toEqual([name, 1, true]);
      expect([name, Array.isArray(operation.security)]).toEqual([name, true]);
    }
    for (const { name, description } of contract.document.tags) {
      expect([name, description]).toEqual([name, expect.stringMatching(/\S/)]);
    }
  });

  it('has no two parameters of an operation that differ in case only', () => {
    for (const { name, operation } of operations) {
      const parameters = (operation.parameters ?? []).map((each: object) => contract.resolve(each));
      const names = parameters.map((each: { in: string; name: string }) => `${each.in} ${each.name.toLowerCase()}`);
      expect([name, names]).toEqual([name, [...new Set(names)]]);
    }
  });

  it('says scope or role of every operation that is not open to anyone, and has both schemes on /v2', () => {
    for (const { name, operation } of operations) {
      if (/ \/v2/.test(name)) {
        expect([name, operation['x-required-scope']]).toEqual([
          name,
          expect.stringMatching(/^(integrations|sync|events|webhooks):/),
        ]);
        expect([name, operation.security]).toEqual([name, [{ ApiKeyAuth: [] }, { BearerAuth: [] }]]);
      }
      if (operation['x-required-scope'] === 'integrations:internal') expect(operation['x-internal']).toBe(true);
    }
  });

  it('names the request headers and the answers that follow from them', () => {
    for (const { name, operation } of operations) {
      const headers = operation.parameters.map((each: any) => contract.resolve(each).name);
      const isV2 = / \/v2/.test(name);
      const isIdempotent = /^(post|put|patch) \/(v2|api\/v1\/(?!auth))/.test(name);
      expect([name, headers.includes('RevKeen-Version'), headers.includes('Idempotency-Key')]).toEqual([
        name,
        isV2,
        isIdempotent,
      ]);
      expect([name, '409' in operation.responses || !isIdempotent]).toEqual([name, true]);
      const statuses = Object.keys(operation.responses);
      expect([name, statuses]).toEqual([name, expect.arrayContaining(['400', '500', '503'])]);
      if (operation.security.length > 0) {
        expect([name, statuses]).toEqual([name, expect.arrayContaining(['401', '403', '429'])]);
      }
      if (!name.startsWith('get ')) expect([name, statuses]).toEqual([name, expect.arrayContaining(['413', '415'])]);
    }
  });

  it('leaves out the simulators', () => {
    expect(operations.filter(({ name }) => name.includes('/sandbox'))).toEqual([]);
  });
});
