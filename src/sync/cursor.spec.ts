import fc from 'fast-check';
import { completeScan, EMPTY_CURSOR, parseCursor, type StreamCursor } from './cursor';
import { OVERLAP_MS, ZONELESS_OVERLAP_MS } from './overlap';
import { FULL_SCAN_INTERVAL_MS, planScan } from './scan-plan';
import {
  afterPage,
  changedFrom,
  endOfPages,
  lateBefore,
  repeatScan,
  sawAllThatIsStored,
  withFindings,
} from './scan-state';
import { isOlder, readingOf } from './version-order';

const SECOND = 1_000;
const SETTLE_MARGIN_MS = 60 * SECOND;
const PAGE_SIZE = 3;
const READ_AS = 'seed';
/** A filter that has been proven: without it every scan is a full one. */
const PROVEN: StreamCursor = { ...EMPTY_CURSOR, filter: { state: 'honoured', checkedAt: '2026-01-01T00:00:00.000Z' } };

interface Row {
  readonly id: number;
  value: number;
  updated: number;
  /** Of what the store holds: `readingOf`. */
  reading?: number | null;
  /** When the provider's list begins to show the row as it is: later than `updated` for rows that commit late. */
  visibleAt: number;
}

/** A provider that pages by number through what changed since a time, and shrinks and grows while it is read. */
class Provider {
  readonly rows = new Map<number, Row>();
  private readonly shown = new Map<number, Row>();
  private nextId = 1;
  /** By how much its clock is ahead of ours. */
  aheadMs = 0;

  constructor(public now: number) {}

  /** By its own clock. */
  get time(): number {
    return this.now + this.aheadMs;
  }

  write(id: number | null, lateMs: number): void {
    const key = id === null || !this.rows.has(id) ? this.nextId++ : id;
    const value = (this.rows.get(key)?.value ?? 0) + 1;
    this.rows.set(key, { id: key, value, updated: this.time, visibleAt: this.now + lateMs });
  }

  delete(id: number): void {
    this.rows.delete(id);
    this.shown.delete(id);
  }

  page(since: number | null, number: number): { rows: Row[]; total: number; next: string | null } {
    for (const row of this.rows.values()) if (row.visibleAt <= this.now) this.shown.set(row.id, { ...row });
    const list = [...this.shown.values()]
      .filter((row) => since === null || row.updated >= since)
      .sort((a, b) => a.id - b.id);
    const rows = list.slice((number - 1) * PAGE_SIZE, number * PAGE_SIZE);
    return { rows, total: list.length, next: number * PAGE_SIZE < list.length ? String(number + 1) : null };
  }
}

/**
 * The engine's part, over a store in memory: what StreamSync and PageCommit do with a cursor, without the deletions.
 */
class Reader {
  readonly store = new Map<number, Row>();
  cursor: StreamCursor = PROVEN;
  private runs = 0;

  constructor(private readonly provider: Provider) {}

  /** One run; `between` happens after each page, as it would at a real provider. */
  run(between: () => void): void {
    const runId = `run-${this.runs++}`;
    const stream = {
      incremental: 'changed_since',
      resource: 'customers',
      detectsDeletions: true,
      zonelessTimes: false,
    } as const;
    let scan = planScan({
      stream,
      cursor: this.cursor,
      readAs: READ_AS,
      now: new Date(this.provider.now),
      runId,
      fullResync: false,
      lookbackDays: 90,
      timezone: 'UTC',
    });
    for (;;) {
      const page = this.provider.page(scan.since === null ? null : Date.parse(scan.since), Number(scan.position ?? 1));
      scan = afterPage(
        scan,
        { ...page, received: { rows: page.rows.length }, providerTime: new Date(this.provider.time) },
        new Date(this.provider.now),
      );
      const { late, fresh } = this.commit(
        page.rows,
        scan.kind === 'full',
        lateBefore(scan, stream, 'UTC', SETTLE_MARGIN_MS)!,
        changedFrom(scan, stream, 'UTC'),
      );
      scan = { ...scan, late: scan.late + late, grew: scan.grew || fresh > 0 };
      between();
      if (page.next !== null) continue;
      const end = endOfPages(scan, stream);
      if (end === 'repeat') {
        scan = repeatScan(scan);
        continue;
      }
      const databaseNow = new Date(this.provider.now);
      const progress = end === 'complete';
      this.cursor = completeScan(this.cursor, scan, { settleMarginMs: SETTLE_MARGIN_MS, databaseNow, runId, progress });
      return;
    }
  }

  private commit(
    rows: readonly Row[],
    providersWord: boolean,
    before: Date,
    from: Date | null,
  ): { late: number; fresh: number } {
    let [late, fresh] = [0, 0];
    const order = { providersWord, slackMs: 0, epoch: 1, nowMs: this.provider.now };
    const stamp = (row: Row) => ({ atMs: row.updated, reading: row.reading! });
    const stamps = { zoneless: false, zone: 'UTC', setbacks: this.cursor.clockSetbacks };
    for (const listed of rows) {
      const row = { ...listed, reading: readingOf(listed.updated, stamps) };
      const stored = this.store.get(row.id);
      if (stored?.value === row.value) continue;
      if (stored && isOlder(stamp(row), { ...stamp(stored), epoch: 1, deleted: false }, order)) continue;
      this.store.set(row.id, row);
      if (row.updated < before.getTime()) late++;
      if (!stored && from !== null && row.updated >= from.getTime()) fresh++;
    }
    return { late, fresh };
  }
}

const act = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('edit' as const), id: fc.integer({ min: 1, max: 14 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('create' as const), id: fc.constant(0) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('delete' as const), id: fc.integer({ min: 1, max: 14 }) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('wait' as const), id: fc.integer({ min: 0, max: 600 }) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('run' as const), id: fc.constant(0) }) },
);
const history = fc.record({
  before: fc.integer({ min: 0, max: 12 }),
  acts: fc.array(act, { minLength: 1, maxLength: 60 }),
  /** How late rows become visible: always within the settle margin, which is what it is for. */
  lateMs: fc.array(fc.integer({ min: 0, max: 55 * SECOND }), { minLength: 1, maxLength: 8 }),
  /** What happens between two pages of a run: several operations may leave the count as it was. */
  between: fc.array(fc.array(act, { maxLength: 4 }), { maxLength: 30 }),
});

const firstScan = () =>
  planScan({
    stream: { incremental: 'changed_since', resource: 'customers' },
    cursor: EMPTY_CURSOR,
    readAs: READ_AS,
    now: new Date(0),
    runId: 'r',
    fullResync: false,
    lookbackDays: 90,
    timezone: 'UTC',
  });

it('is complete by itself in the first pass of a scan that began with nothing stored, and in no other', () => {
  const scan = firstScan();
  expect(sawAllThatIsStored(scan)).toBe(false);
  expect(sawAllThatIsStored({ ...scan, fromEmpty: true })).toBe(true);
  expect(sawAllThatIsStored(repeatScan({ ...scan, fromEmpty: true }))).toBe(false);
  // as an older version repeats it
  expect(sawAllThatIsStored({ ...scan, fromEmpty: true, restarts: 1 })).toBe(false);
});

it('a pass over the list that is repeated knows nothing of the one before', () => {
  const begun = firstScan();
  const facts = { fromEmpty: true, fellShort: true, drifted: true, grew: true, total: 7, pages: 3, rows: 9 };
  const read = { ...begun, ...facts, position: '4', commits: 2, late: 1, restarts: 1 };
  const ofPasses = { fromEmpty: false, grew: false, rows: 0, restarts: 2 };
  expect(repeatScan(read)).toEqual({ ...begun, ...ofPasses, id: expect.any(String) });
  expect(repeatScan(read).id).not.toBe(begun.id);
});

describe('cursors', () => {
  it('see every settled row exactly once, whatever happens while the list is read', () => {
    fc.assert(
      fc.property(history, ({ before, acts, lateMs, between }) => {
        const provider = new Provider(Date.parse('2026-01-01T00:00:00Z'));
        const reader = new Reader(provider);
        let late = 0;
        const perform = ({ kind, id }: { kind: string; id: number }) => {
          if (kind === 'edit') provider.write(id, lateMs[late++ % lateMs.length]!);
          if (kind === 'create') provider.write(null, lateMs[late++ % lateMs.length]!);
          if (kind === 'delete') provider.delete(id);
          if (kind === 'wait') provider.now += id * SECOND;
        };
        for (let count = 0; count < before; count++) provider.write(null, 0);
        const interleaved = [...between];
        const next = () => {
          provider.now += SECOND / 2;
          for (const one of interleaved.shift() ?? []) if (one.kind !== 'run') perform(one);
        };
        for (const one of acts) {
          if (one.kind === 'run') reader.run(next);
          else perform(one);
        }
        // settled: everything has become visible, and two more runs have come
        provider.now += 10 * 60 * SECOND;
        reader.run(() => undefined);
        reader.run(() => undefined);
        const stale = [...provider.rows.values()].filter((row) => reader.store.get(row.id)?.value !== row.value);
        return stale.length === 0;
      }),
      { numRuns: 5_000, seed: 20_260_501 },
    );
  });

  it('see what changes after the provider’s clock was moved, once two runs have come', () => {
    const MINUTE = 60 * SECOND;
    const step = fc
      .integer({ min: -2 * 24 * 60, max: 2 * 24 * 60 })
      .map((minutes) => ({ kind: 'step' as const, id: minutes * MINUTE }));
    const acts = fc.array(fc.oneof({ weight: 12, arbitrary: act }, { weight: 2, arbitrary: step }), { maxLength: 60 });
    fc.assert(
      fc.property(acts, fc.integer({ min: 0, max: 2_000 }), (moves, passes) => {
        const provider = new Provider(Date.parse('2026-01-01T00:00:00Z'));
        const reader = new Reader(provider);
        const next = () => undefined;
        for (let count = 0; count < 6; count++) provider.write(null, 0);
        for (const { kind, id } of moves) {
          if (kind === 'edit') provider.write(id, 0);
          if (kind === 'create') provider.write(null, 0);
          if (kind === 'wait') provider.now += id * SECOND;
          if (kind === 'run') reader.run(next);
          // what is less is made up for by the overlap, and a time that no run has seen leaves no trace
          if (kind !== 'step' || Math.abs(provider.aheadMs - id) <= OVERLAP_MS) continue;
          reader.run(next);
          provider.aheadMs = id;
          provider.write(1, 0);
          provider.now += passes * MINUTE;
        }
        reader.run(next);
        provider.now += 10 * MINUTE;
        reader.run(next);
        const stale = [...provider.rows.values()].filter((row) => reader.store.get(row.id)?.value !== row.value);
        return stale.length === 0;
      }),
      { numRuns: 3_000, seed: 20_261_130 },
    );
  });

  const base = {
    stream: { incremental: 'changed_since', resource: 'customers' } as const,
    readAs: READ_AS,
    now: new Date('2026-05-01T12:00:00Z'),
    runId: 'run',
    fullResync: false,
    lookbackDays: 90,
    timezone: 'UTC',
  };
  const stored: StreamCursor = {
    ...PROVEN,
    readAs: READ_AS,
    watermark: '2026-05-01T11:00:00.000Z',
    fullScanAt: '2026-04-30T00:00:00.000Z',
  };

  it('begins with a full scan, and looks back by the overlap afterwards', () => {
    expect(planScan({ ...base, cursor: EMPTY_CURSOR })).toMatchObject({ kind: 'full', since: null, floor: null });
    const since = Date.parse(stored.watermark!) - OVERLAP_MS;
    expect(planScan({ ...base, cursor: stored })).toMatchObject({
      kind: 'incremental',
      since: new Date(since).toISOString(),
    });
  });

  it('looks back 26 hours where times carry no zone and the zone is unknown', () => {
    const stream = { ...base.stream, zonelessTimes: true };
    const since = Date.parse(stored.watermark!) - ZONELESS_OVERLAP_MS;
    expect(planScan({ ...base, stream, cursor: stored, timezone: null }).since).toBe(new Date(since).toISOString());
  });

  it('looks back by the window in which rows change unannounced, and not beyond the floor', () => {
    const stream = { resource: 'invoices', incremental: 'newest_first', mutableWindowDays: 45 } as const;
    const back = Date.parse(stored.watermark!) - 45 * 86_400_000 - OVERLAP_MS;
    const cursor = { ...stored, readBackTo: '2025-01-01T00:00:00.000Z' };
    const since = (more: object) => planScan({ ...base, stream, cursor, ...more }).since;
    expect(since({})).toBe(new Date(back).toISOString());
    expect(since({ lookbackDays: 30 })).toBe(new Date(base.now.getTime() - 30 * 86_400_000).toISOString());
    expect(since({ stream: { ...stream, resource: 'customers' }, lookbackDays: 30 })).toBe(
      new Date(back).toISOString(),
    );
    expect(since({ stream: { ...stream, mutableWindowDays: undefined } })).toBe(
      new Date(Date.parse(stored.watermark!) - OVERLAP_MS).toISOString(),
    );
  });

  it('scans whole again after seven days, and when a run asks for it, once per run', () => {
    const old = { ...stored, fullScanAt: new Date(base.now.getTime() - FULL_SCAN_INTERVAL_MS).toISOString() };
    expect(planScan({ ...base, cursor: old }).kind).toBe('full');
    const asked = planScan({ ...base, cursor: stored, fullResync: true });
    expect(asked).toMatchObject({ kind: 'full', requestedBy: 'run' });
    expect(planScan({ ...base, cursor: { ...stored, scan: asked }, fullResync: true })).toBe(asked);
    expect(planScan({ ...base, cursor: { ...stored, scan: asked }, fullResync: true, runId: 'other' }).id).not.toBe(
      asked.id,
    );
  });

  it('scans whole again when the lookback reaches further back than the last full scan did, and once only', () => {
    const stream = { resource: 'invoices', incremental: 'changed_since' } as const;
    const plan = (cursor: StreamCursor, lookbackDays: number) =>
      planScan({ ...base, stream, cursor: { ...stored, ...cursor }, lookbackDays });
    const daysBack = (days: number) => new Date(base.now.getTime() - days * 86_400_000).toISOString();
    const read = { ...stored, readBackTo: daysBack(90) };
    expect(plan(read, 90).kind).toBe('incremental');
    expect(plan(read, 30).kind).toBe('incremental');
    const deeper = plan(read, 91);
    expect(deeper).toMatchObject({ kind: 'full', floor: daysBack(91) });
    const end = { settleMarginMs: SETTLE_MARGIN_MS, databaseNow: base.now, runId: 'run', progress: true };
    expect(plan(completeScan(read, deeper, end), 91).kind).toBe('incremental');
    expect(plan(completeScan(read, deeper, { ...end, progress: false }), 91).kind).toBe('full');
    // not known, as of a cursor of a former version
    expect(plan({ ...read, readBackTo: null }, 90).kind).toBe('full');
    // one that is under way and ends too early is not gone on with
    const underWay = plan(read, 60);
    expect(plan({ ...read, scan: underWay }, 60)).toBe(underWay);
    expect(plan({ ...read, scan: underWay }, 61).id).not.toBe(underWay.id);
    // what has no floor is read whole anyway
    expect(planScan({ ...base, cursor: stored, lookbackDays: 999 }).kind).toBe('incremental');
  });

  it('makes the lookback the floor of invoices and payments', () => {
    const stream = { ...base.stream, resource: 'invoices' } as const;
    const floor = new Date(base.now.getTime() - 90 * 86_400_000).toISOString();
    expect(planScan({ ...base, stream, cursor: EMPTY_CURSOR })).toMatchObject({ kind: 'full', floor });
  });

  it('never passes the earlier of the provider’s clock and ours at the scan’s start, minus the settle margin', () => {
    const scan = { ...planScan({ ...base, cursor: stored }), startedAt: '2026-05-01T11:30:00.000Z' };
    const end = { settleMarginMs: SETTLE_MARGIN_MS, databaseNow: base.now, runId: 'run', progress: true };
    expect(completeScan(stored, scan, end).watermark).toBe('2026-05-01T11:29:00.000Z');
    const ahead = { ...scan, startedAt: '2026-05-03T12:00:00.000Z' };
    expect(completeScan(stored, ahead, end).watermark).toBe('2026-05-01T11:59:00.000Z');
  });

  it('goes back after a full scan, and to our clock after any, never otherwise', () => {
    const end = { settleMarginMs: SETTLE_MARGIN_MS, databaseNow: base.now, runId: 'run', progress: true };
    const behind = { startedAt: '2026-05-01T10:00:00.000Z' };
    const incremental = { ...planScan({ ...base, cursor: stored }), ...behind };
    expect(completeScan(stored, incremental, end).watermark).toBe(stored.watermark);
    expect(completeScan(stored, incremental, { ...end, progress: false }).watermark).toBe(stored.watermark);
    const full = { ...planScan({ ...base, cursor: stored, fullResync: true }), ...behind };
    expect(completeScan(stored, full, end).watermark).toBe('2026-05-01T09:59:00.000Z');
    // nor does it stay ahead of what a scan has read whose list never came to rest
    const restless = { ...end, progress: false };
    expect(completeScan(stored, full, restless).watermark).toBe('2026-05-01T09:59:00.000Z');
    expect(completeScan(stored, { ...full, startedAt: base.now.toISOString() }, restless).watermark).toBe(
      stored.watermark,
    );
    expect(completeScan({ ...stored, watermark: null }, full, restless).watermark).toBeNull();
    const future = { ...stored, watermark: '2026-06-01T00:00:00.000Z' };
    expect(completeScan(future, incremental, end).watermark).toBe('2026-05-01T11:59:00.000Z');
    expect(completeScan(future, incremental, { ...end, progress: false }).watermark).toBe('2026-05-01T11:59:00.000Z');
  });

  it('reads the whole list where the changed-since filter is not known to be honoured', () => {
    for (const state of ['ignored', 'refused', 'unproven'] as const) {
      const cursor = { ...stored, filter: { state, checkedAt: null } };
      expect(planScan({ ...base, cursor }).kind).toBe('full');
      const ordered = { ...base.stream, incremental: 'newest_first' } as const;
      expect(planScan({ ...base, stream: ordered, cursor }).kind).toBe('incremental');
    }
  });

  it('reads a list that is newest first twice where rows may have slipped from page to page, and no more than twice', () => {
    const stream = { incremental: 'newest_first', detectsDeletions: true } as const;
    const scan = { ...planScan({ ...base, cursor: EMPTY_CURSOR }), pages: 2 };
    expect(endOfPages(scan, stream)).toBe('repeat');
    expect(endOfPages({ ...repeatScan(scan), pages: 2, late: 5 }, stream)).toBe('complete');
    expect(endOfPages({ ...scan, pages: 1 }, stream)).toBe('complete');
    // a window is read again by the next scan, and what never leaves the list pulls no other forward
    expect(endOfPages({ ...scan, kind: 'incremental' }, stream)).toBe('complete');
    expect(endOfPages(scan, { ...stream, detectsDeletions: false })).toBe('complete');
    expect(endOfPages(scan, { ...stream, incremental: 'full' })).toBe('complete');
  });

  it('counts rows for new from its start on, or a day before it where nobody knows the zone', () => {
    const scan = { kind: 'full', startedAt: '2026-05-02T12:00:00.000Z' } as const;
    expect(changedFrom(scan, { zonelessTimes: true }, 'UTC')).toEqual(new Date('2026-05-02T11:55:00.000Z'));
    expect(changedFrom(scan, { zonelessTimes: true }, null)).toEqual(new Date('2026-05-01T10:00:00.000Z'));
    expect(changedFrom(scan, { zonelessTimes: false }, null)).toEqual(new Date('2026-05-02T11:55:00.000Z'));
    expect(changedFrom({ ...scan, kind: 'incremental' }, {}, 'UTC')).toBeNull();
    expect(changedFrom({ ...scan, startedAt: null }, {}, 'UTC')).toBeNull();
    // what is made in a repeated hour is read as of the hour before
    const repeated = { ...scan, startedAt: '2026-11-01T06:35:00.000Z' };
    const from = changedFrom(repeated, { zonelessTimes: true }, 'America/New_York');
    expect(from).toEqual(new Date('2026-11-01T05:30:00.000Z'));
    expect(changedFrom(repeated, {}, 'America/New_York')).toEqual(new Date('2026-11-01T06:30:00.000Z'));
  });

  it('counts changes for late that the next scan does not look back to', () => {
    const scan = { ...planScan({ ...base, cursor: stored }), startedAt: '2026-05-01T11:30:00.000Z' };
    const late = (zonelessTimes: boolean, zone: string | null) =>
      lateBefore(scan, { zonelessTimes }, zone, SETTLE_MARGIN_MS);
    expect(late(false, null)).toEqual(new Date('2026-05-01T11:24:00.000Z'));
    expect(late(true, 'America/New_York')).toEqual(new Date('2026-05-01T11:24:00.000Z'));
    expect(late(true, null)).toEqual(new Date('2026-04-30T09:29:00.000Z'));
    const ahead = { ...scan, startedAt: '2026-05-03T12:00:00.000Z' };
    expect(lateBefore(ahead, {}, 'UTC', SETTLE_MARGIN_MS)).toEqual(new Date('2026-05-01T11:54:00.000Z'));
    expect(lateBefore({ ...scan, startedAt: null }, {}, 'UTC', SETTLE_MARGIN_MS)).toBeNull();
  });

  it('keeps in mind that rows change without saying when, found by a full scan of what was read before', () => {
    const found = { late: 0, fresh: 0, undated: 1, fromEmpty: false };
    const scan = planScan({ ...base, cursor: stored, fullResync: true });
    expect(withFindings(scan, found, true).undatedChange).toBe(true);
    expect(withFindings(scan, { ...found, undated: 0 }, true).undatedChange).toBe(false);
    expect(withFindings({ ...scan, undatedChange: true }, { ...found, undated: 0 }, true).undatedChange).toBe(true);
    // everything is new to a first scan, and changed for one that reads otherwise; a filter told of what it let through
    expect(withFindings(scan, found, false).undatedChange).toBe(false);
    expect(withFindings({ ...scan, rereads: true }, found, true).undatedChange).toBe(false);
    expect(withFindings({ ...scan, kind: 'incremental' }, found, true).undatedChange).toBe(false);
    const end = { settleMarginMs: SETTLE_MARGIN_MS, databaseNow: base.now, runId: 'run', progress: true };
    const completed = completeScan(stored, { ...scan, undatedChange: true }, end);
    expect(completed.filter).toEqual({ ...stored.filter, undatedChange: true });
    expect(completeScan(completed, scan, end).filter.undatedChange).toBe(true);
    expect(completeScan(completed, { ...scan, filterIgnored: true }, end).filter).toMatchObject({
      state: 'ignored',
      undatedChange: true,
    });
    expect(completeScan(stored, scan, end).filter).toEqual(stored.filter);
  });

  it('takes a filter that let everything through for ignored', () => {
    const end = { settleMarginMs: SETTLE_MARGIN_MS, databaseNow: base.now, runId: 'run', progress: true };
    const page = { next: null, providerTime: base.now, total: null, received: { rows: 1 }, filterIgnored: true };
    const scan = afterPage(planScan({ ...base, cursor: stored }), page, base.now);
    expect(completeScan(stored, scan, end).filter).toEqual({ state: 'ignored', checkedAt: base.now.toISOString() });
  });

  it('reads everything anew, beyond the floor too, when rows are understood otherwise', () => {
    const cursor = { ...stored, readAs: 'before' };
    expect(planScan({ ...base, cursor })).toMatchObject({ kind: 'full', rereads: true, readAs: READ_AS });
    const underWay = planScan({ ...base, cursor: stored });
    const changed = planScan({ ...base, cursor: { ...stored, scan: underWay }, readAs: 'after' });
    expect(changed).toMatchObject({ kind: 'full', rereads: true, readAs: 'after' });
    expect(changed.id).not.toBe(underWay.id);
    // nothing is stored before the first scan
    expect(planScan({ ...base, cursor: EMPTY_CURSOR })).toMatchObject({ kind: 'full', rereads: false });
    const end = { settleMarginMs: SETTLE_MARGIN_MS, databaseNow: base.now, runId: 'run', progress: true };
    expect(completeScan(cursor, planScan({ ...base, cursor }), end).readAs).toBe(READ_AS);
    expect(completeScan(cursor, planScan({ ...base, cursor }), { ...end, progress: false }).readAs).toBe('before');
  });

  it('dates what it has read by the database’s clock at its start, less the settle margin, and only when it is complete', () => {
    const begun = planScan({ ...base, cursor: stored });
    const end = { settleMarginMs: SETTLE_MARGIN_MS, databaseNow: new Date(), runId: 'run', progress: true };
    const readFrom = new Date(base.now.getTime() - SETTLE_MARGIN_MS).toISOString();
    expect(completeScan(stored, begun, end).readFrom).toBe(readFrom);
    // a list that is read again has been read from the first pass on
    expect(completeScan(stored, repeatScan(begun), end).readFrom).toBe(readFrom);
    const before = { ...stored, readFrom: '2026-04-01T00:00:00.000Z' };
    expect(completeScan(before, begun, { ...end, progress: false }).readFrom).toBe(before.readFrom);
  });

  it('reads a cursor of an unknown version as a full scan', () => {
    for (const unknown of [null, {}, { v: 99, watermark: 'x' }, 'text', 7])
      expect(parseCursor(unknown)).toEqual(EMPTY_CURSOR);
    expect(parseCursor({ ...stored })).toEqual(stored);
  });
});
