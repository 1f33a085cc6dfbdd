import { EVERYTHING, type ViewScope } from './finding-facts';
import { ReadingsByScope } from './readings-by-scope';

const LIVE: ViewScope = { ...EVERYTHING, environment: 'live' };

describe('readings that many share', () => {
  let begun: number;
  let end: (() => void)[];
  let fails: boolean;
  let readings: ReadingsByScope<number>;
  beforeEach(() => {
    jest.useFakeTimers();
    [begun, end, fails] = [0, [], false];
    readings = new ReadingsByScope(async () => {
      const number = ++begun;
      await new Promise<void>((ended) => end.push(ended));
      if (fails) throw new Error('no database');
      return number;
    });
  });
  afterEach(() => jest.useRealTimers());

  const answered = async (scope = EVERYTHING) => {
    const reading = readings.read(scope);
    end.shift()!();
    return reading;
  };

  it('are one for all who ask meanwhile, of each scope, however long it takes', async () => {
    const first = readings.read(EVERYTHING);
    jest.advanceTimersByTime(8_000);
    const [second, ofLive] = [readings.read(EVERYTHING), readings.read(LIVE)];
    end.splice(0).forEach((ended) => ended());
    expect(await Promise.all([first, second, ofLive])).toEqual([1, 1, 2]);
    expect(begun).toBe(2);
  });

  it('give the last answer while the next one is made, and wait for that where the last one is old', async () => {
    expect(await answered()).toBe(1);
    expect(await readings.read(EVERYTHING)).toBe(1);
    jest.advanceTimersByTime(5_000);
    const next = readings.read(EVERYTHING);
    expect(await readings.read(EVERYTHING)).toBe(1);
    jest.advanceTimersByTime(30_000);
    const late = readings.read(EVERYTHING);
    end.shift()!();
    expect(await Promise.all([next, late])).toEqual([2, 2]);
    jest.advanceTimersByTime(60_000);
    expect(await answered()).toBe(3);
  });

  it('are made anew after one that failed', async () => {
    fails = true;
    await expect(answered()).rejects.toThrow('no database');
    fails = false;
    expect(await answered()).toBe(2);
  });
});
