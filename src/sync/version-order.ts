import { crc32 } from 'node:zlib';
import type { Integration } from '../integrations';
import { isUnclearHour, type Stream } from '../providers';
import type { StreamCursor } from './cursor';

/** The most that a clock change moves a wall clock. */
const MAX_CLOCK_CHANGE_MS = 2 * 3_600_000;
/** What a time stamp that names its zone is read by. */
const EXACT = 0;

/** How a stream's time stamps are read. */
export interface StampReading {
  /** Its time stamps carry no zone. */
  readonly zoneless: boolean;
  /** IANA; null: unknown, UTC is assumed. */
  readonly zone: string | null;
  /** How often the clock that writes them was put back. Absent: never, as far as is known. */
  readonly setbacks?: number;
}

/** What decides whether an incoming row may be older than the stored one. */
export interface VersionOrder {
  /** In a full scan: the row as the provider lists it counts, whatever its stamp. */
  readonly providersWord: boolean;
  /** Stamps that are less than this apart are not compared. Milliseconds. */
  readonly slackMs: number;
}

/** One side of a comparison. */
export interface Stamp {
  /** Milliseconds since 1970; null: the row carries none. */
  readonly atMs: number | null;
  /** Of `readingOf`. */
  readonly reading: number | null;
}

/** A stored record, as far as its order goes. */
export interface StoredVersion extends Stamp {
  readonly epoch: number;
  readonly deleted: boolean;
}

/**
 * A tag for what a stamp was read by: 0 when it names its zone, otherwise a checksum of the zone. It is another one
 * each time that the provider's clock was put back. Only stamps with equal tags are compared. null: the stamp is in the
 * hour of a clock change, and is not compared.
 */
export function readingOf(atMs: number | null, { zoneless, zone, setbacks = 0 }: StampReading): number | null {
  if (atMs === null) return null;
  if (zoneless && zone !== null && isUnclearHour(atMs, zone)) return null;
  const readBy = zoneless ? (zone ?? 'unknown zone') : 'named zone';
  if (setbacks > 0) return signed(crc32(`${readBy} ${setbacks}`));
  return zoneless ? signed(crc32(readBy)) : EXACT;
}

export function stampsOf(
  { integration, stream }: { integration: Integration; stream: Stream },
  { clockSetbacks: setbacks }: Pick<StreamCursor, 'clockSetbacks'>,
): StampReading {
  return { zoneless: stream.zonelessTimes ?? false, zone: integration.configuration.timezone, setbacks };
}

export function slackOf({ zoneless, zone }: StampReading): number {
  return zoneless && zone === null ? MAX_CLOCK_CHANGE_MS : 0;
}

/**
 * Whether the incoming row is an older version than the stored one, and is left out. It is so only where both stamps
 * can be compared; in every other case the row that was read last counts. `diffRecords` says the same in SQL, and a
 * property test holds the two together.
 *
 * | provider's word | epoch   | stored  | stamps     | older                             |
 * | --------------- | ------- | ------- | ---------- | --------------------------------- |
 * | yes             |         |         |            | no                                |
 * | no              | another |         |            | no                                |
 * | no              | same    | deleted |            | no: a tombstone never wins by age |
 * | no              | same    | live    | otherwise  | no                                |
 * | no              | same    | live    | comparable | incoming + slack < stored         |
 *
 * Stamps are comparable when both are there, have the same reading (which no stamp in the hour of a clock change has)
 * and are not ahead of the clock.
 */
export function isOlder(
  incoming: Stamp,
  stored: StoredVersion,
  context: VersionOrder & { readonly epoch: number; readonly nowMs: number },
): boolean {
  if (context.providersWord || stored.epoch !== context.epoch || stored.deleted) return false;
  if (incoming.atMs === null || stored.atMs === null) return false;
  if (incoming.reading === null || incoming.reading !== stored.reading) return false;
  if (incoming.atMs > context.nowMs || stored.atMs > context.nowMs) return false;
  return incoming.atMs + context.slackMs < stored.atMs;
}

/** As the database's `integer`. */
function signed(checksum: number): number {
  return checksum | 0;
}
