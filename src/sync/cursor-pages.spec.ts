import fc from 'fast-check';
import { EMPTY_CURSOR } from './cursor';
import { planScan } from './scan-plan';
import { afterPage, type PageFacts, type ScanState } from './scan-state';

const NOW = new Date('2026-05-05T10:00:00.000Z');
const begun = planScan({
  stream: { incremental: 'changed_since', zonelessTimes: false, resource: 'customers' },
  cursor: EMPTY_CURSOR,
  readAs: 'seed',
  now: NOW,
  runId: 'run',
  fullResync: false,
  lookbackDays: 90,
  timezone: 'UTC',
});

/** What pages say, the last of them without a next one. */
const pages = fc
  .array(
    fc.record({
      rows: fc.nat(3),
      total: fc.option(fc.nat(6)),
      filterIgnored: fc.boolean(),
      absent: fc.boolean(),
      time: fc.option(fc.integer({ min: 1, max: 9 })),
    }),
    { minLength: 1, maxLength: 4 },
  )
  .map((list) =>
    list.map(({ rows, total, filterIgnored, absent, time }, index): PageFacts => ({
      next: index === list.length - 1 ? null : `page ${index + 2}`,
      providerTime: time === null ? null : new Date(NOW.getTime() + time),
      total,
      filterIgnored,
      absent,
      received: { rows },
    })),
  );

const read = (list: readonly PageFacts[], from: ScanState = begun): ScanState =>
  list.reduce((scan, page) => afterPage(scan, page, NOW), from);

describe('a scan after some pages', () => {
  const holds = (promise: (scan: ScanState, list: readonly PageFacts[]) => boolean) =>
    fc.assert(fc.property(pages, (list) => promise(read(list), list)));
  const rowsOf = (list: readonly PageFacts[]) => list.reduce((sum, { received }) => sum + received.rows, 0);

  it('stands where the last one leads, and has counted pages and rows', () => {
    holds((scan, list) => scan.position === null && scan.pages === list.length && scan.rows === rowsOf(list));
    const [first] = fc.sample(
      pages.filter(({ length }) => length > 1),
      1,
    ) as [PageFacts[]];
    expect(read(first.slice(0, 1)).position).toBe('page 2');
  });

  it('is dated by the first: by the provider’s clock, or else by ours', () => {
    holds((scan, [first]) => scan.startedAt === (first!.providerTime ?? NOW).toISOString());
  });

  it('knows that the filter was ignored if any of them said so', () => {
    holds((scan, list) => scan.filterIgnored === list.some(({ filterIgnored }) => filterIgnored === true));
  });

  it('knows of the list’s absence what the last of them said', () => {
    holds((scan, list) => scan.listAbsent === list.at(-1)!.absent);
  });

  it('fell short if the last counts more rows than there were, and only then', () => {
    holds((scan, list) => {
      const { total } = list.at(-1)!;
      return scan.fellShort === (total !== null && rowsOf(list) < total);
    });
    fc.assert(fc.property(pages, (list) => !read(list.slice(0, -1)).fellShort));
  });

  it('says nothing of rows that were not counted from the beginning', () => {
    fc.assert(
      fc.property(pages, (list) => {
        const { rows, fellShort } = read(list, { ...begun, rows: undefined });
        return rows === undefined && !fellShort;
      }),
    );
  });

  it('has drifted if two counts differ, whatever lies between them', () => {
    holds((scan, list) => {
      const totals = list.flatMap(({ total }) => total ?? []);
      return scan.drifted === new Set(totals).size > 1 && scan.total === (totals.at(-1) ?? null);
    });
  });
});
