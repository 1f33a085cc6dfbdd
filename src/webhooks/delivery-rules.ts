import type { DisabledReason, EndpointHealth } from './endpoint';

export const MAX_CONCURRENCY = 16;
/** So many failed tries in a row, and nothing new is sent until one succeeds. */
export const STALLED_AFTER = 10;
/** An answer that takes longer is late. */
export const LATE_MS = 1_000;
/** Degraded for merchants and operators. */
export const DEGRADED_AFTER = 5;
/** Held events that are not parked; more stay in the log. */
export const MAX_HELD = 1_000;
export const DISABLED_AFTER_MS = 5 * 86_400_000;
const WARNINGS = [75, 50] as const;
/**
 * Failures that are further apart tell nothing of the time between: the longest wait of the schedule, and its jitter.
 */
const SILENCE_MS = 30 * 3_600_000;
const FIRST_PROBE_MS = 5_000;
const LONGEST_PROBE_MS = 5 * 60_000;
const FIRST_SLOWDOWN_MS = 1_000;
const LONGEST_SLOWDOWN_MS = 60_000;
export const LONGEST_WISH_MS = 24 * 3_600_000;
/** Up to so much of a wait is added, so that what failed together does not come back together. */
const JITTER = 0.1;
/** The endpoint asks for less. */
const SLOWER = new Set([429, 502, 504]);

/** What came of a try. */
export type DeliveryResult =
  | { readonly kind: 'delivered'; readonly status: number }
  | { readonly kind: 'gone'; readonly status: number }
  | {
      readonly kind: 'failed';
      /** null: no answer. */
      readonly status: number | null;
      readonly message: string;
      /** It did not answer in time. */
      readonly timedOut: boolean;
      readonly retryAfterMs: number | null;
    };

export type Failed = Extract<DeliveryResult, { kind: 'failed' }>;

export function resultOf(status: number, retryAfterMs: number | null): DeliveryResult {
  if (status >= 200 && status <= 299) return { kind: 'delivered', status };
  if (status === 410) return { kind: 'gone', status };
  const redirects = status >= 300 && status <= 399;
  const message = redirects
    ? `The endpoint answered ${status}: redirects are not followed.`
    : `The endpoint answered ${status}.`;
  return { kind: 'failed', status, message, timedOut: false, retryAfterMs };
}

/** When the next try of an event comes; null: there is none, it is parked. `attempts`: those made. */
export function nextTryAt(
  scheduleMs: readonly number[],
  attempts: number,
  now: Date,
  failure: Failed | null,
  random: () => number = Math.random,
): Date | null {
  const waitMs = scheduleMs[attempts];
  if (waitMs === undefined) return null;
  const spread = Math.max(waitMs, failure?.retryAfterMs ?? 0) * (1 + random() * JITTER);
  return new Date(now.getTime() + Math.round(spread));
}

export function healthAfterSuccess(health: EndpointHealth, now: Date, tookMs: number): EndpointHealth {
  return {
    concurrency: Math.min(health.concurrency + 1, MAX_CONCURRENCY),
    slow: tookMs > LATE_MS,
    failures: 0,
    failingSince: null,
    lastFailureAt: health.lastFailureAt,
    lastSuccessAt: now,
    warned: 0,
    notBefore: null,
  };
}

export interface HealthChange {
  readonly health: EndpointHealth;
  /** The merchant is told that this much of the time is over. */
  readonly warns: boolean;
  readonly disables: DisabledReason | null;
}

/** The one place that decides what a failed try does to its endpoint. */
export function healthAfterFailure(health: EndpointHealth, failure: Failed, now: Date): HealthChange {
  const silent = health.lastFailureAt === null || now.getTime() - health.lastFailureAt.getTime() > SILENCE_MS;
  const failingSince = silent ? now : (health.failingSince ?? now);
  const failingMs = now.getTime() - failingSince.getTime();
  const failures = health.failures + 1;
  const reached = WARNINGS.find((share) => failingMs >= (DISABLED_AFTER_MS * share) / 100) ?? 0;
  const slower = failure.status !== null && SLOWER.has(failure.status);
  const waitMs = failure.retryAfterMs ?? (slower ? doubled(FIRST_SLOWDOWN_MS, failures, LONGEST_SLOWDOWN_MS) : 0);
  const disables = failingMs >= DISABLED_AFTER_MS ? 'failing' : null;
  return {
    health: {
      concurrency: slower || failure.timedOut ? 1 : Math.max(Math.floor(health.concurrency / 2), 1),
      slow: health.slow || failure.timedOut,
      failures,
      failingSince,
      lastFailureAt: now,
      lastSuccessAt: health.lastSuccessAt,
      warned: silent ? 0 : Math.max(health.warned, reached),
      notBefore: waitMs === 0 ? health.notBefore : later(health.notBefore, new Date(now.getTime() + waitMs)),
    },
    warns: !silent && disables === null && reached > health.warned,
    disables,
  };
}

/** How long a stalled endpoint is left alone before an event is tried early. */
export function probeWaitMs(failures: number): number {
  return doubled(FIRST_PROBE_MS, failures - STALLED_AFTER + 1, LONGEST_PROBE_MS);
}

function doubled(firstMs: number, times: number, longestMs: number): number {
  return Math.min(firstMs * 2 ** Math.min(Math.max(times - 1, 0), 20), longestMs);
}

function later(one: Date | null, other: Date): Date {
  return one !== null && one > other ? one : other;
}
