import { scaleRun } from '../scale/scale-run';
import { findProgram } from '../support/optional-programs';

const hasRedis = findProgram('redis') !== null;

describe('npm run scale, in small', () => {
  (hasRedis ? it : it.skip)(
    'loses nothing and writes nothing twice while processes die and come',
    async () => {
      const report = await scaleRun({
        integrations: 60,
        merchants: 15,
        minutes: 5,
        apis: 1,
        workers: 2,
        seed: 7,
        queue: 'redis',
        durable: false,
        leaseSeconds: 2,
        longestWindowMs: 4_000,
        blows: 3,
        log: () => undefined,
      });
      expect(report).toMatchObject({ faults: [], verifiedIntegrations: 60 });
      expect(report!.changes).toBeGreaterThan(10);
      expect(report!.large.firstSyncs.starts).toBeGreaterThanOrEqual(54);
      expect(report!.acts).toEqual(['kill -9 a worker', 'add a worker', 'SIGTERM a worker']);
    },
    180_000,
  );
});
