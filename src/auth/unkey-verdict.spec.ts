import { verificationOf } from './unkey-verification';

const NOW = Date.parse('2026-05-01T00:00:00Z');
const MERCHANT = '0b5a1c52-6f0e-4c7e-9d0e-3f8a6a1f2b11';
type Data = Parameters<typeof verificationOf>[0];

const limit = (over: Partial<NonNullable<Data['ratelimits']>[number]> = {}) => ({
  exceeded: true,
  id: 'rl_1',
  name: 'requests',
  limit: 100,
  duration: 60_000,
  reset: NOW + 12_345,
  remaining: 0,
  autoApply: true,
  ...over,
});
const limitedBy = (ratelimits?: Data['ratelimits']) =>
  verificationOf(
    { valid: false, code: 'RATE_LIMITED', keyId: 'key_1', identity: { id: 'id_1', externalId: MERCHANT }, ratelimits },
    'live',
    NOW,
  ).key?.limited;

describe('what Unkey says about a limit, in our headers', () => {
  it('a reset as the point in time that the service sends', () => {
    expect(limitedBy([limit()])).toEqual({
      allowed: false,
      limit: 100,
      remaining: 0,
      resetAtSeconds: NOW / 1000 + 13,
      retryAfterSeconds: 13,
    });
  });

  it('a reset as the duration that the reference tells of', () => {
    expect(limitedBy([limit({ reset: 12_345 })])).toEqual(limitedBy([limit()]));
  });

  it('of several the one that is exceeded longest; those that are not do not count', () => {
    const limits = [
      limit({ limit: 1, reset: NOW + 1_000 }),
      limit({ limit: 2, reset: NOW + 5_000 }),
      limit({ limit: 3, reset: NOW + 90_000, exceeded: false }),
    ];
    expect(limitedBy(limits)).toMatchObject({ limit: 2, retryAfterSeconds: 5 });
  });

  it.each([undefined, []])('no limit named: come back in a second', (limits) => {
    expect(limitedBy(limits)).toMatchObject({ allowed: false, remaining: 0, retryAfterSeconds: 1 });
  });

  it('a key that is good is not limited', () => {
    const { key } = verificationOf(
      { valid: true, code: 'VALID', keyId: 'key_1', identity: { id: 'id_1', externalId: MERCHANT.toUpperCase() } },
      'live',
      NOW,
    );
    expect(key).toEqual({ id: 'key_1', merchantId: MERCHANT, environment: 'live', scopes: new Set(), expiresAt: null });
  });
});
