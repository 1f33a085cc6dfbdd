import { HeldLease } from '../../platform/lease';
import { ProviderFailure } from '../../platform/outbound';
import { notUnderstood } from '../list-rows';
import type { ProviderCall } from '../provider';
import { TokenStore } from './token-store';

const SECOND = 1_000;
const baseUrl = 'https://api.acme.example';

function callOf(fields: object = {}, more: Partial<ProviderCall> = {}): ProviderCall {
  const { signal } = new AbortController();
  const http = { request: () => Promise.reject(new Error('not asked')) };
  const credentials = { baseUrl, username: 'ada', ...fields };
  return { credentials, environment: 'live', settings: { currency: 'GBP', timezone: null }, http, signal, ...more };
}

describe('the tokens of a provider', () => {
  let now: number;
  let issued: number;
  let store: TokenStore;
  beforeEach(() => {
    [now, issued] = [0, 0];
    store = new TokenStore(
      () => Promise.resolve({ value: `t${++issued}`, lifeMs: 3_600 * SECOND }),
      () => now,
    );
  });

  it('are kept for a credential as long as no field of it changes', async () => {
    expect(await store.tokenFor(callOf())).toBe('t1');
    expect(await store.tokenFor(callOf())).toBe('t1');
    for (const changed of [{ username: 'eva' }, { baseUrl: 'https://eu.acme.example' }, { password: 'x' }]) {
      expect(await store.tokenFor(callOf(changed))).toBe(`t${issued}`);
    }
    expect(issued).toBe(4);
    expect(await store.tokenFor(callOf({}, { environment: 'sandbox' }))).toBe('t5');
  });

  it.each([
    [3_600, 3_539, 3_540],
    // the last quarter of a short life
    [100, 74, 75],
    // a second, and half of a life at most
    [2, 0.9, 1],
    [1, 0.4, 0.5],
    // longer than a day is a day
    [1e9, 86_339, 86_340],
  ])('that live for %i s are renewed before they end', async (life, last, first) => {
    const short = new TokenStore(
      () => Promise.resolve({ value: `t${++issued}`, lifeMs: life * SECOND }),
      () => now,
    );
    await short.tokenFor(callOf());
    now = last * SECOND;
    expect(await short.tokenFor(callOf())).toBe('t1');
    now = first * SECOND;
    expect(await short.tokenFor(callOf())).toBe('t2');
  });

  it('live from the moment in which they were asked for', async () => {
    const slow = new TokenStore(
      () => {
        now += 30 * SECOND;
        return Promise.resolve({ value: `t${++issued}`, lifeMs: 120 * SECOND });
      },
      () => now,
    );
    await slow.tokenFor(callOf());
    now = 91 * SECOND;
    expect(await slow.tokenFor(callOf())).toBe('t2');
  });

  it('are so many at most, and the one that was used least lately goes', async () => {
    for (let user = 0; user < 500; user++) await store.tokenFor(callOf({ username: `u${user}` }));
    await store.tokenFor(callOf({ username: 'u0' }));
    await store.tokenFor(callOf({ username: 'one more' }));
    expect(issued).toBe(501);
    await store.tokenFor(callOf({ username: 'u0' }));
    expect(issued).toBe(501);
    await store.tokenFor(callOf({ username: 'u1' }));
    expect(issued).toBe(502);
  });

  it('leave the memory when they end, also where nobody asks', async () => {
    const short = new TokenStore(() => Promise.resolve({ value: 'canary-token', lifeMs: 20 }));
    await short.tokenFor(callOf());
    expect(JSON.stringify([...short['held'].live.values()].map(({ value }) => value))).toContain('canary-token');
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(short['held'].live.size).toBe(0);
  });

  it('are asked for once, however many wait', async () => {
    const tokens = await Promise.all(Array.from({ length: 50 }, () => store.tokenFor(callOf())));
    expect([new Set(tokens).size, issued]).toEqual([1, 1]);
    // refused while many use it
    const next = await Promise.all(Array.from({ length: 50 }, () => store.tokenFor(callOf(), 't1')));
    expect([new Set(next), issued]).toEqual([new Set(['t2']), 2]);
    // one that learns late that the first was refused
    expect(await store.tokenFor(callOf(), 't1')).toBe('t2');
  });

  it('are not lost for those who wait when the one who asks is broken off', async () => {
    const stop = new AbortController();
    const asked: AbortSignal[] = [];
    const shared = new TokenStore(({ signal }) => {
      asked.push(signal);
      return new Promise((resolve, reject) => {
        if (asked.length > 1) resolve({ value: 't', lifeMs: SECOND });
        signal.addEventListener('abort', () => reject(signal.reason));
      });
    });
    const first = shared.tokenFor(callOf({}, { signal: stop.signal }));
    const others = [shared.tokenFor(callOf()), shared.tokenFor(callOf())];
    stop.abort(new Error('lease lost'));
    await expect(first).rejects.toThrow('lease lost');
    expect(await Promise.all(others)).toEqual(['t', 't']);
    expect(asked).toHaveLength(2);
  });

  it('let one who waits go as soon as it is broken off', async () => {
    const stop = new AbortController();
    const never = new TokenStore(() => new Promise(() => undefined));
    void never.tokenFor(callOf());
    const waits = never.tokenFor(callOf({}, { signal: stop.signal }));
    stop.abort(new Error('lease lost'));
    await expect(waits).rejects.toThrow('lease lost');
  });

  it('are not those of the other environment, also while a login is under way', async () => {
    const named = new TokenStore(({ environment }) => Promise.resolve({ value: environment, lifeMs: SECOND }));
    const both = (['live', 'sandbox'] as const).map((environment) => named.tokenFor(callOf({}, { environment })));
    expect(await Promise.all(both)).toEqual(['live', 'sandbox']);
  });

  it('leave room for the tokens of other servers, however many there are of one', async () => {
    await store.tokenFor(callOf({ username: 'of another server' }));
    const own = { baseUrl: 'https://own.example:8443/a' };
    for (let user = 0; user < 600; user++) await store.tokenFor(callOf({ ...own, username: `u${user}` }));
    expect(issued).toBe(601);
    await store.tokenFor(callOf({ username: 'of another server' }));
    expect(issued).toBe(601);
    await store.tokenFor(callOf({ ...own, username: 'u0' }));
    expect(issued).toBe(602);
  });

  const lost = new HeldLease(0);
  const failureOf = (work: () => void): unknown => {
    try {
      work();
    } catch (error) {
      return error;
    }
    throw new Error('no failure');
  };
  it.each([
    ['what the provider answered', new ProviderFailure('auth', 'no', { status: 401 }), 1],
    ['an answer that has no token', notUnderstood('has no token'), 1],
    ['a key that does not fit', new ProviderFailure('configuration', 'no', { field: 'credentials.key' }), 1],
    ['that it is away', new ProviderFailure('network', 'no'), 1],
    ['not the budget of one of them', new ProviderFailure('rate_limited', 'no', { ours: true }), 3],
    ['not the lost lease of one of them', failureOf(() => lost.assertHeld()), 3],
    ['not a fault of ours', new Error('no'), 3],
  ])('share of a failure %s', async (_, failure, asked) => {
    const failing = new TokenStore(() => {
      issued++;
      return Promise.reject(failure);
    });
    const all = await Promise.allSettled([1, 2, 3].map(() => failing.tokenFor(callOf())));
    expect(all.map((each) => (each as PromiseRejectedResult).reason)).toEqual([failure, failure, failure]);
    expect(issued).toBe(asked);
  });
});
