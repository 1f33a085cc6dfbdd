import { grantChaos } from './grants/grant-chaos';

it('chaos: a grant ends only where the answer to a refresh was lost', async () => {
  const report = await grantChaos({ seed: 7, seconds: 12, processes: 4, grants: 5 });
  expect(report).toMatchObject({ faults: [] });
  expect(report.refreshes).toBeGreaterThan(10);
}, 300_000);
