import { setTimeout as sleep } from 'node:timers/promises';
import { ApiKeyService } from '../../../src/auth';
import { MerchantService } from '../../../src/merchants';
import { openContext } from '../../support/context';
import { FeedReader } from './reader';
import { type Queue, World } from './world';

const CLINICS = 4;
const WORKERS = 2;
const PROVIDER = '/v2/integrations/practicehub';

interface ChaosClinic {
  readonly accountKey: string;
  readonly key: string;
  readonly readers: Record<'customers' | 'payments', FeedReader>;
}

export interface ChaosReport {
  readonly seed: number;
  readonly queue: Queue;
  readonly acts: Record<string, number>;
  readonly changes: number;
  readonly runs: number;
  readonly feedEntries: number;
  readonly faults: readonly string[];
}

/** A repeatable sequence of numbers in [0, 1). */
function random(seed: number): () => number {
  let state = (seed * 2_654_435_761) % 4_294_967_296;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

/**
 * One run: the simulator keeps the truth and keeps changing; workers are killed, frozen past their lease and woken, the
 * database crashes, the queue loses everything, the provider breaks off. After settling, the store must equal the truth.
 */
export async function chaosRun(options: { seed: number; queue: Queue; seconds: number }): Promise<ChaosReport> {
  const world = new World(options.queue);
  const next = random(options.seed);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(next() * items.length)]!;
  const acts: Record<string, number> = {};
  let changes = 0;
  try {
    await world.start(WORKERS);
    const clinics = await makeClinics(world);
    const call = async (clinic: ChaosClinic, method: string, path: string, body: object = {}) =>
      fetch(`${world.api.url}${PROVIDER}${path}`, {
        method,
        headers: { 'x-api-key': clinic.key, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    for (const clinic of clinics) {
      const credentials = { apiKey: clinic.accountKey, baseUrl: `${world.sandbox.url}/sandbox/practicehub` };
      const answer = await call(clinic, 'POST', '/activate', { credentials });
      if (!answer.ok) throw new Error(`activate: ${answer.status} ${await answer.text()}`);
    }

    const simulator = world.sandbox.sandbox.practicehub;
    const change = () => {
      const { accountKey } = pick(clinics);
      const resource = pick(['patients', 'patients', 'payments'] as const);
      const kind = next();
      if (kind < 0.7) simulator.change({ resource, count: 1 + Math.floor(next() * 4), apiKey: accountKey });
      else if (kind < 0.9) simulator.create({ resource, count: 1 + Math.floor(next() * 2), apiKey: accountKey });
      else simulator.delete({ resource, count: 1, apiKey: accountKey });
      changes++;
    };
    const busy: Promise<unknown>[] = [];
    const ordered: Record<string, () => Promise<unknown>> = {
      killWorker: async () => {
        const index = Math.floor(next() * WORKERS);
        await world.killWorker(index);
        await world.startWorker(index);
      },
      freezeWorker: () => world.freezeWorker(Math.floor(next() * WORKERS)),
      crashPostgres: () => world.crashPostgres(),
      loseQueue: () => (options.queue === 'redis' ? world.flushRedis() : loseJobs(world)),
      restartQueue: () => world.restartRedis(),
      breakNetwork: async () => {
        simulator.addFaults([{ kind: 'reset-connection', times: 5 + Math.floor(next() * 10) }]);
      },
      slowProvider: async () => {
        simulator.addFaults([{ kind: 'delay', delayMs: 400, times: 20 }]);
      },
      syncAll: async () => {
        for (const clinic of clinics)
          await call(clinic, 'POST', '/sync', { fullResync: next() < 0.2 }).catch(() => undefined);
      },
      resumeAll: async () => {
        for (const clinic of clinics) await call(clinic, 'POST', '/resume-sync').catch(() => undefined);
      },
    };
    const until = Date.now() + options.seconds * 1_000;
    let ordering = Promise.resolve();
    while (Date.now() < until) {
      change();
      if (next() < 0.3) busy.push(ordered['syncAll']!());
      if (next() < 0.15) {
        const name = pick(Object.keys(ordered));
        acts[name] = (acts[name] ?? 0) + 1;
        // one blow after the other; the changes and syncs go on meanwhile
        ordering = ordering.then(() => ordered[name]!()).then(() => undefined);
      }
      for (const clinic of clinics) {
        for (const reader of Object.values(clinic.readers)) await reader.catchUp().catch(() => undefined);
      }
      await sleep(50 + next() * 150);
    }
    await ordering;
    await Promise.allSettled(busy);
    simulator.clearFaults();
    for (let index = 0; index < WORKERS; index++) if (!world.workers[index]) await world.startWorker(index);

    const faults = await settleAndCompare(world, clinics, call);
    const [runs] = await world.sql<{ count: number }>('SELECT count(*)::int AS count FROM sync_runs');
    return {
      seed: options.seed,
      queue: options.queue,
      acts,
      changes,
      runs: runs!.count,
      feedEntries: clinics
        .flatMap((clinic) => Object.values(clinic.readers))
        .reduce((sum, reader) => sum + reader.entries, 0),
      faults,
    };
  } finally {
    await world.stop();
  }
}

async function makeClinics(world: World): Promise<ChaosClinic[]> {
  const app = await openContext(world.environment);
  try {
    const clinics: ChaosClinic[] = [];
    for (let index = 0; index < CLINICS; index++) {
      const merchant = await app.get(MerchantService).create({ name: `Clinic ${index}`, defaultCurrency: 'GBP' });
      const issued = await app.get(ApiKeyService).create({
        merchantId: merchant.id,
        environment: 'sandbox',
        name: 'chaos',
        scopes: ['integrations:*', 'sync:*'],
      });
      const key = issued.key.reveal();
      const accountKey = `acct-chaos-${index}`;
      world.sandbox.sandbox.practicehub.addAccount({
        apiKey: accountKey,
        seed: index + 1,
        sizes: { '*': 0, patients: 350, payments: 250 },
        settings: { ratePerSecond: 0 },
      });
      const reader = (resource: string) => new FeedReader(() => `${world.api.url}${PROVIDER}/records/${resource}`, key);
      clinics.push({ accountKey, key, readers: { customers: reader('customers'), payments: reader('payments') } });
    }
    return clinics;
  } finally {
    await app.close();
  }
}

/** The queue's own tables forget every job; the run rows remember. */
async function loseJobs(world: World): Promise<void> {
  const tables = await world.sql<{ name: string }>(
    `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname = 'bullmq' AND tablename LIKE '%job%'`,
  );
  for (const { name } of tables) await world.sql(`DELETE FROM ${name}`).catch(() => undefined);
}

type Call = (clinic: ChaosClinic, method: string, path: string, body?: object) => Promise<Response>;

async function settleAndCompare(world: World, clinics: readonly ChaosClinic[], call: Call): Promise<string[]> {
  const faults: string[] = [];
  // twice: what one complete scan misses is only a candidate where the provider cannot be asked by id
  for (let round = 0; round < 2; round++) {
    for (const clinic of clinics) {
      await retry(async () => {
        const answer = await call(clinic, 'POST', '/resume-sync');
        if (!answer.ok) throw new Error(`resume: ${answer.status}`);
      });
    }
    await settled(world);
    for (const clinic of clinics) {
      await retry(async () => {
        const answer = await call(clinic, 'POST', '/sync', { fullResync: true });
        if (!answer.ok) throw new Error(`sync: ${answer.status} ${await answer.text()}`);
      });
    }
    await settled(world);
  }
  for (const clinic of clinics) {
    for (const reader of Object.values(clinic.readers)) await retry(() => reader.catchUp());
    faults.push(...(await compare(world, clinic)));
  }
  const [schedules] = await world.sql<{ lost: number }>(
    `SELECT count(*)::int AS lost FROM integrations i LEFT JOIN sync_schedules s ON s.integration_id = i.id
     WHERE i.state = 'active' AND s.integration_id IS NULL`,
  );
  if (schedules!.lost > 0) faults.push(`${schedules!.lost} schedules lost`);
  return faults;
}

async function settled(world: World): Promise<void> {
  const deadline = Date.now() + 90_000;
  for (;;) {
    const live = await world.sql(
      `SELECT id, state, attempt, lease_until, not_before, wait_reason FROM sync_runs WHERE state IN ('queued', 'running', 'waiting')`,
    );
    if (live.length === 0) return;
    if (Date.now() > deadline) throw new Error(`runs that never end: ${JSON.stringify(live)}`);
    await sleep(200);
  }
}

async function retry(work: () => Promise<unknown>): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      await work();
      return;
    } catch (error) {
      if (attempt >= 40) throw error;
      await sleep(250);
    }
  }
}

/** Store against truth, and what a reader that followed all along ended up with against the store. */
async function compare(world: World, clinic: ChaosClinic): Promise<string[]> {
  const faults: string[] = [];
  const simulator = world.sandbox.sandbox.practicehub;
  const pairs = [
    { resource: 'customers', list: 'patients', field: 'lastName', truth: 'last_name' },
    { resource: 'payments', list: 'payments', field: 'amountMinor', truth: 'amount' },
  ] as const;
  for (const { resource, list, field, truth } of pairs) {
    const rows = simulator.truth({ resource: list, apiKey: clinic.accountKey }) as Record<string, unknown>[];
    const floor = Date.now() - 89 * 86_400_000;
    const inScope = rows.filter(
      (row) => list === 'patients' || Date.parse(`${String(row['created']).replace(' ', 'T')}Z`) > floor,
    );
    const stored = await world.sql<{ id: string; operation: string; data: Record<string, unknown>; version: number }>(
      `SELECT r.external_id AS id, r.operation, r.data, r.version FROM records r JOIN integrations i ON i.id = r.integration_id
       WHERE r.resource_type = $1 AND i.merchant_id = (SELECT merchant_id FROM api_keys WHERE display_prefix = left($2, length(display_prefix)))`,
      [resource, clinic.key],
    );
    const live = new Map(stored.filter((row) => row.operation !== 'deleted').map((row) => [row.id, row]));
    for (const row of inScope) {
      const record = live.get(String(row['id']));
      const expected = truth === 'amount' ? Math.round(Number(row[truth]) * 100) : row[truth];
      if (!record) faults.push(`${clinic.accountKey}: ${resource} ${row['id']} is lost`);
      else if (record.data[field] !== expected) faults.push(`${clinic.accountKey}: ${resource} ${row['id']} is stale`);
    }
    const there = new Set(rows.map((row) => String(row['id'])));
    for (const [id, { data }] of live) {
      // of a row that is about to fall out of the lookback no scan can say that it is gone
      const isScanned = list === 'patients' || Date.parse(String(data['paidAt'])) > floor;
      if (isScanned && !there.has(id)) faults.push(`${clinic.accountKey}: ${resource} ${id} should be deleted`);
    }

    const reader = clinic.readers[resource];
    faults.push(...reader.faults.map((fault) => `${clinic.accountKey}: reader of ${resource}: ${fault}`));
    for (const row of stored) {
      if (reader.versions.get(row.id) !== row.version)
        faults.push(`${clinic.accountKey}: the reader of ${resource} missed ${row.id}`);
    }
  }
  return faults;
}
