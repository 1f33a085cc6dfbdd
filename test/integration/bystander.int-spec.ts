import { randomBytes } from 'node:crypto';
import { UnitOfWork } from '../../src/platform/database';
import { DeletionPlans } from '../../src/sync';
import { ErasureRepository } from '../../src/sync/store/erasure.repository';
import { ScheduleRepository } from '../../src/sync/store/schedule.repository';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic, type Clinic } from '../support/clinic';
import { eventually } from '../support/eventually';
import { rowsOfIntegration } from '../support/rows-of-integration';

jest.setTimeout(90_000);

/** Whatever becomes of one integration, the rows of every other one stay as they are. */
describe('an integration that has no part in it', () => {
  let running: TestApp;
  let clinic: Clinic;
  let mine: string;
  let bystander: Clinic;
  let others: string;

  const sizes = { patients: 60, invoices: 3, payments: 3, services: 2, products: 2, patient_packages: 2 };
  const start = async (): Promise<[Clinic, string]> => {
    const started = await makeClinic(running, { sizes });
    const { id } = (await started.activate().expect(200)).body.data;
    expect(await started.settled()).toBe('succeeded');
    return [started, id];
  };
  /** Something of everything that an integration may have. */
  const fill = async (id: string) => {
    const [run] = await clinic.sql(`SELECT id FROM sync_runs WHERE integration_id = $1`, [id]);
    const { sql } = clinic;
    await sql(`UPDATE sync_runs SET error = 'e' WHERE id = $1`, [run!['id']]);
    await sql(`UPDATE sync_logs SET error = 'e', note = 'n' WHERE run_id = $1 AND resource_type = 'customers'`, [
      run!['id'],
    ]);
    await sql(`UPDATE sync_schedules SET pause_reason = 'p' WHERE integration_id = $1`, [id]);
    await sql(`UPDATE sync_health SET last_error = 'e', consecutive_errors = 2 WHERE integration_id = $1`, [id]);
    await sql(
      `INSERT INTO sync_quarantine (integration_id, stream, row_key, external_id, resource_type, reason, path, row_digest, run_id)
       SELECT $1, stream, 'q', 'q', resource_type, 'r', '$', 'd', $2 FROM sync_cursors WHERE integration_id = $1`,
      [id, run!['id']],
    );
    await sql(
      `INSERT INTO sync_deletion_plans (id, integration_id, stream, resource_type, run_id, state, external_ids, live_records)
       VALUES (gen_random_uuid(), $1, 'patients', 'customers', $2, 'held', '{1,2}', 60)`,
      [id, run!['id']],
    );
    await sql(
      `INSERT INTO sync_scan_pages (integration_id, stream, scan_id, page, external_ids)
       VALUES ($1, 'patients', gen_random_uuid(), 1, '{1,2}')`,
      [id],
    );
    await sql(
      `UPDATE records SET missed_scan = gen_random_uuid(), missed_scans = 1
       WHERE integration_id = $1 AND external_id IN (SELECT external_id FROM records WHERE integration_id = $1 LIMIT 2)`,
      [id],
    );
  };

  beforeAll(async () => {
    running = await startTestApp();
    [clinic, mine] = await start();
    [bystander, others] = await start();
    // nothing happens to it by itself
    await bystander.call('put', '/sync-toggle', { enabled: false }).expect(200);
    await eventually(async () =>
      expect(await clinic.sql('SELECT FROM sync_feeds WHERE integration_id = $1 AND unannounced', [others])).toEqual(
        [],
      ),
    );
    await fill(others);
  }, 90_000);
  afterAll(async () => running.close());
  afterEach(() => running.sandbox.practicehub.clearFaults());

  const untouched = async (act: () => Promise<unknown>) => {
    const before = await rowsOfIntegration(clinic, others);
    await act();
    expect(await rowsOfIntegration(clinic, others)).toEqual(before);
  };
  const simulator = () => running.sandbox.practicehub;
  const fault = (rule: object) =>
    simulator().addFaults([{ kind: 'status', status: 500, ...rule, match: { apiKey: clinic.accountKey } }]);

  it('stays as it is through syncs, settings and failures', () =>
    untouched(async () => {
      const apiKey = clinic.accountKey;
      simulator().delete({ resource: 'patients', count: 3, apiKey });
      simulator().change({ resource: 'patients', count: 3, apiKey });
      simulator().create({ resource: 'patients', count: 3, apiKey });
      expect(await clinic.sync({ fullResync: true })).toBe('succeeded');
      fault({});
      expect(await clinic.sync()).toBe('failed');
      simulator().clearFaults();
      await clinic.call('put', '/sync-interval', { intervalMinutes: 30 });
      for (const enabled of [false, true]) await clinic.call('put', '/sync-toggle', { enabled }).expect(200);
      for (const reason of ['maintenance', null]) {
        await running.app
          .get(UnitOfWork)
          .run((tx) => running.app.get(ScheduleRepository).setOperatorPaused(tx, mine, reason));
      }
      await clinic.call('post', '/resume-sync');
      expect(await clinic.sync()).toBe('succeeded');
    }));

  it('stays as it is through held deletions', () =>
    untouched(async () => {
      for (const decide of ['discard', 'approve'] as const) {
        simulator().delete({ resource: 'patients', count: 22, apiKey: clinic.accountKey });
        expect(await clinic.sync({ fullResync: true })).toBe('succeeded');
        const [plan] = await clinic.sql(
          `SELECT id FROM sync_deletion_plans WHERE integration_id = $1 AND state = 'held'`,
          [mine],
        );
        await running.app.get(DeletionPlans)[decide](plan!['id'], { by: 'test', reason: 'test' });
      }
      expect(await clinic.sync({ fullResync: true })).toBe('succeeded');
      const plans = await clinic.sql(`SELECT state FROM sync_deletion_plans WHERE integration_id = $1 ORDER BY state`, [
        mine,
      ]);
      expect(plans.map(({ state }) => state)).toEqual(['approved', 'discarded']);
    }));

  it('stays as it is when another one is cancelled, connected anew and erased', () =>
    untouched(async () => {
      fault({ kind: 'hang' });
      await clinic.call('post', '/sync').expect(200);
      await clinic.call('post', '/deactivate').expect(200);
      simulator().clearFaults();
      const [left] = await clinic.sql(
        `SELECT (SELECT count(*)::int FROM sync_schedules WHERE integration_id = $1) AS schedules,
           (SELECT count(*)::int FROM sync_runs WHERE integration_id = $1 AND state IN ('queued', 'running', 'waiting')) AS runs,
           (SELECT count(*)::int FROM sync_logs WHERE integration_id = $1 AND status IN ('pending', 'syncing')) AS logs`,
        [mine],
      );
      expect(left).toEqual({ schedules: 0, runs: 0, logs: 0 });
      await clinic.sql(`UPDATE integrations SET account_id = 'another' WHERE id = $1`, [mine]);
      const apiKey = `acct-${randomBytes(8).toString('hex')}`;
      simulator().addAccount({ apiKey, sizes: { patients: 3, '*': 0 }, settings: { ratePerSecond: 0 } });
      await clinic.activate({ credentials: { ...clinic.credentials, apiKey } }).expect(200);
      expect(await clinic.settled()).toBe('succeeded');
      const live = (await clinic.records('customers')).filter(({ operation }) => operation !== 'deleted');
      expect(live).toHaveLength(3);
      await clinic.call('post', '/deactivate').expect(200);
      await clinic.call('delete', '/data').expect(202);
      await eventually(async () => expect(await clinic.records('customers')).toEqual([]), 20_000);
    }));

  it('keeps all that an erasure takes from another one', async () => {
    await fill(mine);
    await clinic.sql(
      `UPDATE sync_cursors SET cursor = '{"watermark":"2026-01-01"}', items_processed = 5, last_sync_at = now(),
         last_sync_status = 'error', last_sync_error = 'e' WHERE integration_id = $1`,
      [mine],
    );
    const feeds = async () =>
      clinic.sql(
        `SELECT resource_type, position::int, trimmed_position::int AS trimmed FROM sync_feeds WHERE integration_id = $1
         ORDER BY 1`,
        [mine],
      );
    const feedsBefore = await feeds();
    const erasures = running.app.get(ErasureRepository, { strict: false });
    await untouched(() =>
      running.app.get(UnitOfWork).run(async (tx) => {
        await erasures.eraseTraces(tx, mine);
        await erasures.forgetPositions(tx, mine);
      }),
    );
    const left = await rowsOfIntegration(clinic, mine);
    for (const table of ['sync_quarantine', 'sync_deletion_plans', 'sync_former_records', 'sync_scan_pages']) {
      expect([table, left[table]]).toEqual([table, []]);
    }
    for (const cursor of left['sync_cursors']!) {
      expect(cursor).toMatchObject({
        cursor: {},
        items_processed: 0,
        last_sync_at: null,
        last_sync_status: null,
        last_sync_error: null,
      });
    }
    expect(feedsBefore.length).toBeGreaterThan(0);
    expect(await feeds()).toEqual(
      feedsBefore.map((feed) => ({ ...feed, position: feed['position'] + 1, trimmed: feed['position'] + 1 })),
    );
    expect(JSON.stringify([left['sync_logs'], left['sync_runs'], left['sync_health']])).not.toMatch(
      /"(error|note|last_error)":"/,
    );
  });
});
