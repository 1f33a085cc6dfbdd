import { setTimeout as sleep } from 'node:timers/promises';
import { IntegrationRepository, type Integration } from '../../src/integrations';
import { sqlOf, UnitOfWork, type Tx } from '../../src/platform/database';
import type { Stream } from '../../src/providers';
import { EMPTY_CURSOR } from '../../src/sync/cursor';
import { PageCommit } from '../../src/sync/page-commit';
import { commitRow } from '../../src/sync/page-rows';
import { FencedOut, type LeasedRun } from '../../src/sync/run';
import { RunExecutor } from '../../src/sync/run-executor';
import type { RunOutcome } from '../../src/sync/run-handler';
import { RunRepository } from '../../src/sync/store/run.repository';
import { SyncExtensions } from '../../src/sync/sync-extensions';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic, type Clinic } from '../support/clinic';
import { lockWaits } from '../support/lock-waits';
import { commitPages, PAGES } from '../support/pages';
import { patient } from '../support/rows';

describe('the right to write', () => {
  let running: TestApp;
  let clinic: Clinic;
  let integration: Integration;
  let integrations: IntegrationRepository;
  let runs: RunRepository;
  let runId: string;

  beforeAll(async () => {
    // no worker: this test is all of them
    running = await startTestApp({ environment: { ROLE: 'api' } });
    runs = running.app.get(RunRepository);
    integrations = running.app.get(IntegrationRepository);
  }, 60_000);
  afterAll(() => running.close());
  beforeEach(async () => {
    clinic = await makeClinic(running);
    const { body } = await clinic.activate().expect(200);
    integration = (await integrations.findById(body.data.id))!;
    runId = (await clinic.sql('SELECT id FROM sync_runs WHERE integration_id = $1', [integration.id]))[0]!['id'];
  });
  afterEach(() => jest.restoreAllMocks());

  const inTransaction = <T>(work: (tx: Tx) => Promise<T>) => running.app.get(UnitOfWork).run(work);
  const lease = async (ms = 30_000, owner = 'test') => (await runs.lease(runId, 1, owner, ms))!;
  const lapse = () =>
    clinic.sql(`UPDATE sync_runs SET lease_until = now() - interval '1 second' WHERE id = $1`, [runId]);
  const row = async () => (await clinic.sql('SELECT * FROM sync_runs WHERE id = $1', [runId]))[0]!;
  const write = (run: LeasedRun) => {
    const stream = { key: 'patients', resource: 'customers' } as Stream;
    const rows = [commitRow(patient('1'), PAGES.reading)];
    return commitPages(
      running.app.get(PageCommit),
      { run, integration, stream },
      rows,
      () => ({ cursor: EMPTY_CURSOR }),
      PAGES,
    );
  };

  describe('a lease', () => {
    it('is prolonged for its holder', async () => {
      const run = await lease(1_000);
      expect(await runs.renew(run, 60_000)).toBe(true);
      expect((await row())['lease_until'].getTime()).toBeGreaterThan(Date.now() + 30_000);
    });

    it('that has lapsed is not prolonged, also when nobody has taken the run over', async () => {
      const run = await lease();
      await lapse();
      const before = await row();
      expect(await runs.renew(run, 60_000)).toBe(false);
      expect(await row()).toEqual(before);
    });

    it('of somebody else is not prolonged', async () => {
      const old = await lease();
      await lapse();
      const taken = await lease(30_000, 'another');
      const before = await row();
      expect(await runs.renew(old, 600_000)).toBe(false);
      expect(await row()).toEqual(before);
      expect(await runs.renew(taken, 60_000)).toBe(true);
    });

    it('of a run that has ended is not prolonged', async () => {
      const run = await lease();
      await clinic.sql(`UPDATE sync_runs SET state = 'cancelled' WHERE id = $1`, [runId]);
      expect(await runs.renew(run, 60_000)).toBe(false);
    });

    it('that is good is not taken by another', async () => {
      await lease();
      expect(await runs.lease(runId, 1, 'another', 30_000)).toBeNull();
    });
  });

  it('a take-over waits for a commit that has begun, so that it goes on from what that has stored', async () => {
    const run = await lease(1_000);
    let takeOver: Promise<LeasedRun | null> | undefined;
    await inTransaction(async (tx) => {
      expect(await runs.hold(tx, run)).not.toBeNull();
      // a commit that is slower than the lease
      await sleep(1_200);
      takeOver = runs.lease(runId, 1, 'another', 30_000);
      await lockWaits(clinic);
    });
    expect(await takeOver).toMatchObject({ fence: Number(run.fence) + 1 });
  });

  const changes: [string, string][] = [
    ['has another account', 'epoch = epoch + 1'],
    ['is no longer active', `state = 'inactive'`],
  ];
  it.each(changes)(
    'a commit waits for who changes the integration, and writes nothing when it %s then',
    async (_name, change) => {
      const run = await lease();
      let commit: Promise<unknown> | undefined;
      await inTransaction(async (tx) => {
        await integrations.lock(tx, integration.id);
        commit = write(run).catch((error: unknown) => error);
        await lockWaits(clinic);
        await sqlOf(tx).execute(`UPDATE integrations SET ${change} WHERE id = $1`, [integration.id]);
      });
      expect(await commit).toBeInstanceOf(FencedOut);
      expect(await clinic.records('customers')).toEqual([]);
    },
  );

  it('a commit does not write for the account before', async () => {
    const run = await lease();
    await clinic.sql(`UPDATE integrations SET epoch = epoch + 1 WHERE id = $1`, [integration.id]);
    await expect(write(run)).rejects.toThrow(FencedOut);
    expect(await clinic.records('customers')).toEqual([]);
  });

  it('two who change an integration take turns, by its id and by its slot', async () => {
    const { merchantId, environment, provider } = integration;
    for (const lock of [
      (tx: Tx) => integrations.lock(tx, integration.id),
      (tx: Tx) => integrations.lockByKey(tx, { merchantId, environment, provider }),
    ]) {
      let second: Promise<Integration | null> | undefined;
      await inTransaction(async (tx) => {
        await lock(tx);
        second = inTransaction(lock);
        await lockWaits(clinic);
        await integrations.configure(tx, integration.id, { syncIntervalMinutes: 77 });
      });
      expect((await second)!.configuration.syncIntervalMinutes).toBe(77);
    }
  });

  const outcomes: [string, RunOutcome][] = [
    ['a rejected credential', { kind: 'failed', verdict: 'auth', message: 'rejected' }],
    ['an outage', { kind: 'failed', verdict: 'provider_down', message: 'down' }],
    ['a success', { kind: 'succeeded' }],
    ['a turn handed back', { kind: 'yielded', notBeforeMs: 60_000, reason: 'rate_limited' }],
  ];
  it.each(outcomes)('%s of a worker that has lost its run reaches nothing', async (_name, outcome) => {
    await clinic.sql(`UPDATE sync_health SET consecutive_errors = 2, failed_runs = 2 WHERE integration_id = $1`, [
      integration.id,
    ]);
    const state = async () => ({
      health: await clinic.sql('SELECT * FROM sync_health WHERE integration_id = $1', [integration.id]),
      schedule: await clinic.sql('SELECT * FROM sync_schedules WHERE integration_id = $1', [integration.id]),
      run: await row(),
    });
    let taken: Awaited<ReturnType<typeof state>> | undefined;
    jest.spyOn(running.app.get(SyncExtensions), 'handlerOf').mockReturnValue({
      kind: 'sync',
      execute: async () => {
        await lapse();
        expect(await runs.lease(runId, 1, 'another', 30_000)).not.toBeNull();
        taken = await state();
        return outcome;
      },
    });
    await running.app.get(RunExecutor).execute(runId, 1);
    expect(taken).toBeDefined();
    expect(await state()).toEqual(taken);
  });
});
