import 'reflect-metadata';
import { measureHolds } from '../test/support/loop-holds';
import { benchmark, type Sample } from './support/benchmark';
import { startBenchPostgres } from './support/postgres';

/**
 * How long one request can hold the event loop at most: the worst bodies of every operation, plain and packed each way.
 */
benchmark({ runs: { full: 1, quick: 1 } }, async ({ runs, quick, log, report }) => {
  const server = await startBenchPostgres();
  const samples: Sample[] = [];
  try {
    for (let run = 0; run < runs; run++) {
      const holds = await measureHolds(quick ? 'some' : 'all', log);
      samples.push({ ours: holds[0]!.heldMs });
    }
  } finally {
    await server.stop();
  }
  report('edge.loop-hold', samples, 'processor time of the longest hold, compiled from the sources');
});
