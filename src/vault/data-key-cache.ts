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

interface Entry {
  readonly key: Buffer;
  readonly expiresAt: number;
  uses: number;
}

/**
 * Unwrapped data keys in memory. Concurrent misses share one load, failures are never kept, keys are zeroed when they leave.
 * A key lives under its secret's id and a tag of the wrapped key, so that a rotated row never meets its old key.
 */
export class DataKeyCache {
  private readonly entries = new Map<string, Entry>();
  private readonly loads = new Map<string, Promise<void>>();
  private readonly tagsBySecret = new Map<string, Set<string>>();
  /** Counts evictions, so that a load that began before one does not put its key back. */
  private generation = 0;
  hits = 0;
  misses = 0;

  constructor(
    private readonly bounds: DataKeyCacheBounds = DEFAULT_CACHE_BOUNDS,
    private readonly now: () => number = () => performance.now(),
  ) {}

  get size(): number {
    return this.entries.size;
  }

  /**
   * Runs `use` with the data key. `use` must be synchronous: the buffer may be zeroed as soon as control goes back to the
   * event loop.
   */
  async withKey<T>(secretId: string, tag: string, load: () => Promise<Buffer>, use: (key: Buffer) => T): Promise<T> {
    const id = `${secretId}/${tag}`;
    const cached = this.take(id);
    if (cached) {
      this.hits++;
      return use(cached);
    }
    const underWay = this.loads.get(id);
    if (underWay) {
      await underWay;
      const loaded = this.take(id);
      if (loaded) {
        this.hits++;
        return use(loaded);
      }
      // it was loaded and evicted, or never kept: this caller loads for itself
    }
    this.misses++;
    const generation = this.generation;
    let result!: T;
    const loading = load().then((key) => {
      try {
        result = use(key);
      } finally {
        if (generation === this.generation) this.put(secretId, id, key);
        else key.fill(0);
      }
    });
    if (!this.loads.has(id)) {
      this.loads.set(id, loading);
      const settled = () => {
        if (this.loads.get(id) === loading) this.loads.delete(id);
      };
      loading.then(settled, settled);
    }
    await loading;
    return result;
  }

  evict(secretId: string): void {
    this.generation++;
    for (const id of this.tagsBySecret.get(secretId) ?? []) this.drop(id);
    this.tagsBySecret.delete(secretId);
  }

  clear(): void {
    this.generation++;
    for (const id of [...this.entries.keys()]) this.drop(id);
    this.tagsBySecret.clear();
  }

  private take(id: string): Buffer | null {
    const entry = this.entries.get(id);
    if (!entry) return null;
    if (entry.expiresAt <= this.now() || entry.uses >= this.bounds.maxUses) {
      this.drop(id);
      return null;
    }
    entry.uses++;
    // most recently used goes last
    this.entries.delete(id);
    this.entries.set(id, entry);
    return entry.key;
  }

  private put(secretId: string, id: string, key: Buffer): void {
    this.drop(id);
    while (this.entries.size >= this.bounds.maxEntries) this.drop(this.entries.keys().next().value as string);
    this.entries.set(id, { key, expiresAt: this.now() + this.bounds.maxAgeMs, uses: 1 });
    const ids = this.tagsBySecret.get(secretId) ?? new Set();
    this.tagsBySecret.set(secretId, ids.add(id));
  }

  private drop(id: string): void {
    const entry = this.entries.get(id);
    if (!entry) return;
    entry.key.fill(0);
    this.entries.delete(id);
    const secretId = id.slice(0, id.lastIndexOf('/'));
    const ids = this.tagsBySecret.get(secretId);
    ids?.delete(id);
    if (ids?.size === 0) this.tagsBySecret.delete(secretId);
  }
}
