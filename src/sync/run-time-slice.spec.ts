import { RunTimeSlice } from './run-time-slice';

const settle = () => new Promise((resolve) => setImmediate(resolve));
const read = (share: RunTimeSlice, pages: number) => {
  for (let page = 0; page < pages; page++) share.countPage();
};

describe('the share of a worker slot', () => {
  beforeEach(() => jest.useFakeTimers({ doNotFake: ['setImmediate'] }));
  afterEach(() => jest.useRealTimers());

  it('ends after 20 pages when somebody waits, and not before', async () => {
    const share = new RunTimeSlice(async () => true);
    read(share, 19);
    expect(share.usedUp()).toBe(false);
    await settle();
    expect(share.usedUp()).toBe(false);
    read(share, 1);
    share.usedUp();
    await settle();
    expect(share.usedUp()).toBe(true);
  });

  it('ends after 15 s when somebody waits', async () => {
    const share = new RunTimeSlice(async () => true);
    jest.advanceTimersByTime(15_000);
    share.usedUp();
    await settle();
    expect(share.usedUp()).toBe(true);
  });

  it('begins anew while nobody waits, asking once a share', async () => {
    let waiting = false;
    const someoneWaits = jest.fn(async () => waiting);
    const share = new RunTimeSlice(someoneWaits);
    for (let shares = 0; shares < 3; shares++) {
      read(share, 20);
      for (let count = 0; count < 5; count++) expect(share.usedUp()).toBe(false);
      await settle();
      expect(share.usedUp()).toBe(false);
    }
    expect(someoneWaits).toHaveBeenCalledTimes(3);
    waiting = true;
    read(share, 20);
    share.usedUp();
    await settle();
    expect(share.usedUp()).toBe(true);
  });

  it('ends when it cannot be known', async () => {
    const share = new RunTimeSlice(() => Promise.reject(new Error('away')));
    read(share, 20);
    share.usedUp();
    await settle();
    expect(share.usedUp()).toBe(true);
  });
});
