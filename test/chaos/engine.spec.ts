import { findProgram } from '../support/optional-programs';
import { chaosRun, startWorld, type ChaosReport } from './engine/chaos-run';
import type { Queue } from './engine/world';

const hasRedis = findProgram('redis') !== null;

describe('chaos: the store equals the truth after everything has gone wrong', () => {
  const run = async (seed: number, queue: Queue): Promise<ChaosReport> => {
    const world = await startWorld(seed, queue);
    try {
      return await chaosRun(world, { seed, seconds: 10 });
    } finally {
      await world.stop();
    }
  };
  const expectSound = ({ seed, faults, log, changes }: ChaosReport): void => {
    // what it takes to see it again
    expect(faults.length === 0 ? [] : [`seed ${seed}`, ...faults, ...log]).toEqual([]);
    // how many the time was enough for depends on the machine
    expect(changes).toBeGreaterThan(5);
  };

  it('with the queue on PostgreSQL', async () => expectSound(await run(12, 'postgres')), 240_000);

  (hasRedis ? it : it.skip)('with the queue on Redis', async () => expectSound(await run(14, 'redis')), 240_000);
});
