import { randomUUID } from 'node:crypto';
import { UnitOfWork, type Tx } from '../../src/platform/database';
import { LogRetryRepository } from '../../src/sync/store/log-retry.repository';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic, type Clinic } from '../support/clinic';

/** Which entries of the log a batch may give another attempt, beside those that look like them. */
describe('the failed entries of the log', () => {
  let running: TestApp;
  let clinic: Clinic;
  let retries: LogRetryRepository;
  let mine: string;
  let others: string;

  beforeAll(async () => {
    running = await startTestApp({ environment: { ROLE: 'api' } });
    retries = running.app.get(LogRetryRepository, { strict: false });
    others = (await (await makeClinic(running)).activate().expect(200)).body.data.id;
    clinic = await makeClinic(running);
    mine = (await clinic.activate().expect(200)).body.data.id;
  }, 60_000);
  afterAll(() => running.close());
  beforeEach(async () => {
    for (const table of ['sync_log_retries', 'sync_logs', 'sync_runs']) await clinic.sql(`DELETE FROM ${table}`);
  });

  const inTransaction = <T>(work: (tx: Tx) => Promise<T>) => running.app.get(UnitOfWork).run(work);
  interface Entry {
    readonly of?: string;
    readonly resource?: string;
    readonly status?: string;
    readonly code?: string;
    readonly finishedAt?: string | null;
    readonly run?: string;
  }
  /** Its id. Made at such a minute. */
  const entry = async (minute: number, more: Entry = {}): Promise<string> => {
    const { of = mine, resource = 'customers', status = 'failed', code = 'provider_error', run = 'failed' } = more;
    const madeAt = `2026-01-01T10:${String(minute).padStart(2, '0')}:00Z`;
    const { finishedAt = madeAt } = more;
    const [id, runId] = [randomUUID(), randomUUID()];
    await clinic.sql(
      `INSERT INTO sync_runs (id, integration_id, kind, lane, trigger, state) VALUES ($1, $2, 'sync', 'sync', 'manual', $3)`,
      [runId, of, run],
    );
    await clinic.sql(
      `INSERT INTO sync_logs (id, run_id, integration_id, provider, resource_type, status, job_type, error_code, attempt,
         created_at, finished_at) VALUES ($1, $2, $3, 'practicehub', $4, $5, 'manual', $6, 3, $7, $8)`,
      [id, runId, of, resource, status, code, madeAt, finishedAt],
    );
    return id;
  };
  const candidates = async (more: Partial<Parameters<LogRetryRepository['candidates']>[2]> = {}) => {
    const options = { resourceType: null, retryableCodes: ['provider_error'], limit: 10, except: [], ...more };
    return (await inTransaction((tx) => retries.candidates(tx, mine, options))).map(({ id }) => id);
  };
  const failed = (resource: string | null = null) => inTransaction((tx) => retries.countFailed(tx, mine, resource));

  it('may have another attempt where it can help, the newest first and so many', async () => {
    const [old, young, product] = [await entry(1), await entry(2), await entry(3, { resource: 'products' })];
    await entry(4, { status: 'success' });
    await entry(5, { code: 'provider_credentials_rejected' });
    await entry(6, { of: others });
    await entry(7, { run: 'waiting' });
    expect(await candidates()).toEqual([product, young, old]);
    expect(await candidates({ limit: 2 })).toEqual([product, young]);
    expect(await candidates({ resourceType: 'customers' })).toEqual([young, old]);
    expect(await candidates({ except: [young] })).toEqual([product, old]);
    expect(await candidates({ retryableCodes: [] })).toEqual([]);
    expect([await failed(), await failed('products'), await failed('invoices')]).toEqual([5, 1, 0]);
  });

  it('are those that had failed by then', async () => {
    const [first, second] = [await entry(1), await entry(2)];
    const open = await entry(3, { finishedAt: null });
    expect(await candidates({ failedUntil: new Date('2026-01-01T10:02:00Z') })).toEqual([second, first]);
    expect(await candidates({ failedUntil: new Date('2026-01-01T10:01:59Z') })).toEqual([first]);
    expect(await candidates({ failedUntil: new Date('2026-01-01T10:03:00Z') })).toEqual([open, second, first]);
  });

  it('have one attempt each, and remember the last run that was theirs', async () => {
    const [given, other] = [await entry(1), await entry(2)];
    const remembered = () => clinic.sql('SELECT log_id AS id, run_id AS run FROM sync_log_retries');
    const runs = (await clinic.sql('SELECT id FROM sync_runs')).map(({ id }) => id as string);
    for (const run of runs) {
      await inTransaction((tx) => retries.remember(tx, [given], run));
      expect(await remembered()).toEqual([{ id: given, run }]);
    }
    expect(await candidates()).toEqual([other]);
  });
});
