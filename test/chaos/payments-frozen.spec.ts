import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { startTestApp, type TestApp } from '../support/app';
import { eventually } from '../support/eventually';
import { startTestProcess, type TestProcess } from '../support/process';
import { makePushingClinic, type PushingClinic } from '../support/pushes';

jest.setTimeout(240_000);

const LEASE_MS = 3_000;

/** SIGSTOP: every wait of the worker ends at once when it wakes up, and its lease is long over. */
describe('a worker that is frozen between the mark and the call, for longer than its lease', () => {
  let running: TestApp;
  let clinic: PushingClinic;
  let worker: TestProcess;
  let nextInvoice = 0;

  beforeAll(async () => {
    running = await startTestApp({ environment: { ROLE: 'api' } });
    worker = await startTestProcess({
      DATABASE_URL: running.config.database.url,
      DATA_DIR: running.config.dataDir,
      ROLE: 'worker',
      OUTBOUND_ALLOW_PRIVATE: 'true',
      RUN_LEASE_SECONDS: String(LEASE_MS / 1_000),
    });
    await worker.ready();
    clinic = await makePushingClinic(running, { invoices: 3 });
    await clinic.settled();
  });
  afterAll(async () => {
    worker?.child.kill('SIGCONT');
    await worker?.kill();
    await running?.close();
  });
  afterEach(() => running.sandbox.practicehub.clearFaults());

  const posts = () =>
    running.sandbox.practicehub
      .requests({ apiKey: clinic.accountKey, path: '/payments' })
      .requests.filter(({ method }) => method === 'POST').length;
  const begin = (label: string) => clinic.pushed(label, { externalInvoiceId: clinic.invoices[nextInvoice++] });
  const frozen = async (id: string, meanwhile: () => Promise<unknown> = async () => undefined) => {
    expect((await clinic.row(id))['step']).toBe('creating');
    worker.child.kill('SIGSTOP');
    const before = posts();
    await sleep(LEASE_MS + 1_000);
    await meanwhile();
    worker.child.kill('SIGCONT');
    await sleep(5_000);
    expect(posts()).toBe(before);
    return before;
  };

  it('while it waits for its turn in the budget, sends nothing', async () => {
    const lock = new Client({ connectionString: running.config.database.url });
    await lock.connect();
    try {
      await lock.query('BEGIN');
      await lock.query('LOCK TABLE provider_budgets IN ACCESS EXCLUSIVE MODE');
      const id = await begin('frozen-budget');
      await eventually(async () => expect((await clinic.row(id))['step']).toBe('creating'), 30_000, 10);
      await sleep(100);
      expect(await frozen(id, () => lock.query('ROLLBACK'))).toBe(0);
    } finally {
      await lock.end();
    }
  });

  it('while it waits to repeat what was turned away, sends nothing', async () => {
    running.sandbox.practicehub.addFaults([
      {
        kind: 'status',
        status: 429,
        retryAfter: 2,
        times: 1,
        match: { method: 'POST', path: '/payments', apiKey: clinic.accountKey },
      },
    ]);
    const before = posts();
    const id = await begin('frozen-retry');
    await eventually(() => expect(posts()).toBe(before + 1), 30_000, 10);
    await frozen(id);
    expect((await clinic.truth(id)).payments).toHaveLength(0);
  });

  it('and one that is not frozen pays as ever', async () => {
    const id = await begin('awake');
    await eventually(async () => {
      await clinic.hurry();
      expect((await clinic.row(id))['status']).toBe('pushed');
    }, 60_000);
    expect((await clinic.truth(id)).payments).toHaveLength(1);
  });
});
