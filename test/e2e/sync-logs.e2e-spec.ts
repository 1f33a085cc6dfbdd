import { randomUUID } from 'node:crypto';
import { refused } from '../support/answers';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic, type Clinic } from '../support/clinic';

const NOTHING = randomUUID();
const SIZES = { patients: 12, invoices: 6, payments: 4, services: 2, products: 2, patient_packages: 2 };

describe('sync visibility', () => {
  let running: TestApp;
  let clinic: Clinic;
  let other: Clinic;
  let never: Clinic;
  let integrationId: string;

  beforeAll(async () => {
    running = await startTestApp();
    [clinic, other, never] = await Promise.all([
      makeClinic(running, { sizes: SIZES }),
      makeClinic(running, { sizes: { patients: 2, '*': 0 } }),
      makeClinic(running),
    ]);
    await Promise.all([clinic.activate().expect(200), other.activate().expect(200)]);
    expect(await clinic.settled()).toBe('succeeded');
    expect(await other.settled()).toBe('succeeded');
    integrationId = (await clinic.integration())['id'];
  }, 60_000);
  afterAll(() => running?.close());
  afterEach(() => running.sandbox.practicehub.clearFaults());

  const get = async (path: string, who: Clinic = clinic) => (await who.call('get', path).expect(200)).body;

  describe('states', () => {
    it('shows one per resource type, and none when never configured', async () => {
      const { success, data } = await get('/sync-states');
      expect(success).toBe(true);
      expect(data.map((state: any) => state.resourceType)).toEqual(['customers', 'invoices', 'payments', 'products']);
      expect(data[0]).toEqual({
        resourceType: 'customers',
        lastSyncAt: expect.stringMatching(/^\d{4}-.*Z$/),
        lastSyncStatus: 'success',
        itemsProcessed: 12,
        lastSyncError: null,
        cursor: expect.stringMatching(/^\d{4}-.*Z$/),
      });
      expect(await get('/sync-states', never)).toEqual({ success: true, data: [] });
      expect(await get('/v2/integrations/wodify/sync-states')).toEqual({ success: true, data: [] });
    });
  });

  describe('logs', () => {
    it('say when a resource was read, though several are committed at once', async () => {
      const quiet = await makeClinic(running);
      await quiet.activate().expect(200);
      expect(await quiet.settled()).toBe('succeeded');
      // these find out whether the filters work, which is committed by itself
      for (let run = 0; run < 2; run++) expect(await quiet.sync()).toBe('succeeded');
      running.sandbox.practicehub.addFaults([{ kind: 'delay', delayMs: 100, match: { apiKey: quiet.accountKey } }]);
      expect(await quiet.sync()).toBe('succeeded');
      const { data } = await get('/sync-logs?limit=4', quiet);
      const began = data.map((log: any) => Date.parse(log.startedAt)).reverse();
      expect(data.filter((log: any) => log.durationMs < 100)).toEqual([]);
      for (const [index, at] of began.slice(1).entries()) expect(at - began[index]).toBeGreaterThanOrEqual(90);
    });

    it('end after they began, however long the database takes for what is written beside them', async () => {
      const slow = await makeClinic(running, { sizes: SIZES });
      await slow.activate().expect(200);
      expect(await slow.settled()).toBe('succeeded');
      // from the third run on all of it is one commit
      for (let run = 0; run < 2; run++) expect(await slow.sync()).toBe('succeeded');
      await slow.sql(
        `CREATE FUNCTION slowly() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.3); RETURN NULL; END $$`,
      );
      await slow.sql(
        `CREATE TRIGGER slowly AFTER INSERT OR UPDATE ON sync_cursors FOR EACH STATEMENT EXECUTE FUNCTION slowly()`,
      );
      try {
        expect(await slow.sync()).toBe('succeeded');
      } finally {
        await slow.sql(`DROP FUNCTION slowly CASCADE`);
      }
      const { data } = await get('/sync-logs?limit=4', slow);
      for (const { startedAt, finishedAt, durationMs } of data) {
        expect(Date.parse(finishedAt)).toBeGreaterThanOrEqual(Date.parse(startedAt));
        expect(durationMs).toBeGreaterThanOrEqual(0);
      }
    });

    it('lists entries newest first, in the one shape', async () => {
      const { success, data, pagination } = await get('/sync-logs');
      expect(success).toBe(true);
      expect(pagination).toEqual({ limit: 25, offset: 0, total: 4, hasMore: false });
      const customers = data.find((log: any) => log.resourceType === 'customers');
      expect(customers).toEqual({
        id: expect.any(String),
        integrationId,
        jobId: expect.any(String),
        provider: 'practicehub',
        resourceType: 'customers',
        status: 'success',
        jobType: 'scheduled',
        attempt: 1,
        startedAt: expect.any(String),
        finishedAt: expect.any(String),
        durationMs: expect.any(Number),
        recordsFetched: 12,
        recordsCreated: 12,
        recordsUpdated: 0,
        recordsUnchanged: 0,
        recordsDeleted: 0,
        recordsQuarantined: 0,
        notes: [],
        errorCode: null,
        error: null,
        nextAction: null,
        createdAt: expect.any(String),
      });
      expect(await get(`/sync-logs/${customers.id}`)).toEqual({ success: true, data: customers });
      const times = data.map((log: any) => log.createdAt);
      expect(times).toEqual([...times].sort().reverse());
    });

    it('pages and filters', async () => {
      await clinic.sync();
      const all = (await get('/sync-logs')).data;
      expect(all).toHaveLength(8);
      const newest = all.filter((log: any) => log.jobType === 'manual');
      const ids = async (query: string) => (await get(`/sync-logs?${query}`)).data.map((log: any) => log.id);
      const idsOf = (logs: any[]) => logs.map((log) => log.id);

      const page = await get('/sync-logs?limit=3&offset=3');
      expect(idsOf(page.data)).toEqual(idsOf(all.slice(3, 6)));
      expect(page.pagination).toEqual({ limit: 3, offset: 3, total: 8, hasMore: true });
      expect((await get('/sync-logs?limit=5000')).pagination.limit).toBe(100);

      expect(await ids('latestOnly=true')).toEqual(idsOf(newest));
      expect((await get('/sync-logs?latestOnly=true')).pagination.total).toBe(4);
      // the newest among what the other filters leave, not the newest of all if they leave it
      expect(await ids('latestOnly=true&jobType=scheduled')).toEqual(
        idsOf(all.filter((log: any) => log.jobType === 'scheduled')),
      );
      expect(await ids('latestOnly=false')).toEqual(idsOf(all));
      expect(await ids(`jobId=${newest[0].jobId}`)).toEqual(idsOf(newest));
      expect(await ids('jobType=manual')).toEqual(idsOf(newest));
      expect(await ids('resourceType=customers')).toEqual(
        idsOf(all.filter((log: any) => log.resourceType === 'customers')),
      );
      expect(await ids('resourceType=unheard-of')).toEqual([]);
      expect(await ids('status=success')).toEqual(idsOf(all));
      expect(await ids('status=failed')).toEqual([]);
      expect(await ids(`integrationId=${integrationId}`)).toEqual(idsOf(all));
      expect(await ids(`integrationId=${integrationId.toUpperCase()}`)).toEqual(idsOf(all));
      const boundary = newest.at(-1).createdAt;
      expect(await ids(`createdAfter=${boundary}`)).toEqual(idsOf(newest));
      expect(await ids(`createdBefore=${boundary}`)).toEqual(idsOf(all.slice(newest.length)));
      expect(await ids('unknown=1')).toEqual(idsOf(all));
    });

    it.each([
      ['status=done', 'status'],
      ['jobType=other', 'jobType'],
      ['latestOnly=1', 'latestOnly'],
      ['integrationId=7', 'integrationId'],
      ['jobId=7', 'jobId'],
      ['createdAfter=yesterday', 'createdAfter'],
      ['createdBefore=2026-13-45T00:00:00Z', 'createdBefore'],
      ['limit=ten', 'limit'],
      ['limit=0', 'limit'],
      ['offset=-1', 'offset'],
      ['resourceType=a%00b', 'resourceType'],
      ['status=failed&status=success', 'status'],
    ])('refuses %s', async (query, field) => {
      const body = await refused(clinic.call('get', `/sync-logs?${query}`), 400, 'invalid_request');
      expect(Object.keys(body.details.fields)).toEqual([field]);
    });

    it('shows nobody else’s', async () => {
      const [log] = (await get('/sync-logs', other)).data;
      await refused(clinic.call('get', `/sync-logs/${log.id}`), 404, 'not_found');
      await refused(clinic.call('post', `/sync-logs/${log.id}/retry`), 404, 'not_found');
      await refused(other.call('get', `/v2/integrations/wodify/sync-logs/${log.id}`), 404, 'not_found');
      expect((await get(`/sync-logs?integrationId=${log.integrationId}`)).data).toEqual([]);
      expect((await get('/sync-logs', never)).pagination).toEqual({ limit: 25, offset: 0, total: 0, hasMore: false });
      await refused(clinic.call('get', `/sync-logs/${NOTHING}`), 404, 'not_found');
      await refused(never.call('get', `/sync-logs/${NOTHING}`), 404, 'not_found');
      await refused(clinic.call('get', '/sync-logs/7'), 400, 'invalid_request');
      await refused(clinic.call('get', '/v2/integrations/mindbody/sync-logs'), 400, 'invalid_request');
    });
  });

  describe('figures', () => {
    it('counts runs, and per type entries', async () => {
      const { success, data } = await get(`/sync-stats/${integrationId}`);
      expect(success).toBe(true);
      expect(data).toMatchObject({ succeeded: data.runs, failed: 0, skipped: 0, recordsDeleted: 0 });
      expect(data.runs).toBeGreaterThanOrEqual(1);
      // paid invoices are read, and not imported
      expect(data.recordsFetched).toBeGreaterThanOrEqual(
        data.recordsCreated + data.recordsUpdated + data.recordsUnchanged,
      );
      expect(data.recordsCreated).toBeGreaterThan(12);
      expect(data.averageDurationMs).toBeGreaterThan(0);
      expect(Date.parse(data.lastRunAt)).toBeGreaterThan(Date.parse(data.window.from));
      expect(Date.parse(data.window.to) - Date.parse(data.window.from)).toBe(30 * 86_400_000);

      const byType = (await get(`/sync-stats-by-type/${integrationId}?days=7`)).data;
      expect(byType.map((each: any) => each.resourceType)).toEqual(['customers', 'invoices', 'payments', 'products']);
      expect(byType.map((each: any) => each.runs)).toEqual([data.runs, data.runs, data.runs, data.runs]);
      expect(byType.reduce((sum: number, each: any) => sum + each.recordsFetched, 0)).toBe(data.recordsFetched);
      expect(Object.keys(byType[0]).sort()).toEqual([...Object.keys(data), 'resourceType'].sort());
      expect(Date.parse(byType[0].window.to) - Date.parse(byType[0].window.from)).toBe(7 * 86_400_000);
    });

    it('has zeros and an empty list where nothing ran in the window', async () => {
      const idle = await makeClinic(running, { sizes: { '*': 0 } });
      await idle.activate().expect(200);
      await idle.settled();
      const { id } = await idle.integration();
      await idle.sql(`UPDATE sync_runs SET created_at = now() - interval '3 days' WHERE integration_id = $1`, [id]);
      await idle.sql(`UPDATE sync_logs SET created_at = now() - interval '3 days' WHERE integration_id = $1`, [id]);
      expect((await get(`/sync-stats/${id}?days=2`, idle)).data).toMatchObject({
        runs: 0,
        averageDurationMs: 0,
        lastRunAt: null,
      });
      expect((await get(`/sync-stats-by-type/${id}?days=2`, idle)).data).toEqual([]);
      expect((await get(`/sync-stats/${id}?days=4000`, idle)).data.runs).toBe(1);
    });

    it('are zeros and an empty list when never configured', async () => {
      const stats = await never.call('get', `/sync-stats/${NOTHING}`).expect(200);
      expect(stats.body.data).toMatchObject({ runs: 0, recordsFetched: 0, averageDurationMs: 0, lastRunAt: null });
      const byType = await never.call('get', `/sync-stats-by-type/${NOTHING}`).expect(200);
      expect(byType.body).toEqual({ success: true, data: [] });
    });

    it('does not know an integration of another merchant or provider', async () => {
      const others = (await other.integration())['id'];
      for (const path of ['sync-stats', 'sync-stats-by-type']) {
        await refused(clinic.call('get', `/${path}/${others}`), 404, 'not_found');
        await refused(clinic.call('get', `/${path}/${NOTHING}`), 404, 'not_found');
        await refused(never.call('get', `/${path}/${others}`), 404, 'not_found');
        await refused(clinic.call('get', `/v2/integrations/wodify/${path}/${integrationId}`), 404, 'not_found');
        await refused(clinic.call('get', `/${path}/7`), 400, 'invalid_request');
        await refused(clinic.call('get', `/${path}/${integrationId}?days=0`), 400, 'invalid_request');
        await refused(clinic.call('get', `/${path}/${integrationId}?days=x`), 400, 'invalid_request');
      }
    });
  });

  describe('retry', () => {
    const failing = async (): Promise<{ failed: Clinic; log: any; id: string }> => {
      const failed = await makeClinic(running, { sizes: { patients: 3, '*': 0 } });
      await failed.activate().expect(200);
      await failed.settled();
      const fault = { path: '/patients', apiKey: failed.accountKey };
      running.sandbox.practicehub.addFaults([{ kind: 'wrong-json', match: fault }]);
      expect(await failed.sync()).toBe('failed');
      const [log] = (await get('/sync-logs?status=failed', failed)).data;
      return { failed, log, id: (await failed.integration())['id'] };
    };

    it('tries a failed entry again, once the cause is gone', async () => {
      const { failed, log } = await failing();
      expect(log).toMatchObject({ resourceType: 'customers', errorCode: 'provider_error', attempt: 1 });
      expect(log.error).toEqual(expect.any(String));
      running.sandbox.practicehub.clearFaults();
      const { success, data } = (await failed.call('post', `/sync-logs/${log.id}/retry`).expect(200)).body;
      expect({ success, keys: Object.keys(data) }).toEqual({ success: true, keys: ['jobId'] });
      expect(await failed.settled()).toBe('succeeded');
      const entries = (await get(`/sync-logs?jobId=${data.jobId}`, failed)).data;
      expect(entries).toHaveLength(1);
      expect(entries[0]).toMatchObject({
        resourceType: 'customers',
        status: 'success',
        jobType: 'single_retry',
        attempt: 2,
      });
      const [audited] = await failed.sql(
        `SELECT details FROM audit_entries WHERE action = 'sync_log.retried' AND merchant_id = $1`,
        [failed.merchantId],
      );
      expect(audited!['details']).toEqual({ logId: log.id, runId: data.jobId });
    }, 40_000);

    it('refuses what is not a failure that may pass', async () => {
      const { failed, log } = await failing();
      const entry = async (status: string, code: string | null) =>
        failed.sql(`UPDATE sync_logs SET status = $2, error_code = $3 WHERE id = $1`, [log.id, status, code]);
      const retry = () => failed.call('post', `/sync-logs/${log.id}/retry`);
      for (const status of ['pending', 'syncing', 'success', 'skipped']) {
        await entry(status, null);
        expect((await refused(retry(), 400, 'invalid_request')).error).toContain(status);
      }
      for (const code of ['provider_credentials_rejected', 'invalid_request', 'unprocessable_entity', null]) {
        await entry('failed', code);
        expect((await refused(retry(), 400, 'invalid_request')).error).toContain('permanent');
      }
      await entry('failed', 'provider_error');
      await failed.sql(
        `UPDATE sync_health SET breaker = 'open', breaker_cause = 'failures' WHERE integration_id = $1`,
        [log.integrationId],
      );
      await refused(retry(), 400, 'sync_paused');
      await failed.call('post', '/deactivate').expect(200);
      await refused(retry(), 400, 'not_active');
      expect(
        await failed.sql(`SELECT 1 FROM sync_runs WHERE trigger = 'single_retry' AND integration_id = $1`, [
          log.integrationId,
        ]),
      ).toEqual([]);
    }, 40_000);

    it('refuses an entry whose own run has not ended: that run would be taken for the retry', async () => {
      const { failed, log } = await failing();
      await failed.sql(
        `UPDATE sync_runs SET state = 'running', lease_owner = 'test', lease_until = now() + interval '1 minute' WHERE id = $1`,
        [log.jobId],
      );
      const body = await refused(failed.call('post', `/sync-logs/${log.id}/retry`), 400, 'invalid_request');
      expect(body.nextAction).toBe('wait');
      const batch = { integrationId: log.integrationId };
      expect((await failed.call('post', '/sync-logs/batch-retry', batch).expect(200)).body.data).toEqual({
        queued: 0,
        skipped: 1,
      });
      await failed.sql(`UPDATE sync_runs SET state = 'failed' WHERE id = $1`, [log.jobId]);
    }, 40_000);

    it('retries a batch, one attempt per entry', async () => {
      const { failed, id } = await failing();
      expect(await failed.sync()).toBe('failed');
      // a permanent failure among them
      await failed.sql(
        `INSERT INTO sync_logs (id, run_id, integration_id, provider, resource_type, status, job_type, error_code)
         SELECT gen_random_uuid(), id, integration_id, 'practicehub', 'devices', 'failed', 'manual', 'invalid_request'
         FROM sync_runs WHERE integration_id = $1 LIMIT 1`,
        [id],
      );
      running.sandbox.practicehub.clearFaults();
      const batch = (body: object) => failed.call('post', '/sync-logs/batch-retry', { integrationId: id, ...body });
      expect((await batch({ resourceType: 'invoices' }).expect(200)).body.data).toEqual({ queued: 0, skipped: 0 });
      expect((await batch({ limit: 1 }).expect(200)).body).toEqual({ success: true, data: { queued: 1, skipped: 2 } });
      expect(await failed.settled()).toBe('succeeded');
      // one request at a time gives an entry its attempt
      const together = await Promise.all([batch({}), batch({}), batch({})]);
      expect(together.map(({ body }) => body.data.queued).sort()).toEqual([0, 0, 1]);
      expect(await failed.settled()).toBe('succeeded');
      expect((await batch({}).expect(200)).body.data).toEqual({ queued: 0, skipped: 3 });
      const runs = (await get('/sync-logs?jobType=batch_retry', failed)).data;
      expect(runs.map((log: any) => [log.resourceType, log.status, log.attempt])).toEqual([
        ['customers', 'success', 2],
        ['customers', 'success', 2],
      ]);
    }, 60_000);

    it('stops a batch at the breaker', async () => {
      const { failed, id } = await failing();
      await failed.sql(
        `UPDATE sync_health SET breaker = 'open', breaker_cause = 'failures' WHERE integration_id = $1`,
        [id],
      );
      const batch = await failed.call('post', '/sync-logs/batch-retry', { integrationId: id }).expect(200);
      expect(batch.body.data).toEqual({ queued: 0, skipped: 1 });
      await failed.call('post', '/deactivate').expect(200);
      await refused(failed.call('post', '/sync-logs/batch-retry', { integrationId: id }), 400, 'not_active');
    }, 40_000);

    it('refuses a batch of somebody else, and a malformed one', async () => {
      const path = '/sync-logs/batch-retry';
      const others = (await other.integration())['id'];
      await refused(clinic.call('post', path, { integrationId: others }), 404, 'not_found');
      await refused(never.call('post', path, { integrationId: NOTHING }), 404, 'not_found');
      for (const [body, field] of [
        [{}, 'integrationId'],
        [{ integrationId: '7' }, 'integrationId'],
        [{ integrationId, limit: 0 }, 'limit'],
        [{ integrationId, limit: '5' }, 'limit'],
        [{ integrationId, resourceType: 'a b' }, 'resourceType'],
        [{ integrationId, more: 1 }, 'more'],
      ] as const) {
        const refusal = await refused(clinic.call('post', path, body), 400, 'invalid_request');
        expect(Object.keys(refusal.details.fields)).toEqual([field]);
      }
    });
  });

  describe('records', () => {
    it('reads the feed page by page, and later only what changed', async () => {
      const first = await get('/records/customers?limit=5');
      expect(first.data).toHaveLength(5);
      expect(first.hasMore).toBe(true);
      expect(Object.keys(first.data[0]).sort()).toEqual(
        ['data', 'externalId', 'id', 'operation', 'resourceType', 'sourceUpdatedAt', 'syncedAt', 'version'].sort(),
      );
      const seen = first.data.map((record: any) => record.externalId);
      let cursor = first.nextCursor;
      for (let more = true; more;) {
        const page = await get(`/records/customers?limit=5&cursor=${cursor}`);
        seen.push(...page.data.map((record: any) => record.externalId));
        ({ nextCursor: cursor, hasMore: more } = page);
      }
      expect(new Set(seen).size).toBe(12);
      expect(seen).toHaveLength(12);
      expect(await get(`/records/customers?cursor=${cursor}`)).toEqual({
        data: [],
        nextCursor: cursor,
        hasMore: false,
      });
      const [id] = running.sandbox.practicehub.change({ resource: 'patients', count: 1, apiKey: clinic.accountKey });
      await clinic.sync();
      const changed = await get(`/records/customers?cursor=${cursor}`);
      expect(changed.data).toHaveLength(1);
      expect(changed.data[0]).toMatchObject({ externalId: String(id), version: 2, operation: 'updated' });
    });

    it('leaves tombstones out when asked to', async () => {
      const [gone] = (await get('/records/products')).data;
      await clinic.sql(
        `UPDATE records SET operation = 'deleted' WHERE integration_id = $1 AND resource_type = 'products' AND external_id = $2`,
        [integrationId, gone.externalId],
      );
      const ids = async (query: string) =>
        (await get(`/records/products${query}`)).data.map((record: any) => record.externalId);
      expect(await ids('')).toContain(gone.externalId);
      expect(await ids('?includeDeleted=true')).toContain(gone.externalId);
      expect(await ids('?includeDeleted=false')).not.toContain(gone.externalId);
      const one = (await get(`/records/products/${gone.externalId}`)).data;
      expect(one).toMatchObject({ operation: 'deleted', data: { name: gone.data.name } });
    });

    it('shows the fields of the contract and no other', async () => {
      const [product] = (await get('/records/products')).data;
      expect(
        Object.keys(product.data)
          .filter((field) => field !== 'customerExternalId')
          .sort(),
      ).toEqual(['active', 'amountMinor', 'currency', 'interval', 'kind', 'name', 'visits'].sort());
    });

    it('is an empty feed with a cursor when never configured', async () => {
      const empty = await get('/records/invoices', never);
      expect(empty).toEqual({ data: [], nextCursor: expect.stringMatching(/.+/), hasMore: false });
      expect(await get(`/records/invoices?cursor=${empty.nextCursor}`, never)).toEqual(empty);
      await refused(never.call('get', '/records/invoices?cursor=nonsense'), 400, 'invalid_request');
      await refused(never.call('get', '/records/invoices/1'), 404, 'not_found');
    });

    it('says when a cursor is older than the tombstones', async () => {
      const old = (await get('/records/payments?limit=1')).nextCursor;
      await clinic.sql(
        `UPDATE sync_feeds SET trimmed_position = position + 1 WHERE integration_id = $1 AND resource_type = 'payments'`,
        [integrationId],
      );
      await refused(clinic.call('get', `/records/payments?cursor=${old}`), 410, 'cursor_expired');
      await clinic.call('get', '/records/payments').expect(200);
    });

    it.each([
      ['/records/appointments', 'resourceType'],
      ['/records/appointments/1', 'resourceType'],
      ['/records/customers?limit=0', 'limit'],
      ['/records/customers?limit=x', 'limit'],
      ['/records/customers?includeDeleted=maybe', 'includeDeleted'],
      ['/records/customers?cursor=zzz', 'cursor'],
      ['/records/customers?cursor=a&cursor=b', 'cursor'],
    ])('refuses %s', async (path, field) => {
      const body = await refused(clinic.call('get', path), 400, 'invalid_request');
      expect(Object.keys(body.details.fields)).toEqual([field]);
    });

    it('does not know what is not there', async () => {
      await refused(clinic.call('get', '/records/customers/no-such'), 404, 'not_found');
      await refused(clinic.call('get', '/records/customers/%00'), 400, 'invalid_request');
      await refused(other.call('get', '/records/invoices/1'), 404, 'not_found');
      expect((await get('/records/customers?limit=99999')).data).toHaveLength(12);
    });
  });
});
