import type { BadRow, GoodRow, ListedRow } from '../providers';
import { commitRow as commitRowAs, pageRows as pageRowsAs, type RowReading } from './page-rows';

const good = (externalId: string, name: string, digest: string | null = null): GoodRow => ({
  externalId,
  record: { name } as never,
  sourceUpdatedAt: null,
  store: 'always',
  digest,
});
const bad: BadRow = { externalId: 'b', reason: 'is missing', path: 'id', rowDigest: 'd' };
const listed = (externalId: string, name: string): ListedRow & { understand: jest.Mock } => ({
  externalId,
  digest: name,
  bytes: 1,
  understand: jest.fn(() => good(externalId, name, name)),
});
const names = (rows: ReturnType<typeof pageRows>) =>
  rows.incoming.map(({ externalId, json }) => [externalId, (JSON.parse(json.toString()) as { name: string }).name]);

const READING: RowReading = { stamps: { zoneless: false, zone: null }, knownBefore: null };
const commitRow = (row: Parameters<typeof commitRowAs>[0]) => commitRowAs(row, READING);
const pageRows = (rows: Parameters<typeof pageRowsAs>[0], isStored?: Parameters<typeof pageRowsAs>[2]) =>
  pageRowsAs(rows, READING, isStored);

describe('the rows of a commit', () => {
  it('are understood unless they are stored as they are listed', () => {
    const [known, changed] = [listed('1', 'as stored'), listed('2', 'changed')];
    const rows = pageRows([known, changed, commitRow(good('3', 'read')), bad], new Set([known]));
    expect(rows.unchanged).toEqual(['1']);
    expect(known.understand).not.toHaveBeenCalled();
    expect(names(rows)).toEqual([
      ['2', 'changed'],
      ['3', 'read'],
    ]);
    expect(rows.incoming.map(({ digest }) => digest)).toEqual(['changed', null]);
    expect(rows.bad).toEqual([bad]);
  });

  it.each<[string, (stored: ListedRow) => (ListedRow | ReturnType<typeof commitRow>)[], string]>([
    ['before', (stored) => [listed('1', 'changed'), stored], 'as stored'],
    ['after', (stored) => [stored, listed('1', 'changed')], 'changed'],
    ['before, understood', (stored) => [commitRow(good('1', 'changed')), stored], 'as stored'],
  ])('of a row that also came changed %s, the later one counts', (_when, rowsWith, name) => {
    const stored = listed('1', 'as stored');
    const rows = pageRows(rowsWith(stored), new Set([stored]));
    expect(rows.unchanged).toEqual([]);
    expect(names(rows)).toEqual([['1', name]]);
  });

  const knownBefore = new Date('2026-01-10T00:00:00Z');
  const dated = (record: object, store: GoodRow['store'] = 'always'): GoodRow => ({
    ...good('1', 'x'),
    record: record as never,
    store,
  });
  it.each<[string, GoodRow, Date | null, boolean]>([
    ['an invoice from before', dated({ issuedAt: '2026-01-09T23:59:59Z' }), knownBefore, true],
    ['an invoice from then', dated({ issuedAt: '2026-01-10T00:00:00Z' }), knownBefore, false],
    ['a payment from before', dated({ paidAt: '2026-01-09T23:59:59Z' }), knownBefore, true],
    ['a payment from later', dated({ paidAt: '2026-01-11T00:00:00Z' }), knownBefore, false],
    ['an undated one', dated({ issuedAt: null }), knownBefore, false],
    ['one that has no date', dated({ name: 'x' }), knownBefore, false],
    ['one from before, where all are stored', dated({ issuedAt: '2020-01-01T00:00:00Z' }), null, false],
    ['one that only follows what is known', dated({ name: 'x' }, 'if_known'), null, true],
  ])('are stored only where they are known: %s', (_what, row, before, ifKnown) => {
    expect(commitRowAs(row, { ...READING, knownBefore: before })).toMatchObject({ ifKnown });
  });

  it('keep their time of change', () => {
    const at = new Date('2026-01-10T00:00:00Z');
    expect(commitRow({ ...good('1', 'x'), sourceUpdatedAt: at })).toMatchObject({ sourceUpdatedMs: at.getTime() });
    expect(commitRow(good('1', 'x'))).toMatchObject({ sourceUpdatedMs: null });
  });

  it('that cannot be understood are set aside when they are looked into', () => {
    const row: ListedRow = { externalId: 'b', digest: 'd', bytes: 1, understand: () => bad };
    expect(pageRows([row])).toEqual({ incoming: [], bad: [bad], unchanged: [] });
  });

  it('that are larger than a record may be are set aside, whatever they are made of', () => {
    const most = 256 * 1024 - JSON.stringify({ name: '' }).length;
    const rows = pageRows([
      commitRow(good('1', 'a'.repeat(most))),
      commitRow(good('2', 'a'.repeat(most + 1))),
      // bytes count, not characters
      commitRow(good('3', 'é'.repeat(most / 2 + 1))),
      { externalId: '4', digest: 'd', bytes: 1, understand: () => good('4', 'a'.repeat(most + 1)) },
    ]);
    expect(rows.incoming.map(({ externalId }) => externalId)).toEqual(['1']);
    expect(rows.bad).toEqual(
      ['2', '3', '4'].map((externalId) =>
        expect.objectContaining({ externalId, reason: 'record too large', path: '$', rowDigest: expect.any(String) }),
      ),
    );
  });
});
