import { randomUUID } from 'node:crypto';
import { UnitOfWork, type Tx } from '../../src/platform/database';
import { EMPTY_CURSOR, type StreamCursor } from '../../src/sync/cursor';
import { CursorRepository } from '../../src/sync/store/cursor.repository';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic, type Clinic } from '../support/clinic';

const WATERMARK = '2026-05-05T10:00:00.000Z';
const CURSOR: StreamCursor = { ...EMPTY_CURSOR, watermark: WATERMARK };

describe('the rows of cursors', () => {
  let running: TestApp;
  let clinic: Clinic;
  let cursors: CursorRepository;
  let mine: string;
  let others: string;

  beforeAll(async () => {
    // no worker: this test is all of them
    running = await startTestApp({ environment: { ROLE: 'api' } });
    cursors = running.app.get(CursorRepository, { strict: false });
    others = (await (await makeClinic(running)).activate().expect(200)).body.data.id;
    clinic = await makeClinic(running);
    mine = (await clinic.activate().expect(200)).body.data.id;
  }, 60_000);
  afterAll(() => running.close());
  beforeEach(async () => {
    await clinic.sql('DELETE FROM sync_cursors');
    await clinic.sql('DELETE FROM sync_scan_pages');
    const both = [key('patients'), key('more')];
    for (const place of [...both, key('invoices'), key('patients', others)])
      await save({ items: 1, status: 'success' }, place);
  });

  const inTransaction = <T>(work: (tx: Tx) => Promise<T>) => running.app.get(UnitOfWork).run(work);
  const key = (stream: string, integrationId = mine) => {
    const resourceType = stream === 'invoices' ? ('invoices' as const) : ('customers' as const);
    return { integrationId, stream, resourceType };
  };
  const save = (progress: Parameters<CursorRepository['save']>[3], of = key('patients'), cursor = CURSOR) =>
    inTransaction((tx) => cursors.save(tx, of, cursor, progress));
  const rows = async () => {
    const found = await clinic.sql('SELECT * FROM sync_cursors ORDER BY integration_id = $1 DESC, stream', [mine]);
    return found.map(({ updated_at: _at, ...rest }) => rest);
  };
  /** What an act changes, of `more`, `patients` and `invoices` of one integration and `patients` of another. */
  const changes = async (act: (tx: Tx) => Promise<unknown>) => {
    const before = await rows();
    await inTransaction(act);
    const after = await rows();
    return Object.fromEntries(
      after.flatMap((now, index) => {
        const changed = Object.entries(now).filter(
          ([name, value]) => JSON.stringify(value) !== JSON.stringify(before[index]?.[name]),
        );
        const name = `${now['integration_id'] === mine ? '' : 'other '}${now['stream']}`;
        return changed.length === 0 ? [] : [[name, Object.fromEntries(changed)]];
      }),
    );
  };

  it('are made once, and begin at nothing', async () => {
    const streams = [
      { key: 'patients', resource: 'customers' as const },
      { key: 'new', resource: 'products' as const },
    ];
    const before = await rows();
    await inTransaction((tx) => cursors.seed(tx, mine, streams));
    const after = await rows();
    expect(after.filter(({ stream }) => stream !== 'new')).toEqual(before);
    expect(after.find(({ stream }) => stream === 'new')).toMatchObject({ cursor: {}, resource_type: 'products' });
    const found = await inTransaction((tx) => cursors.findAll(tx, mine));
    expect([...found.keys()].toSorted()).toEqual(['invoices', 'more', 'new', 'patients']);
    expect(found.get('new')).toEqual({ cursor: EMPTY_CURSOR, quarantined: false });
    expect(found.get('patients')).toEqual({ cursor: CURSOR, quarantined: false });
  });

  it('count what came, and keep the time of the last success', async () => {
    await clinic.sql(`UPDATE sync_cursors SET last_sync_error = 'it failed', last_sync_at = '2026-01-01T00:00:00Z'`);
    const cursor = { ...CURSOR, watermark: '2026-06-06T10:00:00.000Z' };
    const pages = await changes((tx) => cursors.save(tx, key('patients'), cursor, { items: 4, status: 'syncing' }));
    const counted = { cursor: expect.objectContaining({ watermark: cursor.watermark }) };
    expect(pages).toEqual({
      patients: {
        ...counted,
        items_processed: expect.anything(),
        last_sync_status: 'syncing',
        last_sync_error: null,
      },
    });
    expect(Number((await rows()).find(({ stream }) => stream === 'patients')!['items_processed'])).toBe(5);
    const end = await changes((tx) => cursors.save(tx, key('patients'), cursor, { items: 0, status: 'success' }));
    expect(end).toEqual({ patients: { last_sync_status: 'success', last_sync_at: expect.any(Date) } });
  });

  it('learn of a filter and of what is followed without losing the rest', async () => {
    const filter = async (finding: object) =>
      changes((tx) =>
        cursors.saveFilter(tx, key('patients'), finding as Parameters<CursorRepository['saveFilter']>[2]),
      );
    await filter({ undatedChange: true });
    expect(await filter({ refused: 2 })).toEqual({
      patients: {
        cursor: expect.objectContaining({ filter: expect.objectContaining({ undatedChange: true, refused: 2 }) }),
      },
    });
    const followed = await changes((tx) => cursors.saveFollowedTo(tx, key('patients'), '77'));
    expect(followed).toEqual({
      patients: { cursor: expect.objectContaining({ watermark: WATERMARK, followedTo: '77' }) },
    });
  });

  it('tell of a failure where the run has not come to the end', async () => {
    const runId = randomUUID();
    await save({ items: 0, status: 'success' }, key('more'), { ...CURSOR, completedBy: runId });
    const failed = await changes((tx) => cursors.markFailed(tx, key('patients'), runId, 'it failed'));
    expect(failed).toEqual({ patients: { last_sync_status: 'error', last_sync_error: 'it failed' } });
  });

  it('say of a resource what its worst and its slowest stream say', async () => {
    const state = async (change = '', stream = 'more') => {
      if (change)
        await clinic.sql(`UPDATE sync_cursors SET ${change} WHERE integration_id = $1 AND stream = $2`, [mine, stream]);
      const states = await cursors.states(mine);
      expect(states.map(({ resourceType }) => resourceType)).toEqual(['customers', 'invoices']);
      return states[0]!;
    };
    expect(await state()).toMatchObject({
      lastSyncStatus: 'success',
      itemsProcessed: 2,
      cursor: WATERMARK,
      lastSyncError: null,
    });
    const early = new Date('2026-01-01T00:00:00Z');
    expect(await state(`last_sync_at = '2026-01-01T00:00:00Z'`)).toMatchObject({ lastSyncAt: early });
    expect(await state(`cursor = '{"watermark":"2025-01-01"}'`)).toMatchObject({ cursor: '2025-01-01' });
    expect(await state(`last_sync_status = 'syncing'`)).toMatchObject({ lastSyncStatus: 'syncing' });
    expect(await state(`last_sync_status = 'error', last_sync_error = 'x'`, 'patients')).toMatchObject({
      lastSyncStatus: 'error',
      lastSyncError: 'x',
    });
    const unread = `last_sync_at = NULL, cursor = '{}', last_sync_status = NULL`;
    await state(unread);
    expect(await state(unread, 'patients')).toMatchObject({ lastSyncAt: null, cursor: null, lastSyncStatus: null });
  });

  it('keep what a scan saw by its stream and its pass, until it is dropped', async () => {
    const scan = { id: randomUUID(), commits: 0 };
    const size = (of = key('patients'), id = scan.id) => inTransaction((tx) => cursors.scanSize(tx, of, id));
    const add = (of = key('patients'), to = scan) => inTransaction((tx) => cursors.addScanPage(tx, of, to, ['1', '2']));
    await add();
    await add(key('patients'), { ...scan, commits: 1 });
    await add(key('more'));
    await add(key('patients', others));
    expect([await size(), await size(key('more')), await size(key('invoices'))]).toEqual([
      { commits: 2, rows: 4 },
      { commits: 1, rows: 2 },
      { commits: 0, rows: 0 },
    ]);
    expect(await size(key('patients'), randomUUID())).toEqual({ commits: 0, rows: 0 });
    await inTransaction((tx) => cursors.dropScans(tx, key('patients')));
    const left = [await size(), await size(key('more')), await size(key('patients', others))];
    expect(left.map(({ commits }) => commits)).toEqual([0, 1, 1]);
  });

  it('begin anew with another account', async () => {
    const scan = { id: randomUUID(), commits: 0 };
    for (const place of [key('patients'), key('patients', others)]) {
      await inTransaction((tx) => cursors.addScanPage(tx, place, scan, ['1']));
    }
    await clinic.sql(`UPDATE sync_cursors SET last_sync_error = 'it failed'`);
    const none = { cursor: {}, last_sync_at: null, last_sync_status: null, last_sync_error: null };
    const anew = { ...none, items_processed: expect.anything() };
    expect(await changes((tx) => cursors.reset(tx, mine))).toEqual({ more: anew, patients: anew, invoices: anew });
    expect((await cursors.states(mine)).map(({ itemsProcessed }) => itemsProcessed)).toEqual([0, 0]);
    const size = (of: ReturnType<typeof key>) => inTransaction((tx) => cursors.scanSize(tx, of, scan.id));
    expect([await size(key('patients')), await size(key('patients', others))]).toEqual([
      { commits: 0, rows: 0 },
      { commits: 1, rows: 1 },
    ]);
  });
});
