import { JobRoom } from './job-room';

describe('the room for jobs', () => {
  it('is given up to its size, and then in turn to those who wait', async () => {
    const room = new JobRoom(2);
    const entered: string[] = [];
    const enter = async (who: string): Promise<void> => {
      await room.enter();
      entered.push(who);
    };
    const all = Promise.all(['a', 'a', 'a', 'b', 'a'].map((who) => enter(who)));
    await Promise.resolve();
    await Promise.resolve();
    expect(entered).toEqual(['a', 'a']);
    for (let left = 0; left < 3; left += 1) room.leave();
    await all;
    expect(entered).toEqual(['a', 'a', 'a', 'b', 'a']);
    room.leave();
    room.leave();
    await Promise.all([enter('c'), enter('c')]);
    expect(entered).toHaveLength(7);
  });
});
