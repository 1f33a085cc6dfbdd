import { randomUUID } from 'node:crypto';
import { UnitOfWork, type Tx } from '../../src/platform/database';
import { commitRow } from '../../src/sync/page-rows';
import { changesOf, type IncomingRecord, type StreamKey } from '../../src/sync/record-changes';
import { CursorRepository } from '../../src/sync/store/cursor.repository';
import { RecordRepository } from '../../src/sync/store/record.repository';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic, type Clinic } from '../support/clinic';
import { PAGES } from '../support/pages';
import { patient } from '../support/rows';
import { rowsOfIntegration } from '../support/rows-of-integration';

const EPOCH = 3;
const SCAN = randomUUID();

/** Each question about the records of a stream, with the same rows beside it that are no answer. */
describe('what is asked of the stored records of a stream', () => {
  let running: TestApp;
  let clinic: Clinic;
  let records: RecordRepository;
  let key: StreamKey;
  let others: StreamKey;

  beforeAll(async () => {
    running = await startTestApp({ environment: { ROLE: 'api' } });
    records = running.app.get(RecordRepository);
  }, 60_000);
  afterAll(() => running.close());
  beforeEach(async () => {
    clinic = await makeClinic(running);
    const keyOf = async (of: Clinic): Promise<StreamKey> => {
      const { id } = (await of.activate().expect(200)).body.data;
      return { integrationId: id, resourceType: 'customers', stream: 'patients', epoch: EPOCH };
    };
    key = await keyOf(clinic);
    others = await keyOf(await makeClinic(running));
    await store(['gone', 'live-1', 'live-2', 'missed']);
    await store(['other-stream'], { ...key, stream: 'contacts' });
    await store(['former'], { ...key, epoch: EPOCH - 1 });
    // `a`: before all that is asked for, and none of it
    await store(['a', 'live-1', 'live-2', 'other-resource'], { ...key, resourceType: 'products' });
    await store(['a', 'live-1', 'live-2', 'other-integration'], others);
    await inTransaction((tx) => records.markDeleted(tx, key, ['gone']));
    await clinic.sql(
      `UPDATE records SET missed_scan = $2, missed_scans = CASE external_id WHEN 'missed' THEN 2 ELSE missed_scans END
       WHERE external_id = 'missed' AND integration_id = $1`,
      [key.integrationId, SCAN],
    );
  });

  const inTransaction = <T>(work: (tx: Tx) => Promise<T>) => running.app.get(UnitOfWork).run(work);
  const store = (ids: string[], to = key) =>
    inTransaction(async (tx) => {
      const incoming = ids.map((id) => commitRow(patient(id), PAGES.reading) as IncomingRecord);
      await records.write(tx, to, changesOf(incoming, await records.diff(tx, to, incoming, PAGES.order)), 'open');
    });
  const ofMine = async () =>
    Object.fromEntries(
      (
        await clinic.sql(
          `SELECT * FROM records WHERE integration_id = $1 AND resource_type = 'customers' ORDER BY external_id`,
          [key.integrationId],
        )
      ).map((row) => [row['external_id'] as string, row]),
    );
  /** The columns that an act changes, by row; nothing of the other integration or of another resource may change. */
  const changes = async (act: (tx: Tx) => Promise<unknown>) => {
    const beside = async () => [
      await rowsOfIntegration(clinic, others.integrationId),
      await clinic.sql(`SELECT * FROM records WHERE integration_id = $1 AND resource_type = 'products' ORDER BY 1, 3`, [
        key.integrationId,
      ]),
    ];
    const [before, besideBefore] = [await ofMine(), await beside()];
    await inTransaction(act);
    const after = await ofMine();
    expect(await beside()).toEqual(besideBefore);
    return Object.fromEntries(
      Object.entries(after).flatMap(([id, row]) => {
        const names = Object.keys(row).filter(
          (name) => JSON.stringify(row[name]) !== JSON.stringify(before[id]?.[name]),
        );
        return names.length === 0 ? [] : [[id, names.toSorted()]];
      }),
    );
  };

  it('counts the live ones of this list and this account', async () => {
    expect(await inTransaction((tx) => records.countLive(tx, key))).toBe(3);
    expect(await inTransaction((tx) => records.countLive(tx, { ...key, stream: 'contacts' }))).toBe(1);
    expect(await inTransaction((tx) => records.countLive(tx, { ...key, epoch: EPOCH - 1 }))).toBe(1);
  });

  it('knows what was ever stored of a resource', async () => {
    const isEmpty = (of: StreamKey) => inTransaction((tx) => records.isEmpty(tx, of));
    expect(await isEmpty(key)).toBe(false);
    expect(await isEmpty({ ...key, resourceType: 'invoices' })).toBe(true);
    expect(await isEmpty({ ...others, resourceType: 'products' })).toBe(true);
    await clinic.sql(`UPDATE sync_feeds SET position = 0 WHERE integration_id = $1 AND resource_type = 'customers'`, [
      key.integrationId,
    ]);
    expect(await isEmpty(key)).toBe(true);
  });

  it('names those that changed last, newest first, of those that a filter must return', async () => {
    await clinic.sql(
      `UPDATE records SET source_reading = 0, source_updated_at = CASE external_id
         WHEN 'live-1' THEN timestamptz '2026-01-01' WHEN 'live-2' THEN timestamptz '2026-01-02' ELSE timestamptz '2026-02-02' END
       WHERE integration_id IN ($1, $2)`,
      [key.integrationId, others.integrationId],
    );
    const newest = (limit: number) => records.lastChanged(key, limit);
    expect(await newest(10)).toEqual([
      { externalId: 'live-2', sourceUpdatedAt: new Date('2026-01-02') },
      { externalId: 'live-1', sourceUpdatedAt: new Date('2026-01-01') },
    ]);
    expect((await newest(1)).map(({ externalId }) => externalId)).toEqual(['live-2']);
    await clinic.sql(`UPDATE records SET source_reading = NULL WHERE external_id = 'live-2'`);
    expect((await newest(10)).map(({ externalId }) => externalId)).toEqual(['live-1']);
  });

  it('names those without a time of change once a scan has found that such rows change', async () => {
    const undated = async (limit = 10) => (await records.undated(key, limit)).toSorted();
    const find = (found: boolean, of: StreamKey, stream = of.stream) =>
      clinic.sql(
        `INSERT INTO sync_cursors (integration_id, stream, resource_type, cursor)
         VALUES ($1, $2, 'customers', jsonb_build_object('filter', jsonb_build_object('undatedChange', $3::boolean)))
         ON CONFLICT (integration_id, stream) DO UPDATE SET cursor = excluded.cursor`,
        [of.integrationId, stream, found],
      );
    await find(true, others);
    await find(true, key, 'contacts');
    await find(false, key);
    expect(await undated()).toEqual([]);
    await find(true, key);
    expect(await undated()).toEqual(['live-1', 'live-2']);
    expect(await undated(1)).toHaveLength(1);
    await clinic.sql(`UPDATE records SET source_updated_at = now() WHERE external_id = 'live-1'`);
    expect(await undated()).toEqual(['live-2']);
  });

  it('names those that a scan saw, and those that it missed', async () => {
    const everything = ['gone', 'live-1', 'missed', 'other-stream', 'former', 'unknown'];
    await inTransaction((tx) =>
      running.app.get(CursorRepository).addScanPage(tx, key, { id: SCAN, commits: 0 }, everything),
    );
    expect(await records.seenBy(key, SCAN, 10)).toEqual(['live-1']);
    expect(await records.seenBy(key, randomUUID(), 10)).toEqual([]);
    expect(await records.seenBy({ ...key, integrationId: others.integrationId }, SCAN, 10)).toEqual([]);
    expect(await records.seenBy(key, SCAN, 0)).toEqual([]);
    await clinic.sql(
      `UPDATE records SET missed_scan = $1, missed_scans = 2 WHERE external_id NOT IN ('live-1', 'former')`,
      [SCAN],
    );
    const missed = await records.missedBy(key, SCAN, { limit: 10, minMisses: 2, after: null });
    expect(missed.map(({ externalId }) => externalId)).toEqual(['live-2', 'missed']);
  });

  it('sets marks on what a scan missed, and takes those back that an earlier scan had set', async () => {
    await inTransaction((tx) =>
      running.app.get(CursorRepository).addScanPage(tx, key, { id: SCAN, commits: 0 }, ['live-1', 'missed']),
    );
    const marked = ['missed_scan', 'missed_scans'];
    expect(await changes((tx) => records.markMissed(tx, key, { id: SCAN, floor: null }))).toEqual({ 'live-2': marked });
    expect(await changes((tx) => records.forgetMisses(tx, key, SCAN))).toEqual({});
    await clinic.sql(
      `UPDATE records SET missed_scan = $1, missed_scans = 1
       WHERE external_id IN ('missed', 'live-2', 'other-stream', 'other-integration', 'other-resource')`,
      [randomUUID()],
    );
    expect(await changes((tx) => records.forgetMisses(tx, key, SCAN))).toEqual({ missed: marked, 'live-2': marked });
    expect(
      await changes((tx) => records.clearMissed(tx, key, ['live-1', 'other-integration', 'other-resource'])),
    ).toEqual({});
    expect(await changes((tx) => records.clearMissed(tx, key, ['other-stream']))).toEqual({ 'other-stream': marked });
  });

  it('deletes the live ones of this account by name, each with its own place in the feed', async () => {
    const before = await ofMine();
    const named = ['live-1', 'live-2', 'gone', 'former', 'other-integration', 'other-resource'];
    const deleted = ['feed_position', 'operation', 'synced_at', 'version'];
    await clinic.sql(`UPDATE records SET synced_at = synced_at - interval '1 day' WHERE integration_id = $1`, [
      key.integrationId,
    ]);
    expect(await changes((tx) => records.markDeleted(tx, key, named))).toEqual({
      'live-1': deleted,
      'live-2': deleted,
    });
    const after = await ofMine();
    const end = Math.max(...Object.values(before).map((row) => Number(row['feed_position'])));
    const feed = (id: string) => Number(after[id]!['feed_position']);
    expect([feed('live-1'), feed('live-2')]).toEqual([end + 1, end + 2]);
    expect(after['live-2']).toMatchObject({ operation: 'deleted', version: before['live-2']!['version'] + 1 });
    expect(Date.now() - after['live-2']!['synced_at'].getTime()).toBeLessThan(60_000);
    const [head] = await clinic.sql(
      `SELECT position::int FROM sync_feeds WHERE integration_id = $1 AND resource_type = 'customers'`,
      [key.integrationId],
    );
    expect(head).toEqual({ position: end + 2 });
    expect(await inTransaction((tx) => records.markDeleted(tx, key, named))).toBe(0);
  });

  it('deletes what a former account left, a part at a time', async () => {
    await store(['former-2'], { ...key, epoch: EPOCH - 2 });
    const next = (after: string, limit: number) =>
      inTransaction((tx) => records.markFormerDeleted(tx, key, after, limit));
    const deleted = ['feed_position', 'operation', 'synced_at', 'version'];
    const part = await changes((tx) => records.markFormerDeleted(tx, key, '', 1));
    expect(part).toEqual({ former: deleted });
    expect(await next('former', 1)).toBe('former-2');
    expect((await ofMine())['former-2']).toMatchObject({ operation: 'deleted' });
    expect(await next('former-2', 100)).toBe('other-stream');
    expect(await next('other-stream', 100)).toBeNull();
    const live = Object.entries(await ofMine()).filter(([, row]) => row['operation'] !== 'deleted');
    expect(live.map(([id]) => id)).toEqual(['live-1', 'live-2', 'missed', 'other-stream']);
  });
});
