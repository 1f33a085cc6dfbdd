import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AppConfig } from '../platform/config';
import { InterlockError } from '../platform/errors';
import { networkOf } from '../platform/http';
import { ExchangeTriesRepository } from './store/exchange-tries.repository';

const WINDOW_SECONDS = 60;
/** How long a refusal is believed without asking: a flood costs a process one query a second, not one a request. */
const MEMORY_MS = 1_000;
const MAX_REMEMBERED = 10_000;

interface Refusal {
  readonly askAgainAt: number;
  readonly endsAt: number;
}

/**
 * Tries a minute, counted by all processes together. Lockout is by rate: whoever guesses is slowed down, and the
 * account stays open to its owner a minute later.
 */
@Injectable()
export class TryLimits {
  private readonly refusals = new Map<string, Refusal>();

  constructor(
    private readonly tries: ExchangeTriesRepository,
    private readonly config: AppConfig,
  ) {}

  /** Before anything is read or written for a caller that nobody knows. `operation` names the route. */
  async takeAnonymous(operation: string, address: string): Promise<void> {
    const perAddress = this.config.rateLimit.exchangePerAddressPerMinute;
    if (perAddress > 0) await this.take(`address ${operation} ${networkOf(address)}`, perAddress);
  }

  /** Precondition: `what` begins with a word of its own kind, so that no key can be spelt like an address. */
  async take(what: string, limit: number): Promise<void> {
    const bucket = createHash('sha256').update(what).digest();
    const name = bucket.toString('base64');
    const now = performance.now();
    const known = this.refusals.get(name);
    if (known && known.askAgainAt > now) throw tooMany((known.endsAt - now) / 1000);
    const waitSeconds = await this.tries.take(bucket, limit, WINDOW_SECONDS);
    if (waitSeconds === null) {
      this.refusals.delete(name);
      return;
    }
    if (this.refusals.size >= MAX_REMEMBERED) this.refusals.clear();
    this.refusals.set(name, { askAgainAt: now + MEMORY_MS, endsAt: now + waitSeconds * 1000 });
    throw tooMany(waitSeconds);
  }
}

function tooMany(waitSeconds: number): InterlockError {
  return new InterlockError('rate_limited', { retryAfterSeconds: Math.max(1, Math.ceil(waitSeconds)) });
}
