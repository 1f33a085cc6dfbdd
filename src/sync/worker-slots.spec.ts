import { WorkerSlots } from './worker-slots';

const never = new AbortController().signal;
/** What is due has run when this resolves. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

/** A call that ends when it is told to. */
function openCall() {
  let answer: () => void = () => undefined;
  const call = () => new Promise<string>((resolve) => (answer = () => resolve('answer')));
  return { call, answer: () => answer() };
}

/** Notes when what was asked for is granted. */
function noting(asked: Promise<unknown>) {
  const noted = { granted: false };
  void asked.then(() => (noted.granted = true));
  return noted;
}

describe('the slots of a worker', () => {
  beforeEach(() => jest.useFakeTimers({ doNotFake: ['setImmediate'] }));
  afterEach(() => jest.useRealTimers());

  it('are given to so many runs, and to the next when one ends', async () => {
    const slots = new WorkerSlots(1);
    const first = await slots.take();
    const second = noting(slots.take());
    await settle();
    expect(second.granted).toBe(false);
    first.end();
    await settle();
    expect(second.granted).toBe(true);
  });

  it('are kept through a call that is answered within a second', async () => {
    const slots = new WorkerSlots(1);
    const run = await slots.take();
    const { call, answer } = openCall();
    const called = run.during(call, never);
    const other = noting(slots.take());
    jest.advanceTimersByTime(999);
    answer();
    expect(await called).toBe('answer');
    await settle();
    expect(other.granted).toBe(false);
  });

  it('are given up in a longer one, and a run whose answer came goes before those who have not begun', async () => {
    const slots = new WorkerSlots(1);
    const run = await slots.take();
    const { call, answer } = openCall();
    const called = noting(run.during(call, never));
    const given = noting(run.givenUp);
    jest.advanceTimersByTime(1_000);
    const other = await slots.take();
    expect(given.granted).toBe(true);
    const third = noting(slots.take());
    answer();
    await settle();
    expect(called.granted).toBe(false);
    other.end();
    await settle();
    expect({ called: called.granted, third: third.granted }).toEqual({ called: true, third: false });
    run.end();
    await settle();
    expect(third.granted).toBe(true);
  });

  it('are kept by a run that waits while three times their number wait already', async () => {
    const slots = new WorkerSlots(1);
    const calls = [openCall(), openCall(), openCall(), openCall()];
    for (const [n, { call }] of calls.entries()) {
      const run = await slots.take();
      void run.during(call, never).then(() => run.end());
      if (n < 3) jest.advanceTimersByTime(1_000);
    }
    const next = noting(slots.take());
    jest.advanceTimersByTime(5_000);
    await settle();
    expect(next.granted).toBe(false);
    // the last one holds it still: it ends, and the slot is free
    calls[3]!.answer();
    await settle();
    expect(next.granted).toBe(true);
  });

  it('are not waited for by a run that is aborted, which takes none with it', async () => {
    const slots = new WorkerSlots(1);
    const run = await slots.take();
    const { call, answer } = openCall();
    const stopped = new AbortController();
    const called = noting(run.during(call, stopped.signal));
    jest.advanceTimersByTime(1_000);
    const other = await slots.take();
    answer();
    await settle();
    expect(called.granted).toBe(false);
    stopped.abort();
    await settle();
    expect(called.granted).toBe(true);
    run.end();
    const next = noting(slots.take());
    await settle();
    expect(next.granted).toBe(false);
    other.end();
    await settle();
    expect(next.granted).toBe(true);
  });

  it('are given up by a run that waits, however many that waited before were aborted and have ended', async () => {
    const slots = new WorkerSlots(1);
    for (let time = 0; time < 4; time++) {
      const run = await slots.take();
      const stopped = new AbortController();
      const { call, answer } = openCall();
      const called = noting(run.during(call, stopped.signal));
      jest.advanceTimersByTime(1_000);
      const other = noting(slots.take().then((slot) => slot.end()));
      await settle();
      expect([time, other.granted]).toEqual([time, true]);
      stopped.abort();
      answer();
      await settle();
      expect(called.granted).toBe(true);
      run.end();
    }
  });

  it.each(['a free slot', 'one that is freed for it'])(
    'are given up again and again by a run that finds %s',
    async (what) => {
      const slots = new WorkerSlots(1);
      const run = await slots.take();
      for (let time = 0; time < 4; time++) {
        const { call, answer } = openCall();
        const called = noting(run.during(call, never));
        jest.advanceTimersByTime(1_000);
        const other = noting(
          slots.take().then((slot) => (what === 'a free slot' ? slot.end() : setTimeout(() => slot.end(), 1))),
        );
        await settle();
        expect(other.granted).toBe(true);
        answer();
        await settle();
        jest.advanceTimersByTime(1);
        await settle();
        expect(called.granted).toBe(true);
      }
    },
  );
});
