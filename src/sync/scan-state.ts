import { randomUUID } from 'node:crypto';
import { earliestReading, type Page, type Stream } from '../providers';
import { overlapOf } from './overlap';

const MAX_RESTARTS = 3;

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

/**
 * Nothing can be missing from what is stored of the stream (`ScanState.fromEmpty`). Only of a first pass: a second one
 * may miss what that saw.
 */
export function sawAllThatIsStored(scan: Pick<ScanState, 'fromEmpty' | 'restarts'>): boolean {
  return scan.restarts === 0 && (scan.fromEmpty ?? false);
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
export function reachedMs(scan: ScanState, settleMarginMs: number): number | null {
  if (scan.startedAt === null) return null;
  const ours = scan.begunAt === null ? Infinity : Date.parse(scan.begunAt);
  return Math.min(Date.parse(scan.startedAt), ours) - settleMarginMs;
}
