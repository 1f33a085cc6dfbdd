import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { startTestApp, type TestApp } from '../../test/support/app';
import { build } from '../../test/support/build';
import { quantile, type Sample } from './benchmark';
import { activateClinic } from './clinic';
import { benchKeyring, startService } from './service';
import { runsSettled } from './settled';
import { startBenchSimulator, type BenchSimulator } from './simulator';

export interface FairnessSizes {
  readonly runs: number;
  /** Integrations with a few rows each, all due at the same moment. */
  readonly small: number;
  readonly big: number;
  /** Of each big one: so many that its first sync is still under way when all has been measured. */
  readonly bigRows: number;
}

const SMALL_ROWS = 30;

/**
 * How long small runs wait for their first page when they fall due together: on an idle system, then with big first
 * syncs under way. One worker process with its default concurrency. Milliseconds at the 95th percentile.
 */
export async function fairness(sizes: FairnessSizes, log: (line: string) => void): Promise<Sample[]> {
  build();
  const simulator = await startBenchSimulator();
  const environment = { SANDBOX_ORIGIN: simulator.url, SANDBOX_RATE_PER_SECOND: '0', LOCAL_KEYRING: benchKeyring() };
  const api = await startTestApp({ environment: { ...environment, ROLE: 'api', LOG_LEVEL: 'warn' } });
  const databaseUrl = api.config.database.url;
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const worker = await startService({
      ...environment,
      ROLE: 'worker',
      DATABASE_URL: databaseUrl,
      DATA_DIR: api.config.dataDir,
    });
    try {
      const small = await activate(api, simulator, { count: sizes.small, rows: SMALL_ROWS, name: 'small' });
      await runsSettled(databaseUrl);
      const idle = await waves(client, small, sizes.runs);
      log(`idle: p95 ${idle.map((each) => each.toFixed(0)).join(' ')} ms`);
      await activate(api, simulator, { count: sizes.big, rows: sizes.bigRows, name: 'big' });
      await bigRunsUnderWay(client, small, sizes.big);
      const busy = await waves(client, small, sizes.runs);
      log(`beside ${sizes.big} big runs: p95 ${busy.map((each) => each.toFixed(0)).join(' ')} ms`);
      await bigRunsUnderWay(client, small, sizes.big);
      return busy.map((ours, run) => ({ ours, reference: idle[run]! }));
    } finally {
      await worker.stop();
    }
  } finally {
    await client.end();
    await api.close();
    await simulator.stop();
  }
}

async function activate(
  api: TestApp,
  simulator: BenchSimulator,
  { count, rows, name }: { count: number; rows: number; name: string },
): Promise<string[]> {
  const ids: string[] = [];
  for (let i = 0; i < count; i++) {
    ids.push((await activateClinic(api, await simulator.addAccount(`${name}-${i}`, rows))).integrationId);
  }
  return ids;
}

/** Of each wave: the 95th percentile of the wait from due to begun. */
async function waves(client: Client, ids: readonly string[], count: number): Promise<number[]> {
  const waits: number[] = [];
  for (let wave = 0; wave < count; wave++) {
    const due = await client.query<{ at: string }>(
      `UPDATE sync_schedules SET next_due_at = now() WHERE integration_id = ANY($1::uuid[]) RETURNING next_due_at::text AS at`,
      [ids],
    );
    waits.push(quantile(await waitsOf(client, ids, due.rows[0]!.at), 0.95));
  }
  return waits;
}

async function waitsOf(client: Client, ids: readonly string[], dueAt: string): Promise<number[]> {
  for (;;) {
    const { rows } = await client.query<{ waitMs: number; state: string }>(
      `SELECT (extract(epoch FROM started_at - due_at) * 1000)::float AS "waitMs", state FROM sync_runs
       WHERE integration_id = ANY($1::uuid[]) AND due_at = $2`,
      [ids, dueAt],
    );
    if (rows.some(({ state }) => state === 'failed')) throw new Error('A small run failed.');
    if (rows.filter(({ state }) => state === 'succeeded').length === ids.length)
      return rows.map(({ waitMs }) => waitMs);
    await sleep(100);
  }
}

/** All of them have begun and none has ended: what is measured is what it says. */
async function bigRunsUnderWay(client: Client, small: readonly string[], count: number): Promise<void> {
  for (;;) {
    const { rows } = await client.query<{ begun: number; ended: number }>(
      `SELECT count(started_at)::int AS begun, count(finished_at)::int AS ended FROM sync_runs
       WHERE integration_id <> ALL($1::uuid[])`,
      [small],
    );
    const { begun, ended } = rows[0]!;
    if (ended > 0) throw new Error('A big run ended while the small ones were measured: give it more rows.');
    if (begun === count) return;
    await sleep(100);
  }
}
