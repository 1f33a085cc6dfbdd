import { randomUUID } from 'node:crypto';
import { AdminListRepository } from '../../src/admin/store/admin-list.repository';
import { KeyManagementGateRepository } from '../../src/integrations/store/key-management-gate.repository';
import { UnitOfWork } from '../../src/platform/database';
import { DeletionPlanRepository } from '../../src/sync/store/deletion-plan.repository';
import { LogRepository } from '../../src/sync/store/log.repository';
import { ProviderBreakerRepository } from '../../src/sync/store/provider-breaker.repository';
import { RunRepository } from '../../src/sync/store/run.repository';
import { adminOf } from '../support/admin';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic, type Clinic } from '../support/clinic';

/** What four bytes hold; two entries of it are more. */
const MOST = 2 ** 31 - 1;
const SIXTY_DAYS_MS = 60 * 86_400_000;

describe('a figure above 2^31', () => {
  let running: TestApp;
  let clinic: Clinic;
  let id: string;

  beforeAll(async () => {
    // no worker: nothing moves
    running = await startTestApp({ environment: { ROLE: 'api' } });
  }, 60_000);
  afterAll(() => running?.close());

  const data = async (path: string) => (await clinic.call('get', path).expect(200)).body.data;
  const inTx = <T>(work: Parameters<UnitOfWork['run']>[0]): Promise<T> =>
    running.app.get(UnitOfWork).run(work) as Promise<T>;

  beforeEach(async () => {
    clinic = await makeClinic(running);
    id = (await clinic.activate().expect(200)).body.data.id;
    const [run] = await clinic.sql('SELECT id FROM sync_runs WHERE integration_id = $1', [id]);
    for (const resource of ['customers', 'invoices']) {
      await clinic.sql(
        `INSERT INTO sync_logs (id, run_id, integration_id, provider, resource_type, status, job_type, started_at, records_fetched,
           records_created, records_updated, records_unchanged, records_deleted, records_quarantined)
         VALUES (gen_random_uuid(), $1, $2, 'practicehub', $3, 'syncing', 'manual', now(), $4, $4, $4, $4, $4, $4)`,
        [run!['id'], id, resource, MOST],
      );
    }
    await clinic.sql(
      `INSERT INTO sync_runs (id, integration_id, kind, lane, trigger, state, started_at, finished_at)
       VALUES ($1, $2, 'sync', 'sync', 'manual', 'succeeded', now(), now())`,
      [randomUUID(), id],
    );
    await clinic.sql(
      `INSERT INTO sync_logs (id, run_id, integration_id, provider, resource_type, status, job_type, started_at, finished_at,
         records_fetched, records_created, records_updated, records_unchanged, records_deleted, records_quarantined)
       SELECT gen_random_uuid(), id, integration_id, 'practicehub', 'customers', 'success', 'manual', now(), now(), $2, $2, $2, $2, $2, $2
       FROM sync_runs WHERE integration_id = $1 AND state = 'succeeded'`,
      [id, MOST],
    );
    await clinic.sql(`UPDATE sync_cursors SET items_processed = $2 WHERE integration_id = $1`, [id, 4 * MOST]);
  });

  const counts = (factor: number) => ({
    recordsFetched: factor * MOST,
    recordsCreated: factor * MOST,
    recordsUpdated: factor * MOST,
    recordsUnchanged: factor * MOST,
    recordsDeleted: factor * MOST,
  });

  it('is shown in sync-stats, by type too', async () => {
    expect(await data(`/sync-stats/${id}`)).toMatchObject(counts(3));
    const byType: { resourceType: string }[] = await data(`/sync-stats-by-type/${id}`);
    expect(byType.find(({ resourceType }) => resourceType === 'customers')).toMatchObject(counts(2));
  });

  it('is shown in sync-states and watermarks', async () => {
    const states: { itemsProcessed: number }[] = await data('/sync-states');
    for (const state of states) expect(state.itemsProcessed).toBeGreaterThanOrEqual(4 * MOST);
  });

  it('is shown to the team: activity by day, runs under way', async () => {
    const viewer = await adminOf(running, 'viewer');
    const days = (await viewer('get', `/integrations/${id}/activity`).expect(200)).body.data;
    expect(days).toContainEqual(
      expect.objectContaining({
        resourceType: 'customers',
        created: 2 * MOST,
        updated: 2 * MOST,
        unchanged: 2 * MOST,
        deleted: 2 * MOST,
        quarantined: 2 * MOST,
      }),
    );
    const live = await running.app.get(AdminListRepository, { strict: false }).liveRuns(100);
    expect(live.find(({ integrationId }) => integrationId === id)).toMatchObject({
      fetched: 2 * MOST,
      changed: 6 * MOST,
    });
    await viewer('get', `/integrations/${id}`).expect(200);
  });

  it('stops a log entry’s counts, and not the run', async () => {
    const [run] = await clinic.sql(`SELECT id FROM sync_runs WHERE integration_id = $1 AND state = 'queued'`, [id]);
    const more = { fetched: 7, created: 7, updated: 7, unchanged: 7, deleted: 7, quarantined: 7 };
    await inTx((tx) => running.app.get(LogRepository).add(tx, run!['id'], 'customers', more));
    const [log] = await clinic.sql(
      `SELECT records_fetched AS fetched, records_quarantined AS quarantined FROM sync_logs WHERE run_id = $1 AND resource_type = 'customers'`,
      [run!['id']],
    );
    expect(log).toEqual({ fetched: MOST, quarantined: MOST });
  });

  it('may be the live records of a held plan', async () => {
    await clinic.sql(
      `INSERT INTO records (integration_id, resource_type, external_id, id, stream, epoch, version, operation, data, content_hash,
         feed_position, missed_scan, missed_scans)
       VALUES ($1, 'customers', '1', gen_random_uuid(), 'patients', 1, 1, 'created', '{}', '\\x00', 1, $1, 1)`,
      [id],
    );
    const plan = { integrationId: id, stream: 'patients', resourceType: 'customers', runId: id, scanId: id } as const;
    await inTx((tx) => running.app.get(DeletionPlanRepository).hold(tx, { ...plan, liveRecords: 2 * MOST }));
    expect(
      await clinic.sql('SELECT live_records AS live FROM sync_deletion_plans WHERE integration_id = $1', [id]),
    ).toEqual([{ live: MOST }]);
  });

  it('may be the milliseconds that a run, a breaker and the gate of key management wait', async () => {
    const runs = running.app.get(RunRepository);
    const [run] = await clinic.sql(`SELECT id FROM sync_runs WHERE integration_id = $1 AND state = 'queued'`, [id]);
    const leased = (await runs.lease(run!['id'], 1, 'test', 30_000))!;
    const queued = await inTx<{ delayMs: number }>((tx) =>
      runs.requeue(tx, leased, { notBeforeMs: SIXTY_DAYS_MS, reason: 'rate_limited' }, { calls: 0, traceParent: null }),
    );
    expect(queued.delayMs).toBeGreaterThan(MOST);

    await clinic.sql(
      `INSERT INTO provider_breakers (provider, environment, state, opened_at, retry_at)
       VALUES ('terminal', 'sandbox', 'open', now(), now() + interval '60 days')`,
    );
    const gate = await running.app.get(ProviderBreakerRepository).gate('terminal', 'sandbox', leased.id);
    expect(gate.pass || gate.retryInMs).toBeGreaterThan(MOST);

    await clinic.sql(`INSERT INTO key_management_gate (retry_at, failures) VALUES (now() + interval '60 days', 1)`);
    const closed = await running.app.get(KeyManagementGateRepository, { strict: false }).enter(leased.id);
    expect(closed.pass || closed.retryInMs).toBeGreaterThan(MOST);
  });
});
