import { OVERLAP_MS } from './overlap';
import { clockFinding, wasPutBack } from './provider-clock';

const NOW = new Date('2026-05-05T10:00:00.000Z');
const BEFORE = { aheadMs: 130_000, since: '2026-05-01T10:00:00.000Z' };

describe('a provider’s clock', () => {
  it.each([undefined, 0, 120_000, -120_000])('is not found to be off by %s ms', (aheadMs) => {
    expect(clockFinding(aheadMs, BEFORE, NOW)).toBeUndefined();
  });

  it.each([120_001, -120_001])('is found to be off by %i ms since the first scan that found it', (aheadMs) => {
    expect(clockFinding(aheadMs, undefined, NOW)).toEqual({ aheadMs, since: NOW.toISOString() });
    expect(clockFinding(aheadMs, BEFORE, NOW)).toEqual({ aheadMs, since: BEFORE.since });
  });

  it('was put back where it is less ahead than before, by more than the overlap of two scans', () => {
    const before = { ...BEFORE, aheadMs: 10 * OVERLAP_MS };
    expect(wasPutBack(9 * OVERLAP_MS, before)).toBe(false);
    expect(wasPutBack(9 * OVERLAP_MS - 1, before)).toBe(true);
    expect(wasPutBack(-OVERLAP_MS, undefined)).toBe(false);
    expect(wasPutBack(-OVERLAP_MS - 1, undefined)).toBe(true);
    expect(wasPutBack(undefined, before)).toBe(false);
  });
});
