import { randomUUID } from 'node:crypto';
import { UnitOfWork, type Tx } from '../../src/platform/database';
import type { GoodRow } from '../../src/providers';
import { commitRow } from '../../src/sync/page-rows';
import { changesOf, type IncomingRecord, type StreamKey } from '../../src/sync/record-changes';
import { CursorRepository } from '../../src/sync/store/cursor.repository';
import { RecordRepository } from '../../src/sync/store/record.repository';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic, type Clinic } from '../support/clinic';
import { PAGES } from '../support/pages';
import { patient } from '../support/rows';

describe('the mark of a row that a scan missed', () => {
  let running: TestApp;
  let clinic: Clinic;
  let records: RecordRepository;
  let key: StreamKey;

  beforeAll(async () => {
    running = await startTestApp({ environment: { ROLE: 'api' } });
    records = running.app.get(RecordRepository);
  }, 60_000);
  afterAll(() => running.close());
  beforeEach(async () => {
    clinic = await makeClinic(running);
    const { id } = (await clinic.activate().expect(200)).body.data;
    key = { integrationId: id, resourceType: 'customers', stream: 'patients', epoch: 1 };
    await store([patient('1'), patient('2'), patient('3')]);
  });

  const inTransaction = <T>(work: (tx: Tx) => Promise<T>) => running.app.get(UnitOfWork).run(work);
  const store = (rows: GoodRow[], to = key) =>
    inTransaction(async (tx) => {
      const incoming = rows.map((row) => commitRow(row, PAGES.reading) as IncomingRecord);
      await records.write(tx, to, changesOf(incoming, await records.diff(tx, to, incoming, PAGES.order)), 'open');
    });
  /** A complete scan that saw these. */
  const scan = async (seen: string[], floor: string | null = null): Promise<string> => {
    const id = randomUUID();
    await inTransaction(async (tx) => {
      await running.app.get(CursorRepository).addScanPage(tx, key, { id, commits: 0 }, seen);
      await records.markMissed(tx, key, { id, floor });
      await records.forgetMisses(tx, key, id);
    });
    return id;
  };
  const marks = async () =>
    Object.fromEntries(
      (
        await clinic.sql('SELECT external_id, missed_scans FROM records WHERE integration_id = $1', [key.integrationId])
      ).map(({ external_id, missed_scans }) => [external_id, missed_scans]),
    );

  it('counts scans in a row', async () => {
    await scan(['1']);
    expect(await marks()).toEqual({ 1: 0, 2: 1, 3: 1 });
    await scan(['1', '2']);
    expect(await marks()).toEqual({ 1: 0, 2: 0, 3: 2 });
    await scan(['1', '3']);
    expect(await marks()).toEqual({ 1: 0, 2: 1, 3: 0 });
  });

  it('goes with a change of the row, whoever brings it', async () => {
    await scan(['1']);
    await store([patient('2', { record: { ...patient('2').record, name: 'Another' } as GoodRow['record'] })]);
    expect(await marks()).toEqual({ 1: 0, 2: 0, 3: 1 });
  });

  it('goes with a row that is seen as it is stored', async () => {
    await scan(['1']);
    await inTransaction((tx) => records.clearMissed(tx, key, ['3']));
    expect(await marks()).toEqual({ 1: 0, 2: 1, 3: 0 });
  });

  it('goes with the deletion, and a deleted row is not missed', async () => {
    await scan(['1']);
    expect(await inTransaction((tx) => records.markDeleted(tx, key, ['2']))).toBe(1);
    expect(await marks()).toEqual({ 1: 0, 2: 0, 3: 1 });
    await scan(['1', '3']);
    expect(await marks()).toEqual({ 1: 0, 2: 0, 3: 0 });
  });

  it('is not set on rows of another stream, nor of another account', async () => {
    await store([patient('other')], { ...key, stream: 'others' });
    await store([patient('new')], { ...key, epoch: 2 });
    await scan(['1', '2', '3']);
    expect(await marks()).toEqual({ 1: 0, 2: 0, 3: 0, other: 0, new: 0 });
  });

  it('is not set on what is older than was asked for, with a day of slack', async () => {
    key = { ...key, resourceType: 'payments', stream: 'payments' };
    const payment = (externalId: string, paidAt: string | null): GoodRow => ({
      ...patient(externalId),
      record: { paidAt } as unknown as GoodRow['record'],
    });
    await store([
      payment('before', '2026-01-09T00:00:00Z'),
      payment('within the slack', '2026-01-10T23:59:59Z'),
      payment('after', '2026-01-11T00:00:00Z'),
      payment('undated', null),
    ]);
    await scan(['4'], '2026-01-10T00:00:00Z');
    expect(await marks()).toMatchObject({ before: 0, 'within the slack': 0, after: 1, undated: 0 });
  });

  it('tells the candidates of its scan in order, a part at a time', async () => {
    await scan(['1', '3']);
    const id = await scan(['1']);
    const missedBy = async (options: Partial<Parameters<RecordRepository['missedBy']>[2]>) =>
      records.missedBy(key, id, { limit: 10, minMisses: 1, after: null, ...options });
    expect(await missedBy({})).toEqual([
      { externalId: '2', misses: 2 },
      { externalId: '3', misses: 1 },
    ]);
    expect(await missedBy({ minMisses: 2 })).toEqual([{ externalId: '2', misses: 2 }]);
    expect(await missedBy({ after: '2' })).toEqual([{ externalId: '3', misses: 1 }]);
    expect(await missedBy({ limit: 1 })).toEqual([{ externalId: '2', misses: 2 }]);
    expect(await records.missedBy(key, randomUUID(), { limit: 10, minMisses: 1, after: null })).toEqual([]);
    expect(await records.seenBy(key, id, 10)).toEqual(['1']);
  });
});
