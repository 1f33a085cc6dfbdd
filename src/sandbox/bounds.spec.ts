import { type SandboxServer, startSandboxServer } from './index';

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
    ['a path without end', { kind: 'status', match: { path: '*'.repeat(501) } }],
    ['a header of more than one line', { kind: 'redirect', location: 'https://a.example/\r\nset-cookie: a=b' }],
    ['a wait without end', { kind: 'hang', delayMs: 1e12 }],
    ['a header without end', { kind: 'status', retryAfter: '1'.repeat(3_000) }],
  ])('takes no fault with %s', (_what, rule) => {
    expect(() => server.sandbox.wodify.addFaults([rule as never])).toThrow();
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
