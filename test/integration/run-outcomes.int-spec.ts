import { randomUUID } from 'node:crypto';
import { IntegrationRepository } from '../../src/integrations';
import { UnitOfWork, type Tx } from '../../src/platform/database';
import type { LeasedRun } from '../../src/sync/run';
import type { FailedRun, RunOutcome } from '../../src/sync/run-handler';
import { RunOutcomes } from '../../src/sync/run-outcomes';
import { RunRepository } from '../../src/sync/store/run.repository';
import { SyncLifecycle } from '../../src/sync/sync-lifecycle';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic, type Clinic } from '../support/clinic';
import { rowsOfIntegration } from '../support/rows-of-integration';

const USE = { calls: 7, traceParent: null };
const HEALTHY = `consecutive_errors = 0, failed_runs = 0, last_error = NULL, breaker = 'closed', breaker_cause = NULL,
  breaker_opened_at = NULL, probe_at = NULL`;
const OPEN = `breaker = 'open', breaker_cause = 'failures', breaker_opened_at = now()`;
const DOWN = { kind: 'failed', verdict: 'provider_down', message: 'It is down.' } as const satisfies RunOutcome;

/** What the end of a run, or the word of an outside worker, does to an integration, and what is told of it. */
describe('a run that did not succeed', () => {
  let running: TestApp;
  let clinic: Clinic;
  let mine: string;
  let others: string;

  beforeAll(async () => {
    // no worker: this test is all of them
    running = await startTestApp({ environment: { ROLE: 'api' } });
    others = (await (await makeClinic(running)).activate().expect(200)).body.data.id;
    clinic = await makeClinic(running);
    mine = (await clinic.activate().expect(200)).body.data.id;
  }, 60_000);
  afterAll(() => running.close());
  beforeEach(async () => {
    for (const table of ['sync_logs', 'sync_runs', 'events', 'provider_failures', 'provider_breakers']) {
      await clinic.sql(`DELETE FROM ${table}`);
    }
    await clinic.sql(`UPDATE sync_health SET ${HEALTHY}`);
    await clinic.sql(`UPDATE sync_schedules SET breaker_open = false, next_due_at = now() + interval '5 hours'`);
  });

  const inTransaction = <T>(work: (tx: Tx) => Promise<T>) => running.app.get(UnitOfWork).run(work);
  const outcomes = () => running.app.get(RunOutcomes, { strict: false });
  const integration = async () => (await running.app.get(IntegrationRepository).findById(mine))!;
  const sick = (how: string) => clinic.sql(`UPDATE sync_health SET ${how} WHERE integration_id = $1`, [mine]);
  const health = async () => (await clinic.sql('SELECT * FROM sync_health WHERE integration_id = $1', [mine]))[0]!;
  const schedule = async () => {
    const [row] = await clinic.sql(
      `SELECT breaker_open AS open, next_due_at < now() + interval '4 hours' AS early FROM sync_schedules
       WHERE integration_id = $1`,
      [mine],
    );
    return row;
  };
  const told = async (): Promise<[type: string, data: Record<string, unknown>][]> =>
    (await clinic.sql('SELECT type, data FROM events ORDER BY position')).map(({ type, data }) => [type, data]);
  const types = async () => (await told()).map(([type]) => type);
  const end = async (outcome: Parameters<RunOutcomes['record']>[3], kind = 'sync'): Promise<Record<string, any>> => {
    const id = randomUUID();
    await clinic.sql(
      `INSERT INTO sync_runs (id, integration_id, kind, lane, trigger, state, lease_owner, lease_until, fence)
       VALUES ($1, $2, $3, $3, 'manual', 'running', 'test', now() + interval '1 minute', 3)`,
      [id, mine, kind],
    );
    for (const [resource, status] of [
      ['customers', 'success'],
      ['products', 'syncing'],
      ['invoices', 'pending'],
    ]) {
      await clinic.sql(
        `INSERT INTO sync_logs (id, run_id, integration_id, provider, resource_type, status, job_type)
         VALUES (gen_random_uuid(), $1, $2, 'practicehub', $3, $4, 'manual')`,
        [id, mine, resource, status],
      );
    }
    const run = { id, fence: 3, integrationId: mine, kind, lane: kind } as LeasedRun;
    const beside = await rowsOfIntegration(clinic, others);
    await inTransaction(async (tx) => {
      const { current } = (await running.app.get(RunRepository).hold(tx, run))!;
      await outcomes().record(tx, run, current, outcome, USE);
    });
    expect(await rowsOfIntegration(clinic, others)).toEqual(beside);
    const [row] = await clinic.sql('SELECT * FROM sync_runs WHERE id = $1', [id]);
    const logs = await clinic.sql('SELECT status, error FROM sync_logs WHERE run_id = $1 ORDER BY resource_type', [id]);
    return { ...row, logs };
  };
  const logsThatSay = (error: string) => [
    { status: 'success', error: null },
    { status: 'skipped', error },
    { status: 'skipped', error },
  ];

  it('is told with its cause, and the schedule tries again soon', async () => {
    const run = await end(DOWN);
    expect(run).toMatchObject({
      state: 'failed',
      error_code: 'provider_error',
      error_verdict: 'provider_down',
      error: DOWN.message,
      calls: '7',
    });
    expect(run['logs']).toEqual(logsThatSay('Not reached: the run failed before.'));
    expect(await health()).toMatchObject({ consecutive_errors: 1, failed_runs: 1, last_error: DOWN.message });
    expect(await schedule()).toEqual({ open: false, early: true });
    const cause = { integrationId: mine, errorCode: 'provider_error', error: DOWN.message };
    expect(await told()).toEqual([
      ['integration.degraded', expect.objectContaining(cause)],
      ['sync.failed', expect.objectContaining({ ...cause, runId: run['id'] })],
    ]);
  });

  it('has the code that its failure names', async () => {
    expect(await end({ ...DOWN, code: 'provider_data' as never })).toMatchObject({ error_code: 'provider_data' });
  });

  it.each([
    ['says so itself', { ...DOWN, asScheduled: true }],
    ['will not pass by itself', { ...DOWN, verdict: 'contract' }],
  ] satisfies [string, FailedRun][])('leaves the schedule as it is where its failure %s', async (_why, outcome) => {
    await end(outcome);
    expect(await schedule()).toEqual({ open: false, early: false });
  });

  it('that was cancelled says nothing of the integration', async () => {
    const before = [await health(), await schedule()];
    const run = await end({ kind: 'cancelled' });
    expect(run).toMatchObject({ state: 'cancelled', error: null, calls: '7' });
    expect(run['logs']).toEqual(logsThatSay('The run was cancelled.'));
    expect([await health(), await schedule()]).toEqual(before);
    expect(await types()).toEqual([]);
  });

  it('and is no sync says nothing of the integration', async () => {
    const before = [await health(), await schedule()];
    expect(await end(DOWN, 'push')).toMatchObject({ state: 'failed', error: DOWN.message });
    expect([await health(), await schedule()]).toEqual(before);
    expect(await types()).toEqual([]);
  });

  it('is blamed on nobody in an outage, which only failures of the provider may be', async () => {
    await clinic.sql(
      `INSERT INTO provider_breakers (provider, environment, state, opened_at, retry_at)
       VALUES ('practicehub', 'sandbox', 'open', now(), now())`,
    );
    await end(DOWN);
    expect(await health()).toMatchObject({ consecutive_errors: 0, failed_runs: 1 });
    await end({ ...DOWN, verdict: 'contract' });
    expect(await health()).toMatchObject({ consecutive_errors: 1, failed_runs: 2 });
    const noted = await clinic.sql('SELECT merchant_id AS of, verdict FROM provider_failures');
    expect(noted).toEqual([{ of: clinic.merchantId, verdict: 'provider_down' }]);
  });

  describe('is told', () => {
    it.each([
      ['after a success', `failed_runs = 0`, 'provider_down', ['integration.degraded']],
      ['after another failure', `failed_runs = 1`, 'provider_down', []],
      ['where its credential is rejected', `failed_runs = 1`, 'auth', ['integration.credentials_rejected']],
      ['where its credential was rejected before', `failed_runs = 1, ${OPEN.replace('failures', 'auth')}`, 'auth', []],
      [
        'where failures had paused it before its credential is rejected',
        `failed_runs = 5, consecutive_errors = 5, ${OPEN}`,
        'auth',
        ['integration.credentials_rejected'],
      ],
      ['where it is one too many', `failed_runs = 4, consecutive_errors = 4`, 'provider_down', ['integration.paused']],
      ['where it was paused before', `failed_runs = 5, consecutive_errors = 5, ${OPEN}`, 'provider_down', []],
    ] as const)('%s', async (_when, before, verdict, expected) => {
      await sick(before);
      await end({ ...DOWN, verdict });
      expect((await types()).filter((type) => type !== 'sync.failed')).toEqual(expected);
      const open = !['after a success', 'after another failure'].includes(_when);
      expect(await schedule()).toMatchObject({ open });
      expect((await health())['breaker']).toBe(open ? 'open' : 'closed');
    });

    it('with the cause of a pause', async () => {
      await sick(`failed_runs = 4, consecutive_errors = 4`);
      await end(DOWN);
      expect((await told())[0]).toEqual(['integration.paused', expect.objectContaining({ cause: 'failures' })]);
    });

    it.each([
      [200, 'x'.repeat(200)],
      [201, `${'x'.repeat(199)}…`],
    ])('in no more than 200 characters: %i', async (length, error) => {
      await end({ ...DOWN, message: 'x'.repeat(length) });
      expect((await told()).map(([, data]) => data['error'])).toEqual([error, error]);
    });
  });

  describe('of an outside worker', () => {
    const lifecycle = () => running.app.get(SyncLifecycle, { strict: false });
    it('counts as one of our own', async () => {
      await inTransaction(async (tx) => lifecycle().outsideFailed(tx, await integration(), null));
      expect(await health()).toMatchObject({
        consecutive_errors: 1,
        failed_runs: 1,
        last_error: 'An outside worker reported a failed sync.',
        last_error_verdict: 'provider_down',
      });
      await inTransaction(async (tx) => lifecycle().outsideFailed(tx, await integration(), 'Theirs.'));
      expect(await health()).toMatchObject({ consecutive_errors: 2, last_error: 'Theirs.' });
      expect(await types()).toEqual(['integration.degraded']);
    });

    it.each([
      ['after failures', `failed_runs = 2`, ['integration.recovered']],
      ['after a pause', `failed_runs = 5, ${OPEN}`, ['integration.recovered', 'integration.resumed']],
      ['after a success', `failed_runs = 0`, []],
    ])('is forgotten with its next success: %s', async (_when, before, expected) => {
      await sick(before);
      await clinic.sql('UPDATE sync_schedules SET breaker_open = true');
      const beside = await rowsOfIntegration(clinic, others);
      await inTransaction(async (tx) => lifecycle().outsideSucceeded(tx, await integration()));
      expect(await health()).toMatchObject({ consecutive_errors: 0, failed_runs: 0, breaker: 'closed' });
      expect(await schedule()).toMatchObject({ open: false });
      expect(await types()).toEqual(expected);
      expect(await rowsOfIntegration(clinic, others)).toEqual(beside);
    });
  });
});
