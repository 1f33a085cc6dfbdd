import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ApiKeyService } from '../../../src/auth';
import { MerchantService } from '../../../src/merchants';
import type { TrueRecord } from '../../../src/sandbox';
import { openContext } from '../../support/context';
import { FeedReader } from '../../support/feed-reader';
import type { Manners } from './provider-front';
import type { Random } from './random';
import type { World } from './world';

const PROVIDER = '/v2/integrations/practicehub';
const RUN_MS = 15_000;

/** A provider's list, what the service calls its rows, and what its ids begin with there. */
export const LISTS = {
  patients: { resource: 'customers', prefix: '' },
  payments: { resource: 'payments', prefix: '' },
  services: { resource: 'products', prefix: 'service:' },
} as const;
export type List = keyof typeof LISTS;
export type Resource = (typeof LISTS)[List]['resource'];
export const RESOURCES: readonly Resource[] = ['customers', 'payments', 'products'];

export interface StoredRecord {
  readonly id: string;
  readonly operation: string;
  readonly data: Record<string, unknown>;
  readonly version: number;
  readonly updatedAt: Date | null;
}

export interface TakenRow {
  readonly id: string;
  /** Puts it into its list again, as it was or with another stamp. */
  back(updated?: string): void;
  goAgain(): void;
}

/** What one run has said of one resource. */
export interface SyncedLog {
  readonly status: string;
  /** Everything of it was read after it was asked for. */
  readonly fresh: boolean;
  readonly deleted: number;
  readonly error: string | null;
}

/** A merchant with an account at the simulator, which may live in another zone and at another time. */
export class ChaosClinic {
  readonly readers: Record<Resource, FeedReader>;
  readonly manners: Manners;
  /** What the merchant has told of its account's zone; null: nothing. */
  timezone: string | null;
  /**
   * Changes may have slipped past an incremental scan, as the provider or the merchant has misled it: only a full scan
   * finds them.
   */
  doubtful = false;
  /** Somebody compares: no rows come or go meanwhile, and nobody else asks for a sync. */
  quiet = false;
  /** How often an episode could tell what a sync must have done, and looked. */
  checks = 0;
  /** Ids that were taken from a list in this run: another scan may have missed them already. */
  readonly touched = new Set<string>();

  constructor(
    readonly world: World,
    readonly accountKey: string,
    private readonly key: string,
    readonly merchantId: string,
    readonly zone: string,
    timezone: string | null,
  ) {
    this.timezone = timezone;
    this.manners = world.front.manners(accountKey);
    const reader = (resource: string) => new FeedReader(() => `${world.api.url}${PROVIDER}/records/${resource}`, key);
    this.readers = { customers: reader('customers'), payments: reader('payments'), products: reader('products') };
  }

  call(method: string, path: string, body: object = {}, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(`${this.world.api.url}${PROVIDER}${path}`, {
      method,
      headers: { 'x-api-key': this.key, 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(30_000),
    });
  }

  /** Until it is answered well. One Idempotency-Key: an act whose answer was lost is not an act of its own. */
  async must(method: string, path: string, body: object = {}): Promise<any> {
    const key = randomUUID();
    return retried(async () => {
      const answer = await this.call(method, path, body, { 'idempotency-key': key });
      if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
      return answer.json();
    });
  }

  async activate(timezone: string | null = this.timezone): Promise<void> {
    this.timezone = timezone;
    const credentials = { apiKey: this.accountKey, baseUrl: `${this.world.front.url}/sandbox/practicehub` };
    await this.must('POST', '/activate', { credentials, ...(timezone !== null && { timezone }) });
  }

  /** Asks for a sync and waits for its end; null: it was not made out in time what became of it. */
  async sync(options: { full: boolean }, withinMs = RUN_MS): Promise<Record<Resource, SyncedLog> | null> {
    const [{ now }] = (await this.world.sql<{ now: Date }>('SELECT now() AS now')) as [{ now: Date }];
    let runId: string;
    try {
      const ask = () => this.call('POST', '/sync', { fullResync: options.full });
      let answer = await ask();
      // paused by what was done to it before
      if (!answer.ok && (await this.call('POST', '/resume-sync')).ok) answer = await ask();
      if (!answer.ok) return null;
      runId = ((await answer.json()) as { jobId: string }).jobId;
    } catch {
      return null;
    }
    const until = Date.now() + withinMs;
    for (;;) {
      const [run] = await this.world.sql<{ state: string; fresh: boolean; full: boolean }>(
        'SELECT state, created_at >= $2 AS fresh, full_resync AS full FROM sync_runs WHERE id = $1',
        [runId, now],
      );
      if (!run || Date.now() > until || run.state === 'cancelled') return null;
      if (run.state === 'succeeded' || run.state === 'failed') break;
      await sleep(100);
    }
    const logs = await this.world.sql<SyncedLog & { resource: Resource }>(
      `SELECT resource_type AS resource, status, started_at >= $2 AS fresh, records_deleted AS deleted, error
       FROM sync_logs WHERE run_id = $1`,
      [runId, now],
    );
    const of = (wanted: Resource) => logs.find(({ resource }) => resource === wanted);
    const [customers, payments, products] = RESOURCES.map(of);
    return customers && payments && products ? { customers, payments, products } : null;
  }

  /** Number of scans of the resource that have been logged so far. */
  async scans(resource: Resource): Promise<number> {
    const [row] = await this.world.sql<{ count: number }>(
      `SELECT count(*)::int AS count FROM sync_logs l JOIN integrations i ON i.id = l.integration_id
       WHERE i.merchant_id = $1 AND l.resource_type = $2 AND l.started_at IS NOT NULL`,
      [this.merchantId, resource],
    );
    return row!.count;
  }

  stored(resource: Resource): Promise<StoredRecord[]> {
    return this.world.sql<StoredRecord>(
      `SELECT r.external_id AS id, r.operation, r.data, r.version, r.source_updated_at AS "updatedAt" FROM records r JOIN integrations i ON i.id = r.integration_id
       WHERE r.resource_type = $1 AND i.merchant_id = $2`,
      [resource, this.merchantId],
    );
  }

  truth(resource: Resource): Map<string, TrueRecord> {
    const all = this.world.simulator.providerTruth({ apiKey: this.accountKey })[resource] ?? [];
    return new Map(all.map((record) => [record.externalId, record]));
  }

  /** Whether a time of the provider's can be told: the zone is known, and its clock does not show that hour twice. */
  knows(iso: string): boolean {
    const { times } = this.world.simulator.account(this.accountKey);
    const [atMs, hourMs] = [Date.parse(iso), 3_600_000];
    const shown = times.format(atMs);
    return this.timezone === this.zone && [-hourMs, hourMs].every((off) => times.format(atMs + off) !== shown);
  }

  /** Changes rows as their owner would; answers with their ids. */
  change(list: List, count: number): string[] {
    return this.world.simulator.change({ resource: list, count, apiKey: this.accountKey }).map(String);
  }

  /** Takes a row that no scan can have missed before from its list. */
  take(list: List, random: Random): TakenRow {
    const table = this.world.simulator.account(this.accountKey).table(list);
    const free = table.latestOrdinals().filter((ordinal) => !this.touched.has(`${list}/${ordinal}`));
    const ordinal = random.pick(free);
    const row = structuredClone(table.getLatest(ordinal)!);
    this.touched.add(`${list}/${ordinal}`);
    table.write(ordinal, null);
    return {
      id: String(row['id']),
      back: (updated) => table.write(ordinal, updated === undefined ? row : { ...row, updated }),
      goAgain: () => table.write(ordinal, null),
    };
  }

  /** A time as the provider writes it. */
  written(secondsAgo: number): string {
    const account = this.world.simulator.account(this.accountKey);
    return account.times.format(account.nowMs() - secondsAgo * 1_000);
  }
}

/** Merchants of the kinds that `kinds` name, each with an account of its own. */
export async function makeClinics(world: World, seed: number, kinds: readonly ClinicKind[]): Promise<ChaosClinic[]> {
  const app = await openContext(world.environment);
  try {
    const clinics: ChaosClinic[] = [];
    for (const [index, kind] of kinds.entries()) {
      const merchant = await app.get(MerchantService).create({ name: `Clinic ${index}`, defaultCurrency: 'GBP' });
      const issued = await app.get(ApiKeyService).create({
        merchantId: merchant.id,
        environment: 'sandbox',
        name: 'chaos',
        scopes: ['integrations:*', 'sync:*'],
      });
      const accountKey = `acct-chaos-${seed}-${index}`;
      world.simulator.addAccount({
        apiKey: accountKey,
        seed: seed * 10 + index,
        sizes: { '*': 0, patients: 230, payments: 320, services: 110 },
        settings: {
          ratePerSecond: 0,
          clockSkewMs: kind.livesAtMs - Date.now(),
          timezone: kind.zone,
          variants: { updatedOnRows: 'always' },
        },
      });
      // rows are dated from when the account lives
      world.simulator.reset({ apiKey: accountKey, reference: kind.livesAtMs });
      clinics.push(new ChaosClinic(world, accountKey, issued.key.reveal(), merchant.id, kind.zone, kind.timezone));
    }
    return clinics;
  } finally {
    await app.close();
  }
}

export interface ClinicKind {
  readonly zone: string;
  readonly timezone: string | null;
  /** When it is, at the account's provider. */
  readonly livesAtMs: number;
}

export async function retried<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      // a request that a killed process had in hand keeps its key for a minute
      if (attempt >= 400) throw error;
      await sleep(250);
    }
  }
}
