import type { VerifiedKey } from './key-authority';
import { DEFAULT_VERIFICATION_BOUNDS, VerificationCache } from './verification-cache';

const key = (id: string): VerifiedKey => ({
  id,
  merchantId: 'm',
  environment: 'live',
  scopes: new Set(),
  expiresAt: null,
});

describe('verdicts on keys in memory', () => {
  let now: number;
  let connected: boolean;
  let cache: VerificationCache;

  beforeEach(() => {
    now = 1_000;
    connected = true;
    cache = new VerificationCache(
      () => connected,
      { ...DEFAULT_VERIFICATION_BOUNDS, maxEntries: 3, maxNegativeEntries: 2 },
      () => now,
    );
  });
  const put = (digest: string, value: VerifiedKey | null) => cache.put(digest, value, now, cache.generation);

  it('are believed for a minute while revocations are signalled, for less than a second while they are not', () => {
    put('a', key('1'));
    now += 59_999;
    expect(cache.get('a')?.id).toBe('1');
    now += 1;
    expect(cache.get('a')).toBeUndefined();

    put('a', key('1'));
    connected = false;
    now += 899;
    expect(cache.get('a')?.id).toBe('1');
    now += 1;
    expect(cache.get('a')).toBeUndefined();
    expect(DEFAULT_VERIFICATION_BOUNDS.disconnectedTtlMs).toBeLessThan(1_000);
  });

  it('the age counts from before the question went out', () => {
    connected = false;
    cache.put('a', key('1'), now - 800, cache.generation);
    now += 100;
    expect(cache.get('a')).toBeUndefined();
  });

  it('an answer that was asked for before an eviction is not kept', () => {
    const generation = cache.generation;
    cache.evict('1');
    cache.put('a', key('1'), now, generation);
    expect(cache.get('a')).toBeUndefined();
    cache.clear();
    cache.put('b', null, now, generation);
    expect(cache.get('b')).toBeUndefined();
  });

  it('evicts by key id, and only that key', () => {
    put('a', key('1'));
    put('b', key('2'));
    cache.evict('1');
    expect(cache.get('a')).toBeUndefined();
    expect(cache.get('b')?.id).toBe('2');
  });

  it('a flood of made-up keys pushes no good one out', () => {
    put('good', key('1'));
    for (let i = 0; i < 1_000; i++) put(`made-up-${i}`, null);
    expect(cache.get('good')?.id).toBe('1');
    expect(cache.get('made-up-999')).toBeNull();
    expect(cache.get('made-up-0')).toBeUndefined();
  });

  it('a refusal is forgotten after five seconds, and a key that was good may become refused', () => {
    put('a', null);
    now += 4_999;
    expect(cache.get('a')).toBeNull();
    now += 1;
    expect(cache.get('a')).toBeUndefined();
    put('a', key('1'));
    put('a', null);
    expect(cache.get('a')).toBeNull();
    put('a', key('1'));
    expect(cache.get('a')?.id).toBe('1');
  });

  it('is bounded: the least recently used goes first', () => {
    for (const name of ['a', 'b', 'c']) put(name, key(name));
    cache.get('a');
    put('d', key('d'));
    expect(cache.size).toBe(3);
    expect(cache.get('b')).toBeUndefined();
    expect(cache.get('a')?.id).toBe('a');
  });
});
