import { Client } from 'pg';
import { startTestApp, type TestApp } from '../support/app';
import { eventually } from '../support/eventually';
import { startTestProcess, type TestProcess } from '../support/process';
import { makePushingClinic, pushing, type PushingClinic } from '../support/pushes';

jest.setTimeout(240_000);

/** Workers are processes of their own, killed with SIGKILL; the simulator and the API live on in this one. */
describe('a worker that is killed in the middle of a push', () => {
  let running: TestApp;
  let clinic: PushingClinic;
  let worker: TestProcess;
  let nextInvoice = 0;

  const startWorker = async (): Promise<void> => {
    worker = await startTestProcess({
      DATABASE_URL: running.config.database.url,
      DATA_DIR: running.config.dataDir,
      ROLE: 'worker',
      // the simulator of another process is a private address like any other
      OUTBOUND_ALLOW_PRIVATE: 'true',
    });
    await worker.ready();
  };
  /** Nobody holds the dead worker's runs any more; otherwise that takes a lease's time. */
  const lapse = () =>
    clinic.sql(`UPDATE sync_runs SET lease_until = now() - interval '1 second' WHERE state = 'running'`);

  beforeAll(async () => {
    running = await startTestApp({ environment: { ROLE: 'api' } });
    await startWorker();
    clinic = await makePushingClinic(running, { invoices: 12 });
  });
  afterAll(async () => {
    await worker?.kill();
    await running?.close();
  });
  // one that failed leaves no worker behind for the next
  beforeEach(async () => {
    if (worker.child.exitCode !== null || worker.child.signalCode !== null) await startWorker();
  });
  afterEach(() => running.sandbox.practicehub.clearFaults());

  const simulator = () => running.sandbox.practicehub;
  const STAGES = [
    { stage: 'creation', path: '/payments', during: 'creating', effect: 'payments' },
    { stage: 'allocation', path: '/payment_allocations', during: 'allocating', effect: 'allocations' },
    { stage: 'note', path: '/patient_logs', during: 'logging', effect: 'logs' },
  ] as const;
  type Stage = (typeof STAGES)[number];

  const begin = async (label: string): Promise<{ id: string; one: PushingClinic }> => {
    const one = pushing(running, clinic, [clinic.invoices[nextInvoice++]!]);
    return { id: await one.pushed(label), one };
  };
  const posts = (path: string) =>
    simulator()
      .requests({ apiKey: clinic.accountKey, path })
      .requests.filter(({ method }) => method === 'POST').length;
  const fault = ({ path }: Stage, rule: object) =>
    simulator().addFaults([
      { kind: 'hang', times: 1, ...rule, match: { method: 'POST', path, apiKey: clinic.accountKey } },
    ]);
  const counts = async (id: string) => {
    const found = await clinic.truth(id);
    return { payments: found.payments.length, allocations: found.allocations.length, logs: found.logs.length };
  };

  const goesOn = async (id: string): Promise<void> => {
    await worker.kill();
    simulator().clearFaults();
    await lapse();
    await startWorker();
    await eventually(async () => {
      await clinic.hurry();
      expect((await clinic.row(id))['status']).toBe('pushed');
    }, 60_000);
    expect(await counts(id)).toEqual({ payments: 1, allocations: 1, logs: 1 });
  };

  it.each(STAGES)('after the $stage took effect and before its answer came, pays once', async (stage) => {
    fault(stage, { afterEffect: true });
    const { id } = await begin(`kill-answer-${stage.stage}`);
    await eventually(async () => expect((await counts(id))[stage.effect]).toBe(1), 60_000);
    expect((await clinic.row(id))['step']).toBe(stage.during);
    await goesOn(id);
  });

  it.each(STAGES)('after the answer of the $stage came and before it was recorded, pays once', async (stage) => {
    fault(stage, { kind: 'delay', delayMs: 1_000 });
    const { id } = await begin(`kill-record-${stage.stage}`);
    await eventually(async () => expect((await clinic.row(id))['step']).toBe(stage.during), 60_000, 10);
    const lock = new Client({ connectionString: running.config.database.url });
    await lock.connect();
    try {
      await lock.query('BEGIN');
      await lock.query('SELECT 1 FROM integrations WHERE merchant_id = $1 FOR UPDATE', [clinic.merchantId]);
      await eventually(async () => expect((await counts(id))[stage.effect]).toBe(1));
      await new Promise((resolve) => setTimeout(resolve, 200));
      expect((await clinic.row(id))['step']).toBe(stage.during);
      await worker.kill();
      await lock.query('ROLLBACK');
    } finally {
      await lock.end();
    }
    await goesOn(id);
  });

  it.each(STAGES.slice(1))('before the $stage took effect, does it again, once', async (stage) => {
    const before = posts(stage.path);
    fault(stage, {});
    const { id } = await begin(`kill-before-${stage.stage}`);
    await eventually(() => expect(posts(stage.path)).toBe(before + 1), 60_000);
    await goesOn(id);
  });

  it('before the creation took effect, never sends it again: it is held for review', async () => {
    const [creation] = STAGES;
    const before = posts(creation.path);
    fault(creation, {});
    const { id } = await begin('kill-before-creation');
    await eventually(() => expect(posts(creation.path)).toBe(before + 1), 60_000);
    await worker.kill();
    simulator().clearFaults();
    await lapse();
    await startWorker();
    await eventually(async () => {
      await clinic.hurry();
      expect((await clinic.row(id))['status']).toBe('needs_review');
    }, 60_000);
    expect(posts(creation.path)).toBe(before + 1);
    expect(await counts(id)).toEqual({ payments: 0, allocations: 0, logs: 0 });
  });

  it('by a polite signal, waits for the answer and records it: nothing has to be searched for', async () => {
    const [creation] = STAGES;
    const before = posts(creation.path);
    fault(creation, { kind: 'delay', delayMs: 1_500 });
    const { id } = await begin('terminated');
    await eventually(() => expect(posts(creation.path)).toBe(before + 1), 60_000);
    worker.child.kill('SIGTERM');
    expect(await worker.ended).toBe(0);
    expect(await clinic.row(id)).toMatchObject({ status: 'queued', step: 'created' });
    await startWorker();
    await eventually(async () => expect((await clinic.row(id))['status']).toBe('pushed'), 60_000);
    expect(await counts(id)).toEqual({ payments: 1, allocations: 1, logs: 1 });
  });
});
