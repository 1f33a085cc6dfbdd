import { RunExecutor } from '../../src/sync/run-executor';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic, type Clinic } from '../support/clinic';
import { eventually } from '../support/eventually';

jest.setTimeout(60_000);

const LEASE_MS = 2_000;

/** A call to a provider may take longer than the lease of its run. */
describe('the lease of a run', () => {
  let running: TestApp;
  let clinic: Clinic;
  let runId: string;

  beforeAll(async () => {
    // no worker: this test has the runs executed
    running = await startTestApp({ environment: { ROLE: 'api', RUN_LEASE_SECONDS: String(LEASE_MS / 1_000) } });
  }, 60_000);
  afterAll(() => running.close());
  beforeEach(async () => {
    clinic = await makeClinic(running, { sizes: { patients: 3, '*': 0 } });
    const { id } = (await clinic.activate().expect(200)).body.data;
    runId = (await clinic.sql('SELECT id FROM sync_runs WHERE integration_id = $1', [id]))[0]!['id'];
  });
  afterEach(() => running.sandbox.practicehub.clearFaults());

  const run = async () => (await clinic.sql('SELECT * FROM sync_runs WHERE id = $1', [runId]))[0]!;
  const executed = (fault: object): Promise<void> => {
    running.sandbox.practicehub.addFaults([
      { ...fault, match: { path: '/patients', apiKey: clinic.accountKey } } as never,
    ]);
    return running.app.get(RunExecutor, { strict: false }).execute(runId, 1);
  };
  const asked = () =>
    eventually(() => {
      const { requests } = running.sandbox.practicehub.requests({ apiKey: clinic.accountKey, path: '/patients' });
      expect(requests.length).toBeGreaterThan(0);
    });
  /** Until the work of this process has ended, also that of a run which has given up its slot. */
  const ended = () => running.app.get(RunExecutor, { strict: false }).ended();
  const within = async (ms: number, what: Promise<unknown>): Promise<boolean> => {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<boolean>((resolve) => (timer = setTimeout(() => resolve(false), ms)));
    return Promise.race([what.then(() => true), late]).finally(() => clearTimeout(timer));
  };

  it('is renewed while the provider takes its time', async () => {
    await executed({ kind: 'delay', delayMs: 2.5 * LEASE_MS, times: 1 });
    await ended();
    expect(await run()).toMatchObject({ state: 'succeeded', fence: '1', attempt: 1, deaths: 0 });
  });

  it('that is somebody else’s ends the work long before the provider answers', async () => {
    await executed({ kind: 'hang' });
    await asked();
    await clinic.sql('UPDATE sync_runs SET fence = fence + 1 WHERE id = $1', [runId]);
    expect(await within(LEASE_MS, ended())).toBe(true);
    expect(await run()).toMatchObject({ state: 'running', fence: '2', error: null });
  });

  it('that cannot be renewed ends the work when it is about to lapse, and not before', async () => {
    await executed({ kind: 'hang' });
    await asked();
    await clinic.sql('ALTER TABLE sync_runs RENAME TO sync_runs_away');
    try {
      expect(await within(0.3 * LEASE_MS, ended())).toBe(false);
      expect(await within(LEASE_MS, ended())).toBe(true);
    } finally {
      await clinic.sql('ALTER TABLE sync_runs_away RENAME TO sync_runs');
    }
    expect(await run()).toMatchObject({ state: 'running', fence: '1', error: null });
  });
});
