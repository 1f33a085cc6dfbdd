import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Optional } from '@nestjs/common';
import { ServiceMetrics } from '../platform/metrics';
import { ProviderFailure, RateBudget } from '../platform/outbound';
import { ProviderBudgetRepository } from './store/provider-budget.repository';

/** A wait up to this long happens inside the call; a longer one ends the job, so that no worker slot sleeps. */
export const MAX_WAIT_IN_CALL_MS = 5_000;
/**
 * Whoever waited in vain is delayed by at least this, however soon the next call is free: others would take it again.
 */
const SHORTEST_DELAY_MS = 1_000;
/** A leased block that was not used for so long is forgotten: the bucket has refilled meanwhile. */
const LEASE_LIFETIME_MS = 1_000;
/** The share of a second's calls that a process leases at once. */
const LEASE_SECONDS = 0.25;
/** Not our budget, but the provider's own word. */
const TOLD_TO_WAIT = 'The provider’s rate limit was reached, and the provider said when to retry.';

export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

/** One rate budget per provider account, shared by all processes through PostgreSQL, leased in small blocks. */
@Injectable()
export class ProviderBudgets {
  private readonly leases = new Map<string, { left: number; expiresAt: number }>();
  private trimmedTo = '';

  constructor(
    private readonly repository: ProviderBudgetRepository,
    @Optional() private readonly metrics?: ServiceMetrics,
  ) {}

  /** `askOnce`: a person asked, so the first call is made although the provider has told all to stay away. */
  for(accountKey: string, rate: Rate, { askOnce = false } = {}): RateBudget {
    let pastBlock = askOnce;
    return new AccountBudget(async (signal) => {
      await this.acquire(accountKey, rate, signal, pastBlock);
      pastBlock = false;
    });
  }

  async block(accountKey: string, rate: Rate, blockedMs: number): Promise<void> {
    this.leases.delete(accountKey);
    await this.repository.block(accountKey, rate.burst, blockedMs);
  }

  /** The provider has answered in spite of the block: it is over. */
  async lift(accountKey: string): Promise<void> {
    await this.repository.lift(accountKey);
  }

  /** Removes some buckets that nobody uses any more, and says how many; looks at the next ones the next time. */
  async removeIdle(limit: number): Promise<number> {
    const { removed, last } = await this.repository.removeIdle(this.trimmedTo, limit);
    this.trimmedTo = last ?? '';
    return removed;
  }

  private async acquire(accountKey: string, rate: Rate, signal: AbortSignal, pastBlock: boolean): Promise<void> {
    const begunAt = performance.now();
    const deadline = begunAt + MAX_WAIT_IN_CALL_MS;
    let waited = false;
    const ended = (outcome: 'granted' | 'refused'): void =>
      this.metrics?.budgetWaited(accountKey.split('/')[0]!, outcome, performance.now() - begunAt);
    for (;;) {
      signal.throwIfAborted();
      const lease = this.leases.get(accountKey);
      if (lease && lease.left > 0 && lease.expiresAt > performance.now()) {
        lease.left--;
        return;
      }
      const want = pastBlock ? 1 : Math.max(1, Math.floor(rate.perSecond * LEASE_SECONDS));
      const answer = await this.repository.lease(accountKey, rate, want, pastBlock);
      if (answer.granted > 0) {
        this.keep(accountKey, answer.granted - 1);
        if (waited) ended('granted');
        return;
      }
      if (performance.now() + answer.waitMs > deadline) {
        ended('refused');
        const message = answer.blocked ? TOLD_TO_WAIT : 'The call budget of this provider account is used up.';
        throw new ProviderFailure('rate_limited', message, {
          retryAfterMs: Math.max(answer.waitMs, SHORTEST_DELAY_MS),
          ours: true,
        });
      }
      waited = true;
      await sleep(Math.max(answer.waitMs, 5), undefined, { signal });
    }
  }

  private keep(accountKey: string, left: number): void {
    if (this.leases.size > 10_000) this.leases.clear();
    if (left === 0) return;
    this.leases.set(accountKey, { left, expiresAt: performance.now() + LEASE_LIFETIME_MS });
  }
}

class AccountBudget extends RateBudget {
  constructor(readonly acquire: (signal: AbortSignal) => Promise<void>) {
    super();
  }
}
