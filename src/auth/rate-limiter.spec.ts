import { Logger } from '@nestjs/common';
import { loadConfig } from '../platform/config';
import type { Caller } from '../platform/http';
import { RateLimiter } from './rate-limiter';
import type { RateLimitRepository } from './store/rate-limit.repository';

const caller: Caller = {
  kind: 'api_key',
  id: 'key',
  merchantId: 'm',
  environment: 'sandbox',
  scopes: new Set(),
  roles: [],
  nodeIds: [],
  permissions: [],
  heldUntil: null,
  tokenId: null,
  signIn: null,
};

/** A bucket that does not refill: what it holds is what was given. */
class Bucket {
  calls = 0;
  down = false;
  constructor(public tokens: number) {}
  lease = async (_bucket: string, { want }: { want: number }) => {
    this.calls++;
    await Promise.resolve();
    if (this.down) throw new Error('no connection');
    const granted = Math.min(want, Math.floor(this.tokens));
    this.tokens -= granted;
    return { granted, tokens: this.tokens };
  };
}

function limiter(bucket: Bucket, perMinute = '100'): RateLimiter {
  return new RateLimiter(
    bucket as unknown as RateLimitRepository,
    loadConfig({ RATE_LIMIT_SANDBOX_PER_MINUTE: perMinute, DATABASE_URL: 'postgres://x' }),
  );
}

describe('the rate limiter', () => {
  beforeAll(() => Logger.overrideLogger(false));
  afterEach(() => jest.restoreAllMocks());

  it('answers from a leased block of at most 5 % of the burst', async () => {
    const bucket = new Bucket(200);
    const limits = limiter(bucket);
    for (let i = 0; i < 7; i++) expect((await limits.take(caller))!.allowed).toBe(true);
    expect(bucket.calls).toBe(1);
    expect(bucket.tokens).toBe(190);
  });

  it('never lets more through than the bucket held, however many ask at once', async () => {
    const bucket = new Bucket(200);
    const limits = limiter(bucket);
    const decisions = await Promise.all(Array.from({ length: 500 }, () => limits.take(caller)));
    expect(decisions.filter((decision) => decision!.allowed)).toHaveLength(200);
    expect(bucket.tokens).toBe(0);
  });

  it('does not ask an empty bucket again before a token has flowed in', async () => {
    const bucket = new Bucket(0);
    const limits = limiter(bucket);
    for (let i = 0; i < 50; i++) {
      const decision = (await limits.take(caller))!;
      expect(decision).toMatchObject({ allowed: false, remaining: 0, limit: 200, retryAfterSeconds: 1 });
    }
    expect(bucket.calls).toBe(1);
  });

  it('asks an empty bucket again when a token has flowed in, and not a moment before', async () => {
    const bucket = new Bucket(0.25);
    const limits = limiter(bucket);
    const clock = jest.spyOn(performance, 'now');
    // a hundred a minute: three quarters of a token flow in in 450 ms
    const at = async (ms: number) => {
      clock.mockReturnValue(10_000 + ms);
      return (await limits.take(caller))!.allowed;
    };
    expect(await at(0)).toBe(false);
    bucket.tokens = 1;
    expect(await at(449)).toBe(false);
    expect(bucket.calls).toBe(1);
    expect(await at(450)).toBe(true);
  });

  it('counts what flows in meanwhile, up to the burst', async () => {
    const limits = limiter(new Bucket(100));
    const clock = jest.spyOn(performance, 'now');
    const remainingAt = async (ms: number) => {
      clock.mockReturnValue(10_000 + ms);
      return (await limits.take(caller))!.remaining;
    };
    expect(await remainingAt(0)).toBe(99);
    expect(await remainingAt(30_000)).toBe(148);
    expect(await remainingAt(59_999)).toBe(196);
  });

  it('drops what it has leased and not spent within a minute', async () => {
    const bucket = new Bucket(200);
    const limits = limiter(bucket);
    const clock = jest.spyOn(performance, 'now').mockReturnValue(10_000);
    await limits.take(caller);
    clock.mockReturnValue(70_000);
    await limits.take(caller);
    expect(bucket.calls).toBe(1);
    clock.mockReturnValue(70_001);
    await limits.take(caller);
    expect(bucket.calls).toBe(2);
  });

  it('asks for the next block before the last is spent', async () => {
    const bucket = new Bucket(200);
    const limits = limiter(bucket);
    for (let taken = 1; taken <= 7; taken++) await limits.take(caller);
    expect(bucket.calls).toBe(1);
    await limits.take(caller);
    expect(bucket.calls).toBe(2);
    // no more than a block is held: what is left of the one before is not asked for again
    await new Promise(setImmediate);
    expect(bucket.tokens).toBe(182);
  });

  it('tells what remains and when the bucket is full again', async () => {
    const limits = limiter(new Bucket(200));
    const decision = (await limits.take(caller))!;
    expect(decision).toMatchObject({ limit: 200, remaining: 199 });
    expect(decision.resetAtSeconds).toBeGreaterThanOrEqual(Math.floor(Date.now() / 1000));
    expect(decision.resetAtSeconds).toBeLessThanOrEqual(Math.ceil(Date.now() / 1000) + 2);
  });

  it('a store that is down lets everybody through, and is left alone for a second', async () => {
    const bucket = new Bucket(200);
    bucket.down = true;
    const limits = limiter(bucket);
    for (let i = 0; i < 20; i++) expect(await limits.take(caller)).toBeNull();
    expect(bucket.calls).toBe(1);
  });

  it('a store that hangs lets everybody through', async () => {
    const bucket = new Bucket(200);
    bucket.lease = () => new Promise(() => undefined);
    const limits = limiter(bucket);
    expect(await Promise.all([limits.take(caller), limits.take(caller)])).toEqual([null, null]);
    expect(await limits.take(caller)).toBeNull();
  });

  it('0 switches it off, and callers without an environment are not limited', async () => {
    const bucket = new Bucket(0);
    expect(await limiter(bucket, '0').take(caller)).toBeNull();
    expect(await limiter(bucket).take({ ...caller, environment: null })).toBeNull();
    expect(bucket.calls).toBe(0);
  });
});
