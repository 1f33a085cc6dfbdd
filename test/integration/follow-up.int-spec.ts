import { randomUUID } from 'node:crypto';
import { IntegrationRepository, type OpenedSession } from '../../src/integrations';
import { UnitOfWork, type Tx } from '../../src/platform/database';
import { ProviderFailure } from '../../src/platform/outbound';
import type { FetchedRow, FollowedRow, Stream } from '../../src/providers';
import { CommitGroup } from '../../src/sync/commit-group';
import { EMPTY_CURSOR, type StreamCursor } from '../../src/sync/cursor';
import { FollowUp } from '../../src/sync/follow-up';
import { PageCommit } from '../../src/sync/page-commit';
import { commitRow } from '../../src/sync/page-rows';
import type { LeasedRun } from '../../src/sync/run';
import type { RunContext } from '../../src/sync/run-handler';
import { planScan } from '../../src/sync/scan-plan';
import type { ScanState } from '../../src/sync/scan-state';
import { LogRepository } from '../../src/sync/store/log.repository';
import { RunRepository } from '../../src/sync/store/run.repository';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic, type Clinic } from '../support/clinic';
import { PAGES } from '../support/pages';

const OLD = '2020-01-01T00:00:00Z';
const FLOOR = '2026-01-01T00:00:00.000Z';
const NEW = '2026-06-01T00:00:00Z';

const invoice = (externalId: string, status: string): FetchedRow =>
  ({ externalId, record: { status }, sourceUpdatedAt: null, store: 'always', digest: null }) as unknown as FetchedRow;
const bad = (externalId: string): FetchedRow => ({ externalId, reason: 'no', path: '$', rowDigest: 'd' });

/** What a run asks for by its id before it reads a list. */
describe('a run that follows what no list shows any more', () => {
  let running: TestApp;
  let clinic: Clinic;
  let run: LeasedRun;
  /** Behind all that a feed gives. */
  let place = 1_000;
  let asked: string[];
  let answer: (externalId: string) => readonly FollowedRow[];
  let more: Partial<Stream>;
  let mayWork: () => boolean;

  beforeAll(async () => {
    // no worker: this test is the worker
    running = await startTestApp({ environment: { ROLE: 'api' } });
  }, 60_000);
  afterAll(() => running.close());
  beforeEach(async () => {
    clinic = await makeClinic(running);
    const { body } = await clinic.activate().expect(200);
    const [row] = await clinic.sql('SELECT id FROM sync_runs WHERE integration_id = $1', [body.data.id]);
    run = (await running.app.get(RunRepository).lease(row!['id'], 1, 'test', 60_000))!;
    const resources = ['customers', 'invoices', 'payments'];
    await inTransaction((tx) => running.app.get(LogRepository).open(tx, run, 'practicehub', resources));
    asked = [];
    more = {};
    answer = (externalId) => [{ stream: 'invoices', row: invoice(externalId, 'paid') }];
    mayWork = () => true;
  });

  const inTransaction = <T>(work: (tx: Tx) => Promise<T>) => running.app.get(UnitOfWork).run(work);
  const streams = (): Stream[] => {
    const fetchPage = async () => ({ rows: [], next: null });
    const payments = { key: 'payments', resource: 'payments', incremental: 'changed_since', fetchPage };
    const followUp = async (_call: unknown, externalId: string) => {
      asked.push(externalId);
      return answer(externalId);
    };
    const invoices = { ...payments, key: 'invoices', resource: 'invoices', followUp, ...more };
    return [payments, invoices] as unknown as Stream[];
  };
  const target = async () => {
    const integration = (await running.app.get(IntegrationRepository).findById(run.integrationId))!;
    return { run, integration, stream: streams()[1]! };
  };
  const plan = (stream: Stream, scan: Partial<ScanState>): ScanState => ({
    ...planScan({
      stream,
      cursor: EMPTY_CURSOR,
      readAs: 'seed',
      now: new Date(),
      runId: run.id,
      fullResync: true,
      lookbackDays: 90,
      timezone: 'UTC',
    }),
    rereads: false,
    kind: 'full',
    floor: FLOOR,
    ...scan,
  });
  const follow = async (scan: Partial<ScanState> = {}, cursor: Partial<StreamCursor> = {}, group?: CommitGroup) => {
    const of = await target();
    const context = {
      run,
      signal: new AbortController().signal,
      assertHeld: () => undefined,
      countPage: () => undefined,
      duringCall: <T>(call: () => Promise<T>) => call(),
      shouldYield: () => !mayWork(),
    } as RunContext;
    const session = { call: {}, adapter: { streams: streams() } } as unknown as OpenedSession;
    const work = { context, target: of, session, group: group ?? (await groupOf()) };
    const from = { cursor: { ...EMPTY_CURSOR, completedBy: randomUUID(), ...cursor }, scan: plan(of.stream, scan) };
    return running.app.get(FollowUp, { strict: false }).run(work, from);
  };
  const groupOf = async () => new CommitGroup(running.app.get(PageCommit), await target(), async () => undefined);
  const store = (externalId: string, issuedAt: string, status = 'open') =>
    clinic.sql(
      `INSERT INTO records (integration_id, resource_type, external_id, id, stream, epoch, version, operation, data,
         content_hash, feed_position)
       VALUES ($1, 'invoices', $2, gen_random_uuid(), 'invoices', 1, 1, 'created', $3, '\\x00', $4)`,
      [run.integrationId, externalId, { status, issuedAt }, ++place],
    );
  const quarantine = (externalId: string, stream = 'invoices') =>
    clinic.sql(
      `INSERT INTO sync_quarantine (integration_id, stream, row_key, external_id, resource_type, reason, path, row_digest, run_id)
       VALUES ($1, $2, $3, $3, 'invoices', 'r', '$', 'd', gen_random_uuid())`,
      [run.integrationId, stream, externalId],
    );
  const quarantined = async () =>
    (
      await clinic.sql('SELECT external_id AS id, reason FROM sync_quarantine WHERE integration_id = $1 ORDER BY 1', [
        run.integrationId,
      ])
    ).map(({ id, reason }) => [id, reason]);
  const statuses = async (resource = 'invoices') =>
    Object.fromEntries((await clinic.records(resource)).map(({ externalId, data }) => [externalId, data.status]));
  const logs = async () =>
    Object.fromEntries(
      (
        await clinic.sql(
          `SELECT resource_type AS of, status, records_fetched AS fetched, records_created AS created, records_updated AS updated,
             records_unchanged AS unchanged, records_quarantined AS quarantined FROM sync_logs WHERE run_id = $1`,
          [run.id],
        )
      ).map(({ of, ...log }) => [of, log]),
    );
  const followedTo = async () =>
    (
      await clinic.sql(
        `SELECT cursor->>'followedTo' AS to FROM sync_cursors WHERE integration_id = $1 AND stream = 'invoices'`,
        [run.integrationId],
      )
    )[0]!['to'];
  const nothing = { status: 'pending', fetched: 0, created: 0, updated: 0, unchanged: 0, quarantined: 0 };

  it('stores what it learns of invoices that may be owed, and says so in the log of theirs alone', async () => {
    await store('new', NEW);
    for (const id of ['a', 'b', 'c']) await store(id, OLD);
    answer = (id) => (id === 'c' ? [] : [{ stream: 'invoices', row: id === 'b' ? bad(id) : invoice(id, 'paid') }]);
    expect(await follow()).toMatchObject({ followedTo: 'c' });
    expect(asked).toEqual(['a', 'b', 'c']);
    expect(await statuses()).toEqual({ new: 'open', a: 'paid', b: 'open', c: 'open' });
    expect(await quarantined()).toEqual([['b', 'no']]);
    expect(await logs()).toEqual({
      customers: { ...nothing, status: 'syncing' },
      invoices: { ...nothing, status: 'syncing', fetched: 2, updated: 1, quarantined: 1 },
      payments: nothing,
    });
    expect(await followedTo()).toBe('c');
    expect(await follow({}, { followedTo: 'a' })).toMatchObject({ followedTo: 'c' });
    expect(asked.slice(3)).toEqual(['b', 'c']);
  });

  it('takes rows of other lists too, which go where they belong', async () => {
    await store('a', OLD);
    answer = () => [
      { stream: 'payments', row: invoice('p', 'received') },
      { stream: 'payments', row: bad('q') },
    ];
    await follow();
    expect(await statuses('payments')).toEqual({ p: 'received' });
    expect(await logs()).toMatchObject({
      invoices: nothing,
      payments: { fetched: 2, created: 1, quarantined: 1 },
    });
    const found = await clinic.sql('SELECT stream, external_id AS id FROM sync_quarantine WHERE integration_id = $1', [
      run.integrationId,
    ]);
    expect(found).toEqual([{ stream: 'payments', id: 'q' }]);
  });

  it('lets what it understands out of quarantine, and what is not there any more', async () => {
    for (const id of ['understood', 'gone', 'worse']) await quarantine(id);
    await quarantine('gone', 'payments');
    answer = (id) =>
      id === 'gone' ? [] : [{ stream: 'invoices', row: id === 'worse' ? bad(id) : invoice(id, 'paid') }];
    await follow();
    expect(await quarantined()).toEqual([
      ['gone', 'r'],
      ['worse', 'no'],
    ]);
    expect(await statuses()).toEqual({ understood: 'paid' });
  });

  it.each<[string, Partial<ScanState>, Partial<Stream>, string[]]>([
    ['a full scan from a floor on', {}, {}, ['old']],
    ['a full scan of everything', { floor: null }, {}, []],
    ['a scan that reads anew what is stored', { rereads: true }, {}, []],
    ['what changed', { kind: 'incremental', since: FLOOR }, {}, []],
    ['the newest', { kind: 'incremental', since: FLOOR }, { incremental: 'newest_first' }, ['old']],
    ['the newest, in a full scan', { since: null }, { incremental: 'newest_first' }, ['old']],
  ])('asks for what is older than what is read: %s', async (_what, scan, stream, expected) => {
    more = stream;
    await store('old', OLD);
    await store('new', NEW);
    await follow(scan);
    expect(asked).toEqual(expected);
  });

  it.each<[string, Partial<StreamCursor>, Partial<Stream>]>([
    ['was never read to its end', { completedBy: null }, {}],
    ['is being read', { scan: {} as ScanState }, {}],
    ['has rows that cannot be asked for', {}, { followUp: undefined }],
  ])('asks for nothing of a list that %s', async (_what, cursor, stream) => {
    more = stream;
    await store('old', OLD);
    await follow({}, cursor);
    expect([asked, await followedTo()]).toEqual([[], null]);
  });

  it('asks for a hundred at most, and yields between two commits', async () => {
    for (let n = 100; n < 220; n++) await store(String(n), OLD);
    answer = () => [];
    mayWork = () => asked.length === 0;
    expect(await follow()).toMatchObject({ followedTo: '124' });
    expect([asked.length, await followedTo()]).toEqual([25, '124']);
    mayWork = () => true;
    expect(await follow({}, { followedTo: '124' })).toMatchObject({ followedTo: '104' });
    expect(asked).toHaveLength(125);
    mayWork = () => false;
    await follow();
    expect(asked).toHaveLength(125);
  });

  it('gives up after a dozen that the provider does not show, and goes on there the next time', async () => {
    for (let n = 100; n < 130; n++) await store(String(n), OLD);
    answer = () => {
      throw new ProviderFailure('provider_down', 'It does not answer.');
    };
    await follow();
    expect([asked.length, await followedTo()]).toEqual([12, '111']);
    expect(await quarantined()).toHaveLength(12);
  });

  it('commits first what was read before', async () => {
    await store('a', OLD);
    const group = await groupOf();
    await group.end({
      stream: (await target()).stream,
      rows: [commitRow(invoice('a', 'void'), PAGES.reading)],
      resourceBegunAt: performance.now(),
      progressAfter: () => ({ cursor: EMPTY_CURSOR }),
      options: PAGES,
    });
    await follow({}, {}, group);
    await group.flush();
    expect(await statuses()).toEqual({ a: 'paid' });
  });
});
