import { MAX_RETRY_AFTER_MS, VERDICT_POLICIES, type Verdict } from '../platform/outbound';

export const BREAKER_THRESHOLD = 5;
/**
 * After an automatic pause one probe runs, at growing intervals. A rejected credential is never probed: it would be
 * rejected again.
 */
const FIRST_PROBE_MS = 15 * 60_000;
const MAX_PROBE_MS = 24 * 3_600_000;
/**
 * After a passing failure the next run comes early: 1, 2, 4, 8 … 64 minutes, each half as much less or more, never
 * later than the schedule.
 */
const FIRST_RETRY_MS = 60_000;
const MAX_DOUBLINGS = 6;
/** While a gate is closed, the wait beyond the gate's own time doubles up to 16 minutes. */
const MAX_WAIT_DOUBLINGS = 4;

export type BreakerCause = 'failures' | 'auth';

export interface BreakerState {
  readonly consecutiveErrors: number;
  /** Failed runs since the last success, whoever was to blame. */
  readonly failedRuns: number;
  readonly breaker: 'closed' | 'open' | 'half_open';
  readonly cause: BreakerCause | null;
}

export interface BreakerChange {
  readonly consecutiveErrors: number;
  readonly breaker: 'closed' | 'open';
  readonly cause: BreakerCause | null;
  /** From now; null: no automatic probe; `kept`: the one that is planned stays. */
  readonly probeInMs: number | null | 'kept';
  /** How soon the next run should come; null: as scheduled. */
  readonly retryInMs: number | null;
}

/** Times a random factor of 0.5 to 1.5, so that runs that failed together do not retry together. */
function spread(ms: number, random: () => number): number {
  return Math.round(ms * (0.5 + random()));
}

/** How long a run waits that meets a closed gate (an outage, key management away), having met one so often before. */
export function gateWaitMs(retryInMs: number, before: number, random: () => number = Math.random): number {
  const doublings = Math.min(before, MAX_WAIT_DOUBLINGS);
  // all runs that came while it was closed wait for the same moment: the later it is, the more of them there are
  return retryInMs + spread(Math.max(retryInMs, FIRST_RETRY_MS * 2 ** doublings), random);
}

/** The wait that the provider asked for, and a little longer, so that not all runs come at that moment. */
export function askedWaitMs(retryAfterMs: number, random: () => number = Math.random): number {
  return Math.min(Math.round(retryAfterMs * (1.05 + random() / 10)), Math.max(retryAfterMs, MAX_RETRY_AFTER_MS));
}

/** The one place that decides what a failed run does to its integration. */
export function afterFailure(
  state: BreakerState,
  verdict: Verdict,
  blamed: boolean,
  random: () => number = Math.random,
): BreakerChange {
  const policy = VERDICT_POLICIES[verdict];
  const counts = policy.countsTowardsBreaker && blamed;
  const consecutiveErrors = state.consecutiveErrors + (counts ? 1 : 0);
  // only a person ends the pause of a rejected credential: no other failure shows that the credential is good again
  if (policy.pausesAtOnce || state.cause === 'auth') {
    return { consecutiveErrors, breaker: 'open', cause: 'auth', probeInMs: null, retryInMs: null };
  }
  if (counts && (state.breaker !== 'closed' || consecutiveErrors >= BREAKER_THRESHOLD)) {
    const opens = Math.max(0, consecutiveErrors - BREAKER_THRESHOLD);
    const probeInMs = Math.min(FIRST_PROBE_MS * 2 ** opens, MAX_PROBE_MS);
    return { consecutiveErrors, breaker: 'open', cause: 'failures', probeInMs, retryInMs: null };
  }
  // this does not show whether the cause is gone: an open breaker stays open, and the probe is repeated
  if (state.breaker !== 'closed') {
    const probeInMs = state.breaker === 'half_open' ? FIRST_PROBE_MS : 'kept';
    return { consecutiveErrors, breaker: 'open', cause: 'failures', probeInMs, retryInMs: null };
  }
  const passing = policy.nextAction === 'wait' || verdict === 'internal';
  return {
    consecutiveErrors,
    breaker: 'closed',
    cause: null,
    probeInMs: null,
    retryInMs: passing ? spread(FIRST_RETRY_MS * 2 ** Math.min(state.failedRuns, MAX_DOUBLINGS), random) : null,
  };
}
