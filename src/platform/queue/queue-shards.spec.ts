import { randomUUID } from 'node:crypto';
import { slotOf } from './cluster-slot';
import { queueShards, shardOf } from './queue-shards';

const CLUSTER = 'redis+cluster://a:7000';

describe('the shards of a queue', () => {
  it('are the queue itself where there is one', () => {
    expect(queueShards('runs', { redisUrl: null, queueShards: 1 })).toEqual([{ name: 'runs', prefix: 'bull' }]);
    expect(queueShards('runs', { redisUrl: 'redis://queue', queueShards: 1 })).toEqual([
      { name: 'runs', prefix: 'bull' },
    ]);
  });

  it('stay the same when more are added', () => {
    for (const redisUrl of [null, CLUSTER]) {
      const many = queueShards('runs', { redisUrl, queueShards: 64 });
      expect(new Set(many.map(({ name }) => name)).size).toBe(64);
      expect(queueShards('runs', { redisUrl, queueShards: 3 })).toEqual(many.slice(0, 3));
    }
  });

  const many = queueShards('runs', { redisUrl: CLUSTER, queueShards: 64 });
  it.each([2, 3, 4, 5, 6])('leave no node of a cluster of %d without work', (nodes) => {
    for (let shards = nodes; shards <= 64; shards += 1) {
      const tags = many.slice(0, shards).map(({ prefix }) => /^bull:\{(.+)\}$/.exec(prefix)![1]!);
      const served = tags.map((tag) => Math.floor((slotOf(tag) / 16_384) * nodes));
      expect(new Set(served).size).toBe(nodes);
    }
  });

  it('lead to the slot that Redis finds', () => {
    // `CLUSTER KEYSLOT` of redis-server 7.0
    expect(['foo', '123456789', 'runs'].map(slotOf)).toEqual([12_182, 12_739, 14_900]);
  });

  it('share ids evenly, and each id has its own for good', () => {
    const counts = [0, 0, 0, 0, 0];
    for (let n = 0; n < 5_000; n += 1) counts[shardOf(randomUUID(), 5)]! += 1;
    expect(Math.min(...counts)).toBeGreaterThan(850);
    expect(shardOf('3f6c1f0e-0000-4000-8000-000000000001', 8)).toBe(0);
    expect(shardOf('anything', 1)).toBe(0);
  });
});
