import { benchmark } from './support/benchmark';
import { simulateStorm, type Storm } from './support/storm';

const HOUR = 3_600;

/**
 * Whether 100,000 integrations that all fail at once, and nobody is to blame, come back without a storm. Simulated
 * time, real policies.
 */
benchmark(
  {
    sizes: { integrations: { full: 100_000, quick: 2_000 } },
    runs: { full: 3, quick: 1 },
  },
  async ({ runs, sizes, log, report }) => {
    const storms: readonly { id: 'kms' | 'outage'; storm: Storm }[] = [
      // throttled to a fifth of what is needed, then as before
      { id: 'kms', storm: { what: 'key management', faultSeconds: HOUR, capacityShare: 0.2 } },
      { id: 'outage', storm: { what: 'provider', faultSeconds: HOUR, capacityShare: 0 } },
    ];
    for (const { id, storm } of storms) {
      const results = Array.from({ length: runs }, (_, seed) =>
        simulateStorm(storm, { integrations: sizes.integrations, intervalSeconds: HOUR, seed: seed + 1 }),
      );
      for (const { normal, peak, callsPeak, backAfter, late } of results) {
        log(
          `${storm.what}: normally ${normal.toFixed(1)} starts/s, peak ${peak.toFixed(1)}, calls while it fails at most ` +
            `${callsPeak.toFixed(1)}/s, back to normal after ${backAfter.toFixed(2)} intervals, ${late} integrations late by then`,
        );
      }
      const note = `${sizes.integrations} integrations due once an hour, a fault of an hour; simulated time`;
      report(
        `storm.${id}.peak`,
        results.map(({ peak, normal }) => ({ ours: peak, reference: normal })),
        note,
      );
      report(
        `storm.${id}.back`,
        results.map(({ backAfter }) => ({ ours: backAfter })),
        note,
      );
    }
  },
);
