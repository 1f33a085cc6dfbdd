import { environmentOfApiKey, generateApiKey, hashApiKey } from './api-key-format';

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

describe('the form of API keys', () => {
  it('carries at least 160 random bits, and its environment', () => {
    for (const environment of ['sandbox', 'live'] as const) {
      const { key, displayPrefix, hash } = generateApiKey(environment);
      expect(key).toMatch(new RegExp(`^rk_${environment}_[0-9A-Za-z]{38}$`));
      // 32 random characters; the last six are the checksum
      expect(32 * Math.log2(62)).toBeGreaterThanOrEqual(160);
      expect(environmentOfApiKey(key)).toBe(environment);
      expect(key.startsWith(displayPrefix)).toBe(true);
      expect(hash).toEqual(hashApiKey(key));
    }
  });

  it('uses every digit, none much more often than another', () => {
    const counts = new Map<string, number>();
    for (let i = 0; i < 2_000; i++) {
      for (const digit of generateApiKey('live').key.slice('rk_live_'.length, -6)) {
        counts.set(digit, (counts.get(digit) ?? 0) + 1);
      }
    }
    expect(counts.size).toBe(62);
    const expected = (2_000 * 32) / 62;
    for (const count of counts.values()) expect(Math.abs(count - expected)).toBeLessThan(expected * 0.2);
  });

  it('notices every single typo and every swap of neighbours', () => {
    const { key } = generateApiKey('sandbox');
    const start = 'rk_sandbox_'.length;
    for (let at = start; at < key.length; at++) {
      for (const digit of BASE62) {
        if (digit === key[at]) continue;
        expect(environmentOfApiKey(key.slice(0, at) + digit + key.slice(at + 1))).toBeNull();
      }
      const swapped = key.slice(0, at) + (key[at + 1] ?? '') + key[at] + key.slice(at + 2);
      if (at + 1 < key.length && key[at] !== key[at + 1]) expect(environmentOfApiKey(swapped)).toBeNull();
    }
  });

  it('notices a rewritten environment', () => {
    const { key } = generateApiKey('sandbox');
    expect(environmentOfApiKey(key.replace('rk_sandbox_', 'rk_live_'))).toBeNull();
  });

  it.each(['', 'rk_', 'rk_live_', 'rk_test_' + 'a'.repeat(38), `${'x'.repeat(100_000)}`, 'rk_live_' + 'é'.repeat(38)])(
    'refuses %.20j',
    (text) => {
      expect(environmentOfApiKey(text)).toBeNull();
      const { key } = generateApiKey('live');
      for (const near of [`${key}\n`, ` ${key}`, `${key}0`, key.slice(1), key.toUpperCase()]) {
        expect(environmentOfApiKey(near)).toBeNull();
      }
    },
  );
});
