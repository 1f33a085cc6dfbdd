import { RunTimeSlice } from './run-time-slice';

const settle = () => new Promise((resolve) => setImmediate(resolve));
const read = (slice: RunTimeSlice, pages: number) => {
  for (let page = 0; page < pages; page++) slice.countPage();
};

describe('the time slice of a run', () => {
  beforeEach(() => jest.useFakeTimers({ doNotFake: ['setImmediate'] }));
  afterEach(() => jest.useRealTimers());

  it('ends after 20 pages when somebody waits, and not before', async () => {
    const slice = new RunTimeSlice(async () => true);
    read(slice, 19);
    expect(slice.usedUp()).toBe(false);
    await settle();
    expect(slice.usedUp()).toBe(false);
    read(slice, 1);
    slice.usedUp();
    await settle();
    expect(slice.usedUp()).toBe(true);
  });

  it('ends after 15 s when somebody waits', async () => {
    const slice = new RunTimeSlice(async () => true);
    jest.advanceTimersByTime(15_000);
    slice.usedUp();
    await settle();
    expect(slice.usedUp()).toBe(true);
  });

  it('begins anew while nobody waits, asking once a time slice', async () => {
    let waiting = false;
    const someoneWaits = jest.fn(async () => waiting);
    const slice = new RunTimeSlice(someoneWaits);
    for (let slices = 0; slices < 3; slices++) {
      read(slice, 20);
      for (let count = 0; count < 5; count++) expect(slice.usedUp()).toBe(false);
      await settle();
      expect(slice.usedUp()).toBe(false);
    }
    expect(someoneWaits).toHaveBeenCalledTimes(3);
    waiting = true;
    read(slice, 20);
    slice.usedUp();
    await settle();
    expect(slice.usedUp()).toBe(true);
  });

  it('ends when it cannot be known', async () => {
    const slice = new RunTimeSlice(() => Promise.reject(new Error('away')));
    read(slice, 20);
    slice.usedUp();
    await settle();
    expect(slice.usedUp()).toBe(true);
  });
});
