import 'reflect-metadata';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { ApiKeyService } from '../src/auth';
import { MerchantService } from '../src/merchants';
import { startTestApp, type TestApp } from '../test/support/app';
import { build } from '../test/support/build';
import { benchmark, quantile, type Sample } from './support/benchmark';
import { credentials, type Hosts, OVER_QUOTA_KEY, startHosts } from './support/hosts';
import { startBenchPostgres } from './support/postgres';
import { benchKeyring, startService } from './support/service';

const sizes = {
  /** Syncs in each phase, one after the other, each among calls. */
  syncs: { full: 8, quick: 2 },
  strangers: { full: 10, quick: 4 },
  /** Calls of the stranger a second, all its merchants together. */
  rate: { full: 40, quick: 10 },
};

type Call = (method: string, path: string, body?: object) => Promise<{ status: number; body: string }>;

interface Merchant {
  readonly id: string;
  readonly call: Call;
}

/** A merchant's syncs and calls, alone and beside a stranger, in turns. One process of all roles, one database. */
benchmark({ sizes, runs: { full: 5, quick: 1 } }, async ({ runs, sizes, log, report }) => {
  build();
  const postgres = await startBenchPostgres();
  const hosts = await startHosts();
  const environment = {
    OUTBOUND_ALLOW_PRIVATE: 'true',
    OUTBOUND_DNS_SERVERS: hosts.silentDns,
    LOCAL_KEYRING: benchKeyring(),
  };
  const api = await startTestApp({ environment: { ...environment, ROLE: 'api', LOG_LEVEL: 'silent' } });
  const client = new Client({ connectionString: api.config.database.url });
  await client.connect();
  const service = await startService({
    ...environment,
    DATABASE_URL: api.config.database.url,
    DATA_DIR: api.config.dataDir,
    LOG_LEVEL: process.env['BENCH_LOG'] ?? 'silent',
    SANDBOX_PROVIDERS: 'false',
  });
  try {
    const victim = await merchantOf(api, service.url);
    await activate(victim, hosts.good);
    await synced(client, victim);
    const strangers = await Promise.all(Array.from({ length: sizes.strangers }, () => merchantOf(api, service.url)));
    const traps = [hosts.dead, hosts.slow, hosts.large];
    for (const [n, stranger] of strangers.entries()) await activate(stranger, traps[n % traps.length]!);
    hosts.killDead();
    const samples = { sync: [] as Sample[], calls: [] as Sample[] };
    for (let run = 0; run < runs; run++) {
      const alone = await phase(client, victim, hosts, sizes.syncs);
      const worst = new Worst(strangers, hosts, sizes.rate);
      await sleep(2_000);
      const beside = await phase(client, victim, hosts, sizes.syncs);
      await worst.end();
      const [first, second] = [alone, beside].map(({ syncs, calls }) => [quantile(syncs, 0.95), quantile(calls, 0.95)]);
      log(
        `syncs ${second![0]!.toFixed(0)} ms, alone ${first![0]!.toFixed(0)}; calls ${second![1]!.toFixed(0)} ms, alone ` +
          `${first![1]!.toFixed(0)}; the stranger made ${worst.made} calls: ${worst.statuses()}`,
      );
      samples.sync.push({ ours: second![0]!, reference: first![0]! });
      samples.calls.push({ ours: second![1]!, reference: first![1]! });
      // what the stranger left behind ends, before the victim is alone again
      await sleep(5_000);
    }
    const note = `${sizes.syncs} syncs a phase; ${sizes.strangers} merchants of the stranger, ${sizes.rate} calls a second`;
    report('neighbours.sync', samples.sync, note);
    report('neighbours.calls', samples.calls, note);
  } finally {
    await service.stop();
    await client.end();
    await api.close();
    await hosts.close();
    await postgres.stop();
  }
});

async function merchantOf({ app }: TestApp, url: string): Promise<Merchant> {
  const { id } = await app.get(MerchantService).create({ name: 'Clinic', defaultCurrency: 'GBP' });
  const { key } = await app.get(ApiKeyService).create({
    merchantId: id,
    environment: 'sandbox',
    name: 'bench',
    scopes: ['integrations:*', 'sync:*'],
  });
  const apiKey = key.reveal();
  const call: Call = async (method, path, body) => {
    const init: RequestInit = { method, headers: { 'x-api-key': apiKey, 'content-type': 'application/json' } };
    if (body !== undefined) init.body = JSON.stringify(body);
    const answer = await fetch(`${url}/v2/integrations/practicehub${path}`, init);
    return { status: answer.status, body: await answer.text() };
  };
  return { id, call };
}

async function activate({ call }: Merchant, baseUrl: string): Promise<void> {
  const customersOnly = { syncProducts: false, syncPackages: false, syncInvoices: false, timezone: 'UTC' };
  const { status, body } = await call('POST', '/activate', { ...credentials(baseUrl), ...customersOnly });
  if (status !== 200) throw new Error(`The activation was answered ${status}: ${body}`);
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
    await sleep(50);
  }
}

async function phase(client: Client, victim: Merchant, { good }: Hosts, count: number) {
  const syncs: number[] = [];
  const calls: number[] = [];
  const timed = async (method: string, path: string, body?: object): Promise<void> => {
    const begun = performance.now();
    const { status, body: text } = await victim.call(method, path, body);
    calls.push(performance.now() - begun);
    if (status !== 200) throw new Error(`${method} ${path} was answered ${status}: ${text}`);
  };
  for (let n = 0; n < count; n++) {
    await timed('POST', '/sync', { fullResync: true });
    for (let each = 0; each < 4; each++) {
      await timed('GET', '');
      await timed('GET', '/records/customers?limit=100');
      await timed('GET', '/sync-logs?limit=20');
    }
    await timed('POST', '/test', credentials(good));
    syncs.push(await synced(client, victim));
  }
  return { syncs, calls };
}

/** Calls at a steady rate, whatever becomes of those before. */
class Worst {
  made = 0;
  private readonly answered = new Map<number, number>();
  private readonly underWay = new Set<Promise<void>>();
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly strangers: readonly Merchant[],
    private readonly hosts: Hosts,
    rate: number,
  ) {
    this.timer = setInterval(() => this.next(), 1_000 / rate);
  }

  async end(): Promise<void> {
    clearInterval(this.timer);
    await Promise.all(this.underWay);
  }

  statuses(): string {
    return [...this.answered].map(([status, count]) => `${count} × ${status}`).join(', ');
  }

  private next(): void {
    const n = this.made++;
    const { good } = this.hosts;
    const acts: readonly [method: string, path: string, body?: object][] = [
      ['POST', '/test', credentials(good, `wrong-${n}`)],
      ['POST', '/test', credentials(good, OVER_QUOTA_KEY)],
      ['POST', '/test', credentials(`http://silent-${n}.example.com`)],
      ['POST', '/sync', { fullResync: true }],
      ['POST', '/resume-sync', {}],
      ['POST', '/test', credentials(this.hosts.slow)],
    ];
    const { call } = this.strangers[n % this.strangers.length]!;
    const made = call(...acts[Math.floor(n / this.strangers.length) % acts.length]!).then(
      ({ status }) => void this.answered.set(status, (this.answered.get(status) ?? 0) + 1),
      () => void this.answered.set(0, (this.answered.get(0) ?? 0) + 1),
    );
    this.underWay.add(made);
    void made.finally(() => this.underWay.delete(made));
  }
}
