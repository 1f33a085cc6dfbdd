import 'reflect-metadata';
import { startTestApp } from '../test/support/app';
import { build } from '../test/support/build';
import { benchmark, type Sample } from './support/benchmark';
import { activateClinic } from './support/clinic';
import { startBenchPostgres } from './support/postgres';
import { memoryOf } from './support/process-figures';
import { benchKeyring, startService } from './support/service';
import { runsSettled } from './support/settled';
import { startBenchSimulator, type BenchSimulator } from './support/simulator';

const sizes = { rows: { full: 1_000_000, quick: 4_000 }, few: { full: 50_000, quick: 1_000 } };

/** The most memory that a worker process of its own ever has while it imports a small account, and a large one. */
benchmark({ sizes }, async ({ runs, sizes: { rows, few }, log, report }) => {
  build();
  const postgres = await startBenchPostgres();
  const simulator = await startBenchSimulator();
  try {
    const growth: Sample[] = [];
    for (let run = 0; run < runs; run++) {
      const reference = await peakOf(simulator, few, log);
      growth.push({ ours: await peakOf(simulator, rows, log), reference });
    }
    const note = `${rows} and ${few} customers, one account each, first sync`;
    report('memory.growth', growth, note);
    report(
      'memory.peak',
      growth.map(({ ours }) => ({ ours })),
      note,
    );
  } finally {
    await simulator.stop();
    await postgres.stop();
  }
});

/** MB. A database, a worker and an api process of its own for each: nothing is warm. */
async function peakOf(simulator: BenchSimulator, rows: number, log: (line: string) => void): Promise<number> {
  const environment = { SANDBOX_ORIGIN: simulator.url, SANDBOX_RATE_PER_SECOND: '0', LOCAL_KEYRING: benchKeyring() };
  const api = await startTestApp({ environment: { ...environment, ROLE: 'api', LOG_LEVEL: 'warn' } });
  try {
    const databaseUrl = api.config.database.url;
    const worker = await startService({
      ...environment,
      ROLE: 'worker',
      DATABASE_URL: databaseUrl,
      DATA_DIR: api.config.dataDir,
    });
    try {
      const startedAt = performance.now();
      await activateClinic(api, await simulator.addAccount(`of-${rows}`, rows));
      await runsSettled(databaseUrl);
      const perSecond = rows / ((performance.now() - startedAt) / 1000);
      const { now, peak } = await memoryOf(worker.pid);
      log(`${rows} records: peak ${peak.toFixed(0)} MB, ${now.toFixed(0)} MB at the end, ${Math.round(perSecond)}/s`);
      return peak;
    } finally {
      await worker.stop();
    }
  } finally {
    await api.close();
  }
}
