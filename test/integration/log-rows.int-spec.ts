import { randomUUID } from 'node:crypto';
import { UnitOfWork, type Tx } from '../../src/platform/database';
import type { LeasedRun } from '../../src/sync/run';
import { LogRepository, type LogCounts, type LogEntry } from '../../src/sync/store/log.repository';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic, type Clinic } from '../support/clinic';

const RESOURCES = ['customers', 'products', 'invoices'];
const NONE: LogCounts = { fetched: 0, created: 0, updated: 0, unchanged: 0, deleted: 0, quarantined: 0 };
const SOME: LogCounts = { fetched: 1, created: 2, updated: 3, unchanged: 4, deleted: 5, quarantined: 0 };

/** What each step of a run writes into its log, entry by entry and column by column. */
describe('the log of a run', () => {
  let running: TestApp;
  let clinic: Clinic;
  let logs: LogRepository;
  let id: string;
  let run: LeasedRun;
  let other: LeasedRun;

  beforeAll(async () => {
    // no worker: this test is all of them
    running = await startTestApp({ environment: { ROLE: 'api' } });
    logs = running.app.get(LogRepository, { strict: false });
    clinic = await makeClinic(running);
    id = (await clinic.activate().expect(200)).body.data.id;
  }, 60_000);
  afterAll(() => running.close());
  beforeEach(async () => {
    await clinic.sql('DELETE FROM sync_logs');
    await clinic.sql('DELETE FROM sync_runs');
    const runOf = async () => {
      const runId = randomUUID();
      await clinic.sql(
        `INSERT INTO sync_runs (id, integration_id, kind, lane, trigger, state) VALUES ($2, $1, 'sync', 'sync', 'manual', 'succeeded')`,
        [id, runId],
      );
      return { id: runId, integrationId: id, trigger: 'manual', retryAttempt: 2 } as LeasedRun;
    };
    run = await runOf();
    other = await runOf();
    await open(other);
  });

  const inTransaction = <T>(work: (tx: Tx) => Promise<T>) => running.app.get(UnitOfWork).run(work);
  const open = (of = run, resources = RESOURCES) => inTransaction((tx) => logs.open(tx, of, 'practicehub', resources));
  const rows = async (of = run) =>
    Object.fromEntries(
      (await clinic.sql('SELECT * FROM sync_logs WHERE run_id = $1 ORDER BY created_at', [of.id])).map((row) => [
        row['resource_type'] as string,
        row,
      ]),
    );
  /** By entry, the columns that an act changes and what they are then; nothing of another run may change. */
  const changes = async (act: (tx: Tx) => Promise<unknown>) => {
    const [before, beside] = [await rows(), await rows(other)];
    await inTransaction(act);
    expect(await rows(other)).toEqual(beside);
    return Object.fromEntries(
      Object.entries(await rows()).flatMap(([resource, row]) => {
        const changed = Object.entries(row).filter(
          ([name, value]) => JSON.stringify(value) !== JSON.stringify(before[resource]![name]),
        );
        return changed.length === 0 ? [] : [[resource, Object.fromEntries(changed)]];
      }),
    );
  };
  const begun = { status: 'syncing', started_at: expect.any(Date) };
  const ended = { status: 'success', finished_at: expect.any(Date) };
  const entry = (resource: string, more: Partial<LogEntry> = {}): LogEntry => ({ resource, counts: NONE, ...more });

  it('begins with the first of its resources, and is the same for the next attempt', async () => {
    const fresh = RESOURCES.map((resourceType, index) => ({
      resourceType,
      status: index === 0 ? 'syncing' : 'pending',
      failure: null,
    }));
    expect(await open()).toEqual(fresh);
    expect(await open()).toEqual(fresh);
    const made = await rows();
    expect(Object.keys(made)).toEqual(RESOURCES);
    expect(made['customers']).toMatchObject({ ...begun, provider: 'practicehub', job_type: 'manual', attempt: 2 });
    expect(made['products']).toMatchObject({ status: 'pending', started_at: null });
  });

  it('tells the next attempt what was read, and what failed and why', async () => {
    await open();
    const failure = {
      code: 'provider_error',
      verdict: 'contract',
      message: 'No list.',
      nextAction: 'contact',
    } as const;
    await inTransaction((tx) => logs.succeed(tx, run.id, 'customers', 'products'));
    expect(await changes((tx) => logs.fail(tx, run.id, 'products', failure))).toEqual({
      products: {
        status: 'failed',
        finished_at: expect.any(Date),
        error_code: failure.code,
        error_verdict: failure.verdict,
        error: failure.message,
        next_action: failure.nextAction,
      },
    });
    expect(await open()).toEqual([
      { resourceType: 'customers', status: 'success', failure: null },
      { resourceType: 'products', status: 'failed', failure },
      { resourceType: 'invoices', status: 'pending', failure: null },
    ]);
  });

  it('says since when a resource that failed had been read', async () => {
    await open();
    const failure = {
      code: 'provider_error',
      verdict: 'contract',
      message: 'No list.',
      nextAction: 'contact',
    } as const;
    const began = (await rows())['customers']!['started_at'];
    await inTransaction((tx) => logs.fail(tx, run.id, 'customers', failure));
    await inTransaction((tx) => logs.fail(tx, run.id, 'products', failure));
    expect(await rows()).toMatchObject({
      customers: { started_at: began },
      products: { started_at: expect.any(Date) },
    });
  });

  it('starts an entry once, and none that has ended', async () => {
    await open();
    expect(await changes((tx) => logs.start(tx, run.id, 'products'))).toEqual({ products: begun });
    expect(await changes((tx) => logs.start(tx, run.id, 'products'))).toEqual({});
    await inTransaction((tx) => logs.succeed(tx, run.id, 'products'));
    expect(await changes((tx) => logs.start(tx, run.id, 'products'))).toEqual({});
  });

  it('ends the entry of a resource and begins that of the next, where it has not ended', async () => {
    await open();
    expect(await changes((tx) => logs.succeed(tx, run.id, 'customers', 'products'))).toEqual({
      customers: ended,
      products: begun,
    });
    await inTransaction((tx) => logs.succeed(tx, run.id, 'invoices'));
    expect(await changes((tx) => logs.succeed(tx, run.id, 'products', 'invoices'))).toEqual({ products: ended });
  });

  it('adds up what is read of a resource, and says that it is being read', async () => {
    await open();
    const figures = {
      records_fetched: 1,
      records_created: 2,
      records_updated: 3,
      records_unchanged: 4,
      records_deleted: 5,
    };
    expect(await changes((tx) => logs.add(tx, run.id, 'products', SOME))).toEqual({
      products: { ...begun, ...figures },
    });
    const doubled = Object.fromEntries(Object.entries(figures).map(([name, count]) => [name, 2 * count]));
    expect(await changes((tx) => logs.add(tx, run.id, 'products', SOME))).toEqual({ products: doubled });
    await inTransaction((tx) => logs.add(tx, run.id, 'products', { ...NONE, fetched: 2 ** 31 - 1 }));
    expect((await rows())['products']).toMatchObject({ records_fetched: 2 ** 31 - 1 });
  });

  it('writes an entry once for several lists of a resource, with the notes of each', async () => {
    await open();
    const earlier = new Date('2026-01-01T00:00:00Z');
    const later = new Date('2026-01-02T00:00:00Z');
    const entries = [
      entry('products', { counts: { ...SOME, quarantined: 1 }, startedAt: later, notes: ['filter_ignored'] }),
      entry('products', { counts: SOME, startedAt: earlier, notes: ['list_absent'], ended: true }),
      entry('products', { counts: SOME, startedAt: later }),
      entry('invoices'),
    ];
    expect(await changes((tx) => logs.addAll(tx, run.id, entries))).toEqual({
      products: {
        ...ended,
        started_at: earlier,
        records_fetched: 3,
        records_created: 6,
        records_updated: 9,
        records_unchanged: 12,
        records_deleted: 15,
        records_quarantined: 1,
        notes: expect.arrayContaining(['filter_ignored', 'list_absent', 'rows_not_understood']),
      },
      invoices: begun,
    });
    expect((await rows())['products']!['notes']).toHaveLength(3);
    // what was noted stays, and once
    const again = [entry('products', { notes: ['list_absent'], ended: true })];
    expect(await changes((tx) => logs.addAll(tx, run.id, again))).toMatchObject({
      products: { finished_at: expect.any(Date) },
    });
    expect((await rows())['products']!['notes'].toSorted()).toEqual([
      'filter_ignored',
      'list_absent',
      'rows_not_understood',
    ]);
  });

  it('says of an entry the earliest time that its reading began', async () => {
    await open();
    const at = (startedAt: string) => (tx: Tx) =>
      logs.addAll(tx, run.id, [entry('customers', { startedAt: new Date(startedAt) })]);
    const earlier = '2026-01-01T00:00:00.000Z';
    expect(await changes(at(earlier))).toEqual({ customers: { started_at: new Date(earlier) } });
    expect(await changes(at('2026-01-02T00:00:00.000Z'))).toEqual({});
  });

  it('begins the next entry with the end of one, unless that has ended', async () => {
    await open();
    const add = (resource: string, next: string | null) => (tx: Tx) =>
      logs.addAll(tx, run.id, [entry(resource, { ended: true })], next);
    expect(await changes(add('customers', 'invoices'))).toEqual({ customers: ended, invoices: begun });
    await inTransaction((tx) => logs.succeed(tx, run.id, 'invoices'));
    expect(Object.keys(await changes(add('products', 'invoices')))).toEqual(['products']);
  });

  it('says why the rest was skipped, and keeps what an entry said before', async () => {
    await open();
    await inTransaction((tx) => logs.succeed(tx, run.id, 'customers', 'products'));
    await clinic.sql(`UPDATE sync_logs SET error = 'before' WHERE run_id = $1 AND resource_type = 'invoices'`, [
      run.id,
    ]);
    const skipped = { status: 'skipped', finished_at: expect.any(Date) };
    expect(await changes((tx) => logs.skipRest(tx, run.id, 'The run was cancelled.'))).toEqual({
      products: { ...skipped, error: 'The run was cancelled.' },
      invoices: skipped,
    });
    expect(await changes((tx) => logs.skipRest(tx, run.id, 'Once more.'))).toEqual({});
  });
});
