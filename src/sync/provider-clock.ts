import { OVERLAP_MS } from './overlap';

/** Further off than answers take, and than the settle margin makes up for. */
const MAX_OFF_MS = 2 * 60_000;

export interface ClockFinding {
  /** By how much it is ahead of the database's; negative: behind. */
  readonly aheadMs: number;
  /** ISO-8601, the database's clock. */
  readonly since: string;
}

/** Of a provider's clock that is far off; `before`: what the scan before found. */
export function clockFinding(
  aheadMs: number | undefined,
  before: ClockFinding | undefined,
  now: Date,
): ClockFinding | undefined {
  if (aheadMs === undefined || Math.abs(aheadMs) <= MAX_OFF_MS) return undefined;
  return { aheadMs, since: before?.since ?? now.toISOString() };
}

/**
 * Whether the clock was put back since the scan before: stamps from before the step are later than those that changes
 * have now, so that neither tells which is newer. `aheadMs` undefined: the provider does not say its time.
 */
export function wasPutBack(aheadMs: number | undefined, before: ClockFinding | undefined): boolean {
  return aheadMs !== undefined && (before?.aheadMs ?? 0) - aheadMs > OVERLAP_MS;
}
