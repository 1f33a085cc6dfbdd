import { BoundedLane } from './bounded-lane';

describe('BoundedLane', () => {
  const gate = () => {
    let open!: () => void;
    const opened = new Promise<void>((resolve) => (open = resolve));
    return { open, opened };
  };

  it('runs so many at once, keeps so many waiting, and refuses the rest with 503', async () => {
    const lane = new BoundedLane({ concurrency: 2, maxWaiting: 3 });
    const { open, opened } = gate();
    let running = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      most = Math.max(most, ++running);
      await opened;
      running--;
    };
    const outcomes = Array.from({ length: 8 }, () =>
      lane.run('a', work).then(
        () => 'done',
        (error) => error.code as string,
      ),
    );
    open();
    expect(await Promise.all(outcomes)).toEqual([
      ...Array.from({ length: 5 }, () => 'done'),
      ...Array.from({ length: 3 }, () => 'unavailable'),
    ]);
    expect(most).toBe(2);
  });

  it('a failure frees its place, and the first that came is the first served', async () => {
    const lane = new BoundedLane({ concurrency: 1, maxWaiting: 10 });
    const order: number[] = [];
    const outcomes = await Promise.allSettled(
      [0, 1, 2, 3].map((i) =>
        lane.run('a', async () => {
          order.push(i);
          if (i % 2 === 0) throw new Error('failed');
        }),
      ),
    );
    expect(order).toEqual([0, 1, 2, 3]);
    expect(outcomes.map((each) => each.status)).toEqual(['rejected', 'fulfilled', 'rejected', 'fulfilled']);
    await expect(lane.run('a', () => Promise.resolve('free'))).resolves.toBe('free');
  });

  it('gives owners turns: one with much work waits for itself, and is refused alone', async () => {
    const lane = new BoundedLane({ concurrency: 1, maxWaiting: 100 });
    const order: string[] = [];
    const ask = (owner: string) => lane.run(owner, async () => void order.push(owner));
    const { open, opened } = gate();
    const first = lane.run('flood', () => opened);
    const flood = Array.from({ length: 100 }, () => ask('flood'));
    await expect(ask('flood')).rejects.toMatchObject({ code: 'unavailable' });
    const others = [ask('one'), ask('two'), ask('one')];
    open();
    await Promise.all([first, ...flood, ...others]);
    expect(order.slice(0, 5)).toEqual(['flood', 'one', 'two', 'flood', 'one']);
    expect(order).toHaveLength(103);
  });

  it('never runs more than its bound, however the work comes and goes', async () => {
    const lane = new BoundedLane({ concurrency: 3, maxWaiting: 1_000 });
    let running = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      most = Math.max(most, ++running);
      for (let i = Math.floor(Math.random() * 4); i > 0; i--) await Promise.resolve();
      running--;
    };
    const all: Promise<void>[] = [];
    for (let i = 0; i < 500; i++) {
      all.push(lane.run(String(i % 7), work));
      if (Math.random() < 0.3) await Promise.resolve();
    }
    await Promise.all(all);
    expect(most).toBe(3);
  });
});
