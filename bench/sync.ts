import 'reflect-metadata';
import { Client } from 'pg';
import { request } from 'undici';
import { startTestApp } from '../test/support/app';
import { benchmark, seconds, type Sample } from './support/benchmark';
import { activateClinic } from './support/clinic';
import { copyRecords } from './support/copy';
import { startBenchPostgres } from './support/postgres';
import { runsSettled } from './support/settled';
import { startBenchSimulator, type BenchAccount } from './support/simulator';

/** PracticeHub gives no more rows a page, whatever is asked: the adapter is measured as it is. */
const PAGE_ROWS = 100;

/**
 * The first sync of one account through HTTP to the commit, and one in which nothing changed; COPY of the same rows in
 * the same database; and the simulator alone, to see that it is not what is measured. Each run on a database of its
 * own.
 */
benchmark({ sizes: { rows: { full: 100_000, quick: 1_000 } } }, async ({ runs, sizes: { rows }, log, report }) => {
  const postgres = await startBenchPostgres();
  const simulator = await startBenchSimulator({ replays: true });
  const samples = { first: [] as Sample[], unchanged: [] as Sample[], simulator: [] as Sample[] };
  try {
    const account = await simulator.addAccount('one', rows);
    await readAllPages(account, rows);
    for (let run = 0; run < runs; run++) {
      const alone = rows / (await seconds(() => readAllPages(account, rows)));
      const { first, unchanged, copy } = await syncTwice(simulator.url, account, rows);
      samples.first.push({ ours: first, reference: copy });
      samples.unchanged.push({ ours: unchanged, reference: first });
      samples.simulator.push({ ours: first, reference: alone });
      const figures = { first, unchanged, copy, simulator: alone };
      log(
        Object.entries(figures)
          .map(([name, perSecond]) => `${name} ${Math.round(perSecond)}/s`)
          .join(', '),
      );
    }
    const note = `${rows} customers of one account, pages of ${PAGE_ROWS}, simulator in another process`;
    for (const name of ['first', 'unchanged', 'simulator'] as const) report(`sync.${name}`, samples[name], note);
  } finally {
    await simulator.stop();
    await postgres.stop();
  }
});

/** Records a second of each. */
async function syncTwice(
  origin: string,
  account: BenchAccount,
  rows: number,
): Promise<{ first: number; unchanged: number; copy: number }> {
  const running = await startTestApp({
    environment: { SANDBOX_ORIGIN: origin, SANDBOX_RATE_PER_SECOND: '0', LOG_LEVEL: 'warn' },
  });
  try {
    const databaseUrl = running.config.database.url;
    const clinic = await activateClinic(running, account);
    await runsSettled(databaseUrl);
    await clinic.post('/sync', { fullResync: true });
    await runsSettled(databaseUrl);
    const [first, unchanged] = await expectFirstVersions(databaseUrl, rows);
    const copy = await copyRecords(databaseUrl);
    return { first: rows / first, unchanged: rows / unchanged, copy: rows / copy };
  } finally {
    await running.close();
  }
}

/**
 * Seconds of both runs, from their being asked for to their end. That they were a whole first sync, and one in which
 * nothing changed.
 */
async function expectFirstVersions(databaseUrl: string, rows: number): Promise<[first: number, unchanged: number]> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const stored = await client.query('SELECT count(*)::int AS count, max(version)::int AS version FROM records');
    const { count, version } = stored.rows[0] as { count: number; version: number };
    if (count !== rows || version !== 1)
      throw new Error(`Left ${count} rows of version ${version} instead of ${rows} of 1.`);
    const runs = await client.query<{ seconds: number }>(
      `SELECT extract(epoch FROM finished_at - created_at)::float8 AS seconds FROM sync_runs ORDER BY created_at`,
    );
    const [first, unchanged, ...more] = runs.rows.map(({ seconds: took }) => took);
    if (first === undefined || unchanged === undefined || more.length > 0) throw new Error('There were not two runs.');
    return [first, unchanged];
  } finally {
    await client.end();
  }
}

async function readAllPages({ apiKey, baseUrl }: BenchAccount, rows: number): Promise<void> {
  const headers = { 'x-practicehub-key': apiKey, 'x-app-details': 'Bench=bench@example.com' };
  for (let page = 1; page <= Math.ceil(rows / PAGE_ROWS); page++) {
    const answer = await request(`${baseUrl}/api/patients?page=${page}&page_size=${PAGE_ROWS}`, { headers });
    if (answer.statusCode !== 200) throw new Error(`The simulator answered ${answer.statusCode}.`);
    await answer.body.arrayBuffer();
  }
}
