import { CommitGroup } from './commit-group';
import { EMPTY_CURSOR } from './cursor';
import type { Committed, StreamPages } from './page-commit';
import type { FenceTarget } from './run-fence';

const NOTHING: Committed = {
  fetched: 0,
  created: 0,
  updated: 0,
  unchanged: 0,
  deleted: 0,
  quarantined: 0,
  allNew: false,
  progress: { cursor: EMPTY_CURSOR },
};

const pagesOf = (key: string, { rows = 1, takenForNew = false } = {}): StreamPages =>
  ({
    stream: { key },
    rows: Array.from({ length: rows }, () => ({})),
    options: { takenForNew },
  }) as unknown as StreamPages;

describe('a group of commits', () => {
  let committed: string[][];
  let told: number;
  let group: CommitGroup;
  beforeEach(() => {
    committed = [];
    told = 0;
    const commit = (_target: FenceTarget, streams: readonly StreamPages[]): Promise<Committed[]> => {
      committed.push(streams.map(({ stream }) => stream.key));
      return Promise.resolve(streams.map(({ rows }) => ({ ...NOTHING, fetched: rows.length })));
    };
    group = new CommitGroup({ commit }, {} as FenceTarget, () => Promise.resolve(void told++));
  });

  it('commits streams that have ended with what follows them, in the order in which they were read', async () => {
    await group.end(pagesOf('a'));
    await group.end(pagesOf('b'));
    expect(committed).toEqual([]);
    expect(await group.commit(pagesOf('c', { rows: 3 }))).toMatchObject({ fetched: 3 });
    expect(committed).toEqual([['a', 'b', 'c']]);
    expect(told).toBe(1);
  });

  it('commits each of them once', async () => {
    await group.end(pagesOf('a'));
    await group.flush();
    await group.flush();
    await group.commit(pagesOf('b'));
    expect(committed).toEqual([['a'], ['b']]);
    expect(told).toBe(2);
  });

  it('keeps nothing back beyond the rows of a commit', async () => {
    await group.end(pagesOf('a', { rows: 999 }));
    expect(committed).toEqual([]);
    await group.end(pagesOf('b'));
    expect(committed).toEqual([['a', 'b']]);
    await group.end(pagesOf('c', { rows: 999 }));
    expect(committed).toHaveLength(1);
  });

  it('keeps nothing back beyond the time of a commit', async () => {
    const now = jest.spyOn(performance, 'now').mockReturnValue(5_000);
    try {
      await group.end(pagesOf('a'));
      now.mockReturnValue(5_999);
      await group.end(pagesOf('b'));
      expect(committed).toEqual([]);
      now.mockReturnValue(6_000);
      await group.end(pagesOf('c'));
      expect(committed).toEqual([['a', 'b', 'c']]);
    } finally {
      now.mockRestore();
    }
  });

  it('lets pages that are taken for new travel alone', async () => {
    await group.end(pagesOf('a'));
    await group.commit(pagesOf('b', { takenForNew: true }));
    expect(committed).toEqual([['a'], ['b']]);
  });
});
