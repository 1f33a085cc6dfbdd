import 'reflect-metadata';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { temporaryFolder } from '../test/integration/vault-context';
import { build } from '../test/support/build';
import { migratedDatabase } from '../test/support/database';
import { benchmark, type Sample } from './support/benchmark';
import { fillIntegrations } from './support/fill';
import { startBenchPostgres } from './support/postgres';
import { memoryOf } from './support/process-figures';
import { benchKeyring, startService, type ServiceEnvironment } from './support/service';

/** Long enough for the first ticks of every daemon and for the garbage of the start. */
const IDLE_MS = { full: 10_000, quick: 500 };
const ROLES = ['api', 'worker'] as const;
const LEAST_SERVICE = 'bench/support/least-service.mjs';

/**
 * The built service on a database that has been in use: how soon it is ready, and what it takes while it has nothing to
 * do.
 */
benchmark({ sizes: { integrations: { full: 100_000, quick: 500 } } }, async ({ runs, quick, sizes, log, report }) => {
  build();
  const postgres = await startBenchPostgres();
  const database = await migratedDatabase();
  const folder = await temporaryFolder();
  const environment = { DATABASE_URL: database.url, DATA_DIR: folder.path, LOCAL_KEYRING: benchKeyring() };
  try {
    const client = new Client({ connectionString: database.url });
    await client.connect();
    await fillIntegrations(client, sizes.integrations);
    await client.end();
    const ready: Sample[] = [];
    const cpu: Sample[] = [];
    const memory: Record<(typeof ROLES)[number], Sample[]> = { api: [], worker: [] };
    const idleMs = quick ? IDLE_MS.quick : IDLE_MS.full;
    for (let run = 0; run < runs; run++) {
      const least = await measure(environment, idleMs, LEAST_SERVICE);
      const all = await measure({ ...environment, ROLE: 'all' }, 0);
      ready.push({ ours: all.ready, reference: least.ready });
      cpu.push({ ours: all.cpu, reference: least.cpu });
      log(
        `ready in ${all.ready.toFixed(2)} s (${all.cpu.toFixed(2)} s CPU), the least service ${least.ready.toFixed(2)} s`,
      );
      for (const role of ROLES) {
        const { rss } = await measure({ ...environment, ROLE: role }, idleMs);
        log(`${role}: ${rss.toFixed(0)} MB idle, the least service ${least.rss.toFixed(0)} MB`);
        memory[role].push({ ours: rss, reference: least.rss });
      }
    }
    const note = `${sizes.integrations} integrations in the database; node dist/main.js`;
    report('start.ready', ready, `${note}, ROLE=all, to the first 200 of /health/ready`);
    report('start.cpu', cpu, `${note}, ROLE=all, to the first 200 of /health/ready`);
    for (const role of ROLES)
      report(`start.rss-${role}`, memory[role], `${note}, ROLE=${role}, ${idleMs} ms after ready`);
  } finally {
    await database.drop();
    await folder.remove();
    await postgres.stop();
  }
});

/** Seconds, seconds and MB of one process. */
async function measure(
  environment: ServiceEnvironment,
  idleMs: number,
  program?: string,
): Promise<{ ready: number; cpu: number; rss: number }> {
  const service = await startService(environment, program);
  try {
    await sleep(idleMs);
    const { now } = await memoryOf(service.pid);
    return { ready: service.readySeconds, cpu: service.readyCpuSeconds, rss: now };
  } finally {
    await service.stop();
  }
}
