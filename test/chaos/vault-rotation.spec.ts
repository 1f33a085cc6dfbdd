import { vaultChaos } from './vault/vault-chaos';

describe('chaos: a rotation that is killed anywhere is taken up again', () => {
  it('every secret opens and none is left on the old key, five times over', async () => {
    const report = await vaultChaos({ runs: 5, seed: 7, secrets: 80 });
    expect(report.faults).toEqual([]);
    expect(report.kills).toBeGreaterThanOrEqual(4);
  }, 240_000);
});
