import { CallWindow } from './call-window';

const PLACES = 256;
const HELD_MS = 40;

describe('the window of calls', () => {
  let window: CallWindow;
  let entered: number[];
  const ask = async (index: number): Promise<() => void> => {
    const leave = await window.enter();
    entered.push(index);
    return leave;
  };
  const askAll = (count: number): Promise<() => void>[] => Array.from({ length: count }, (_, index) => ask(index));
  beforeEach(() => {
    jest.useFakeTimers();
    window = new CallWindow();
    entered = [];
  });
  afterEach(() => jest.useRealTimers());

  it('lets so many in at a time, and then one for each that leaves, in the order in which they asked', async () => {
    const asked = askAll(PLACES + 3);
    await jest.advanceTimersByTimeAsync(0);
    expect(entered).toHaveLength(PLACES);
    (await asked[7]!)();
    (await asked[3]!)();
    await jest.advanceTimersByTimeAsync(0);
    expect(entered.slice(PLACES)).toEqual([PLACES, PLACES + 1]);
  });

  it('takes a place from who waits for longer', async () => {
    void askAll(3 * PLACES);
    await jest.advanceTimersByTimeAsync(HELD_MS - 1);
    expect(entered).toHaveLength(PLACES);
    await jest.advanceTimersByTimeAsync(1);
    expect(entered).toHaveLength(2 * PLACES);
    await jest.advanceTimersByTimeAsync(HELD_MS);
    expect(entered).toHaveLength(3 * PLACES);
  });

  it('gives a place back once, whenever its call ends', async () => {
    const asked = askAll(PLACES);
    await jest.advanceTimersByTimeAsync(HELD_MS);
    for (const each of asked) (await each)();
    void askAll(2 * PLACES);
    await jest.advanceTimersByTimeAsync(0);
    expect(entered).toHaveLength(2 * PLACES);
  });

  it('has no places fewer after many calls, however they end', async () => {
    for (let round = 0; round < 20; round++) {
      const asked = askAll(PLACES + 100);
      await jest.advanceTimersByTimeAsync(round % 2 === 0 ? HELD_MS : 1);
      for (const each of asked.slice(0, PLACES)) (await each)();
      await jest.advanceTimersByTimeAsync(2 * HELD_MS);
    }
    entered = [];
    void askAll(PLACES + 1);
    await jest.advanceTimersByTimeAsync(0);
    expect(entered).toHaveLength(PLACES);
  });
});
