import {
  exampleAdapter,
  FULL_SCAN,
  startManifestServer,
  type ManifestServer,
} from '../../../test/support/manifest-server';

const KEY = 'canary+key/1';
const IN_QUERY = { kind: 'api_key', in: 'query', name: 'api_key' };
const TWO_STEP = { kind: 'two_step', login: { path: '/login', json: { pin: '{password}' } }, token: 't', seconds: 60 };
const CREDENTIALS = {
  location: { title: 'L', description: 'L', example: '1', identifies: true },
  password: { title: 'P', description: 'P', example: 'p', secret: true },
};
const PAGINGS = {
  link: { by: 'link', next: 'next' },
  cursor: { by: 'cursor', parameter: 'cursor', next: 'next' },
  after: { by: 'after', parameter: 'after', more: 'more' },
};

describe('the place where the next page begins', () => {
  let server: ManifestServer;
  beforeAll(async () => {
    server = await startManifestServer();
  });
  afterAll(() => server.close());
  beforeEach(() => (server.told.asked.length = 0));

  const pageOf = (more: object, paging: object, position: string | null = null) => {
    const list = { rows: 'rows', paging, idPrefix: undefined };
    const [stream] = exampleAdapter(more, list).streams;
    return stream!.fetchPage(server.callOf({ fields: { apiKey: KEY, password: 'canary pw&2' } }), {
      ...FULL_SCAN,
      position,
    });
  };
  const answer = (next: string) => {
    server.told.answer = (url) =>
      url.startsWith('/login')
        ? [200, '{"t":"canary-token-3"}']
        : [200, JSON.stringify({ rows: [{ id: 'a-row', state: 'active' }], next, more: true })];
  };

  it('has no key, and is asked for with it', async () => {
    answer(`${server.url}/clients?page=2&api_key=${encodeURIComponent(KEY)}&size=%7E5`);
    const { next } = await pageOf({ auth: IN_QUERY }, PAGINGS.link);
    expect(next).not.toContain('canary');
    await pageOf({ auth: IN_QUERY }, PAGINGS.link, next);
    const { searchParams, pathname } = new URL(server.told.asked.at(-1)!, server.url);
    expect([pathname, ...searchParams]).toEqual(['/clients', ['page', '2'], ['size', '~5'], ['api_key', KEY]]);
  });

  const forms: [form: string, (secret: string) => string][] = [
    ['as it is', (secret) => secret],
    ['as in an address', encodeURIComponent],
    ['as in a form', (secret) => new URLSearchParams({ _: secret }).toString().slice(2)],
    ['with an escape for each character', (secret) => Buffer.from(secret).toString('hex').replace(/../g, '%$&')],
    ['encoded twice', (secret) => encodeURIComponent(encodeURIComponent(secret))],
    ['in base64', (secret) => Buffer.from(secret).toString('base64')],
    ['in base64 for addresses', (secret) => Buffer.from(secret).toString('base64url')],
  ];
  it.each(
    (['link', 'cursor'] as const).flatMap((by) =>
      forms.flatMap(([form, as]) => [
        [by, 'the key', form, IN_QUERY, as(KEY)] as const,
        [by, 'a secret field', form, TWO_STEP, as('canary pw&2')] as const,
        [by, 'the token', form, TWO_STEP, as('canary-token-3')] as const,
      ]),
    ),
  )('is no %s that holds %s %s', async (by, _what, _form, auth, shown) => {
    answer(by === 'link' ? `/clients?page=2&other=${shown}` : `x${shown}y`);
    const own = { auth, credentials: CREDENTIALS, baseUrl: { example: 'https://api.acme.example' } };
    const failure: unknown = await pageOf(own, PAGINGS[by]).catch((error: unknown) => error);
    expect(failure).toMatchObject({ verdict: 'contract', message: expect.stringMatching(/holds a secret/) });
    expect(String(failure)).not.toContain('canary');
  });

  it('is no id that is the key', async () => {
    server.told.answer = () => [200, '{"rows":[{"id":"canary-key-1","state":"active"}],"more":true}'];
    const [stream] = exampleAdapter({ auth: IN_QUERY }, { rows: 'rows', paging: PAGINGS.after }).streams;
    await expect(stream!.fetchPage(server.callOf(), FULL_SCAN)).rejects.toMatchObject({ verdict: 'contract' });
  });
});
