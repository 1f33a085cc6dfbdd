import fc from 'fast-check';
import { parseTime, wallClock, zonelessFilterTime } from '../providers/zoned-time';
import { completeScan, EMPTY_CURSOR, type StreamCursor } from './cursor';
import { planScan } from './scan-plan';
import { afterPage, changedFrom, endOfPages, lateBefore, repeatScan } from './scan-state';
import { isOlder, readingOf, slackOf, type StampReading, type StoredVersion } from './version-order';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const SETTLE_MARGIN_MS = MINUTE;
const PAGE_SIZE = 3;
const STREAM = {
  incremental: 'changed_since',
  resource: 'customers',
  detectsDeletions: true,
  zonelessTimes: true,
} as const;
/** Of each zone a clock that is put back in 2026. */
const CHANGES = [
  ['America/New_York', '2026-11-01T06:00:00Z'],
  ['Europe/London', '2026-10-25T01:00:00Z'],
  ['Australia/Lord_Howe', '2026-04-04T15:00:00Z'],
] as const;

interface Row {
  readonly value: number;
  /** As the provider writes it. */
  readonly stamp: string;
  readonly madeMs: number;
}

interface StoredRow extends Row {
  readonly version: StoredVersion;
}

/** An account whose times carry no zone. Its clock, or only its `Date` header, may be ahead for a while. */
class Account {
  readonly rows = new Map<number, Row>();
  clockAheadMs = 0;
  dateAheadMs = 0;
  private lastId = 0;
  private lastValue = 0;

  constructor(
    public trueMs: number,
    private readonly zone: string,
    private readonly comparesBy: 'wall clock' | 'UTC',
  ) {}

  get nowMs(): number {
    return this.trueMs + this.clockAheadMs;
  }

  get date(): Date {
    return new Date(this.nowMs + this.dateAheadMs);
  }

  write(id: number | null): void {
    const key = id === null || !this.rows.has(id) ? ++this.lastId : id;
    const stamp = wallClock(new Date(this.nowMs), this.zone);
    this.rows.set(key, { value: ++this.lastValue, stamp, madeMs: this.nowMs });
  }

  page(filter: string | null, number: number): { rows: [number, Row][]; total: number; next: string | null } {
    const compared = ({ stamp, madeMs }: Row): string =>
      this.comparesBy === 'UTC' ? wallClock(new Date(madeMs), null) : stamp;
    const list = [...this.rows]
      .filter(([, row]) => filter === null || compared(row) >= filter)
      .sort(([one], [other]) => one - other);
    const rows = list.slice((number - 1) * PAGE_SIZE, number * PAGE_SIZE);
    return { rows, total: list.length, next: number * PAGE_SIZE < list.length ? String(number + 1) : null };
  }
}

/** What the engine does with pages, rows and a cursor, over a store in memory. Our clock is `ourLeadMs` ahead. */
class Reader {
  readonly store = new Map<number, StoredRow>();
  private readonly known = new Set<number>();
  private readonly read = new Map<string, { atMs: number; reading: number | null }>();
  private cursor: StreamCursor = { ...EMPTY_CURSOR, filter: { state: 'honoured', checkedAt: null } };
  private runs = 0;

  constructor(
    private readonly account: Account,
    private readonly stamps: StampReading,
    private readonly ourLeadMs: number,
  ) {}

  run(fullResync: boolean, betweenPages: () => void): void {
    const { account } = this;
    const { zone } = this.stamps;
    const runId = `run-${this.runs++}`;
    let scan = planScan({
      stream: STREAM,
      cursor: this.cursor,
      readAs: 'seed',
      now: this.ourNow(),
      runId,
      fullResync,
      lookbackDays: 90,
      timezone: zone,
    });
    let from: number | undefined;
    const filter = scan.since === null ? null : zonelessFilterTime(new Date(scan.since), zone);
    for (;;) {
      const page = account.page(filter, Number(scan.position ?? 1));
      const { rows } = page;
      scan = afterPage(scan, { ...page, received: { rows: rows.length }, providerTime: account.date }, this.ourNow());
      const late = lateBefore(scan, STREAM, zone, SETTLE_MARGIN_MS)!.getTime();
      from ??= changedFrom(scan, STREAM, zone)?.getTime() ?? Infinity;
      const found = rows.filter(([id, row]) => this.take(id, row, scan.kind === 'full'));
      const lateRows = found.filter(([, row]) => this.readStamp(row).atMs < late);
      const freshRows = found.filter(([id, row]) => !this.known.has(id) && this.readStamp(row).atMs >= from!);
      for (const [id] of found) this.known.add(id);
      scan = {
        ...scan,
        late: scan.late + lateRows.length,
        grew: (scan.grew ?? false) || freshRows.length > 0,
      };
      betweenPages();
      if (page.next !== null) continue;
      const end = endOfPages(scan, STREAM);
      if (end === 'repeat') {
        scan = repeatScan(scan);
        continue;
      }
      const progress = end === 'complete';
      this.cursor = completeScan(this.cursor, scan, {
        settleMarginMs: SETTLE_MARGIN_MS,
        databaseNow: this.ourNow(),
        runId,
        progress,
      });
      return;
    }
  }

  /** Whether the row is stored as a change. */
  private take(id: number, row: Row, providersWord: boolean): boolean {
    const stored = this.store.get(id);
    const stamp = this.readStamp(row);
    const nowMs = this.ourNow().getTime();
    const context = { providersWord, slackMs: slackOf(this.stamps), epoch: 0, nowMs };
    if (stored && (stored.value === row.value || isOlder(stamp, stored.version, context))) return false;
    // what is ahead of the clock when it is stored is never compared with
    const reading = stamp.atMs > nowMs ? null : stamp.reading;
    this.store.set(id, { ...row, version: { ...stamp, reading, epoch: 0, deleted: false } });
    return true;
  }

  private readStamp({ stamp }: Row): { atMs: number; reading: number | null } {
    let read = this.read.get(stamp);
    if (read === undefined) {
      const atMs = parseTime(stamp, this.stamps.zone, 'updated')!.getTime();
      this.read.set(stamp, (read = { atMs, reading: readingOf(atMs, this.stamps) }));
    }
    return read;
  }

  private ourNow(): Date {
    return new Date(this.account.trueMs + this.ourLeadMs);
  }
}

const rowAct = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('edit'), size: fc.integer({ min: 1, max: 9 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('create'), size: fc.constant(0) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('delete'), size: fc.integer({ min: 1, max: 9 }) }) },
);
const act = fc.oneof(
  { weight: 6, arbitrary: rowAct },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('wait'), size: fc.integer({ min: 0, max: 25 }) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('run', 'full run'), size: fc.constant(0) }) },
);
const history = fc.record({
  change: fc.constantFrom(...CHANGES),
  comparesBy: fc.constantFrom('wall clock' as const, 'UTC' as const),
  isZoneKnown: fc.boolean(),
  /** Before the clock change. */
  minutes: fc.integer({ min: -50, max: 40 }),
  ourLeadMs: fc.constantFrom(0, 2 * HOUR, 30 * 24 * HOUR),
  /** In the first part of the history: of the `Date` header where our clock is ahead, else of the whole clock. */
  aheadMs: fc.constantFrom(0, 30 * MINUTE, 20 * HOUR),
  before: fc.array(act, { maxLength: 12 }),
  after: fc.array(act, { minLength: 1, maxLength: 20 }),
  /** What happens between two pages, over and over. */
  between: fc.array(fc.array(rowAct, { maxLength: 3 }), { minLength: 1, maxLength: 5 }),
});

describe('a list whose stamps carry no zone, around an hour that a clock change repeats', () => {
  it('loses no change once a full scan was made under the right clock, whatever was read under a wrong one', () => {
    fc.assert(
      fc.property(history, ({ change: [zone, at], isZoneKnown, comparesBy, ...drawn }) => {
        const account = new Account(Date.parse(at) - drawn.minutes * MINUTE, zone, comparesBy);
        const stamps = { zoneless: true, zone: isZoneKnown ? zone : null };
        const reader = new Reader(account, stamps, drawn.ourLeadMs);
        let pagesRead = 0;
        const betweenPages = (): void => {
          account.trueMs += SECOND;
          drawn.between[pagesRead++ % drawn.between.length]!.forEach(perform);
        };
        const perform = ({ kind, size }: { kind: string; size: number }): void => {
          if (kind === 'edit') account.write(size);
          if (kind === 'create' && account.rows.size < 10) account.write(null);
          if (kind === 'delete') account.rows.delete(size);
          if (kind === 'wait') account.trueMs += size * MINUTE;
          if (kind.endsWith('run')) reader.run(kind === 'full run', betweenPages);
        };
        for (let count = 0; count < 7; count++) account.write(null);
        account[drawn.ourLeadMs > 0 ? 'dateAheadMs' : 'clockAheadMs'] = drawn.aheadMs;
        drawn.before.forEach(perform);
        account.dateAheadMs = account.clockAheadMs = 0;
        reader.run(true, betweenPages);
        drawn.after.forEach(perform);
        reader.run(false, () => undefined);
        const lost = [...account.rows].filter(([id, row]) => reader.store.get(id)?.value !== row.value);
        return lost.length === 0;
      }),
      { numRuns: 200, seed: 20_261_101 },
    );
  });
});
