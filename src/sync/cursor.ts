import { clockFinding, wasPutBack, type ClockFinding } from './provider-clock';
import { reachedMs, type ScanState } from './scan-state';

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

/**
 * The cursor once a scan is complete. A full scan sets the watermark, also back; without progress it only takes it
 * back. An incremental one moves it forward. It never passes either clock, whatever is stored: a clock that was wrong
 * is made up for by the next full scan, our own by any.
 */
export function completeScan(
  cursor: StreamCursor,
  scan: ScanState,
  end: { settleMarginMs: number; databaseNow: Date; runId: string | null; progress: boolean },
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
    completedBy: end.runId ?? cursor.completedBy,
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
