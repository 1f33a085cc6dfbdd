import { fork } from 'node:child_process';
import path from 'node:path';
import { Client } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import request from 'supertest';
import { startTestApp } from '../test/support/app';
import { makeClinic } from '../test/support/clinic';
import { startGlobalPostgres } from './support/postgres';

/** `npm run bench -- sync [--rows N]`: first and unchanged sync through HTTP, against COPY of the same rows, in one run. */
const ROWS = Number(process.argv[process.argv.indexOf('--rows') + 1] || 100_000);

async function main(): Promise<void> {
  const stopPostgres = await startGlobalPostgres();
  const simulator = fork(path.join(__dirname, 'support', 'simulator.ts'), {
    execArgv: ['-r', path.join(__dirname, '..', 'scripts', 'register.cjs')],
    env: { ...process.env, BENCH_ROWS: String(ROWS) },
  });
  const { url, apiKey } = await new Promise<{ url: string; apiKey: string }>((resolve) =>
    simulator.once('message', resolve as never),
  );
  const running = await startTestApp({
    environment: { SANDBOX_ORIGIN: url, SANDBOX_RATE_PER_SECOND: '0', LOG_LEVEL: 'warn' },
  });
  try {
    const clinic = await makeClinic(running);
    const credentials = { apiKey, baseUrl: `${url}/sandbox/practicehub` };
    const first = await timed(async () => {
      await clinic
        .activate({
          credentials,
          syncProducts: false,
          syncPackages: false,
          syncInvoices: false,
          syncIntervalMinutes: 10080,
        })
        .expect(200);
      await clinic.settled(600_000);
    });
    const stored = (await clinic.sql('SELECT count(*)::int AS count FROM records'))[0]!['count'];
    const peakAfterFirst = process.memoryUsage().rss;
    const unchanged = await timed(async () => {
      await request(running.url)
        .post('/v2/integrations/practicehub/sync')
        .set('x-api-key', clinic.key)
        .send({ fullResync: true })
        .expect(200);
      await clinic.settled(600_000);
    });
    const copy = await timed(() => copyRows(running.config.database.url));
    const perSecond = (seconds: number) => Math.round(stored / seconds);
    console.log(
      JSON.stringify({
        bench: 'sync',
        rows: stored,
        firstRowsPerSecond: perSecond(first),
        unchangedRowsPerSecond: perSecond(unchanged),
        copyRowsPerSecond: perSecond(copy),
        firstToCopy: Number((copy / first).toFixed(3)),
        unchangedToFirst: Number((first / unchanged).toFixed(2)),
        rssMb: Math.round(peakAfterFirst / 1e6),
      }),
    );
  } finally {
    await running.close();
    simulator.kill();
    await stopPostgres();
  }
}

/** The same normalised rows, into a table without an index, as fast as PostgreSQL takes them. */
async function copyRows(url: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query('CREATE TABLE bench_copy (external_id text, data jsonb)');
    const { rows } = await client.query<{ line: string }>(
      `SELECT external_id || E'\\t' || replace(data::text, '\\', '\\\\') || E'\\n' AS line FROM records`,
    );
    const started = performance.now();
    await pipeline(Readable.from(rows.map((row) => row.line)), client.query(copyFrom('COPY bench_copy FROM STDIN')));
    copySeconds = (performance.now() - started) / 1000;
  } finally {
    await client.end();
  }
}
let copySeconds: number | null = null;

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  copySeconds = null;
  await work();
  return copySeconds ?? (performance.now() - started) / 1000;
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
