import 'reflect-metadata';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { startTestApp } from '../test/support/app';
import { build } from '../test/support/build';
import { benchmark, quantile, type Sample } from './support/benchmark';
import { credentials, startHosts, type Hosts } from './support/hosts';
import { activate, merchantOf, Worst, type Merchant } from './support/neighbours';
import { startBenchPostgres } from './support/postgres';
import { cpuSecondsOf, starvedSecondsOf } from './support/process-figures';
import { benchKeyring, startService, type BenchService } from './support/service';

const sizes = {
  /** Of the victim, alone and beside the stranger, in each round. */
  seconds: { full: 5, quick: 2 },
  strangers: { full: 10, quick: 4 },
  /** Calls of the stranger a second: what the limits of ten sandbox keys let through. */
  rate: { full: 17, quick: 10 },
};
const TOPOLOGIES = { split: ['api', 'worker'], together: ['all'] } as const;
/** Between two calls of the victim. */
const PAUSE_MS = 40;

/**
 * A merchant's syncs and calls, alone and beside a stranger, in turns: on an api and a worker process as in production,
 * and on one process of all roles. The hosts of both are processes of their own.
 */
benchmark({ sizes, runs: { full: 4, quick: 1 } }, async ({ runs, sizes, log, report }) => {
  build();
  const postgres = await startBenchPostgres();
  const [own, strange] = await Promise.all([startHosts(), startHosts()]);
  try {
    for (const topology of ['split', 'together'] as const) {
      const samples = { sync: [] as Sample[], calls: [] as Sample[] };
      await withService(TOPOLOGIES[topology], strange.silentDns, async ({ client, url, merchant, processor }) => {
        const victim = await merchant();
        await activate(victim, url, own.good);
        await synced(client, victim);
        const strangers = await Promise.all(Array.from({ length: sizes.strangers }, merchant));
        // most hold slots, the others the processor
        for (const [n, stranger] of strangers.entries())
          await activate(stranger, url, n % 10 < 7 ? strange.slow : strange.large);
        for (let run = 0; run < runs; run++) {
          await quiet(client, victim, strange);
          const before = await processor();
          const alone = await phase(client, victim, url, own, sizes.seconds);
          const between = await processor();
          const worst = new Worst(strangers, url, { own, strange }, sizes.rate);
          await sleep(2_000);
          const beside = await phase(client, victim, url, own, sizes.seconds);
          const after = await processor();
          await worst.end(() => strange.hangUp());
          const p95 = ({ syncs, calls }: Phase) => [quantile(syncs, 0.95), quantile(calls, 0.95)] as const;
          const [[sync, calls], [syncAlone, callsAlone]] = [p95(beside), p95(alone)];
          log(
            `${topology}: syncs ${sync.toFixed(0)} ms (${beside.syncs.length}), alone ${syncAlone.toFixed(0)} ` +
              `(${alone.syncs.length}); calls ${calls.toFixed(0)} ms, alone ${callsAlone.toFixed(0)}; ` +
              `refused ${beside.refused}, alone ${alone.refused}; the stranger made ${worst.made} calls: ${worst.statuses()}`,
          );
          log(`  alone: ${used(before, between)}; beside, and two seconds before: ${used(between, after)}`);
          samples.sync.push({ ours: sync, reference: syncAlone });
          samples.calls.push({ ours: calls, reference: callsAlone });
        }
      });
      const note = `${sizes.seconds} s a phase; ${sizes.strangers} merchants of the stranger, ${sizes.rate} calls a second`;
      report(`neighbours.${topology}.sync`, samples.sync, note);
      report(`neighbours.${topology}.calls`, samples.calls, note);
    }
  } finally {
    await own.close();
    await strange.close();
    await postgres.stop();
  }
});

interface Running {
  readonly client: Client;
  readonly url: string;
  merchant(): Promise<Merchant>;
  /** Of the processes together. */
  processor(): Promise<Processor>;
}

/** Seconds. */
interface Processor {
  readonly used: number;
  readonly missed: number;
}

/** A machine that others use shows in what was missed: then the figures say more about them than about the stranger. */
function used(before: Processor, after: Processor): string {
  return `${(after.used - before.used).toFixed(1)} s of processor, ${(after.missed - before.missed).toFixed(1)} s waiting for one`;
}

async function withService(
  roles: readonly string[],
  silentDns: string,
  work: (running: Running) => Promise<void>,
): Promise<void> {
  const shared = { OUTBOUND_ALLOW_PRIVATE: 'true', OUTBOUND_DNS_SERVERS: silentDns, LOCAL_KEYRING: benchKeyring() };
  // makes merchants and keys; it answers nobody
  const maker = await startTestApp({ environment: { ...shared, ROLE: 'api', LOG_LEVEL: 'silent' } });
  const client = new Client({ connectionString: maker.config.database.url });
  const services: BenchService[] = [];
  try {
    await client.connect();
    for (const role of roles) {
      services.push(
        await startService({
          ...shared,
          ROLE: role,
          DATABASE_URL: maker.config.database.url,
          DATA_DIR: maker.config.dataDir,
          LOG_LEVEL: process.env['BENCH_LOG'] ?? 'silent',
          SANDBOX_PROVIDERS: 'false',
        }),
      );
    }
    const sum = async (of: (pid: number) => Promise<number>) =>
      (await Promise.all(services.map(({ pid }) => of(pid)))).reduce((one, other) => one + other, 0);
    await work({
      client,
      url: services[0]!.url,
      merchant: () => merchantOf(maker),
      processor: async () => ({ used: await sum(cpuSecondsOf), missed: await sum(starvedSecondsOf) }),
    });
  } finally {
    await Promise.all(services.map((service) => service.stop()));
    await client.end();
    await maker.close();
  }
}

/** What the stranger left behind has ended. */
async function quiet(client: Client, victim: Merchant, strange: Hosts): Promise<void> {
  for (const deadline = Date.now() + 20_000; Date.now() < deadline; await sleep(200)) {
    await strange.hangUp();
    const { rowCount } = await client.query(
      `SELECT 1 FROM sync_runs r JOIN integrations i ON i.id = r.integration_id
       WHERE i.merchant_id <> $1 AND r.state = 'running'`,
      [victim.id],
    );
    if (rowCount === 0) return;
  }
}

/** Milliseconds from asked for to ended, of the newest run, when it has ended. */
async function synced(client: Client, { id }: Merchant): Promise<number> {
  for (;;) {
    const { rows } = await client.query<{ state: string; tookMs: number | null }>(
      `SELECT r.state, (extract(epoch FROM r.finished_at - r.created_at) * 1000)::float8 AS "tookMs" FROM sync_runs r
       JOIN integrations i ON i.id = r.integration_id WHERE i.merchant_id = $1 ORDER BY r.created_at DESC LIMIT 1`,
      [id],
    );
    const [run] = rows;
    if (run?.tookMs != null && run.state === 'succeeded') return run.tookMs;
    if (run?.tookMs != null) throw new Error(`The victim’s sync ended as ${run.state}.`);
    await sleep(20);
  }
}

interface Phase {
  readonly syncs: number[];
  readonly calls: number[];
  /** Calls that were answered with 503: they count with the time that they took. */
  readonly refused: number;
}

/** Calls in a steady trickle, and one sync after the other. */
async function phase(client: Client, victim: Merchant, url: string, own: Hosts, seconds: number): Promise<Phase> {
  const until = performance.now() + seconds * 1_000;
  const syncs: number[] = [];
  const calls: number[] = [];
  let refused = 0;
  const timed = async (method: string, path: string, body?: object): Promise<void> => {
    const begun = performance.now();
    const { status, body: text } = await victim.call(url, method, path, body);
    calls.push(performance.now() - begun);
    if (status === 503) refused++;
    else if (status !== 200) throw new Error(`${method} ${path} was answered ${status}: ${text}`);
  };
  const calling = async (): Promise<void> => {
    for (let n = 0; performance.now() < until; n++) {
      if (n % 4 === 0) await timed('POST', '/test', credentials(own.good));
      if (n % 4 === 1) await timed('GET', '');
      if (n % 4 === 2) await timed('GET', '/records/customers?limit=100');
      if (n % 4 === 3) await timed('GET', '/sync-logs?limit=20');
      await sleep(PAUSE_MS);
    }
  };
  const syncing = async (): Promise<void> => {
    while (performance.now() < until) {
      await timed('POST', '/sync', { fullResync: true });
      syncs.push(await synced(client, victim));
      await sleep(PAUSE_MS);
    }
  };
  await Promise.all([calling(), syncing()]);
  return { syncs, calls, refused };
}
