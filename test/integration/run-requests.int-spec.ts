import { randomUUID } from 'node:crypto';
import { IntegrationRepository } from '../../src/integrations';
import { sqlOf, UnitOfWork } from '../../src/platform/database';
import { RunExecutor } from '../../src/sync/run-executor';
import { RunRequests, type RunRequest } from '../../src/sync/run-requests';
import { RunQueue } from '../../src/sync/run.queue';
import { RunRepository } from '../../src/sync/store/run.repository';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic, type Clinic } from '../support/clinic';
import { lockWaits } from '../support/lock-waits';

type Asked = Partial<Pick<RunRequest, 'kind' | 'fullResync' | 'resources' | 'trigger'>>;

/** At most one run of a lane works and one waits behind it, and nothing that was asked for is lost. */
describe('asking for a run', () => {
  let running: TestApp;
  let clinic: Clinic;
  let integrationId: string;
  let current: string;

  beforeAll(async () => {
    // no worker: runs stay where they are
    running = await startTestApp({ environment: { ROLE: 'api' } });
  }, 60_000);
  afterAll(() => running.close());
  beforeEach(async () => {
    clinic = await makeClinic(running);
    integrationId = (await clinic.activate().expect(200)).body.data.id;
    current = (await runs())[0]!.id;
  });

  const runs = () =>
    clinic.sql<{
      id: string;
      state: string;
      full_resync: boolean;
      resources: string[] | null;
      insists: boolean;
      attempt: number;
    }>('SELECT * FROM sync_runs WHERE integration_id = $1 ORDER BY created_at', [integrationId]);
  const begin = () => running.app.get(RunRepository).lease(current, 1, 'test', 60_000);
  const ask = (asked: Asked = {}) =>
    running.app.get(UnitOfWork).run(async (tx) => {
      await running.app.get(IntegrationRepository).lock(tx, integrationId);
      const request: RunRequest = { integrationId, kind: 'sync', trigger: 'manual', ...asked };
      return running.app.get(RunRequests).request(tx, request);
    });

  it('is answered by the live one where that does all of it', async () => {
    await begin();
    expect(await ask()).toEqual({ runId: current, created: false });
    expect(await ask({ resources: ['invoices'] })).toEqual({ runId: current, created: false });
    expect(await runs()).toHaveLength(1);
  });

  const more: [string, Asked][] = [
    ['reads everything anew', { fullResync: true }],
    ['is of another kind', { kind: 'erase' }],
  ];
  it.each(more)('is queued behind the live one where it %s', async (_name, asked) => {
    await begin();
    const { runId, created } = await ask(asked);
    expect(created).toBe(true);
    expect((await runs()).map(({ id, state }) => [id, state])).toEqual([
      [current, 'running'],
      [runId, 'waiting'],
    ]);
    // and what waits answers whoever asks for it once more
    expect(await ask(asked)).toEqual({ runId, created: false });
  });

  it('widens the one that waits, which does all that was asked of it before too', async () => {
    await begin();
    const { runId } = await ask({ fullResync: true, resources: ['customers'] });
    expect(await ask({ kind: 'erase' })).toEqual({ runId, created: false });
    const [, waiting] = await runs();
    expect(waiting).toMatchObject({ id: runId, state: 'waiting', kind: 'erase', full_resync: true, resources: null });
  });

  it('widens the one that waits to all resources, and to everything anew', async () => {
    await begin();
    await clinic.sql('UPDATE sync_runs SET resources = $2 WHERE id = $1', [current, ['customers']]);
    const { runId } = await ask({ resources: ['invoices'] });
    expect((await runs())[1]).toMatchObject({ full_resync: false, resources: ['invoices'] });
    expect(await ask({ resources: ['payments'] })).toEqual({ runId, created: false });
    expect((await runs())[1]).toMatchObject({ full_resync: false, resources: null });
    expect(await ask({ fullResync: true, resources: ['payments'] })).toEqual({ runId, created: false });
    expect((await runs())[1]).toMatchObject({ full_resync: true, resources: null });
  });

  it('is answered by the one that waits, which stays as it is where it does all of it', async () => {
    await begin();
    await clinic.sql('UPDATE sync_runs SET resources = $2 WHERE id = $1', [current, ['customers']]);
    const { runId } = await ask({ fullResync: true, resources: ['invoices', 'payments'] });
    const [, waiting] = await runs();
    for (const asked of [
      { resources: ['payments'] },
      { fullResync: true, resources: ['invoices'] },
    ] satisfies Asked[]) {
      expect(await ask(asked)).toEqual({ runId, created: false });
    }
    expect((await runs())[1]).toEqual(waiting);
  });

  it('is answered by the run of a dispatcher that came at the same moment', async () => {
    await clinic.sql(`UPDATE sync_runs SET state = 'succeeded' WHERE id = $1`, [current]);
    const due = randomUUID();
    let asked: ReturnType<typeof ask> | undefined;
    await running.app.get(UnitOfWork).run(async (tx) => {
      await sqlOf(tx).execute(
        `INSERT INTO sync_runs (id, integration_id, kind, lane, trigger, state) VALUES ($2, $1, 'sync', 'sync', 'scheduled', 'queued')`,
        [integrationId, due],
      );
      asked = ask();
      await lockWaits(clinic);
    });
    expect(await asked).toEqual({ runId: due, created: false });
    expect(await runs()).toHaveLength(2);
  });

  it('of some resources is answered by a live one that reads them, and of all by one that reads all', async () => {
    await clinic.sql('UPDATE sync_runs SET resources = $2 WHERE id = $1', [current, ['customers', 'products']]);
    await begin();
    expect(await ask({ resources: ['products'] })).toEqual({ runId: current, created: false });
    const { runId, created } = await ask();
    expect([runId === current, created]).toEqual([false, true]);
    expect((await runs()).map(({ state, resources }) => [state, resources])).toEqual([
      ['running', ['customers', 'products']],
      ['waiting', null],
    ]);
  });

  it('has its job in the queue as soon as it is committed, and one that waits has none', async () => {
    const queue = running.app.get(RunQueue);
    const size = await queue.size();
    await clinic.sql(`UPDATE sync_runs SET state = 'succeeded' WHERE id = $1`, [current]);
    current = (await ask()).runId;
    expect(await queue.size()).toBe(size + 1);
    await begin();
    await ask({ fullResync: true });
    expect(await queue.size()).toBe(size + 1);
    await clinic.sql(`UPDATE sync_runs SET state = 'queued', not_before = now() + interval '1 hour' WHERE id = $1`, [
      current,
    ]);
    await ask();
    expect(await queue.size()).toBe(size + 2);
  });

  it.each(['succeeded', 'failed'])(
    'has its job in the queue when the run that it waits behind has %s',
    async (state) => {
      const { runId } = await ask({ fullResync: true });
      const match = { apiKey: clinic.accountKey };
      if (state === 'failed') running.sandbox.practicehub.addFaults([{ kind: 'wrong-json', match }]);
      const { attempt } = (await runs())[0]!;
      const size = await running.app.get(RunQueue).size();
      await running.app.get(RunExecutor).execute(current, attempt);
      running.sandbox.practicehub.clearFaults();
      expect((await runs()).map(({ id, state: now }) => [id, now])).toEqual([
        [current, state],
        [runId, 'queued'],
      ]);
      expect(await running.app.get(RunQueue).size()).toBe(size + 1);
    },
  );

  it('ends with what is live when all is cancelled, and the log says so', async () => {
    await begin();
    const { runId } = await ask({ fullResync: true });
    for (const [of, status] of [
      ['customers', 'success'],
      ['invoices', 'syncing'],
    ]) {
      await clinic.sql(
        `INSERT INTO sync_logs (id, run_id, integration_id, provider, resource_type, status, job_type)
         VALUES (gen_random_uuid(), $1, $2, 'practicehub', $3, $4, 'manual')`,
        [current, integrationId, of, status],
      );
    }
    await running.app.get(UnitOfWork).run((tx) => running.app.get(RunRequests).cancelAll(tx, integrationId));
    expect((await runs()).map(({ id, state }) => [id, state])).toEqual([
      [current, 'cancelled'],
      [runId, 'cancelled'],
    ]);
    expect(
      await clinic.sql('SELECT status, error FROM sync_logs WHERE run_id = $1 ORDER BY resource_type', [current]),
    ).toEqual([
      { status: 'success', error: null },
      { status: 'skipped', error: 'The run was cancelled.' },
    ]);
  });

  it('by a person lets a delayed run start at once; by the schedule it does not', async () => {
    await clinic.sql(`UPDATE sync_runs SET not_before = now() + interval '1 hour', attempt = 3 WHERE id = $1`, [
      current,
    ]);
    await ask({ trigger: 'scheduled' });
    expect((await runs())[0]).toMatchObject({ attempt: 3, insists: false });
    await ask();
    expect((await runs())[0]).toMatchObject({ attempt: 4, insists: true, not_before: null });
  });

  it('by a person that has to wait behind a delayed run lets that one start at once', async () => {
    await clinic.sql(`UPDATE sync_runs SET not_before = now() + interval '1 hour', attempt = 3 WHERE id = $1`, [
      current,
    ]);
    expect((await ask({ fullResync: true })).created).toBe(true);
    expect((await runs())[0]).toMatchObject({ attempt: 4, insists: true, not_before: null });
  });
});
