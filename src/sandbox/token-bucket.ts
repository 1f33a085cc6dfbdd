/** Rate limit of one provider account. The rate may change while requests run. */
export class TokenBucket {
  private tokens = Number.POSITIVE_INFINITY;
  private filledAtMs = 0;

  constructor(private readonly nowMs: () => number) {}

  /** Takes one token; when there is none, tells the milliseconds until there will be. A rate of 0 means no limit. */
  take(ratePerSecond: number, burst: number): { allowed: true } | { allowed: false; waitMs: number } {
    if (ratePerSecond <= 0) return { allowed: true };
    const now = this.nowMs();
    const earned = (Math.max(0, now - this.filledAtMs) / 1000) * ratePerSecond;
    this.tokens = Math.min(burst, this.tokens + earned);
    this.filledAtMs = now;
    if (this.tokens >= 1) {
      this.tokens -= 1;
      return { allowed: true };
    }
    return { allowed: false, waitMs: Math.ceil(((1 - this.tokens) / ratePerSecond) * 1000) };
  }

  refill(): void {
    this.tokens = Number.POSITIVE_INFINITY;
  }
}
