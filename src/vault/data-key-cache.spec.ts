import { randomBytes } from 'node:crypto';
import { DataKeyCache, type DataKeyCacheBounds } from './data-key-cache';

const bounds: DataKeyCacheBounds = { maxAgeMs: 1000, maxEntries: 3, maxUses: 100 };
const WRAPPED = Buffer.from('wrapped');

/** A loader that counts, and hands out the very buffers it made, so that a test can see them zeroed. */
class Loader {
  readonly keys: Buffer[] = [];
  calls = 0;
  private release: (() => void) | null = null;
  private held: Promise<void> | null = null;
  fail: Error | null = null;

  hold(): void {
    this.held = new Promise((resolve) => (this.release = resolve));
  }
  letGo(): void {
    this.release?.();
    this.held = null;
  }
  load = async (): Promise<Buffer> => {
    this.calls++;
    await this.held;
    if (this.fail) throw this.fail;
    const key = randomBytes(32);
    this.keys.push(key);
    return key;
  };
}

const zeroed = (key: Buffer | undefined) => key!.every((byte) => byte === 0);

describe('data-key cache', () => {
  let now = 0;
  let cache: DataKeyCache;
  let loader: Loader;
  const copy = (key: Buffer) => Buffer.from(key);
  const get = async (id = 'a', wrapped = WRAPPED, ticket = cache.ticket()) =>
    cache.withKey(id, wrapped, ticket, loader.load, copy);

  const make = (changes: Partial<DataKeyCacheBounds> = {}) =>
    (cache = new DataKeyCache({ ...bounds, ...changes }, () => now));

  beforeEach(() => {
    now = 0;
    loader = new Loader();
    make();
  });

  it('asks once for a key that is used often', async () => {
    const first = await get();
    expect(await get()).toEqual(first);
    expect(loader.calls).toBe(1);
    expect([cache.hits, cache.misses]).toEqual([1, 1]);
  });

  it('keeps a key no longer than its age, and zeroes it', async () => {
    await get();
    now = 999;
    await get();
    expect(loader.calls).toBe(1);
    now = 1000;
    await get();
    expect(loader.calls).toBe(2);
    expect(zeroed(loader.keys[0])).toBe(true);
  });

  it('zeroes a key that is past its age though nobody asks for it', async () => {
    await get();
    now = 999;
    cache.sweep();
    expect(cache.size).toBe(1);
    now = 1000;
    cache.sweep();
    expect(cache.size).toBe(0);
    expect(zeroed(loader.keys[0])).toBe(true);
  });

  it('uses a key no more often than its bound', async () => {
    make({ maxUses: 3 });
    for (let use = 0; use < 7; use++) await get();
    expect(loader.calls).toBe(3);
    expect(loader.keys.slice(0, 2).every(zeroed)).toBe(true);
  });

  it('holds the bound of uses over coalesced misses too', async () => {
    make({ maxUses: 3 });
    loader.hold();
    const all = Array.from({ length: 8 }, () => get());
    loader.letGo();
    await Promise.all(all);
    expect(loader.calls).toBe(3);
  });

  it('holds no more entries than its bound: the least recently used goes, zeroed', async () => {
    for (const id of ['a', 'b', 'c']) await get(id);
    await get('a');
    await get('d');
    expect(cache.size).toBe(3);
    expect(loader.keys.map(zeroed)).toEqual([false, true, false, false]);
    await get('a');
    expect(loader.calls).toBe(4);
  });

  it('shares one load among concurrent misses', async () => {
    loader.hold();
    const all = Array.from({ length: 50 }, () => get());
    loader.letGo();
    const keys = await Promise.all(all);
    expect(loader.calls).toBe(1);
    expect(keys.every((key) => key.equals(keys[0]!))).toBe(true);
    expect(cache.misses).toBe(1);
  });

  it('never caches a failure, and tells it to everyone who waited', async () => {
    loader.hold();
    loader.fail = new Error('down');
    const all = [get(), get(), get()];
    loader.letGo();
    const outcomes = await Promise.allSettled(all);
    expect(outcomes.map((outcome) => outcome.status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(loader.calls).toBe(1);
    expect(cache.size).toBe(0);
    loader.fail = null;
    await expect(get()).resolves.toHaveLength(32);
  });

  it('is not poisoned by a use that throws', async () => {
    const failing = async () =>
      cache.withKey('a', WRAPPED, cache.ticket(), loader.load, () => {
        throw new Error('does not authenticate');
      });
    await expect(failing()).rejects.toThrow('does not authenticate');
    await expect(get()).resolves.toHaveLength(32);
    expect(loader.calls).toBe(1);
  });

  it('zeroes an evicted key', async () => {
    await get('a');
    await get('b');
    cache.evict('a');
    expect(loader.keys.map(zeroed)).toEqual([true, false]);
    expect(cache.size).toBe(1);
  });

  it('zeroes everything on clear', async () => {
    await get('a');
    await get('b');
    cache.clear();
    expect(loader.keys.every(zeroed)).toBe(true);
    expect(cache.size).toBe(0);
  });

  it('does not keep a key whose secret was evicted while it was loading', async () => {
    loader.hold();
    const [mine, other] = [get('a'), get('b')];
    cache.evict('a');
    loader.letGo();
    expect(await mine).not.toEqual(Buffer.alloc(32));
    await other;
    expect(zeroed(loader.keys[0])).toBe(true);
    // another secret's load is not its business
    expect(zeroed(loader.keys[1])).toBe(false);
    expect(cache.size).toBe(1);
  });

  it('does not keep a key whose secret was evicted after its row was read and before the load began', async () => {
    const ticket = cache.ticket();
    cache.evict('a');
    await get('a', WRAPPED, ticket);
    expect(cache.size).toBe(0);
    expect(zeroed(loader.keys[0])).toBe(true);
  });

  it('does not keep a key that was loading while everything was cleared', async () => {
    loader.hold();
    const mine = get();
    cache.clear();
    loader.letGo();
    await mine;
    expect(cache.size).toBe(0);
    expect(zeroed(loader.keys[0])).toBe(true);
  });

  it('does not keep a key that was loading when signals may have been missed, and keeps the others', async () => {
    await get('b');
    loader.hold();
    const mine = get('a');
    cache.doubtLoads();
    loader.letGo();
    await mine;
    expect(cache.held()).toEqual([{ secretId: 'b', wrapped: WRAPPED }]);
    expect(zeroed(loader.keys[1])).toBe(true);
  });

  it('treats a load as evicted when there were more evictions than it remembers', async () => {
    const ticket = cache.ticket();
    cache.evict('a');
    for (let other = 0; other <= 10_000; other++) cache.evict(`other-${other}`);
    await get('a', WRAPPED, ticket);
    expect(cache.size).toBe(0);
  });

  it('does not open a re-wrapped row with the key of the wrapped key before it', async () => {
    const before = await get('a', Buffer.from('old'));
    const after = await get('a', Buffer.from('new'));
    expect(after).not.toEqual(before);
    expect(loader.calls).toBe(2);
    expect(zeroed(loader.keys[0])).toBe(true);
    expect(cache.size).toBe(1);
  });

  it('does not share a load between two wrapped keys of one secret', async () => {
    loader.hold();
    const both = [get('a', Buffer.from('old')), get('a', Buffer.from('new'))];
    loader.letGo();
    const [before, after] = await Promise.all(both);
    expect(after).not.toEqual(before);
    expect(loader.calls).toBe(2);
    expect(cache.size).toBe(1);
  });
});
