import 'reflect-metadata';
import { request } from 'undici';
import { startTestApp } from '../test/support/app';
import { makeClinic } from '../test/support/clinic';
import { benchmark, type Sample, seconds } from './support/benchmark';
import { copyRecords } from './support/copy';
import { startBenchPostgres } from './support/postgres';
import { runsSettled } from './support/settled';
import { type BenchSimulator, startBenchSimulator } from './support/simulator';

/** PracticeHub gives no more rows a page, whatever is asked: the adapter is measured as it is. */
const PAGE_ROWS = 100;

/**
 * The first sync of one account through HTTP to the commit, and one in which nothing changed; COPY of the same rows in the
 * same database; and the simulator alone, to see that it is not what is measured. Each run on a database of its own.
 */
benchmark({ sizes: { rows: { full: 100_000, quick: 1_000 } } }, async ({ runs, sizes: { rows }, log, report }) => {
  const postgres = await startBenchPostgres();
  const simulator = await startBenchSimulator(rows);
  const samples = { first: [] as Sample[], unchanged: [] as Sample[], simulator: [] as Sample[] };
  try {
    for (let run = 0; run < runs; run++) {
      const alone = rows / (await seconds(() => readAllPages(simulator, rows)));
      const { first, unchanged, copy } = await syncTwice(simulator, rows);
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
  { url, credentials }: BenchSimulator,
  rows: number,
): Promise<{ first: number; unchanged: number; copy: number }> {
  const running = await startTestApp({
    environment: { SANDBOX_ORIGIN: url, SANDBOX_RATE_PER_SECOND: '0', LOG_LEVEL: 'warn' },
  });
  try {
    const clinic = await makeClinic(running);
    const databaseUrl = running.config.database.url;
    const customersOnly = {
      syncProducts: false,
      syncPackages: false,
      syncInvoices: false,
      syncIntervalMinutes: 10_080,
    };
    const first = await seconds(async () => {
      await clinic.activate({ credentials, ...customersOnly }).expect(200);
      await runsSettled(databaseUrl);
    });
    const unchanged = await seconds(async () => {
      await clinic.call('post', '/sync', { fullResync: true }).expect(200);
      await runsSettled(databaseUrl);
    });
    const [stored] = await clinic.sql(`SELECT count(*)::int AS count, max(version) AS version FROM records`);
    if (stored?.['count'] !== rows || Number(stored['version']) !== 1) {
      throw new Error(`The syncs left ${JSON.stringify(stored)} instead of ${rows} rows of version 1.`);
    }
    const copy = await copyRecords(databaseUrl);
    return { first: rows / first, unchanged: rows / unchanged, copy: rows / copy };
  } finally {
    await running.close();
  }
}

async function readAllPages({ credentials }: BenchSimulator, rows: number): Promise<void> {
  const headers = { 'x-practicehub-key': credentials.apiKey, 'x-app-details': 'Bench=bench@example.com' };
  for (let page = 1; page <= Math.ceil(rows / PAGE_ROWS); page++) {
    const answer = await request(`${credentials.baseUrl}/patients?page=${page}&page_size=${PAGE_ROWS}`, { headers });
    if (answer.statusCode !== 200) throw new Error(`The simulator answered ${answer.statusCode}.`);
    await answer.body.arrayBuffer();
  }
}
