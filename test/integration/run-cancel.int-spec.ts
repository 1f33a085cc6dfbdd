import { setTimeout as sleep } from 'node:timers/promises';
import { RunExecutor } from '../../src/sync/run-executor';
import { startTestApp, type TestApp } from '../support/app';
import { eventually } from '../support/eventually';
import { makePushingClinic, type PushingClinic } from '../support/pushes';

jest.setTimeout(60_000);

/** Longer than the test: it is no renewal of the lease that ends the run. */
const NEVER = { RUN_LEASE_SECONDS: '120' };

describe('a run that is cancelled while it waits for the provider', () => {
  let api: TestApp;
  let worker: TestApp;
  beforeAll(async () => {
    api = await startTestApp({ environment: { ...NEVER, ROLE: 'api' } });
    const { config } = api;
    worker = await startTestApp({
      databaseUrl: config.database.url,
      dataDir: config.dataDir,
      environment: { ...NEVER, ROLE: 'worker', SANDBOX_ORIGIN: config.sandboxOrigin ?? undefined },
    });
  }, 60_000);
  afterAll(async () => {
    api?.sandbox.practicehub.clearFaults();
    await worker?.close();
    await api?.close();
  });

  const waiting = async (path: string, ask: (clinic: PushingClinic) => Promise<unknown>): Promise<PushingClinic> => {
    const clinic = await makePushingClinic(api);
    const { practicehub } = api.sandbox;
    const match = { path, apiKey: clinic.accountKey };
    practicehub.addFaults([{ kind: 'hang', match }]);
    const asked = () => practicehub.requests({ apiKey: clinic.accountKey, path }).requests.length;
    const before = asked();
    await ask(clinic);
    await eventually(() => expect(asked()).toBeGreaterThan(before), 20_000);
    return clinic;
  };

  it.each([
    ['sync', '/patients', (clinic: PushingClinic) => clinic.call('post', '/sync').expect(200)],
    ['push', '/payments', (clinic: PushingClinic) => clinic.push('never-answered').expect(202)],
  ] as const)('is told so at once, on another process (%s)', async (_kind, path, ask) => {
    const clinic = await waiting(path, async (one) => ask(one));
    const executor = worker.app.get(RunExecutor, { strict: false });
    let ended = false;
    const end = executor.ended().then(() => (ended = true));
    await Promise.race([end, sleep(100)]);
    expect(ended).toBe(false);
    await clinic.call('post', '/deactivate').expect(200);
    // a call that changes something is given four seconds to end
    await eventually(() => expect(ended).toBe(true), 8_000);
  });
});
