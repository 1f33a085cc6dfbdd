import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { UnitOfWork } from '../../src/platform/database';
import { leaseOwner } from '../../src/platform/lease';
import { Reconciler } from '../../src/sync/reconciler';
import { RunExecutor } from '../../src/sync/run-executor';
import { RunQueue } from '../../src/sync/run.queue';
import { RunRepository } from '../../src/sync/store/run.repository';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic, type Clinic } from '../support/clinic';

describe('a run whose workers die', () => {
  let running: TestApp;
  let clinic: Clinic;
  let runs: RunRepository;
  let integrationId: string;
  let runId: string;

  beforeAll(async () => {
    // no worker: this test is all of them
    running = await startTestApp({ environment: { ROLE: 'api' } });
    runs = running.app.get(RunRepository);
  }, 60_000);
  afterAll(() => running.close());
  beforeEach(async () => {
    clinic = await makeClinic(running, { sizes: { patients: 3, '*': 0 } });
    integrationId = (await clinic.activate().expect(200)).body.data.id;
    runId = (await clinic.sql('SELECT id FROM sync_runs WHERE integration_id = $1', [integrationId]))[0]!['id'];
  });

  const run = async () => (await clinic.sql('SELECT * FROM sync_runs WHERE id = $1', [runId]))[0]!;
  const nextDue = async () =>
    (await clinic.sql('SELECT next_due_at AS at FROM sync_schedules WHERE integration_id = $1', [integrationId]))[0]![
      'at'
    ];
  /**
   * One takes the run and is never heard of again. `found` by the reconciler, or by the next worker that gets its job.
   */
  const dies = async (found: 'reconciler' | 'worker') => {
    const { attempt } = await run();
    if ((await run())['state'] === 'queued') expect(await runs.lease(runId, attempt, 'dead', 30_000)).not.toBeNull();
    await clinic.sql(`UPDATE sync_runs SET lease_until = now() - interval '1 second' WHERE id = $1`, [runId]);
    if (found === 'reconciler') expect(await runs.freeDead(10)).toHaveLength(1);
    else expect(await runs.lease(runId, attempt, 'next', 30_000)).not.toBeNull();
  };
  const executed = async () => {
    await running.app.get(RunExecutor).execute(runId, (await run())['attempt']);
    return run();
  };

  it('has another try after two', async () => {
    await dies('reconciler');
    await dies('reconciler');
    expect(await executed()).toMatchObject({ state: 'succeeded', deaths: 2 });
  });

  it.each(['reconciler', 'worker'] as const)(
    'fails as internal after three, and comes again as scheduled (%s)',
    async (found) => {
      const before = await nextDue();
      await dies(found);
      await dies(found);
      await dies('reconciler');
      expect(await executed()).toMatchObject({
        state: 'failed',
        error_verdict: 'internal',
        error_code: 'internal_error',
      });
      expect(await nextDue()).toEqual(before);
      const { status, providerState } = await clinic.integration();
      expect({ status, errors: providerState.consecutiveErrors }).toEqual({ status: 'error', errors: 0 });
    },
  );

  it('is taken up at once when its worker was killed beside the reconciler, and not when it is frozen', async () => {
    const child = spawn('sleep', ['600'], { stdio: 'ignore' });
    await once(child, 'spawn');
    const reconciler = new Reconciler(runs, running.app.get(RunQueue));
    expect(await runs.lease(runId, (await run())['attempt'], leaseOwner(child.pid), 600_000)).not.toBeNull();
    child.kill('SIGSTOP');
    await reconciler.tick();
    expect((await run())['state']).toBe('running');
    child.kill('SIGKILL');
    await once(child, 'exit');
    await reconciler.tick();
    expect(await run()).toMatchObject({ state: 'queued', deaths: 1, attempt: 2 });
  });

  it('begins anew after a turn that it handed back', async () => {
    await dies('reconciler');
    await dies('reconciler');
    const leased = (await runs.lease(runId, (await run())['attempt'], 'alive', 30_000))!;
    await running.app
      .get(UnitOfWork)
      .run((tx) => runs.requeue(tx, leased, { notBeforeMs: 0, reason: null }, { calls: 0, traceParent: null }));
    await dies('reconciler');
    expect(await executed()).toMatchObject({ state: 'succeeded' });
  });
});
