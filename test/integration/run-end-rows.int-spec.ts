import { randomUUID } from 'node:crypto';
import { sqlOf, UnitOfWork, type Tx } from '../../src/platform/database';
import type { LeasedRun } from '../../src/sync/run';
import { RunOutcomes } from '../../src/sync/run-outcomes';
import { RunEndRepository } from '../../src/sync/store/run-end.repository';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic, type Clinic } from '../support/clinic';
import { lockWaits } from '../support/lock-waits';
import { rowsOfIntegration } from '../support/rows-of-integration';

const USE = { calls: 7, traceParent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` };
const FAILED = `consecutive_errors = 2, failed_runs = 2, last_error = 'it failed', last_error_verdict = 'network',
  breaker = 'open', breaker_cause = 'failures', breaker_opened_at = now()`;
const CLOSED = `breaker = 'closed', breaker_cause = NULL, breaker_opened_at = NULL`;

/** What the statement that ends a successful run writes, and what it leaves alone. */
describe('the end of a run that succeeded', () => {
  let running: TestApp;
  let clinic: Clinic;
  let ends: RunEndRepository;
  let mine: string;
  let others: string;

  beforeAll(async () => {
    // no worker: this test is all of them
    running = await startTestApp({ environment: { ROLE: 'api' } });
    ends = running.app.get(RunEndRepository, { strict: false });
    others = (await (await makeClinic(running)).activate().expect(200)).body.data.id;
    clinic = await makeClinic(running);
    mine = (await clinic.activate().expect(200)).body.data.id;
  }, 60_000);
  afterAll(() => running.close());
  beforeEach(async () => {
    await clinic.sql('DELETE FROM sync_logs');
    await clinic.sql('DELETE FROM sync_runs');
    await clinic.sql(`DELETE FROM events`);
    await clinic.sql(`UPDATE sync_health SET ${FAILED}`);
    await clinic.sql('UPDATE sync_schedules SET breaker_open = true');
  });

  const inTransaction = <T>(work: (tx: Tx) => Promise<T>) => running.app.get(UnitOfWork).run(work);
  const soon = () => new Date(Date.now() + 60_000);
  const runIn = async (state: string, fields: Record<string, unknown> = {}): Promise<LeasedRun> => {
    const lease = state === 'running' ? { lease_owner: 'test', lease_until: soon(), fence: 3 } : {};
    const id = randomUUID();
    const all = { id, integration_id: mine, kind: 'sync', lane: 'sync', trigger: 'manual', state, ...lease, ...fields };
    const names = Object.keys(all);
    await clinic.sql(
      `INSERT INTO sync_runs (${names.join(', ')}) VALUES (${names.map((_, index) => `$${index + 1}`).join(', ')})`,
      Object.values(all),
    );
    return { id, fence: 3, integrationId: all.integration_id, kind: all.kind, lane: all.lane } as LeasedRun;
  };
  const succeed = (run: LeasedRun) => inTransaction((tx) => ends.succeed(tx, run, USE));
  const row = async (id: string) => (await clinic.sql('SELECT * FROM sync_runs WHERE id = $1', [id]))[0]!;
  const health = async (of = mine) =>
    (await clinic.sql('SELECT * FROM sync_health WHERE integration_id = $1', [of]))[0]!;
  const breakerOpen = async () =>
    (await clinic.sql('SELECT breaker_open FROM sync_schedules WHERE integration_id = $1', [mine]))[0]!['breaker_open'];

  it('closes the run, its health and its schedule, of one integration', async () => {
    const before = await rowsOfIntegration(clinic, others);
    const run = await runIn('running');
    await runIn('succeeded');
    expect(await succeed(run)).toMatchObject({
      integration: { id: mine, merchantId: clinic.merchantId, provider: 'practicehub' },
      before: { failedRuns: 2, breaker: 'open' },
      next: null,
    });
    expect(await row(run.id)).toMatchObject({
      state: 'succeeded',
      finished_at: expect.any(Date),
      lease_owner: null,
      lease_until: null,
      calls: expect.anything(),
      trace_parent: USE.traceParent,
    });
    expect(Number((await row(run.id))['calls'])).toBe(7);
    expect(await health()).toMatchObject({
      consecutive_errors: 0,
      failed_runs: 0,
      breaker: 'closed',
      breaker_opened_at: null,
      last_sync_at: expect.any(Date),
    });
    expect(await breakerOpen()).toBe(false);
    expect(await rowsOfIntegration(clinic, others)).toEqual(before);
  });

  it.each([
    ['somebody else holds', {}, { fence: 4 }],
    ['has lapsed', { lease_until: new Date(Date.now() - 1_000) }, {}],
    ['was cancelled', { state: 'cancelled', lease_until: soon() }, {}],
    ['is of another integration', {}, { integrationId: 'others' }],
  ])('of a lease that %s writes nothing', async (_how, fields, more) => {
    const run = await runIn('running', fields);
    const before = [await rowsOfIntegration(clinic, mine), await rowsOfIntegration(clinic, others)];
    const asked = { ...run, ...more, ...('integrationId' in more && { integrationId: others }) } as LeasedRun;
    expect(await succeed(asked)).toBeNull();
    expect([await rowsOfIntegration(clinic, mine), await rowsOfIntegration(clinic, others)]).toEqual(before);
  });

  it('is of this run alone, and writes no schedule that has nothing to forget', async () => {
    await clinic.sql(`UPDATE sync_schedules SET breaker_open = false, toggled_off = true, next_due_at = '2026-01-01'`);
    const schedule = async () => (await rowsOfIntegration(clinic, mine))['sync_schedules'];
    const before = await schedule();
    const beside = await runIn('running', { kind: 'push', lane: 'push' });
    expect(await succeed(await runIn('running'))).not.toBeNull();
    expect(await row(beside.id)).toMatchObject({ state: 'running', finished_at: null });
    expect(await schedule()).toEqual(before);
    await clinic.sql('UPDATE sync_schedules SET toggled_off = false');
  });

  it.each([
    ['whoever holds its integration', 'SELECT FROM integrations WHERE id = $1 FOR NO KEY UPDATE', {}],
    [
      'a cancellation, which goes before it',
      `UPDATE sync_runs SET state = 'cancelled' WHERE integration_id = $1`,
      null,
    ],
    [
      'another end, and knows the failures that it told of',
      'UPDATE sync_health SET failed_runs = 7 WHERE integration_id = $1',
      { before: { failedRuns: 7, breaker: 'open' } },
    ],
  ])('waits for %s', async (_whom, statement, expected) => {
    const run = await runIn('running');
    let ended: ReturnType<typeof succeed> | undefined;
    await inTransaction(async (tx) => {
      await sqlOf(tx).execute(statement, [mine]);
      ended = succeed(run);
      await lockWaits(clinic);
    });
    if (expected === null) expect(await ended).toBeNull();
    else expect(await ended).toMatchObject(expected);
    expect(await row(run.id)).toMatchObject({ state: expected === null ? 'cancelled' : 'succeeded' });
  });

  it('that is no sync says nothing of health and schedule', async () => {
    const before = await health();
    const run = await runIn('running', { kind: 'push', lane: 'push' });
    expect(await succeed(run)).not.toBeNull();
    expect([await health(), await breakerOpen()]).toEqual([before, true]);
    expect(await row(run.id)).toMatchObject({ state: 'succeeded' });
  });

  it('lets the run that waits behind it in its lane begin, when its time has come', async () => {
    const run = await runIn('running');
    const next = await runIn('waiting', { attempt: 2, not_before: soon(), due_at: '2026-01-01' });
    const beside = [
      await runIn('waiting', { kind: 'push', lane: 'push' }),
      await runIn('waiting', { integration_id: others }),
    ];
    const ended = await succeed(run);
    expect(ended!.next).toMatchObject({ id: next.id, attempt: 2, delayMs: expect.any(Number) });
    expect(Math.abs(ended!.next!.delayMs - 60_000)).toBeLessThan(20_000);
    expect(await row(next.id)).toMatchObject({ state: 'queued' });
    expect(Math.abs((await row(next.id))['due_at'].getTime() - Date.now())).toBeLessThan(20_000);
    for (const { id } of beside) expect(await row(id)).toMatchObject({ state: 'waiting' });
  });

  it('counts what its own log entries say', async () => {
    const run = await runIn('running');
    const earlier = await runIn('succeeded');
    for (const [index, { id }] of [run, run, earlier].entries()) {
      await clinic.sql(
        `INSERT INTO sync_logs (id, run_id, integration_id, provider, resource_type, status, job_type, records_created,
           records_updated, records_deleted)
         VALUES (gen_random_uuid(), $2, $1, 'practicehub', $3, 'success', 'manual', 1, 20, 300)`,
        [mine, id, ['customers', 'products', 'customers'][index]],
      );
    }
    expect((await succeed(run))!.changes).toEqual({ recordsCreated: 2, recordsUpdated: 40, recordsDeleted: 600 });
  });

  describe('is told', () => {
    const told = async () => (await clinic.sql('SELECT type FROM events ORDER BY position')).map(({ type }) => type);
    const end = async (before: string, kind = 'sync') => {
      await clinic.sql(`UPDATE sync_health SET ${before} WHERE integration_id = $1`, [mine]);
      const run = await runIn('running', { kind, lane: kind });
      await inTransaction((tx) => running.app.get(RunOutcomes, { strict: false }).succeed(tx, run, USE));
      return told();
    };
    it.each([
      ['after failures', CLOSED, ['integration.recovered']],
      ['after a breaker that a person closed half', `failed_runs = 0, breaker = 'half_open'`, ['integration.resumed']],
      ['after failures that opened the breaker', `failed_runs = 5`, ['integration.recovered', 'integration.resumed']],
      ['after a success', `failed_runs = 0, ${CLOSED}`, []],
    ])('%s', async (_when, before, expected) => {
      const types = (await end(before)).filter((type: string) => type.startsWith('integration.'));
      expect(types).toEqual(expected);
    });

    it('of no run that is no sync', async () => {
      expect(await end(`failed_runs = 5`, 'push')).toEqual([]);
      expect(await end(`failed_runs = 0, ${CLOSED}`)).toEqual(['sync.completed']);
    });
  });
});
