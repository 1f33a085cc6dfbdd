import type { Stream } from '../providers';

/** Rows that commit late, or carry a slightly early time stamp, are still seen: each scan looks back this far. */
export const OVERLAP_MS = 5 * 60_000;
/**
 * Zone-less times of an unknown zone may be off by up to 14 hours either way; 26 h covers both sides of the date line.
 */
export const ZONELESS_OVERLAP_MS = 26 * 3_600_000;

export function overlapOf({ zonelessTimes }: Pick<Stream, 'zonelessTimes'>, timezone: string | null): number {
  return zonelessTimes && timezone === null ? ZONELESS_OVERLAP_MS : OVERLAP_MS;
}
