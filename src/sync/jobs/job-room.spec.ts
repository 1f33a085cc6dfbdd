import { setImmediate as turn } from 'node:timers/promises';
import { JobRoom } from './job-room';

describe('the room for jobs', () => {
  let entered: string[];
  const enter = async (room: JobRoom, who: string): Promise<void> => {
    await room.enter();
    entered.push(who);
  };
  beforeEach(() => (entered = []));

  it('is given up to its size, and then in turn to those who wait', async () => {
    const room = new JobRoom(2);
    const all = Promise.all(['a', 'a', 'a', 'b', 'a'].map((who) => enter(room, who)));
    await turn();
    expect(entered).toEqual(['a', 'a']);
    for (let left = 0; left < 3; left += 1) room.leave();
    await all;
    expect(entered).toEqual(['a', 'a', 'a', 'b', 'a']);
    room.leave();
    room.leave();
    await Promise.all([enter(room, 'c'), enter(room, 'c')]);
    expect(entered).toHaveLength(7);
  });

  it('is entered at once or not at all by those who cannot wait', () => {
    const room = new JobRoom(1);
    expect([room.tryEnter(), room.tryEnter()]).toEqual([true, false]);
    room.leave();
    expect(room.tryEnter()).toBe(true);
  });

  it('is given to nobody until those have left who squeezed in', async () => {
    const room = new JobRoom(1);
    await enter(room, 'a');
    room.squeezeIn();
    const next = enter(room, 'b');
    room.leave();
    await turn();
    expect(entered).toEqual(['a']);
    room.leave();
    await next;
    expect(entered).toEqual(['a', 'b']);
  });
});
