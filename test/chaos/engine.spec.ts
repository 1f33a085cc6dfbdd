import { findProgram } from '../support/optional-programs';
import { chaosRun } from './engine/chaos-run';

const hasRedis = findProgram('redis') !== null;

describe('chaos: the store equals the truth after everything has gone wrong', () => {
  it('with the queue on PostgreSQL', async () => {
    const report = await chaosRun({ seed: 11, queue: 'postgres', seconds: 15 });
    expect(report.faults).toEqual([]);
    // how many the time was enough for depends on the machine
    expect(report.changes).toBeGreaterThan(5);
  }, 240_000);

  (hasRedis ? it : it.skip)(
    'with the queue on Redis',
    async () => {
      const report = await chaosRun({ seed: 12, queue: 'redis', seconds: 15 });
      expect(report.faults).toEqual([]);
      // how many the time was enough for depends on the machine
      expect(report.changes).toBeGreaterThan(5);
    },
    240_000,
  );
});
