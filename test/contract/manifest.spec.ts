import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parse, stringify } from 'yaml';
import { run } from '../../src/cli/program';
import { GuardedHttpClient, type RateBudget } from '../../src/platform/outbound';
import { dryRun, ManifestAdapter, readManifest, type FetchedRow, type ProviderCall } from '../../src/providers';
import { startInventedApi, type InventedApi } from './invented-api';

const EXAMPLE = readFileSync(path.resolve(__dirname, '../../examples/providers/acme.yaml'), 'utf8');

const PAGINGS: Readonly<Record<string, object>> = {
  page: { by: 'page', parameter: 'page', size: 7, sizeParameter: 'per_page', next: 'links.next', total: 'total' },
  offset: { by: 'offset', parameter: 'offset', size: 7, sizeParameter: 'limit', more: 'has_more' },
  after: { by: 'after', parameter: 'starting_after', size: 7, sizeParameter: 'limit', more: 'has_more' },
  cursor: { by: 'cursor', parameter: 'cursor', size: 7, sizeParameter: 'limit', next: 'meta.next_cursor' },
  link: { by: 'link', next: 'next' },
  none: { by: 'none' },
};

const client = (ordinal: number): Record<string, unknown> => ({
  ...{ id: `c${ordinal}`, first_name: 'Ada', last_name: `No ${ordinal}`, email: `ada${ordinal}@example.com` },
  ...{ mobile: null, phone: '+44 20 7946 0958', state: ordinal % 5 === 0 ? 'archived' : 'Active' },
  ...{ updated_at: `2026-07-${String(1 + (ordinal % 28)).padStart(2, '0')}T10:00:00Z` },
  address: { street: 'High Street 1', city: 'London', zip: 'N1', country: 'United Kingdom' },
});

/** The example with another list of clients in place of its own. */
function withList(change: object, more: object = {}): string {
  const manifest = parse(EXAMPLE);
  Object.assign(manifest.streams[0], change);
  manifest.streams = [manifest.streams[0]];
  return stringify({ ...manifest, ...more });
}

function adapterOf(text: string): ManifestAdapter {
  const { manifest, faults } = readManifest(text);
  expect(faults).toEqual([]);
  return new ManifestAdapter(manifest!, { liveHostSuffixes: manifest!.hosts });
}

describe('a provider as data', () => {
  let api: InventedApi;
  let http: GuardedHttpClient;
  beforeAll(async () => {
    api = await startInventedApi();
    http = new GuardedHttpClient({ allowPrivate: true });
  });
  afterAll(async () => {
    await http.close();
    await api.close();
  });
  beforeEach(() => {
    api.asked.length = 0;
    api.instead.clear();
    for (const way of Object.keys(PAGINGS)) api.lists[way] = [];
  });

  function callOf(fields: Record<string, string> = {}): ProviderCall {
    const { signal } = new AbortController();
    const bound = http.bind({
      allowedHostSuffixes: null,
      exemptPrefix: null,
      signal,
      budget: null as RateBudget | null,
    });
    const credentials = { apiKey: 'k-1', baseUrl: api.url, location: '17', ...fields };
    return { credentials, environment: 'sandbox', settings: { currency: 'GBP', timezone: null }, http: bound, signal };
  }

  describe.each(Object.keys(PAGINGS))('whose lists are paged by %s', (way) => {
    it.each([0, 1, 6, 7, 8, 14, 50])('shows every one of %i rows once', async (count) => {
      api.lists[way] = Array.from({ length: count }, (_, ordinal) => client(ordinal));
      const [stream] = adapterOf(withList({ path: `/${way}`, paging: PAGINGS[way] })).streams;
      const { records, rows, complete, quarantined } = await dryRun(stream!, callOf(), 100);
      expect(records.map(({ externalId }) => externalId)).toEqual(api.lists[way].map(({ id }) => id));
      expect({ rows, complete, quarantined }).toEqual({ rows: count, complete: true, quarantined: {} });
    });
  });

  const incremental = (stream: ManifestAdapter['streams'][number], since: string) =>
    stream.fetchPage(callOf(), {
      ...{ scan: 'incremental', since: new Date(since), floor: null, position: null },
      asStored: (rows) => Promise.resolve(rows.map(() => false)),
    });

  it('is asked for what changed, and found out where it ignores the question', async () => {
    api.lists['offset'] = Array.from({ length: 7 }, (_, ordinal) => client(ordinal));
    const known = { path: '/offset', paging: PAGINGS['offset'] };
    const [asked] = adapterOf(withList(known)).streams;
    const page = await incremental(asked!, '2026-07-05T00:00:00Z');
    expect(page.rows.map((row) => (row as FetchedRow).externalId)).toEqual(['c4', 'c5', 'c6']);
    expect(page.filterIgnored).toBeUndefined();
    const [ignored] = adapterOf(withList({ ...known, changedSince: { parameter: 'since_when' } })).streams;
    expect((await incremental(ignored!, '2026-07-05T00:00:00Z')).filterIgnored).toBe(true);
  });

  it('stores nothing that it does not understand', async () => {
    const rows = [
      client(1),
      { ...client(2), state: 'vip' },
      { ...client(3), updated_at: '2026-07-01 10:00:00' },
      { ...client(4), id: null },
      'no row',
      { ...client(5), first_name: { a: 1 } },
      { ...client(6), state: { toString: 1 } },
    ];
    api.lists['none'] = rows as Record<string, unknown>[];
    const [stream] = adapterOf(withList({ path: '/none', paging: PAGINGS['none'] })).streams;
    const { records, quarantined } = await dryRun(stream!, callOf(), 1);
    expect(records).toHaveLength(1);
    expect(quarantined).toEqual({
      'state is not a known word': 2,
      'updated_at names no time zone': 1,
      'id is missing': 1,
      '$ is not an object': 1,
      'first_name is not a text': 1,
    });
  });

  it.each([
    ['bearer', { kind: 'bearer' }, (headers: any) => headers.authorization, 'Bearer k-1'],
    [
      'basic',
      { kind: 'basic', username: '{apiKey}', password: '{location}' },
      (headers: any) => Buffer.from(headers.authorization.slice(6), 'base64').toString(),
      'k-1:17',
    ],
    ['a header', { kind: 'api_key', in: 'header', name: 'X-Acme-Key' }, (headers: any) => headers['x-acme-key'], 'k-1'],
  ] as const)('sends the key as %s', async (_, auth, sent, expected) => {
    await adapterOf(withList({}, { auth })).testCredentials(callOf());
    expect(sent(api.asked[0]!.headers)).toBe(expected);
    expect(api.asked[0]!.headers['x-acme-location']).toBe('17');
  });

  it('sends the key in the query where the manifest says so, whatever characters it holds', async () => {
    const auth = { kind: 'api_key', in: 'query', name: 'key' };
    await adapterOf(withList({}, { auth })).testCredentials(callOf({ apiKey: 'a&b=c#d' }));
    expect(new URL(api.asked[0]!.path, api.url).searchParams.get('key')).toBe('a&b=c#d');
  });

  it('asks with fields of the credentials, and names its application', async () => {
    api.lists['none'] = [client(1)];
    const own = { path: '/none', paging: PAGINGS['none'], query: { place: 'at {location}', fixed: '1' } };
    const [stream] = adapterOf(withList(own, { headers: { 'User-Agent': 'Interlock ({location})' } })).streams;
    await dryRun(stream!, callOf({ location: '1&7' }), 1);
    const { path: address, headers } = api.asked[0]!;
    expect([...new URL(address, api.url).searchParams]).toEqual([
      ['place', 'at 1&7'],
      ['fixed', '1'],
    ]);
    expect(headers['user-agent']).toBe('Interlock (1&7)');
  });

  it('adds up whole numbers, and nothing that is not exact', async () => {
    const parts = (...cents: unknown[]) => ({ ...client(1), parts: cents.map((each) => ({ cents: each })) });
    api.lists['none'] = [parts(10, 20), parts(), parts(0.1, 0.2), parts('10')];
    const fields = { externalReference: { cel: 'sum(row.parts.map(p, p.cents))' } };
    const [stream] = adapterOf(withList({ path: '/none', paging: PAGINGS['none'], fields })).streams;
    const { records, quarantined } = await dryRun(stream!, callOf(), 1);
    expect(records.map(({ record }) => record)).toMatchObject([
      { externalReference: '30' },
      { externalReference: '0' },
    ]);
    expect(quarantined).toEqual({ 'externalReference cannot be told from the row': 2 });
  });

  it('takes an answer without rows for an empty list only where the manifest says so', async () => {
    api.instead.set('/none', (response) => response.end('{}'));
    const own = { path: '/none', paging: PAGINGS['none'] };
    const [strict] = adapterOf(withList(own)).streams;
    await expect(dryRun(strict!, callOf(), 1)).rejects.toMatchObject({ verdict: 'contract' });
    const [stream] = adapterOf(withList({ ...own, rowsOptional: true })).streams;
    expect(await dryRun(stream!, callOf(), 1)).toMatchObject({ rows: 0, complete: true });
    api.instead.set('/none', (response) => response.end('{"clients":{}}'));
    await expect(dryRun(stream!, callOf(), 1)).rejects.toMatchObject({ verdict: 'contract' });
  });

  it('says whose account it is, and where it leads elsewhere', async () => {
    const adapter = adapterOf(EXAMPLE);
    expect(await adapter.testCredentials(callOf())).toEqual({ accountId: '4711' });
    api.instead.set('/me', (response) => response.writeHead(404).end('{}'));
    await expect(adapter.testCredentials(callOf())).rejects.toMatchObject({ verdict: 'configuration' });
    api.instead.set('/me', (response) => response.end('{"account":{}}'));
    await expect(adapter.testCredentials(callOf())).rejects.toMatchObject({ verdict: 'contract' });
  });

  it.each([
    ['a member of the answer', 'key.expires_at', {}, '{"account":{"id":1},"key":{"expires_at":"2099-05-01"}}'],
    ['a header', { header: 'X-Key-Ends' }, { 'x-key-ends': '2099-05-01 00:00:00 UTC' }, '{"account":{"id":1}}'],
  ])('says when the credentials end, by %s', async (_, expires, headers, body) => {
    const adapter = adapterOf(withList({}, { test: { path: '/me', account: 'account.id', expires } }));
    api.instead.set('/me', (response) => response.writeHead(200, headers).end(body));
    const expiresAt = new Date('2099-05-01T00:00:00Z');
    expect(await adapter.testCredentials(callOf())).toEqual({ accountId: '1', expiresAt });
  });

  it('tells failures by its own rules first', async () => {
    const adapter = adapterOf(EXAMPLE);
    const suspended = '{"error":{"code":"account_suspended","message":"pay first"}}';
    api.instead.set('/me', (response) => response.writeHead(400).end(suspended));
    await expect(adapter.testCredentials(callOf())).rejects.toMatchObject({ verdict: 'permission' });
    api.instead.set('/me', (response) => response.writeHead(400).end('{"error":{"code":"other"}}'));
    await expect(adapter.testCredentials(callOf())).rejects.toMatchObject({ verdict: 'contract' });
  });

  it.each([
    ['another host', 'https://evil.example/v1/link?from=7'],
    ['another port', 'http://127.0.0.1:1/v1/link'],
    ['above the base URL', '/other'],
    ['another scheme', 'file:///etc/passwd'],
    ['a name that begins as the base URL', '/v12/link'],
  ])('follows no link to %s with the key of the merchant', async (_, next) => {
    api.instead.set('/link', (response) => response.end(JSON.stringify({ clients: [client(1)], next })));
    const [stream] = adapterOf(withList({ path: '/link', paging: PAGINGS['link'] })).streams;
    await expect(dryRun(stream!, callOf(), 5)).rejects.toMatchObject({ verdict: 'contract' });
    expect(api.asked).toHaveLength(1);
  });

  it.each([
    ['a terminator of another type', { clients: [], has_more: 'no' }],
    ['more rows and none of them', { clients: [], has_more: true }],
    ['no list', { customers: [] }],
    ['an object for a list', { clients: { 0: {} }, has_more: false }],
  ])('takes %s for no end of a list', async (_, body) => {
    api.instead.set('/offset', (response) => response.end(JSON.stringify(body)));
    const [stream] = adapterOf(withList({ path: '/offset', paging: PAGINGS['offset'] })).streams;
    await expect(dryRun(stream!, callOf(), 5)).rejects.toMatchObject({ verdict: 'contract' });
  });

  describe('at the command line', () => {
    let folder: string;
    beforeAll(async () => {
      folder = await mkdtemp(path.join(os.tmpdir(), 'interlock-manifest-'));
      await writeFile(path.join(folder, 'key'), 'k-1\n');
    });
    afterAll(() => rm(folder, { recursive: true, force: true }));

    async function cli(args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
      const before = process.env;
      process.env = { PATH: before['PATH'], DATA_DIR: folder, OUTBOUND_ALLOW_PRIVATE: 'true' };
      const written = { stdout: '', stderr: '' };
      const spies = (['stdout', 'stderr'] as const).map((stream) =>
        jest.spyOn(process[stream], 'write').mockImplementation((text) => {
          written[stream] += String(text);
          return true;
        }),
      );
      try {
        return { code: await run(args), ...written };
      } finally {
        for (const spy of spies) spy.mockRestore();
        process.env = before;
      }
    }

    it('is read once without storing anything', async () => {
      api.lists['none'] = [client(1), { ...client(2), state: 'vip' }];
      const file = path.join(folder, 'acme.yaml');
      await writeFile(file, withList({ path: '/none', paging: PAGINGS['none'] }));
      const base = ['--base-url', api.url, '--key-file', path.join(folder, 'key'), '--field', 'location=17'];
      const { code, stdout, stderr } = await cli(['--json', 'provider', 'dry-run', file, ...base]);
      const none = 'The answer says no time to come as their end.';
      expect({ code, stderr }).toEqual({ code: 0, stderr: `The account is 4711.\n${none}\n` });
      const [clients] = JSON.parse(stdout);
      expect(clients).toMatchObject({ stream: 'clients', rows: 2, quarantined: { 'state is not a known word': 1 } });
      expect(clients.records[0].record).toMatchObject({ name: 'Ada No 1', phone: '+442079460958', active: true });
    });

    it('shows when the credentials end', async () => {
      const file = path.join(folder, 'ends.yaml');
      await writeFile(file, withList({ path: '/none', paging: PAGINGS['none'] }));
      const body = '{"account":{"id":4711},"key":{"expires_at":"2099-05-01"}}';
      api.instead.set('/me', (response) => response.end(body));
      const base = ['--base-url', api.url, '--key-file', path.join(folder, 'key'), '--field', 'location=17'];
      const { stderr } = await cli(['provider', 'dry-run', file, ...base]);
      expect(stderr).toBe('The account is 4711.\nThe credentials end at 2099-05-01T00:00:00.000Z.\n');
    });

    it('takes a secret field from a file alone, and no key where none is sent', async () => {
      api.lists['none'] = [client(1)];
      const text = withList(
        { path: '/none', paging: PAGINGS['none'] },
        {
          auth: { kind: 'basic', username: '{location}', password: '{pin}' },
          credentials: {
            location: { title: 'L', description: 'L', example: '1', identifies: true },
            pin: { title: 'P', description: 'P', example: 'p', secret: true },
          },
        },
      );
      const file = path.join(folder, 'basic.yaml');
      await writeFile(file, text);
      const base = ['provider', 'dry-run', file, '--base-url', api.url, '--field', 'location=17'];
      const shown = await cli([...base, '--field', 'pin=k-1']);
      expect(shown).toMatchObject({ code: 1, stderr: expect.stringContaining('pin is secret') });
      expect((await cli(base)).stderr).toContain('pin: is required');
      expect(api.asked).toEqual([]);
      expect(await cli([...base, '--field-file', `pin=${path.join(folder, 'key')}`])).toMatchObject({ code: 0 });
      expect(api.asked[0]!.headers.authorization).toBe(`Basic ${Buffer.from('17:k-1').toString('base64')}`);
    });

    it('is tested against a simulator, with the line and column of what fails', async () => {
      const [right, wrong] = ['right', 'wrong'].map((name) => path.join(folder, `${name}.yaml`)) as [string, string];
      await writeFile(right, EXAMPLE);
      await writeFile(wrong, EXAMPLE.replace('firstName: first_name', 'firstName: last_name'));
      const passes = await cli(['provider', 'test', right]);
      expect(passes).toMatchObject({
        code: 0,
        stderr: expect.stringMatching(/^\d\d passed, 0 failed, \d not applicable\.\n$/),
      });
      expect(passes.stdout).toMatch(/^changed-since +clients +passed +\d+ of 115 rows$/m);
      const fails = await cli(['--json', 'provider', 'test', wrong, '--against', right]);
      const line = 1 + EXAMPLE.split('\n').findIndex((each) => each.includes('firstName:'));
      expect(fails.code).toBe(1);
      expect(fails.stderr).toContain(`${wrong}:${line}:18 streams.0.fields.firstName: fields clients (`);
      const failed = JSON.parse(fails.stdout).filter(({ result }: { result: string }) => result === 'failed');
      expect(failed[0]).toMatchObject({ check: 'fields', place: { line, column: 18 } });
    });

    it('is tested against a recording that a dry run wrote, which holds nothing of anybody', async () => {
      api.lists['none'] = [client(1), client(5)];
      const [file, recording] = [path.join(folder, 'recorded.yaml'), path.join(folder, 'acme.har')];
      const text = withList({ path: '/none', paging: PAGINGS['none'] });
      await writeFile(file, text);
      const base = ['--base-url', api.url, '--key-file', path.join(folder, 'key'), '--field', 'location=17'];
      expect(await cli(['provider', 'dry-run', file, ...base, '--record', recording])).toMatchObject({ code: 0 });
      const said = readFileSync(recording, 'utf8');
      for (const hidden of ['k-1', 'Ada', 'ada1@', '7946', 'High Street']) expect(said).not.toContain(hidden);
      expect(await cli(['provider', 'test', file, '--recording', recording])).toMatchObject({ code: 0 });
      await writeFile(file, text.replace('email: email', 'email: mail'));
      const { code, stderr } = await cli(['provider', 'test', file, '--recording', recording]);
      expect(code).toBe(1);
      expect(stderr).toMatch(/recorded\.yaml:\d+:14 streams\.0\.fields\.email: recorded-fields clients/);
      const both = await cli(['provider', 'test', file, '--recording', recording, '--against', file]);
      expect(both).toMatchObject({ code: 1, stderr: expect.stringContaining('name two providers') });
      const other = await cli(['provider', 'test', file, '--recording', file]);
      expect(other).toMatchObject({ code: 1, stderr: expect.stringContaining('is not JSON') });
    });

    it('is refused with the line and column of each fault', async () => {
      const file = path.join(folder, 'bad.yaml');
      await writeFile(
        file,
        EXAMPLE.replace('email: email', 'mail: email').replace('[.acme.example]', '[.other.example]'),
      );
      const { code, stderr } = await cli(['provider', 'lint', file]);
      expect(code).not.toBe(0);
      expect(stderr).toContain(`${file}:7:12 baseUrl.default: leads to a host that \`hosts\` does not name`);
      expect(stderr).toMatch(/bad\.yaml:\d+:13 streams\.0\.fields\.mail: is not a field here/);
    });
  });
});
