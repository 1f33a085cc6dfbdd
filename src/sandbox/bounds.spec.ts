import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { startSandboxServer, type SandboxServer } from './index';
import { pathWithout } from './request-path';

describe('the memory of a simulator', () => {
  let server: SandboxServer;
  beforeAll(async () => {
    server = await startSandboxServer();
  });
  afterAll(() => server.close());

  it('is bounded, however much is ordered, asked or written', () => {
    const { practicehub } = server.sandbox;
    const rules = Array.from({ length: 5_000 }, () => ({ kind: 'status' as const, match: { path: '/nowhere' } }));
    const order = (): number[] => practicehub.addFaults(rules);
    order();
    order();
    expect(order).toThrow('too many faults');
    practicehub.clearFaults();
    const large = { kind: 'html' as const, body: 'x'.repeat(20_000_000) };
    practicehub.addFaults([large]);
    expect(() => practicehub.addFaults([large])).toThrow('too many faults');
    practicehub.clearFaults();
    expect(order()).toHaveLength(5_000);
    practicehub.clearFaults();

    const at = { at: '', atMs: 0, method: 'GET', account: null, status: null, durationMs: null };
    for (let n = 0; n < 60_000; n++) {
      practicehub.log.open({
        ...at,
        path: `/${n}/${'x'.repeat(2_000)}`,
        query: { [`q${n}`]: 'y'.repeat(2_000), z: 'z' },
      });
    }
    const { counters, requests } = practicehub.requests();
    expect(counters.total).toBe(60_000);
    expect(Object.keys(counters.byPath)).toHaveLength(10_001);
    expect(counters.byPath['other']).toBe(50_000);
    expect(requests.length).toBeLessThanOrEqual(40_000);
    expect(Math.max(...requests.map((entry) => JSON.stringify(entry).length))).toBeLessThan(1_500);

    const table = practicehub.account().table('services');
    const write = (): void => {
      for (let ordinal = 1; ordinal <= 500_001; ordinal++) table.write(ordinal + 1_000, null);
    };
    expect(write).toThrow('the table is full');
  });

  it.each<[string, object]>([
    ['a method that is a number', { kind: 'status', match: { method: 5 } }],
    ['a path that is a list', { kind: 'status', match: { path: ['a'] } }],
    ['a key that is an object', { kind: 'status', match: { apiKey: {} } }],
    ['a page that is a text', { kind: 'status', match: { page: '1' } }],
    ['a query of numbers', { kind: 'status', match: { query: { page: 1 } } }],
    ['a query that is null', { kind: 'status', match: { query: null } }],
    ['a match that is null', { kind: 'status', match: null }],
    ['a match that is a list', { kind: 'status', match: [] }],
    ['a place that is a list', { kind: 'redirect', location: ['https://a.example/'] }],
    ['a path without end', { kind: 'status', match: { path: '*'.repeat(501) } }],
    ['a header of more than one line', { kind: 'redirect', location: 'https://a.example/\r\nset-cookie: a=b' }],
    ['a wait without end', { kind: 'hang', delayMs: 1e12 }],
    ['a header without end', { kind: 'status', retryAfter: '1'.repeat(3_000) }],
  ])('takes no fault with %s', (_what, rule) => {
    expect(() => server.sandbox.wodify.addFaults([rule as never])).toThrow();
  });

  it('takes patterns up to a number of characters in all', () => {
    const { wodify } = server.sandbox;
    const order = (): number[] => wodify.addFaults([{ kind: 'status', match: { path: '*'.repeat(500) } }]);
    for (let n = 0; n < 200; n++) order();
    expect(order).toThrow('too many faults');
    wodify.clearFaults();
    order();
    wodify.clearFaults();
  });

  it.each<[string, (n: number) => { path: string; query: string }]>([
    ['targets far longer than what is kept', (n) => ({ path: `/${n}/${'x'.repeat(15_000)}`, query: '' })],
    ['short paths of long targets', (n) => ({ path: `/a/path/of/${n}`, query: `a=${'x'.repeat(15_000)}` })],
    ['queries of one long value', (n) => ({ path: `/${n}`, query: `a-name=${n}${'x'.repeat(15_000)}` })],
    [
      'entries as large as they may be',
      (n) => ({ path: `/${n}/${'y'.repeat(240)}`, query: `q=${'%E2%82%AC'.repeat(990)}` }),
    ],
    [
      'many parameters',
      (n) => ({ path: '/', query: Array.from({ length: 60 }, (_, p) => `${p}${n % 50}=1`).join('&') }),
    ],
  ])('keeps a few megabytes of %s', (_what, targetOf) => {
    const { log } = server.sandbox.terminal;
    log.clear();
    const before = usedBytes();
    for (let n = 0; n < 20_000; n++) {
      const { path, query } = targetOf(n);
      // one flat text, as a parser gives it
      const target = Buffer.from(`${path}?${query}`).toString();
      const url = new URL(target, 'http://simulator');
      log.open({
        at: '',
        atMs: 0,
        method: 'GET',
        path: target.slice(0, path.length),
        query: Object.fromEntries(url.searchParams),
        account: null,
        status: null,
        durationMs: null,
      });
    }
    const used = usedBytes() - before;
    expect(log.read({}).counters.total).toBe(20_000);
    expect(used).toBeLessThan(40_000_000);
    log.clear();
  });

  it('ends a path in slashes without end at once', () => {
    const slashes = '/'.repeat(200_000);
    for (const base of ['/api', '/v1', '/v2']) {
      expect(pathWithout(base, `${base}${slashes}x`)).toHaveLength(200_001);
      expect(pathWithout(base, `${base}/patients${slashes}`)).toBe('/patients');
      expect(pathWithout(base, base)).toBe('/');
      expect(pathWithout(base, `${base}x/`)).toBe(`${base}x`);
      expect(pathWithout(base, '/patients')).toBe('/patients');
      expect(pathWithout(base, slashes)).toBe('/');
    }
  });

  it('takes small bodies only from those who hold a public key', async () => {
    const { apiKey, path } = server.sandbox.credentials.practicehub;
    const answer = await fetch(`${server.url}${path}/patient_logs`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-practicehub-key': apiKey, 'x-app-details': 'a=b@c' },
      body: JSON.stringify({ data: 'x'.repeat(20_000) }),
    });
    expect(answer.status).toBe(413);
  });
});

/** What is reachable. */
function usedBytes(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}
