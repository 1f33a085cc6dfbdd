import { startSandboxServer, type SandboxServer } from '../index';

type Json = Record<string, any>;

describe('Terminal simulator', () => {
  const reference = Date.UTC(2026, 5, 1);
  let nowMs = reference;
  let server: SandboxServer;
  let base: string;
  let key: string;

  beforeAll(async () => {
    server = await startSandboxServer({ reference, now: () => nowMs, terminal: { settings: { ratePerSecond: 0 } } });
    const { apiKey, path } = server.sandbox.credentials.terminal;
    base = `${server.url}${path}/v2`;
    key = apiKey;
  });
  beforeEach(() => {
    nowMs = reference;
    server.sandbox.terminal.reset();
  });
  afterAll(() => server.close());

  const get = async (path: string, apiKey = key): Promise<{ status: number; body: Json }> => {
    const res = await fetch(base + path, { headers: { 'x-api-key': apiKey } });
    return { status: res.status, body: (await res.json()) as Json };
  };
  const statuses = async (): Promise<string[]> =>
    (await get('/terminal-devices')).body['data'].map((device: Json) => device['status']);

  it('needs a key with terminal:read', async () => {
    expect(await get('/terminal-devices', 'wrong')).toEqual({
      status: 401,
      body: { error: expect.any(String), message: expect.any(String), code: 'unauthenticated' },
    });
    server.sandbox.terminal.addAccount({ apiKey: 'acct-blind', scopes: ['other:read'] });
    expect(await get('/terminal-devices', 'acct-blind')).toMatchObject({
      status: 403,
      body: { code: 'permission_denied' },
    });
    expect((await fetch(base.replace('/v2', '/terminal-devices'), { headers: { 'x-api-key': key } })).status).toBe(404);
  });

  it('shows a device offline five minutes after its last heartbeat', async () => {
    const { body } = await get('/terminal-devices');
    expect(body['meta']).toEqual({ count: 8 });
    expect(await statuses()).toEqual([
      'online',
      'online',
      'offline',
      'online',
      'online',
      'online',
      'pairing',
      'online',
    ]);
    nowMs += 3_600_000;
    expect((await statuses())[0]).toBe('online');
    const [device] = body['data'] as [Json];
    server.sandbox.terminal.change({
      resource: 'devices',
      ids: [device['id']],
      fields: { last_heartbeat_at: new Date(nowMs).toISOString() },
    });
    nowMs += 4 * 60_000;
    expect((await statuses())[0]).toBe('online');
    nowMs += 60_000;
    expect((await statuses())[0]).toBe('offline');
    server.sandbox.terminal.configure({ heartbeats: 'off' });
    expect(new Set(await statuses())).toEqual(new Set(['offline', 'pairing']));
  });

  it('pages payments newest first by starting_after, each once', async () => {
    const seen: Json[] = [];
    for (let cursor = ''; ;) {
      const { body } = await get(`/terminal-payments?limit=100${cursor && `&starting_after=${cursor}`}`);
      seen.push(...body['data']);
      expect(body).not.toHaveProperty('has_more');
      if (body['data'].length < 100) break;
      cursor = seen.at(-1)?.['id'];
    }
    expect(seen).toHaveLength(1500);
    expect(new Set(seen.map((row) => row['id'])).size).toBe(1500);
    const times = seen.map((row) => row['created_at']);
    expect(times).toEqual([...times].sort().reverse());
    expect((await get('/terminal-payments')).body['data']).toHaveLength(20);
    expect((await get('/terminal-payments?limit=1000')).body['data']).toHaveLength(100);
    expect((await get('/terminal-payments?limit=x')).status).toBe(400);
    expect((await get('/terminal-payments?starting_after=nobody')).status).toBe(400);
    expect((await get('/terminal-payments?limit=30')).body['meta']).toEqual({ count: 30, limit: 30 });
    server.sandbox.terminal.configure({ variants: { hasMore: 'present' } });
    expect((await get('/terminal-payments')).body['has_more']).toBe(true);
  });

  it('keeps its place when payments come in between pages', async () => {
    const first = (await get('/terminal-payments?limit=10')).body['data'] as Json[];
    server.sandbox.terminal.create({ resource: 'payments', count: 5 });
    const second = (await get(`/terminal-payments?limit=10&starting_after=${first.at(-1)?.['id']}`)).body[
      'data'
    ] as Json[];
    expect(second.some((row) => first.some((other) => other['id'] === row['id']))).toBe(false);
    expect((await get('/terminal-payments?limit=5')).body['data'].map((row: Json) => row['id'])).not.toContain(
      first[0]?.['id'],
    );
  });

  it('filters by status, type and device as they are now', async () => {
    const { body } = await get('/terminal-payments?status=approved&type=refund&limit=100');
    expect(body['data'].length).toBeGreaterThan(10);
    expect(body['data'].every((row: Json) => row['status'] === 'approved' && row['type'] === 'refund')).toBe(true);
    const device = body['data'][0].device_id;
    const own = (await get(`/terminal-payments?device_id=${device}&limit=100`)).body['data'];
    expect(own.every((row: Json) => row['device_id'] === device)).toBe(true);
    expect((await get('/terminal-payments?status=in_progress')).body['data']).toHaveLength(3);
    expect((await get('/terminal-payments?status=nonsense')).status).toBe(400);
  });

  it('finishes every payment within three minutes', async () => {
    const [id] = server.sandbox.terminal.create({
      resource: 'payments',
      fields: { status: 'requested', completed_at: null },
    });
    const open = async (): Promise<Json[]> =>
      (await get('/terminal-payments?limit=10')).body['data'].filter((row: Json) => row['completed_at'] === null);
    expect(await open()).toHaveLength(4);
    expect((await open()).every((row) => row['auth_code'] === null && row['masked_pan'] === null)).toBe(true);
    nowMs += 3 * 60_000;
    expect(await open()).toEqual([]);
    expect((await get('/terminal-payments?limit=1')).body['data'][0]).toMatchObject({
      id,
      status: 'timed_out',
      completed_at: new Date(reference + 180_000).toISOString(),
    });
  });

  it('lists what the device took by itself, which no filter for a status knows', async () => {
    const rows: Json[] = server.sandbox.terminal.truth({ resource: 'payments' });
    const words = new Set(rows.map((row) => row['status']));
    for (const word of ['standalone_approved', 'standalone_declined', 'approved', 'timed_out']) {
      expect(words).toContain(word);
    }
    const own = rows.filter((row) => row['status'].startsWith('standalone'));
    expect(own.every((row) => row['reference'] === null && row['invoice_id'] === null)).toBe(true);
    expect(own.some((row) => row['type'] === 'refund')).toBe(true);
    expect((await get('/terminal-payments?status=standalone_approved')).status).toBe(400);
    server.sandbox.terminal.configure({ variants: { standalone: 'absent' } });
    const left = server.sandbox.terminal.truth({ resource: 'payments' });
    expect(left).toHaveLength(1500);
    expect(left.some((row) => String(row['status']).startsWith('standalone'))).toBe(false);
  });

  it('gives one payment and one device by its id', async () => {
    const [payment] = (await get('/terminal-payments?limit=1')).body['data'];
    expect((await get(`/terminal-payments/${payment.id}`)).body).toEqual({ data: payment });
    const [device] = (await get('/terminal-devices')).body['data'];
    expect((await get(`/terminal-devices/${device.id}`)).body).toEqual({ data: device });
    expect((await get('/terminal-payments/nobody')).status).toBe(404);
    expect((await get(`/terminal-payments/${payment.id}/refunds`)).status).toBe(404);
  });

  it('pages by offset alone where the account does', async () => {
    server.sandbox.terminal.configure({ variants: { paging: 'offset', metaCount: 'total' } });
    const { body } = await get('/terminal-payments?limit=10');
    expect(body['meta']).toEqual({ count: 1500, limit: 10 });
    const last = body['data'].at(-1).id;
    expect((await get(`/terminal-payments?limit=10&starting_after=${last}`)).body['data']).toEqual(body['data']);
    const second = (await get('/terminal-payments?limit=10&offset=10')).body['data'] as Json[];
    expect(second.some((row) => body['data'].some((other: Json) => other.id === row['id']))).toBe(false);
    const filtered = await get('/terminal-payments?limit=100&offset=100&type=refund');
    const refunds = server.sandbox.terminal.truth({ resource: 'payments', where: { type: 'refund' } });
    expect(filtered.body['data']).toHaveLength(Math.min(100, refunds.length - 100));
    expect((await get('/terminal-payments?offset=1500')).body['data']).toEqual([]);
    expect((await get('/terminal-payments?offset=x')).status).toBe(400);
  });

  it('leaves most of a device unsaid', async () => {
    const devices = async (): Promise<Json[]> => (await get('/terminal-devices')).body['data'];
    expect((await devices()).some((device) => Object.values(device).includes(null))).toBe(true);
    for (const device of await devices()) expect(['macos', 'windows', 'linux', null]).toContain(device['platform']);
    server.sandbox.terminal.configure({ variants: { deviceFields: 'null' } });
    expect((await devices()).every((device) => device['device_name'] === null)).toBe(true);
    server.sandbox.terminal.configure({ variants: { deviceFields: 'absent' } });
    expect((await devices()).some((device) => 'device_name' in device)).toBe(false);
    expect(await statuses()).toHaveLength(8);
  });
});
