import { offsetMs } from './schedule';

const ids = Array.from({ length: 1_000 }, (_, index) => `integration-${index}`);

describe('the place of an integration in its interval', () => {
  it('is stable, and within the interval', () => {
    for (const id of ids) {
      const offset = offsetMs(id, 900_000);
      expect(offset).toBe(offsetMs(id, 900_000));
      expect(offset).toBeGreaterThanOrEqual(0);
      expect(offset).toBeLessThan(900_000);
    }
  });

  it('spreads what was made in one minute over all of it', () => {
    const tenths = new Map<number, number>();
    for (const id of ids) {
      const tenth = Math.floor(offsetMs(id, 900_000) / 90_000);
      tenths.set(tenth, (tenths.get(tenth) ?? 0) + 1);
    }
    expect(tenths.size).toBe(10);
    expect(Math.max(...tenths.values())).toBeLessThan(150);
  });
});
