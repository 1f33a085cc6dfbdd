import { randomUUID } from 'node:crypto';
import type { Stream } from '../providers';
import type { StreamCursor } from './cursor';
import { OVERLAP_MS, overlapOf } from './overlap';
import type { ScanState } from './scan-state';

/** A full scan of each stream this often finds what no incremental scan can: silent deletions and unannounced edits. */
export const FULL_SCAN_INTERVAL_MS = 7 * 24 * 3_600_000;

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

/** The lookback bounds what is money in motion; customers, products and devices are read whole. */
export function hasFloor(resource: Stream['resource']): boolean {
  return resource === 'invoices' || resource === 'payments';
}
