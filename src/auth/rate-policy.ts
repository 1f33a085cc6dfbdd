/** A token bucket: `perMinute` tokens flow in, up to `burst`. */
export interface RatePolicy {
  readonly perMinute: number;
  readonly burst: number;
  /** Tokens that a process takes out at once, to spend without asking again: at most 5 % of the burst. */
  readonly block: number;
}

/** null: the limit is switched off. */
export function ratePolicy(perMinute: number): RatePolicy | null {
  if (perMinute === 0) return null;
  const burst = perMinute * 2;
  return { perMinute, burst, block: Math.max(1, Math.floor(burst / 20)) };
}

export interface RateDecision {
  readonly allowed: boolean;
  /** The burst: what `remaining` counts down from. */
  readonly limit: number;
  readonly remaining: number;
  /** Unix seconds at which the bucket is full again, when nothing else is taken out. */
  readonly resetAtSeconds: number;
  /** Until the next token flows in; at least one second. */
  readonly retryAfterSeconds: number;
}

/** How many tokens flow in per millisecond. */
export function flowPerMs(policy: RatePolicy): number {
  return policy.perMinute / 60_000;
}

export function decide(allowed: boolean, tokens: number, policy: RatePolicy, nowMs: number): RateDecision {
  const flow = flowPerMs(policy);
  return {
    allowed,
    limit: policy.burst,
    remaining: allowed ? Math.max(0, Math.floor(tokens)) : 0,
    resetAtSeconds: Math.ceil((nowMs + Math.max(0, policy.burst - tokens) / flow) / 1000),
    retryAfterSeconds: Math.max(1, Math.ceil((1 - Math.min(1, tokens)) / flow / 1000)),
  };
}
