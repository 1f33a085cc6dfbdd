import { randomUUID } from 'node:crypto';
import request from 'supertest';
import { type ApiClient, apiClient } from '../support/api-client';
import { startTestApp, type TestApp } from '../support/app';
import { type Clinic, makeClinic } from '../support/clinic';

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
      'configuration createdAt id isActive lastSyncAt lastSyncError provider providerState status syncEnabled syncHealth syncInterval updatedAt'.split(
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
    expect((await call().expect(200)).headers).not.toHaveProperty('revkeen-version');
    await call().set('RevKeen-Version', '2025-01-01').expect(400);
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
