import type { Account } from './account';
import { Draw } from './random';

const dayMs = 86_400_000;
const spreadMs = 200 * dayMs;

/** Floor to a second: the finest that providers write. */
export function wholeSecond(ms: number): number {
  return Math.floor(ms / 1000) * 1000;
}

/**
 * When row `ordinal` of `size` was created: evenly over the 200 days before the reference, later ordinals later.
 * Rows created afterwards get their time from the control endpoint.
 */
export function createdAtMs(account: Account, resource: string, ordinal: number): number {
  const size = Math.max(account.size(resource), ordinal);
  const jitter = new Draw(account.seedOf(resource, ordinal, 1)).fraction();
  const age = (spreadMs * (size - ordinal + 1 - jitter * 0.9)) / size;
  return wholeSecond(account.options.referenceMs - age);
}

/**
 * When the row last changed: mostly soon after it was created. A few share one midnight exactly, as rows do after a
 * bulk job, and a few tell nothing.
 */
export function changedAtMs(account: Account, resource: string, ordinal: number): number | null {
  const draw = new Draw(account.seedOf(resource, ordinal, 2));
  if (draw.chance(0.005)) return null;
  const created = createdAtMs(account, resource, ordinal);
  const changed = created + (account.options.referenceMs - created) * draw.fraction() ** 4;
  const midnight = Math.floor(changed / dayMs) * dayMs;
  return wholeSecond(draw.chance(0.02) && midnight >= created ? midnight : changed);
}
