import { Injectable, Logger } from '@nestjs/common';
import { AppConfig } from '../platform/config';
import type { Caller, Environment } from '../platform/http';
import { decide, flowPerMs, ratePolicy, type RateDecision, type RatePolicy } from './rate-policy';
import { RateLimitRepository } from './store/rate-limit.repository';

/** Tokens that lay unused this long are dropped: by then as many have flowed into the bucket again. */
const LEASE_LIFETIME_MS = 60_000;
/** A store that is slower than this counts as down, so that the limit never delays requests for long. */
const STORE_TIMEOUT_MS = 500;
const RETRY_STORE_AFTER_MS = 1_000;
const LOG_INTERVAL_MS = 10_000;
const MAX_LEASES = 50_000;

interface Lease {
  /** Leased, not yet spent. */
  left: number;
  /** What was in the shared bucket after the last lease. */
  stored: number;
  asOf: number;
  /** The bucket was found empty: nothing to ask for until then. */
  emptyUntil: number;
  refill: Promise<void> | null;
}

/**
 * One token bucket per caller, shared by all processes through PostgreSQL. A process leases a block and answers from
 * memory until it is spent, so all of them together let through at most the burst, plus what flows in, plus one block
 * each.
 */
@Injectable()
export class RateLimiter {
  private readonly logger = new Logger('rate-limit');
  private readonly policies: Readonly<Record<Environment, RatePolicy | null>>;
  private readonly leases = new Map<string, Lease>();
  private downUntil = 0;
  private loggedAt = -Infinity;

  constructor(
    private readonly store: RateLimitRepository,
    config: AppConfig,
  ) {
    this.policies = {
      live: ratePolicy(config.rateLimit.livePerMinute),
      sandbox: ratePolicy(config.rateLimit.sandboxPerMinute),
    };
  }

  /**
   * Takes one token. null: not limited, because the limit is off, the caller has no environment, or the store is down.
   */
  async take(caller: Caller): Promise<RateDecision | null> {
    if (caller.environment === null) return null;
    const policy = this.policies[caller.environment];
    if (policy === null) return null;
    const bucket = `${caller.kind}:${caller.id}:${caller.environment}`;
    for (;;) {
      const now = performance.now();
      const lease = this.lease(bucket);
      if (lease.left >= 1) {
        lease.left--;
        this.refillAhead(bucket, lease, policy, now);
        return decide(true, this.tokens(lease, policy, now), policy, Date.now());
      }
      if (now < lease.emptyUntil) return decide(false, this.tokens(lease, policy, now), policy, Date.now());
      if (now < this.downUntil) return null;
      try {
        await within(STORE_TIMEOUT_MS, this.refill(bucket, lease, policy));
      } catch (error) {
        this.failOpen(error);
        return null;
      }
    }
  }

  private lease(bucket: string): Lease {
    let lease = this.leases.get(bucket);
    if (!lease) {
      if (this.leases.size >= MAX_LEASES) this.leases.delete(this.leases.keys().next().value as string);
      lease = { left: 0, stored: 0, asOf: 0, emptyUntil: 0, refill: null };
      this.leases.set(bucket, lease);
    } else if (lease.left > 0 && performance.now() - lease.asOf > LEASE_LIFETIME_MS) {
      lease.left = 0;
    }
    return lease;
  }

  /** Before the block is spent, so that in steady traffic nobody waits for the store. */
  private refillAhead(bucket: string, lease: Lease, policy: RatePolicy, now: number): void {
    if (lease.left > policy.block / 4 || lease.refill || now < lease.emptyUntil || now < this.downUntil) return;
    this.refill(bucket, lease, policy).catch((error: unknown) => this.failOpen(error));
  }

  private refill(bucket: string, lease: Lease, policy: RatePolicy): Promise<void> {
    lease.refill ??= this.store
      .lease(bucket, { burst: policy.burst, perSecond: policy.perMinute / 60, want: policy.block - lease.left })
      .then(({ granted, tokens }) => {
        const now = performance.now();
        lease.left += granted;
        lease.stored = tokens;
        lease.asOf = now;
        if (granted === 0) lease.emptyUntil = now + (1 - Math.min(1, tokens)) / flowPerMs(policy);
      })
      .finally(() => {
        lease.refill = null;
      });
    return lease.refill;
  }

  private tokens(lease: Lease, policy: RatePolicy, now: number): number {
    const stored = lease.stored + (now - lease.asOf) * flowPerMs(policy);
    return Math.min(policy.burst, stored + lease.left);
  }

  private failOpen(error: unknown): void {
    const now = performance.now();
    this.downUntil = now + RETRY_STORE_AFTER_MS;
    if (now - this.loggedAt < LOG_INTERVAL_MS) return;
    this.loggedAt = now;
    this.logger.warn({ msg: 'the rate limit store is down: requests pass without a limit', err: error });
  }
}

async function within(ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
