import { startSandboxServer, type SandboxServer } from './index';

type Json = Record<string, any>;

describe('sandbox tools', () => {
  let server: SandboxServer;
  let base: string;
  let key: string;

  beforeAll(async () => {
    server = await startSandboxServer({ reference: Date.UTC(2026, 5, 1) });
    const { apiKey, path } = server.sandbox.credentials.practicehub;
    base = server.url + path;
    key = apiKey;
  });
  beforeEach(() => control('POST', '/reset'));
  afterAll(() => server.close());

  const control = async (method: string, path: string, body?: unknown): Promise<Json> => {
    const res = await fetch(`${base}/_control${path}`, {
      method,
      headers: { authorization: `Bearer ${server.controlToken}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return { status: res.status, ...((await res.json()) as Json) };
  };
  const call = (path: string, apiKey = key, init: RequestInit = {}): Promise<Response> =>
    fetch(base + path, {
      redirect: 'manual',
      ...init,
      headers: { 'x-practicehub-key': apiKey, 'x-app-details': 'a=b@c', 'content-type': 'application/json' },
    });

  it('limits one account to 50 requests a second, and not another', async () => {
    await control('POST', '/accounts', { apiKey: 'acct-other', sizes: { '*': 3 } });
    const startedAt = performance.now();
    const statuses = await Promise.all(
      Array.from({ length: 80 }, async () => (await call('/services?page_size=1')).status),
    );
    const allowed = statuses.filter((status) => status === 200).length;
    expect(allowed).toBeGreaterThanOrEqual(50);
    // what a machine takes its time over is earned meanwhile
    const earned = ((performance.now() - startedAt) / 1000) * 50;
    expect(allowed).toBeLessThanOrEqual(50 + Math.ceil(earned));
    expect(statuses.filter((status) => status === 429)).toHaveLength(80 - allowed);
    expect((await call('/services', 'acct-other')).status).toBe(200);
  });

  it('says when to come back, as seconds, as a date or not at all', async () => {
    const refused = async (): Promise<Response> => {
      await call('/services');
      return call('/services');
    };
    await control('POST', '/settings', { ratePerSecond: 0.01 });
    expect((await refused()).headers.get('retry-after')).toBe('100');
    await control('POST', '/settings', { retryAfter: 'date' });
    expect(Date.parse((await refused()).headers.get('retry-after') ?? '')).toBeGreaterThan(Date.now() + 90_000);
    await control('POST', '/settings', { retryAfter: 'off' });
    const last = await refused();
    expect(last.status).toBe(429);
    expect(last.headers.get('retry-after')).toBeNull();
    await control('POST', '/settings', { ratePerSecond: 0 });
    for (let at = 0; at < 120; at++) expect((await call('/services')).status).toBe(200);
  });

  it('keeps accounts apart', async () => {
    await control('POST', '/accounts', { apiKey: 'acct-empty', sizes: { '*': 0 } });
    await control('POST', '/accounts', { apiKey: 'acct-big', sizes: { patients: 100_000 } });
    const total = async (apiKey: string): Promise<number> =>
      ((await (await call('/patients', apiKey)).json()) as Json)['total_entries'];
    expect([await total('acct-empty'), await total('acct-big'), await total(key)]).toEqual([0, 100_000, 2000]);
    expect((await call('/patients', 'acct-unknown')).status).toBe(401);
    await control('POST', '/delete', { resource: 'patients', apiKey: 'acct-big', count: 10 });
    expect([await total('acct-big'), await total(key)]).toEqual([99_990, 2000]);
    const log = await control('GET', '/requests?apiKey=acct-big');
    expect(log['requests']).toHaveLength(2);
  });

  it('answers with the fault that was ordered, as often as ordered', async () => {
    const order = (rule: Json): Promise<Json> => control('POST', '/faults', [rule]);
    await order({ kind: 'status', status: 503, retryAfter: 2, times: 2, match: { path: '/patients', page: 2 } });
    expect((await call('/patients?page=1')).status).toBe(200);
    const first = await call('/patients?page=2');
    expect([first.status, first.headers.get('retry-after')]).toEqual([503, '2']);
    expect((await call('/patients?page=2')).status).toBe(503);
    expect((await call('/patients?page=2')).status).toBe(200);
    await order({ kind: 'html', times: 1 });
    expect((await call('/patients')).headers.get('content-type')).toContain('text/html');
    await order({ kind: 'empty', times: 1 });
    expect(await (await call('/patients')).text()).toBe('');
    await order({ kind: 'truncated', times: 1 });
    await expect(call('/patients').then((res) => res.json())).rejects.toThrow(/JSON/);
    await order({ kind: 'wrong-json', times: 1 });
    expect(await (await call('/patients')).json()).not.toHaveProperty('data');
    await order({ kind: 'redirect', location: 'http://169.254.169.254/', times: 1 });
    expect((await call('/patients')).headers.get('location')).toBe('http://169.254.169.254/');
    await order({ kind: 'reset-connection', times: 1 });
    await expect(call('/patients')).rejects.toThrow();
    await order({ kind: 'cut', times: 1 });
    await expect(call('/patients').then((res) => res.text())).rejects.toThrow();
    await order({ kind: 'hang', times: 1 });
    await expect(call('/patients', key, { signal: AbortSignal.timeout(80) })).rejects.toThrow(/timeout/);
    await order({ kind: 'delay', delayMs: 120, times: 1 });
    const started = Date.now();
    expect((await call('/patients')).status).toBe(200);
    expect(Date.now() - started).toBeGreaterThanOrEqual(115);
    await order({ kind: 'huge', bytes: 3_000_000, times: 1 });
    expect((await (await call('/patients')).text()).length).toBeGreaterThan(3_000_000);
    await order({ kind: 'bomb', bytes: 20_000_000, times: 1 });
    expect((await (await call('/patients')).text()).length).toBeGreaterThan(20_000_000);
    await order({ kind: 'status', status: 418, skip: 1 });
    expect((await call('/patients')).status).toBe(200);
    expect((await call('/patients')).status).toBe(418);
    await control('DELETE', '/faults');
    expect((await call('/patients')).status).toBe(200);
    expect((await order({ kind: 'nonsense' }))['status']).toBe(400);
  });

  it('can lose the answer of a call that took effect', async () => {
    await control('POST', '/faults', {
      kind: 'reset-connection',
      match: { method: 'POST' },
      times: 1,
      afterEffect: true,
    });
    const body = JSON.stringify({ patient_id: '1', amount: '5.00', payment_type_id: '1', note: 'mine' });
    await expect(call('/payments', key, { method: 'POST', body })).rejects.toThrow();
    const { rows } = await control('GET', '/truth?resource=payments&ids=2501');
    expect(rows).toMatchObject([{ id: 2501, note: 'mine' }]);
  });

  it('shows late rows late, with the earlier time in them', async () => {
    await control('POST', '/settings', { lateCommitMs: 150 });
    const { ids } = await control('POST', '/change', {
      resource: 'patients',
      ids: [5],
      fields: { email: 'late@example.com' },
    });
    const email = async (): Promise<string> => ((await (await call('/patients/5')).json()) as Json)['data'].email;
    expect(ids).toEqual([5]);
    expect(await email()).not.toBe('late@example.com');
    expect((await control('GET', '/truth?resource=patients&ids=5'))['rows'][0].email).toBe('late@example.com');
    await new Promise((done) => setTimeout(done, 180));
    expect(await email()).toBe('late@example.com');
  });

  it('runs ahead of our clock when told', async () => {
    await control('POST', '/settings', { clockSkewMs: 3_600_000 });
    const res = await call('/patients');
    expect(Date.parse(res.headers.get('date') ?? '') - Date.now()).toBeGreaterThan(3_500_000);
    await control('POST', '/change', { resource: 'patients', ids: [1] });
    const { rows } = await control('GET', '/truth?resource=patients&ids=1');
    expect(Date.parse(`${rows[0].updated}Z`) - Date.now()).toBeGreaterThan(3_500_000);
  });

  it('hides resources and caps pages as set', async () => {
    await control('POST', '/settings', { missingResources: ['products'], pageCap: 30 });
    expect((await call('/products')).status).toBe(404);
    expect(((await (await call('/patients?page_size=100')).json()) as Json)['data']).toHaveLength(30);
    expect((await control('POST', '/settings', { nonsense: 1 }))['status']).toBe(400);
    expect((await control('POST', '/settings', { retryAfter: 'maybe' }))['status']).toBe(400);
  });

  it('logs what was asked without any header value', async () => {
    await call('/patients?page=3');
    await call('/nothing');
    const text = JSON.stringify(await control('GET', '/requests'));
    expect(JSON.parse(text)).toMatchObject({
      counters: { total: 2, byStatus: { 200: 1, 404: 1 }, byAccount: { main: 2 } },
      requests: [
        { method: 'GET', path: '/patients', query: { page: '3' }, status: 200, account: 'main' },
        { status: 404 },
      ],
    });
    expect(text).not.toContain(key);
  });
});
