import { sqlOf, UnitOfWork, type Tx } from '../../src/platform/database';
import type { BreakerChange } from '../../src/sync/breaker';
import { HealthRepository } from '../../src/sync/store/health.repository';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic, type Clinic } from '../support/clinic';
import { lockWaits } from '../support/lock-waits';

const FAILURE = { verdict: 'provider_down', code: 'provider_unavailable', message: 'It did not answer.' } as const;
const OPEN: BreakerChange = {
  consecutiveErrors: 5,
  breaker: 'open',
  cause: 'failures',
  probeInMs: 900_000,
  retryInMs: null,
};

describe('the health of an integration', () => {
  let running: TestApp;
  let clinic: Clinic;
  let health: HealthRepository;
  let id: string;
  let other: string;

  beforeAll(async () => {
    // no worker: this test is all of them
    running = await startTestApp({ environment: { ROLE: 'api' } });
    health = running.app.get(HealthRepository);
  }, 60_000);
  afterAll(() => running.close());
  beforeEach(async () => {
    other = (await (await makeClinic(running)).activate().expect(200)).body.data.id;
    clinic = await makeClinic(running);
    id = (await clinic.activate().expect(200)).body.data.id;
  });

  const inTransaction = <T>(work: (tx: Tx) => Promise<T>) => running.app.get(UnitOfWork).run(work);
  const row = async (of = id) => {
    const found = await clinic.sql('SELECT * FROM sync_health WHERE integration_id = $1', [of]);
    const { integration_id: _id, updated_at: _at, ...rest } = found[0]!;
    return rest;
  };
  const fail = (change: Partial<BreakerChange> = {}) =>
    inTransaction((tx) => health.fail(tx, id, { ...OPEN, ...change }, FAILURE));

  it('tells how the last run failed, and since when', async () => {
    const fresh = await row(other);
    await fail({ consecutiveErrors: 4, breaker: 'closed', cause: null, probeInMs: null });
    const first = await row();
    expect(first).toEqual({
      ...fresh,
      consecutive_errors: 4,
      failed_runs: 1,
      last_error: FAILURE.message,
      last_error_code: FAILURE.code,
      last_error_verdict: FAILURE.verdict,
      last_error_at: expect.any(Date),
      last_error_since: first['last_error_at'],
    });
    await fail();
    const second = await row();
    expect(second).toEqual({
      ...first,
      consecutive_errors: 5,
      failed_runs: 2,
      breaker: 'open',
      breaker_cause: 'failures',
      breaker_opened_at: second['last_error_at'],
      probe_at: new Date(second['last_error_at'].getTime() + 900_000),
      last_error_at: expect.any(Date),
    });
    expect(second['last_error_at'].getTime()).toBeGreaterThan(first['last_error_at'].getTime());
    // an open one was opened when it was opened, and its probe may stay where it is
    await fail({ probeInMs: 'kept' });
    expect(await row()).toMatchObject({
      breaker_opened_at: second['breaker_opened_at'],
      probe_at: second['probe_at'],
      last_error_since: first['last_error_at'],
    });
    await fail({ probeInMs: null });
    expect(await row()).toMatchObject({ probe_at: null });
    expect(await row(other)).toEqual(fresh);
  });

  it('is as new after a success, and after another activation', async () => {
    const fresh = await row(other);
    await fail();
    await inTransaction((tx) => health.markOutsideSyncing(tx, id, 60_000));
    await inTransaction((tx) => health.succeed(tx, id));
    const { last_sync_at: syncedAt, last_error_at: failedAt, ...rest } = await row();
    expect([syncedAt, failedAt]).toEqual([expect.any(Date), expect.any(Date)]);
    expect({ ...rest, last_sync_at: null, last_error_at: null }).toEqual(fresh);
    await fail();
    await inTransaction((tx) => health.markOutsideSyncing(tx, id, 60_000));
    await inTransaction((tx) => health.reset(tx, id));
    expect(await row()).toEqual(fresh);
    expect(await row(other)).toEqual(fresh);
  });

  it('counts from zero once its breaker is closed, and still tells how the last run failed', async () => {
    await inTransaction((tx) => health.succeed(tx, id));
    await fail();
    const [failed, others] = [await row(), await row(other)];
    await inTransaction((tx) => health.close(tx, id));
    expect(await row()).toEqual({
      ...failed,
      consecutive_errors: 0,
      failed_runs: 0,
      breaker: 'closed',
      breaker_cause: null,
      breaker_opened_at: null,
      probe_at: null,
    });
    expect(await row(other)).toEqual(others);
  });

  it('knows when somebody else has the account, until a run of ours says otherwise', async () => {
    await inTransaction((tx) => health.markOutsideSyncing(tx, id, 60_000));
    const { outside_syncing_until: until } = await row();
    expect(Math.abs(until.getTime() - Date.now() - 60_000)).toBeLessThan(30_000);
    expect(await row(other)).toMatchObject({ outside_syncing_until: null });
    await fail();
    expect(await row()).toMatchObject({ outside_syncing_until: null });
  });

  it('is read by one run after the other', async () => {
    await fail();
    let second: Promise<unknown> | undefined;
    await inTransaction(async (tx) => {
      expect(await health.lock(tx, id)).toMatchObject({ consecutiveErrors: 5, failedRuns: 1, breaker: 'open' });
      second = inTransaction((later) => health.lock(later, id));
      await lockWaits(clinic);
      await sqlOf(tx).execute('UPDATE sync_health SET failed_runs = 7 WHERE integration_id = $1', [id]);
    });
    expect(await second).toMatchObject({ failedRuns: 7 });
  });
});
