import { randomUUID } from 'node:crypto';
import request from 'supertest';
import { apiClient, type ApiClient } from '../support/api-client';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic, type Clinic } from '../support/clinic';

const provider = 'practicehub' as const;
const path = { provider };

/** As an outside client sees it, by the client that is generated from the document. */
describe('the shapes of the v2 contract', () => {
  let running: TestApp;
  let clinic: Clinic;
  let api: ApiClient;
  let never: ApiClient;
  beforeAll(async () => {
    running = await startTestApp();
    clinic = await makeClinic(running);
    api = apiClient(running.url, { apiKey: clinic.key });
    never = apiClient(running.url, { apiKey: (await makeClinic(running)).key });
    const { data } = await api.POST('/v2/integrations/{provider}/activate', {
      params: { path },
      body: { credentials: clinic.credentials },
    });
    expect(data?.success).toBe(true);
    await clinic.settled();
  }, 90_000);
  afterAll(() => running.close());

  it('shows the Integration object with exactly its fields', async () => {
    const { data } = await api.GET('/v2/integrations/{provider}', { params: { path } });
    expect(Object.keys(data!.data!).sort()).toEqual(
      'configuration createdAt filters id isActive lastSyncAt lastSyncError provider providerState status syncEnabled syncHealth syncInterval updatedAt'.split(
        ' ',
      ),
    );
    expect(data!.data).toMatchObject({
      provider,
      isActive: true,
      syncEnabled: true,
      status: 'connected',
      syncHealth: 'healthy',
      lastSyncError: null,
      providerState: { consecutiveErrors: 0, lastErrorAt: null, mode: 'sandbox' },
      syncInterval: { hasRepeatableJob: true, intervalMs: 3_600_000, nextRun: expect.any(String) },
      configuration: {
        autoSendInvoices: false,
        invoiceLookbackDays: 90,
        currency: 'GBP',
        syncPatients: true,
        pushPayments: false,
        credentialHint: clinic.accountKey.slice(-4),
      },
    });
    expect(JSON.stringify(data)).not.toContain(clinic.accountKey);
  });

  it('answers null, [] and 404 when never configured, as each page says', async () => {
    expect((await never.GET('/v2/integrations/{provider}', { params: { path } })).data).toEqual({ data: null });
    for (const list of ['sync-states', 'sync-logs', 'product-mappings', 'unmapped-attempts'] as const) {
      const { data } = await never.GET(`/v2/integrations/{provider}/${list}`, { params: { path } });
      expect(data).toMatchObject({ success: true, data: [] });
    }
    for (const list of ['packages', 'billable-items', 'payment-methods'] as const) {
      const { response } = await never.GET(`/v2/integrations/{provider}/${list}`, { params: { path } });
      expect([list, response.status]).toEqual([list, 404]);
    }
    const feed = await never.GET('/v2/integrations/{provider}/records/{resourceType}', {
      params: { path: { provider, resourceType: 'customers' } },
    });
    expect(feed.data).toEqual({ data: [], nextCursor: expect.any(String), hasMore: false });
  });

  it.each(['deactivate', 'sync-toggle', 'sync-interval', 'invoice-lookback', 'auto-send-invoices'])(
    '%s is 404 without an active integration',
    async (call) => {
      const bodies: Record<string, object> = {
        'sync-toggle': { enabled: true },
        'sync-interval': { syncIntervalMinutes: 60 },
        'invoice-lookback': { invoiceLookbackDays: 90 },
        'auto-send-invoices': { autoSendInvoices: true },
      };
      const stranger = await makeClinic(running);
      const answer = await stranger.call(call === 'deactivate' ? 'post' : 'put', `/${call}`, bodies[call]);
      expect([answer.status, answer.body.code]).toEqual([404, 'not_found']);
    },
  );

  it('defaults what activate leaves out, by the provider and the merchant, and reactivates as new', async () => {
    const other = await makeClinic(running, { sizes: { patients: 2, '*': 0 } });
    await other.sql(`UPDATE merchants SET default_currency = 'EUR' WHERE id = $1`, [other.merchantId]);
    const settings = {
      syncIntervalMinutes: 15,
      currency: 'USD',
      timezone: 'Europe/London',
      invoiceLookbackDays: 30,
      syncEnabled: false,
      syncPatients: true,
      syncProducts: false,
      syncPackages: false,
      syncInvoices: false,
      pushPayments: true,
      autoSendInvoices: true,
    };
    const set = (await other.activate(settings).expect(200)).body.data;
    const { syncEnabled, ...configured } = settings;
    expect(set).toMatchObject({ syncEnabled, configuration: configured });
    expect(set.syncInterval).toEqual({ hasRepeatableJob: false, intervalMs: 900_000 });
    await other.settled();
    await other.call('put', '/status', { status: 'error', lastSyncError: 'No.' }).expect(200);
    await other.call('post', '/deactivate', {}).expect(200);
    const inactive = await other.integration();
    expect(inactive).toMatchObject({ isActive: false, status: 'idle', syncInterval: { hasRepeatableJob: false } });

    const again = (await other.activate().expect(200)).body.data;
    expect(again).toMatchObject({
      id: set.id,
      createdAt: set.createdAt,
      isActive: true,
      syncEnabled: true,
      syncHealth: 'healthy',
      lastSyncError: null,
      providerState: { consecutiveErrors: 0, lastSyncAt: null },
      configuration: {
        syncIntervalMinutes: 60,
        currency: 'EUR',
        timezone: null,
        invoiceLookbackDays: 90,
        syncPatients: true,
        syncProducts: true,
        syncPackages: true,
        syncInvoices: true,
        pushPayments: false,
        autoSendInvoices: false,
      },
    });
    const refused = await other.activate();
    expect([refused.status, refused.body.code]).toEqual([409, 'already_active']);
    for (const way of ['deactivate', 'sync-toggle', 'resume-sync']) expect(refused.body.error).toContain(way);
    await other.settled();
    const log = (await other.call('get', '/sync-logs?latestOnly=true').expect(200)).body.data;
    expect(new Set(log.map((entry: any) => entry.integrationId))).toEqual(new Set([set.id]));
  });

  it('lists active and inactive integrations, in pages', async () => {
    const other = await makeClinic(running, { sizes: { '*': 0 } });
    await other.activate().expect(200);
    await other.call('post', '/deactivate').expect(200);
    const listed = (await other.call('get', '/v2/integrations').expect(200)).body;
    expect(listed.pagination).toEqual({ limit: 25, offset: 0, total: 1, hasMore: false });
    expect(listed.data).toMatchObject([{ provider, isActive: false }]);
    const past = (await other.call('get', '/v2/integrations?limit=1&offset=1').expect(200)).body;
    expect(past).toEqual({ data: [], pagination: { limit: 1, offset: 1, total: 1, hasMore: false } });
  });

  it.each<[string, string, object, string, unknown[]]>([
    ['sync-interval', 'syncIntervalMinutes', {}, 'whole', [4, 10_081, 0, -1]],
    ['invoice-lookback', 'invoiceLookbackDays', {}, 'whole', [0, 3_651, -1]],
    ['auto-send-invoices', 'autoSendInvoices', {}, 'flag', []],
    ['sync-toggle', 'enabled', {}, 'flag', []],
  ])('%s takes its kind and range, and nothing else', async (call, field, more, kind, outside) => {
    const put = (value: unknown) => clinic.call('put', `/${call}`, { ...more, [field]: value });
    const never = ['1', null, 1.5, [], {}, ...(kind === 'flag' ? [0, 1, 'true'] : [true])];
    for (const value of [...never, ...outside]) {
      const answer = await put(value);
      expect([value, answer.status, Object.keys(answer.body.details.fields)]).toEqual([value, 400, [field]]);
    }
    const limits: Record<string, unknown[]> = {
      'sync-interval': [5, 10_080, 60],
      'invoice-lookback': [1, 3_650, 90],
    };
    for (const value of limits[call] ?? [true, false, true]) {
      expect((await put(value).expect(200)).body).toEqual({ success: true });
    }
    if (call === 'auto-send-invoices') await put(false).expect(200);
  });

  it('counts what an outside worker reports', async () => {
    const other = await makeClinic(running, { sizes: { patients: 1, '*': 0 } });
    const report = (body: object) => other.call('put', '/status', body);
    expect((await report({ status: 'connected' })).status).toBe(404);
    await other.activate().expect(200);
    await other.settled();
    expect((await report({ status: 'error', lastSyncError: 'The worker fell over.' }).expect(200)).body).toEqual({
      success: true,
    });
    expect(await other.integration()).toMatchObject({
      status: 'error',
      syncHealth: 'degraded',
      lastSyncError: 'The worker fell over.',
      providerState: { consecutiveErrors: 1, lastErrorAt: expect.any(String) },
    });
    await report({ status: 'syncing' }).expect(200);
    expect((await other.integration())['status']).toBe('syncing');
    await report({ status: 'connected' }).expect(200);
    expect(await other.integration()).toMatchObject({
      status: 'connected',
      syncHealth: 'healthy',
      lastSyncError: null,
      providerState: { consecutiveErrors: 0 },
    });
    const idle = await report({ status: 'idle' });
    expect([idle.status, idle.body.code]).toEqual([409, 'conflict']);
    expect(idle.body.error).toContain('active');
  });

  it('pauses after five failures in a row: sync is 400 and names resume-sync, which closes and runs', async () => {
    const other = await makeClinic(running, { sizes: { patients: 1, '*': 0 } });
    await other.activate().expect(200);
    await other.settled();
    for (let i = 0; i < 5; i++) await other.call('put', '/status', { status: 'error' }).expect(200);
    expect(await other.integration()).toMatchObject({
      syncHealth: 'paused',
      syncInterval: { hasRepeatableJob: false },
    });
    const paused = await other.call('post', '/sync');
    expect([paused.status, paused.body.code, paused.body.nextAction]).toEqual([400, 'sync_paused', 'resume_sync']);
    expect(paused.body.error).toContain('resume-sync');
    const resumed = (await other.call('post', '/resume-sync').expect(200)).body;
    expect(resumed).toEqual({ success: true, message: expect.any(String), jobId: expect.any(String) });
    expect(await other.settled()).toBe('succeeded');
    expect(await other.integration()).toMatchObject({ syncHealth: 'healthy', status: 'connected' });
    const entries = (await other.call('get', `/sync-logs?jobId=${resumed.jobId}`).expect(200)).body.data;
    expect(entries.length).toBeGreaterThan(0);
    expect(entries[0]).toMatchObject({ jobId: resumed.jobId, jobType: 'manual', status: 'success' });
  });

  it('replaces credentials after a test, once back, and erases only what is not active', async () => {
    const other = await makeClinic(running, { sizes: { patients: 1, '*': 0 } });
    const answers = async (call: request.Test) => {
      const { status, body } = await call;
      return [status, body.code ?? body];
    };
    const replace = (credentials: object) => other.call('put', '/credentials', { credentials });
    expect(await answers(replace(other.credentials))).toEqual([404, 'not_found']);
    expect(await answers(other.call('post', '/credentials/rollback'))).toEqual([404, 'not_found']);
    expect(await answers(other.call('delete', '/data'))).toEqual([404, 'not_found']);
    await other.activate().expect(200);
    await other.settled();
    const wrong = { ...other.credentials, apiKey: 'nobody-knows-this-key' };
    expect(await answers(replace(wrong))).toEqual([400, 'provider_credentials_rejected']);
    expect(await answers(replace(other.credentials))).toEqual([
      200,
      { success: true, data: { version: 2, rollbackUntil: expect.any(String) } },
    ]);
    expect(await answers(other.call('post', '/credentials/rollback'))).toEqual([
      200,
      { success: true, data: { version: 3 } },
    ]);
    expect(await answers(other.call('post', '/credentials/rollback'))).toEqual([409, 'conflict']);
    expect(await answers(other.call('delete', '/data'))).toEqual([409, 'conflict']);
    await other.call('post', '/deactivate', { deleteCredentials: false }).expect(200);
    expect(await answers(other.call('delete', '/data'))).toEqual([202, { success: true, jobId: expect.any(String) }]);
    expect(await other.settled()).toBe('succeeded');
    expect(await other.records('customers')).toEqual([]);
  });

  it('carries success: false on every error of resume-sync', async () => {
    const stranger = await makeClinic(running);
    const inactive = await stranger.call('post', '/resume-sync');
    expect([inactive.status, inactive.body]).toEqual([
      400,
      expect.objectContaining({ success: false, code: 'not_active' }),
    ]);
    const unknown = await stranger.call('post', '/v2/integrations/acme/resume-sync');
    expect([unknown.status, unknown.body.success]).toEqual([400, false]);
    const anonymous = await request(running.url).post('/v2/integrations/practicehub/resume-sync');
    expect([anonymous.status, anonymous.body.success]).toEqual([401, false]);
    const key = randomUUID();
    const call = () => stranger.call('post', '/resume-sync').set('Idempotency-Key', key);
    await call();
    const replayed = await call();
    expect([replayed.headers['idempotency-replayed'], replayed.body.success]).toEqual(['true', false]);
    expect((await stranger.call('post', '/sync')).body).not.toHaveProperty('success');
  });

  it('clamps a limit above its maximum and refuses what is no number', async () => {
    for (const [list, maximum] of [
      ['/v2/integrations', 100],
      ['/v2/products', 100],
      ['/sync-logs', 100],
    ] as const) {
      const clamped = await clinic.call('get', `${list}?limit=${maximum + 1}&nobodyKnows=this`).expect(200);
      expect(clamped.body.pagination).toEqual({
        limit: maximum,
        offset: 0,
        total: expect.any(Number),
        hasMore: false,
      });
      expect((await clinic.call('get', list).expect(200)).body.pagination.limit).toBe(25);
      for (const wrong of ['x', '1.5', '0', '-1', '1e1', '%00', '1&limit=2']) {
        const answer = await clinic.call('get', `${list}?limit=${wrong}`);
        expect([list, wrong, answer.status]).toEqual([list, wrong, 400]);
      }
    }
    await clinic.call('get', '/records/customers?limit=501').expect(200);
    await clinic.call('get', '/records/customers?limit=x').expect(400);
  });

  it('takes a POST or PUT without body and Content-Type as {}', async () => {
    await clinic.call('post', '/sync').expect(200);
    await clinic.settled();
    await clinic.call('post', '/resume-sync').expect(200);
    await clinic.settled();
    const missing = await clinic.call('put', '/sync-toggle').expect(400);
    expect(missing.body.details.fields).toHaveProperty('enabled');
  });

  it('echoes RevKeen-Version and refuses an unknown one', async () => {
    const call = () => clinic.call('get', '');
    const known = await call().set('RevKeen-Version', '2026-05-01').expect(200);
    expect(known.headers['revkeen-version']).toBe('2026-05-01');
    expect((await call().expect(200)).headers['revkeen-version']).toBe('2026-05-01');
    const unknown = await call().set('RevKeen-Version', '2025-01-01').expect(400);
    expect(unknown.headers['revkeen-version']).toBe('2026-05-01');
  });

  it('replays by Idempotency-Key, with the header', async () => {
    const key = randomUUID();
    const call = () => clinic.call('post', '/sync').set('Idempotency-Key', key);
    const first = await call().expect(200);
    const second = await call().expect(200);
    expect(first.headers).not.toHaveProperty('idempotency-replayed');
    expect(second.headers['idempotency-replayed']).toBe('true');
    expect(second.body).toEqual(first.body);
    for (const wrong of ['k'.repeat(256), '']) {
      await clinic.call('post', '/sync').set('Idempotency-Key', wrong).expect(400);
    }
    await clinic.settled();
  });
});
