import { AsyncLocalStorage } from 'node:async_hooks';
import { Client } from 'pg';
import { RunExecutor } from '../../src/sync/run-executor';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic, type Clinic } from '../support/clinic';
import { eventually } from '../support/eventually';

jest.setTimeout(60_000);

const STATEMENTS = 20;
const TRANSACTIONS = 3;

/** The texts of a run's statements, in the order in which they were sent. */
type Sent = string[];
const current = new AsyncLocalStorage<Sent>();

describe('a run in which nothing changed', () => {
  let running: TestApp;
  const runs: Sent[] = [];
  const { query } = Client.prototype;
  beforeAll(async () => {
    running = await startTestApp();
    const executor = running.app.get(RunExecutor, { strict: false });
    const execute = executor.execute.bind(executor);
    jest.spyOn(executor, 'execute').mockImplementation((runId, attempt) => {
      const sent: Sent = [];
      runs.push(sent);
      return current.run(sent, () => execute(runId, attempt));
    });
    Client.prototype.query = function (this: Client, ...sent: unknown[]): unknown {
      const [config] = sent as [string | { text: string }];
      current.getStore()?.push(typeof config === 'string' ? config : config.text);
      return (query as (...each: unknown[]) => unknown).apply(this, sent);
    } as typeof query;
  });
  afterAll(async () => {
    Client.prototype.query = query;
    await running?.close();
  });

  /** Begun by the schedule, once the streams have found out how they are read. */
  const scheduledRun = async (clinic: Clinic): Promise<Sent> => {
    for (let time = 0; time < 2; time++) expect(await clinic.sync()).toBe('succeeded');
    const before = runs.length;
    await clinic.sql(
      `UPDATE sync_schedules SET next_due_at = now() WHERE integration_id IN (SELECT id FROM integrations WHERE merchant_id = $1)`,
      [clinic.merchantId],
    );
    await eventually(() => expect(runs.length).toBeGreaterThan(before));
    expect(await clinic.settled()).toBe('succeeded');
    return runs.at(-1)!;
  };

  it('takes few statements', async () => {
    const clinic = await makeClinic(running);
    await clinic.activate().expect(200);
    expect(await clinic.settled()).toBe('succeeded');
    // where the machine is busy a run takes longer than streams wait for each other, and rows of the overlap are
    // listed again: the best of some
    const sent: Sent[] = [];
    while (sent.length < 5 && (sent[0]?.length ?? Infinity) > STATEMENTS) {
      sent.unshift(await scheduledRun(clinic));
    }
    const texts = sent[0]!.map((text) => text.replace(/\s+/g, ' ').slice(0, 120));
    expect(texts.slice(STATEMENTS)).toEqual([]);
    expect(texts.filter((text) => text.startsWith('START TRANSACTION')).length).toBeLessThanOrEqual(TRANSACTIONS);
    expect(texts.length).toBeGreaterThan(10);
  });

  it('leaves a log entry of each resource, and no other trace', async () => {
    const clinic = await makeClinic(running);
    await clinic.activate().expect(200);
    expect(await clinic.settled()).toBe('succeeded');
    const before = await clinic.sql('SELECT count(*) FROM records');
    await scheduledRun(clinic);
    expect(await clinic.sql('SELECT count(*) FROM records')).toEqual(before);
    const logs = await clinic.sql(
      `SELECT l.resource_type AS resource, l.status, l.records_created + l.records_updated + l.records_deleted AS changes
       FROM sync_logs l JOIN sync_runs r ON r.id = l.run_id JOIN integrations i ON i.id = l.integration_id
       WHERE i.merchant_id = $1 AND r.created_at = (SELECT max(created_at) FROM sync_runs WHERE integration_id = i.id)
       ORDER BY l.created_at`,
      [clinic.merchantId],
    );
    expect(logs).toEqual(
      ['customers', 'products', 'invoices', 'payments'].map((resource) => ({
        resource,
        status: 'success',
        changes: 0,
      })),
    );
  });

  it.each([401, 500])('keeps what it has read before a failure (%s)', async (status) => {
    const { practicehub } = running.sandbox;
    const clinic = await makeClinic(running);
    await clinic.activate().expect(200);
    expect(await clinic.settled()).toBe('succeeded');
    for (let time = 0; time < 2; time++) expect(await clinic.sync()).toBe('succeeded');
    const match = { apiKey: clinic.accountKey, path: '/invoices' };
    practicehub.change({ resource: 'patients', count: 1, apiKey: clinic.accountKey });
    practicehub.addFaults([{ kind: 'status', status, match }]);
    try {
      expect(await clinic.sync()).toBe('failed');
    } finally {
      practicehub.clearFaults();
    }
    const changed = (await clinic.records('customers')).filter(({ version }) => version > 1);
    expect(changed).toHaveLength(1);
    const { body } = await clinic.call('get', '/sync-logs?limit=10').expect(200);
    const [customers] = body.data.filter((log: { resourceType: string }) => log.resourceType === 'customers');
    expect(customers).toMatchObject({ status: 'success', recordsUpdated: 1 });
  });
});
