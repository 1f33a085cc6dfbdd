import { randomUUID } from 'node:crypto';
import { earliestReading, type Page, type Stream } from '../providers';
import { clockFinding, OVERLAP_MS, wasPutBack, type ClockFinding } from './provider-clock';

export const CURSOR_VERSION = 1;

/**
 * Where a stream stands. The engine owns it; the provider only ever contributes an opaque page position. It is stored
 * with the records of the page it follows, in one transaction.
 */
export interface StreamCursor {
  readonly v: typeof CURSOR_VERSION;
  /** Everything that the provider had changed up to this time has been seen (ISO-8601, the provider's clock). */
  readonly watermark: string | null;
  /** When the last complete full scan ended (ISO-8601, the database's clock). */
  readonly fullScanAt: string | null;
  /**
   * As the watermark, by the database's clock, and of complete scans only: what had changed up to this time has been
   * read.
   */
  readonly readFrom: string | null;
  /** The run that last completed a scan of this stream: a run that takes up again does not scan it twice. */
  readonly completedBy: string | null;
  /**
   * What the rows of the last complete full scan were understood by (`digestSeed`): with another one they are all read
   * again.
   */
  readonly readAs: string | null;
  /** How far back that scan read (ISO-8601); null: to the list's end, or it is not known. */
  readonly readBackTo: string | null;
  /** What is known of the provider's changed-since filter on this account. */
  readonly filter: FilterFinding;
  /** The provider's clock at the last complete scan, where that was far off. Absent: it was not, or it is not known. */
  readonly providerClock?: ClockFinding;
  /** How often that clock was put back (`wasPutBack`). Absent: never, as far as is known. */
  readonly clockSetbacks?: number;
  /** Records of the stream may carry the mark of a scan that missed them. */
  readonly mayMiss: boolean;
  /** The last full scan found an empty list although records were stored: its misses are held, and do not count. */
  readonly foundEmpty: boolean;
  /** External id of the row that was followed last: the next run goes on behind it. */
  readonly followedTo: string | null;
  readonly scan: ScanState | null;
}

/**
 * `honoured`: it returned all known changes. `ignored`: it returns the whole list. `refused`: it is an error.
 * `unproven`: it did not return the changes that are known, or there is none to ask for. Only a filter that is honoured
 * is used.
 */
export const FILTER_STATES = ['honoured', 'ignored', 'refused', 'unproven'] as const;
export type FilterState = (typeof FILTER_STATES)[number];

export interface FilterFinding {
  readonly state: FilterState;
  /** ISO-8601, the database's clock; null: never. */
  readonly checkedAt: string | null;
  /**
   * A full scan has found rows that were made or changed and carry no time of it: no filter by time tells of them.
   * Absent: none.
   */
  readonly undatedChange?: boolean;
}

export interface ScanState {
  readonly id: string;
  readonly kind: 'full' | 'incremental';
  /** `settle`: all pages were read, and the rows that were missing from them are being asked for one by one. */
  readonly phase: 'pages' | 'settle';
  readonly since: string | null;
  readonly floor: string | null;
  readonly position: string | null;
  /** Before its first page was asked for (ISO-8601, the database's clock). */
  readonly begunAt: string | null;
  /** The provider's clock when the first page was answered; null before that. */
  readonly startedAt: string | null;
  /** By how much that was ahead of the database's clock. Absent: the provider did not say. */
  readonly clockAheadMs?: number;
  /** What the scan missed was marked: once a scan, so that rows which turn out to be there are not asked for again. */
  readonly judged: boolean;
  /**
   * Nothing of the resource was stored when the scan's first rows were committed: all that is stored of the stream is
   * what the scan saw, so that nothing can be missing from it. Absent: not known, or not so.
   */
  readonly fromEmpty?: boolean;
  /** Commits of this scan so far: the scan's seen set, where one is kept, must hold exactly as many rows. */
  readonly commits: number;
  /** The provider's count of the whole list at the last page. */
  readonly total: number | null;
  /** Pages read in this pass. */
  readonly pages: number;
  /** Rows that these pages held; absent: not counted. */
  readonly rows?: number;
  /** What rows are understood by (`digestSeed`). */
  readonly readAs: string;
  /**
   * The rows are understood otherwise than before: the scan reaches back beyond the floor, for what is stored from
   * there.
   */
  readonly rereads: boolean;
  /** The changed-since filter turned out to be ignored. */
  readonly filterIgnored: boolean;
  /** Of `FilterFinding`: found by this scan. */
  readonly undatedChange?: boolean;
  /** The provider says that it has no such list: that tells nothing of what has changed. Absent: it does not. */
  readonly listAbsent?: boolean;
  /** The provider counts more rows than it listed: not every row may have been seen. */
  readonly fellShort: boolean;
  /** The last of the missing rows that the provider was asked for by id. */
  readonly settledTo?: string | null;
  /** The provider's count changed between two pages of this pass: rows have moved, and one may have slipped past. */
  readonly drifted: boolean;
  /**
   * Rows that nobody knew were made since the scan began: the list has grown, and if its count has not, it has lost
   * others. Absent: no.
   */
  readonly grew?: boolean;
  /**
   * Changes found in this pass that are older than what the next scan will look back to: an earlier pass slipped past
   * them. Of a first pass it says nothing.
   */
  readonly late: number;
  /** How often the list was read again. */
  readonly restarts: number;
  /** Set for a full scan that a run asked for, so that it is not begun twice by the same run. */
  readonly requestedBy: string | null;
}

export const EMPTY_CURSOR: StreamCursor = {
  v: CURSOR_VERSION,
  watermark: null,
  fullScanAt: null,
  readFrom: null,
  completedBy: null,
  readAs: null,
  readBackTo: null,
  filter: { state: 'unproven', checkedAt: null },
  mayMiss: false,
  foundEmpty: false,
  followedTo: null,
  scan: null,
};

/** Reads a stored cursor of any version. An unknown one means a full scan: reading twice is safe, guessing is not. */
export function parseCursor(stored: unknown): StreamCursor {
  if (stored === null || typeof stored !== 'object' || !('v' in stored) || stored.v !== CURSOR_VERSION)
    return EMPTY_CURSOR;
  return { ...EMPTY_CURSOR, ...(stored as Partial<StreamCursor>) };
}

/** A full scan of each stream this often finds what no incremental scan can: silent deletions and unannounced edits. */
export const FULL_SCAN_INTERVAL_MS = 7 * 24 * 3_600_000;
/**
 * Zone-less times of an unknown zone may be off by up to 14 hours either way; 26 h covers both sides of the date line.
 */
export const ZONELESS_OVERLAP_MS = 26 * 3_600_000;
const MAX_RESTARTS = 3;

export interface ScanPlanInput {
  readonly stream: Pick<Stream, 'incremental' | 'mutableWindowDays' | 'zonelessTimes' | 'resource'>;
  readonly cursor: StreamCursor;
  /** The database's clock. */
  readonly now: Date;
  /** What rows are understood by now (`digestSeed`). */
  readonly readAs: string;
  readonly runId: string;
  readonly fullResync: boolean;
  readonly lookbackDays: number;
  /** IANA; null: unknown. */
  readonly timezone: string | null;
}

/** The scan to go on with, or the next one to begin. */
export function planScan(input: ScanPlanInput): ScanState {
  const { stream, cursor, now, runId } = input;
  const underWay = cursor.scan;
  const wantsFull = input.fullResync && underWay?.requestedBy !== runId;
  const floorMs = hasFloor(stream.resource) ? now.getTime() - input.lookbackDays * 86_400_000 : null;
  const isAsWanted = underWay?.readAs === input.readAs && !endsBefore(underWay.floor, floorMs);
  if (underWay && !wantsFull && isAsWanted) return underWay;

  const dueForFull =
    cursor.fullScanAt === null || now.getTime() - Date.parse(cursor.fullScanAt) >= FULL_SCAN_INTERVAL_MS;
  const rereads = cursor.readAs !== input.readAs;
  const full =
    input.fullResync ||
    cursor.watermark === null ||
    stream.incremental === 'full' ||
    (stream.incremental === 'changed_since' && cursor.filter.state !== 'honoured') ||
    rereads ||
    endsBefore(cursor.readBackTo, floorMs) ||
    dueForFull;
  return {
    id: randomUUID(),
    kind: full ? 'full' : 'incremental',
    phase: 'pages',
    since: full ? null : new Date(sinceMs(input, floorMs)).toISOString(),
    floor: floorMs === null ? null : new Date(floorMs).toISOString(),
    position: null,
    begunAt: now.toISOString(),
    startedAt: null,
    judged: false,
    commits: 0,
    total: null,
    pages: 0,
    rows: 0,
    drifted: false,
    late: 0,
    restarts: 0,
    requestedBy: input.fullResync ? runId : null,
    readAs: input.readAs,
    rereads: rereads && cursor.fullScanAt !== null,
    filterIgnored: false,
    fellShort: false,
  };
}

/** Whether reading back to `readBackTo` leaves out rows from the floor on, as after a longer lookback was set. */
function endsBefore(readBackTo: string | null, floorMs: number | null): boolean {
  return floorMs !== null && (readBackTo === null || floorMs < Date.parse(readBackTo));
}

function sinceMs(input: ScanPlanInput, floorMs: number | null): number {
  const { stream, cursor } = input;
  const watermark = Date.parse(cursor.watermark!);
  if (stream.incremental === 'newest_first') {
    const since = watermark - (stream.mutableWindowDays ?? 0) * 86_400_000 - OVERLAP_MS;
    return floorMs === null ? since : Math.max(since, floorMs);
  }
  return watermark - overlapOf(stream, input.timezone);
}

function overlapOf({ zonelessTimes }: Pick<Stream, 'zonelessTimes'>, timezone: string | null): number {
  return zonelessTimes && timezone === null ? ZONELESS_OVERLAP_MS : OVERLAP_MS;
}

/**
 * Nothing can be missing from what is stored of the stream (`ScanState.fromEmpty`). Only of a first pass: a second one
 * may miss what that saw.
 */
export function sawAllThatIsStored(scan: Pick<ScanState, 'fromEmpty' | 'restarts'>): boolean {
  return scan.restarts === 0 && (scan.fromEmpty ?? false);
}

/** The lookback bounds what is money in motion; customers, products and devices are read whole. */
export function hasFloor(resource: Stream['resource']): boolean {
  return resource === 'invoices' || resource === 'payments';
}

/** What of a page moves its scan on. */
export type PageFacts = Pick<
  Page,
  'next' | 'providerTime' | 'total' | 'totalMayBeOfAll' | 'filterIgnored' | 'absent'
> & {
  readonly received: Pick<Page['received'], 'rows'>;
};

/**
 * The scan after a page was read. Its first page dates it: later pages can only be newer than what that page promised.
 */
export function afterPage(scan: ScanState, page: PageFacts, databaseNow: Date): ScanState {
  const rows = scan.rows === undefined ? undefined : scan.rows + page.received.rows;
  return {
    ...scan,
    position: page.next,
    startedAt: scan.startedAt ?? (page.providerTime ?? databaseNow).toISOString(),
    ...(scan.startedAt === null && page.providerTime
      ? { clockAheadMs: page.providerTime.getTime() - databaseNow.getTime() }
      : {}),
    pages: scan.pages + 1,
    rows,
    filterIgnored: scan.filterIgnored || page.filterIgnored === true,
    listAbsent: page.absent === true,
    fellShort: page.next === null && page.total !== null && rows !== undefined && rows < page.total,
    drifted: scan.drifted || (scan.total !== null && page.total !== null && page.total !== scan.total),
    total: page.total ?? scan.total,
  };
}

/**
 * What follows when the last page was read. Paging by number drifts: a row that is deleted, or leaves the list, pulls
 * the ones behind it forward, and one of them can slip from a page that is still to come onto one that was read
 * already. So a list of changes that had several pages is read again until a pass finds nothing that an earlier one
 * should have seen; most lists of changes have one page. A full list is read again when it moved under the scan, or
 * when the provider gives no count that would tell; once where it is newest first, since rows without a time of change
 * are always late there. Streams that are read whole every time are not, nor a window that is: their next scan reads
 * the same rows again.
 *
 * A scan that finds no end of it leaves the watermark where it was, so that the next run reads the same span again.
 */
export function endOfPages(
  scan: ScanState,
  { incremental, detectsDeletions }: Pick<Stream, 'incremental' | 'detectsDeletions'>,
): 'repeat' | 'complete' | 'complete_without_progress' {
  if (scan.listAbsent) return 'complete_without_progress';
  if (scan.pages <= 1 && scan.restarts === 0) return 'complete';
  const first = scan.restarts === 0;
  const untold = incremental !== 'full' && detectsDeletions && scan.kind === 'full' && scan.total === null;
  const changes = incremental === 'changed_since' && scan.kind === 'incremental';
  const suspect = first
    ? scan.drifted || (scan.grew ?? false) || untold || changes
    : scan.late > 0 && incremental !== 'newest_first';
  if (!suspect) return 'complete';
  if (scan.restarts < MAX_RESTARTS) return 'repeat';
  return 'complete_without_progress';
}

/** The same span once more, from its first page. It stays dated by the first pass. */
export function repeatScan(scan: ScanState): ScanState {
  return {
    ...scan,
    id: randomUUID(),
    phase: 'pages',
    position: null,
    fromEmpty: false,
    commits: 0,
    total: null,
    pages: 0,
    rows: 0,
    fellShort: false,
    drifted: false,
    grew: false,
    late: 0,
    restarts: scan.restarts + 1,
  };
}

/** The scan from its first page, because its chain of pages was not sound: nothing of it proves anything. */
export function beginAgain(scan: ScanState): ScanState {
  return { ...repeatScan(scan), restarts: 0 };
}

/**
 * The scan with what a commit of its pages found: `undated` changes say something only of an account that was read
 * before.
 */
export function withFindings(
  scan: ScanState,
  found: { late: number; fresh: number; undated: number; fromEmpty: boolean },
  wasRead: boolean,
): ScanState {
  const undatedChange = found.undated > 0 && wasRead && scan.kind === 'full' && !scan.rereads;
  return {
    ...scan,
    late: scan.late + found.late,
    grew: (scan.grew ?? false) || found.fresh > 0,
    undatedChange: (scan.undatedChange ?? false) || undatedChange,
    fromEmpty: found.fromEmpty,
  };
}

/** The scan as it was read, with what the commits before it found: it may have been read before they ended. */
export function withFindingsOf(scan: ScanState, committed: ScanState): ScanState {
  const { commits, late, grew, undatedChange, fromEmpty } = committed;
  return { ...scan, commits, late, grew, undatedChange, fromEmpty };
}

/**
 * Changes that are stamped before this time may not be read again by the next scan; null: it cannot be said. A stamp of
 * a repeated hour counts as the first of the two: for late rather than not.
 */
export function lateBefore(
  scan: ScanState,
  stream: Pick<Stream, 'zonelessTimes'>,
  timezone: string | null,
  settleMarginMs: number,
): Date | null {
  const reached = reachedMs(scan, settleMarginMs);
  return reached === null ? null : new Date(reached - overlapOf(stream, timezone));
}

/**
 * Rows that are stamped from this time on were made or changed since the scan began; null: it cannot be said, or
 * matters to no one.
 */
export function changedFrom(
  scan: Pick<ScanState, 'kind' | 'startedAt'>,
  stream: Pick<Stream, 'zonelessTimes'>,
  timezone: string | null,
): Date | null {
  if (scan.kind !== 'full' || scan.startedAt === null) return null;
  const from = new Date(Date.parse(scan.startedAt) - overlapOf(stream, timezone));
  return stream.zonelessTimes && timezone !== null ? earliestReading(from, timezone) : from;
}

/**
 * Up to where the scan has seen everything: the earlier of the provider's clock and ours at its start, minus the settle
 * margin.
 */
function reachedMs(scan: ScanState, settleMarginMs: number): number | null {
  if (scan.startedAt === null) return null;
  const ours = scan.begunAt === null ? Infinity : Date.parse(scan.begunAt);
  return Math.min(Date.parse(scan.startedAt), ours) - settleMarginMs;
}

/**
 * The cursor once a scan is complete. A full scan sets the watermark, also back; without progress it only takes it
 * back. An incremental one moves it forward. It never passes either clock, whatever is stored: a clock that was wrong
 * is made up for by the next full scan, our own by any.
 */
export function completeScan(
  cursor: StreamCursor,
  scan: ScanState,
  end: { settleMarginMs: number; databaseNow: Date; runId: string; progress: boolean },
): StreamCursor {
  const full = scan.kind === 'full' && end.progress;
  const wasSetBack = wasPutBack(scan.clockAheadMs, cursor.providerClock);
  const furthest = furthestMs(cursor, scan, end);
  const watermark = furthest === null ? null : Math.min(furthest, end.databaseNow.getTime() - end.settleMarginMs);
  return {
    ...cursor,
    watermark: watermark === null ? null : new Date(watermark).toISOString(),
    fullScanAt: full ? end.databaseNow.toISOString() : cursor.fullScanAt,
    readFrom: end.progress ? settledBefore(scan.begunAt, end.settleMarginMs) : cursor.readFrom,
    completedBy: end.runId,
    // what a scan found by a clock that was put back since is read whole again
    readAs: full ? scan.readAs : wasSetBack ? null : cursor.readAs,
    readBackTo: full ? scan.floor : cursor.readBackTo,
    providerClock: clockFinding(scan.clockAheadMs, cursor.providerClock, end.databaseNow),
    ...(wasSetBack ? { clockSetbacks: (cursor.clockSetbacks ?? 0) + 1 } : {}),
    filter: {
      ...(scan.filterIgnored ? { state: 'ignored', checkedAt: end.databaseNow.toISOString() } : cursor.filter),
      ...(cursor.filter.undatedChange || scan.undatedChange ? { undatedChange: true } : {}),
    },
    scan: null,
  };
}

/** Where the watermark belongs, as far as the scan tells. */
function furthestMs(
  { watermark }: StreamCursor,
  scan: ScanState,
  { progress, settleMarginMs }: { progress: boolean; settleMarginMs: number },
): number | null {
  const before = watermark === null ? null : Date.parse(watermark);
  const reached = reachedMs(scan, settleMarginMs);
  if (reached === null) return before;
  if (progress) return scan.kind === 'full' ? reached : Math.max(reached, before ?? reached);
  return before === null || scan.kind === 'incremental' ? before : Math.min(before, reached);
}

/** A provider's lists may be behind by the margin. */
function settledBefore(time: string | null | undefined, settleMarginMs: number): string | null {
  return time == null ? null : new Date(Date.parse(time) - settleMarginMs).toISOString();
}
