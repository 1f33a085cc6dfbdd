/** One provider account's share of calls, common to all processes. */
export abstract class RateBudget {
  /**
   * Resolves when one call may be made. Rejects with the signal's reason, or with a ProviderFailure `rate_limited` when
   * the wait would be too long for a worker to hold.
   */
  abstract acquire(signal: AbortSignal): Promise<void>;
}
