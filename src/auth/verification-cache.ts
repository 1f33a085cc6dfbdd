import { hash } from 'node:crypto';
import type { VerifiedKey } from './key-authority';

/**
 * How long a result is kept without asking the database again.
 *
 * While revocations are signalled (`connected`), a signal evicts within milliseconds and the age is only a second line.
 * While they are not, the age keeps the promise that a revoked key ends within one second on every process.
 */
export interface VerificationCacheBounds {
  readonly connectedTtlMs: number;
  readonly disconnectedTtlMs: number;
  readonly negativeTtlMs: number;
  readonly maxEntries: number;
  readonly maxNegativeEntries: number;
}

export const DEFAULT_VERIFICATION_BOUNDS: VerificationCacheBounds = {
  connectedTtlMs: 60_000,
  disconnectedTtlMs: 900,
  negativeTtlMs: 5_000,
  maxEntries: 20_000,
  maxNegativeEntries: 5_000,
};

interface Entry {
  readonly key: VerifiedKey;
  readonly askedAt: number;
}

/**
 * Verdicts on API keys by digest: the keys themselves are not kept. Refused keys have a space of their own, so that a
 * flood of made-up ones cannot push a good one out.
 */
export class VerificationCache {
  private readonly good = new Map<string, Entry>();
  private readonly refused = new Map<string, number>();
  private readonly digestById = new Map<string, string>();
  private readonly underWay = new Map<string, Promise<VerifiedKey | null>>();
  private evictions = 0;

  constructor(
    private readonly connected: () => boolean,
    private readonly bounds: VerificationCacheBounds = DEFAULT_VERIFICATION_BOUNDS,
    private readonly now: () => number = () => performance.now(),
  ) {}

  get size(): number {
    return this.good.size;
  }

  /** How many questions are under way. */
  get asking(): number {
    return this.underWay.size;
  }

  /**
   * Changes with every eviction: an answer that was asked for before one is not to be kept, nor shared with who came
   * after.
   */
  get generation(): number {
    return this.evictions;
  }

  /** undefined: not known, or not for certain any more. */
  get(digest: string): VerifiedKey | null | undefined {
    const entry = this.good.get(digest);
    const now = this.now();
    if (entry) {
      const ttlMs = this.connected() ? this.bounds.connectedTtlMs : this.bounds.disconnectedTtlMs;
      if (now - entry.askedAt >= ttlMs) return undefined;
      // the most recently used goes last
      this.good.delete(digest);
      this.good.set(digest, entry);
      return entry.key;
    }
    const refusedAt = this.refused.get(digest);
    if (refusedAt === undefined) return undefined;
    if (now - refusedAt < this.bounds.negativeTtlMs) return null;
    this.refused.delete(digest);
    return undefined;
  }

  /** Asks, and keeps the answer. Concurrent questions about one key are one, unless an eviction came between them. */
  ask(digest: string, load: () => Promise<VerifiedKey | null>): Promise<VerifiedKey | null> {
    const generation = this.evictions;
    const question = `${generation}/${digest}`;
    const asked = this.underWay.get(question);
    if (asked) return asked;
    const askedAt = this.now();
    const answer = load()
      .then((verified) => {
        this.put(digest, verified, askedAt, generation);
        return verified;
      })
      .finally(() => this.underWay.delete(question));
    this.underWay.set(question, answer);
    return answer;
  }

  /** `askedAt` is the time before the question went out: what changed while it travelled counts as unseen. */
  put(digest: string, key: VerifiedKey | null, askedAt: number, generation: number): void {
    if (generation !== this.evictions) return;
    this.forget(digest);
    if (key === null) {
      if (this.refused.size >= this.bounds.maxNegativeEntries) this.refused.delete(first(this.refused));
      this.refused.set(digest, askedAt);
      return;
    }
    if (this.good.size >= this.bounds.maxEntries) this.forget(first(this.good));
    this.refused.delete(digest);
    this.good.set(digest, { key, askedAt });
    this.digestById.set(key.id, digest);
  }

  evict(keyId: string): void {
    this.evictions++;
    const digest = this.digestById.get(keyId);
    if (digest !== undefined) this.forget(digest);
  }

  clear(): void {
    this.evictions++;
    this.good.clear();
    this.refused.clear();
    this.digestById.clear();
  }

  private forget(digest: string): void {
    const entry = this.good.get(digest);
    if (!entry) return;
    this.good.delete(digest);
    this.digestById.delete(entry.key.id);
  }
}

/** The digest under which the result for a key or token is cached, so that memory holds no credential. */
export function credentialDigest(secret: string): string {
  return hash('sha256', secret, 'base64');
}

function first(map: ReadonlyMap<string, unknown>): string {
  return map.keys().next().value as string;
}
