/** Bounds of the cache; each is a hard one. */
export interface DataKeyCacheBounds {
  readonly maxAgeMs: number;
  readonly maxEntries: number;
  readonly maxUses: number;
}

export const DEFAULT_CACHE_BOUNDS: DataKeyCacheBounds = {
  maxAgeMs: 30 * 60_000,
  maxEntries: 10_000,
  maxUses: 1_000_000,
};

/** How many evictions are remembered one by one; before that, a load that is under way counts as evicted. */
const MAX_REMEMBERED_EVICTIONS = 10_000;

interface Entry {
  readonly key: Buffer;
  readonly wrapped: Buffer;
  readonly expiresAt: number;
  uses: number;
}

/** What a caller does with a key that is being loaded. */
interface Waiter {
  readonly run: (key: Buffer) => void;
  readonly fail: (error: unknown) => void;
  /** There are more waiters than the key may be used for: start over. */
  readonly again: () => void;
}

interface Load {
  readonly wrapped: Buffer;
  readonly waiters: Waiter[];
}

/** Taken before the secret's row is read: a key is kept only if its secret was not evicted since. */
export type CacheTicket = number;

/**
 * Unwrapped data keys in memory, one per secret, good only for the wrapped key they came from: a rotated row never
 * meets its old key. Concurrent misses share one load, failures are never kept, keys are zeroed when they leave.
 */
export class DataKeyCache {
  private readonly entries = new Map<string, Entry>();
  private readonly loads = new Map<string, Load>();
  private readonly lastEviction = new Map<string, CacheTicket>();
  private evictions: CacheTicket = 0;
  /** Tickets below this one are from before everything was evicted. */
  private floor: CacheTicket = 0;
  hits = 0;
  misses = 0;

  constructor(
    private readonly bounds: DataKeyCacheBounds = DEFAULT_CACHE_BOUNDS,
    private readonly now: () => number = () => performance.now(),
  ) {}

  get size(): number {
    return this.entries.size;
  }

  /** A key of the secret is held and young enough; whether it fits the row shows when it is used. */
  has(secretId: string): boolean {
    const entry = this.entries.get(secretId);
    return entry !== undefined && entry.expiresAt > this.now() && entry.uses < this.bounds.maxUses;
  }

  ticket(): CacheTicket {
    return this.evictions;
  }

  /**
   * Runs `use` with the data key. `use` must be synchronous: the buffer may be zeroed as soon as control goes back to
   * the event loop. A key that is there is used at once, without a promise.
   */
  withKey<T>(
    secretId: string,
    wrapped: Buffer,
    ticket: CacheTicket,
    load: () => Promise<Buffer>,
    use: (key: Buffer) => T,
  ): T | Promise<T> {
    const cached = this.take(secretId, wrapped);
    if (cached) {
      this.hits++;
      return use(cached);
    }
    return new Promise<T>((resolve, reject) => {
      const waiter: Waiter = {
        run: (key) => {
          try {
            resolve(use(key));
          } catch (error) {
            reject(error);
          }
        },
        fail: reject,
        again: () => {
          try {
            resolve(this.withKey(secretId, wrapped, ticket, load, use));
          } catch (error) {
            reject(error);
          }
        },
      };
      const underWay = this.loads.get(secretId);
      if (underWay?.wrapped.equals(wrapped)) underWay.waiters.push(waiter);
      else void this.load(secretId, wrapped, ticket, load, waiter);
    });
  }

  /** From here on no open of this secret finds its key here, and no load that is under way leaves it behind. */
  evict(secretId: string): void {
    this.lastEviction.set(secretId, ++this.evictions);
    if (this.lastEviction.size > MAX_REMEMBERED_EVICTIONS) this.forgetEvictions();
    this.drop(secretId);
  }

  clear(): void {
    this.doubtLoads();
    for (const secretId of [...this.entries.keys()]) this.drop(secretId);
  }

  /** The cached secrets with their wrapped keys, to be checked when signals may have been missed. */
  held(): { readonly secretId: string; readonly wrapped: Buffer }[] {
    return [...this.entries].map(([secretId, { wrapped }]) => ({ secretId, wrapped }));
  }

  /** From here on no load that is under way leaves its key behind. */
  doubtLoads(): void {
    this.evictions++;
    this.forgetEvictions();
  }

  /** Zeroes expired keys, which would otherwise stay until somebody asks for them. */
  sweep(): void {
    const now = this.now();
    for (const [secretId, entry] of this.entries) if (entry.expiresAt <= now) this.drop(secretId);
  }

  private async load(
    secretId: string,
    wrapped: Buffer,
    ticket: CacheTicket,
    load: () => Promise<Buffer>,
    first: Waiter,
  ): Promise<void> {
    this.misses++;
    const mine: Load = { wrapped, waiters: [first] };
    this.loads.set(secretId, mine);
    const settled = () => {
      if (this.loads.get(secretId) === mine) this.loads.delete(secretId);
    };
    let key: Buffer;
    try {
      key = await load();
    } catch (error) {
      settled();
      for (const waiter of mine.waiters) waiter.fail(error);
      return;
    }
    settled();
    const served = mine.waiters.slice(0, Math.max(1, this.bounds.maxUses));
    for (const waiter of served) waiter.run(key);
    if (this.evictedSince(secretId, ticket)) key.fill(0);
    else this.put(secretId, { key, wrapped, expiresAt: this.now() + this.bounds.maxAgeMs, uses: served.length });
    for (const waiter of mine.waiters.slice(served.length)) waiter.again();
  }

  private take(secretId: string, wrapped: Buffer): Buffer | null {
    const entry = this.entries.get(secretId);
    if (!entry) return null;
    if (entry.expiresAt <= this.now() || entry.uses >= this.bounds.maxUses || !entry.wrapped.equals(wrapped)) {
      this.drop(secretId);
      return null;
    }
    entry.uses++;
    // most recently used goes last
    this.entries.delete(secretId);
    this.entries.set(secretId, entry);
    return entry.key;
  }

  private put(secretId: string, entry: Entry): void {
    this.drop(secretId);
    if (entry.uses >= this.bounds.maxUses || this.bounds.maxEntries < 1) {
      entry.key.fill(0);
      return;
    }
    while (this.entries.size >= this.bounds.maxEntries) this.drop(this.entries.keys().next().value as string);
    this.entries.set(secretId, entry);
  }

  private drop(secretId: string): void {
    const entry = this.entries.get(secretId);
    if (!entry) return;
    entry.key.fill(0);
    this.entries.delete(secretId);
  }

  private evictedSince(secretId: string, ticket: CacheTicket): boolean {
    return ticket < this.floor || (this.lastEviction.get(secretId) ?? 0) > ticket;
  }

  private forgetEvictions(): void {
    this.floor = this.evictions;
    this.lastEviction.clear();
  }
}
