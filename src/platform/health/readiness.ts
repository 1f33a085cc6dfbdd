import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import pg from 'pg';
import { within } from '../clock';
import { AppConfig } from '../config';
import { connectionTo } from '../database';
import { connectToRedis } from '../queue/redis-client';
import { Drain } from './drain';
import { databaseRefusal, probeKeys, queueRefusal } from './writable';

export interface HealthCheck {
  readonly status: 'up' | 'down';
  /** Why it is down, in words of ours: a driver's own message may quote an address. */
  readonly reason?: string;
}
export type Store = 'database' | 'queue';
export type HealthReport = Readonly<Record<Store | 'migrations' | 'draining', HealthCheck>>;
/** Optional dependencies, by name: they are reported and do not decide readiness. */
export type DependencyReport = Readonly<Record<string, HealthCheck>>;

/** Names of the migrations that this build expects to find applied. */
export abstract class ExpectedMigrations {
  abstract readonly names: readonly string[];
}

interface Probe {
  /** Why it takes nothing; null: it does. */
  ask(): Promise<string | null>;
  close(): Promise<unknown>;
}

const CHECK_TIMEOUT_MS = 2_000;
const UNDEFINED_TABLE = '42P01';
const up: HealthCheck = { status: 'up' };

/** Whether this process should be sent work: everything it depends on answers, and it is not going down. */
@Injectable()
export class Readiness implements OnApplicationShutdown {
  private readonly databaseProbe: PostgresProbe;
  private queueProbe: Probe | null = null;
  private readonly dependencyChecks = new Map<string, () => HealthCheck>();
  private readonly misses: Record<Store, number> = { database: 0, queue: 0 };
  private migrated = false;
  private asking: Promise<HealthReport> | null = null;
  private askingQueue: Promise<HealthCheck> | null = null;

  constructor(
    private readonly config: AppConfig,
    private readonly drain: Drain,
    private readonly expected: ExpectedMigrations,
  ) {
    this.databaseProbe = new PostgresProbe(config.database.url);
  }

  /** Why the queue takes no jobs, or does not answer; null: it takes them. */
  async queueFault(): Promise<string | null> {
    this.askingQueue ??= this.askQueue().finally(() => (this.askingQueue = null));
    return (await this.askingQueue).reason ?? null;
  }

  /** One report at a time, for all who ask meanwhile. */
  report(): Promise<HealthReport> {
    this.asking ??= this.ask().finally(() => (this.asking = null));
    return this.asking;
  }

  /** How many checks in a row got no answer, the last one included. One alone may have met a slow store. */
  missesOf(store: Store): number {
    return this.misses[store];
  }

  /** `check` is asked with each report, and answers at once from what is known. */
  reportDependency(name: string, check: () => HealthCheck): void {
    this.dependencyChecks.set(name, check);
  }

  dependencies(): DependencyReport {
    return Object.fromEntries([...this.dependencyChecks].map(([name, check]) => [name, check()]));
  }

  private async ask(): Promise<HealthReport> {
    const [database, queue, migrations] = await Promise.all([
      this.askStore('database', () => this.databaseProbe.refusal()),
      this.askQueue(),
      check('cannot be read', () => this.pendingMigrations()).then(({ check, value }) => ({
        check: value && value.length > 0 ? down(`${value.length} pending`) : check,
      })),
    ]);
    const draining = this.drain.started ? down('the process is stopping') : up;
    return { database, queue, migrations: migrations.check, draining };
  }

  private askQueue(): Promise<HealthCheck> {
    return this.askStore('queue', () => this.queue().ask());
  }

  /** It answers, and may say why it takes no writes. */
  private async askStore(store: Store, ask: () => Promise<string | null>): Promise<HealthCheck> {
    const { check: answer, value } = await check('does not answer', ask);
    this.misses[store] = answer.status === 'down' ? this.misses[store] + 1 : 0;
    return value ? down(value) : answer;
  }

  /** Names of migrations that this build has and the database has not. */
  async pendingMigrations(): Promise<string[]> {
    if (this.migrated) return [];
    const applied = await this.databaseProbe
      .query<{ name: string }>('SELECT name FROM schema_migrations')
      .catch((error: unknown) => {
        if (error instanceof Error && 'code' in error && error.code === UNDEFINED_TABLE) return [];
        throw error;
      });
    const names = new Set(applied.map((row) => row.name));
    const pending = this.expected.names.filter((name) => !names.has(name));
    // applied migrations do not go away under a running process
    this.migrated = pending.length === 0;
    return pending;
  }

  async onApplicationShutdown(): Promise<void> {
    for (const probe of [this.databaseProbe, this.queueProbe]) await probe?.close().catch(() => undefined);
  }

  private queue(): Probe {
    const { redisUrl, database } = this.config;
    // the queue on PostgreSQL uses the direct address, which may be down while the pooled one answers
    this.queueProbe ??= redisUrl
      ? new RedisProbe(redisUrl, probeKeys(this.config))
      : new PostgresProbe(database.directUrl);
    return this.queueProbe;
  }
}

function down(reason: string): HealthCheck {
  return { status: 'down', reason };
}

async function check<T>(reason: string, ask: () => Promise<T>): Promise<{ check: HealthCheck; value?: T }> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('too late')), CHECK_TIMEOUT_MS);
  });
  try {
    return { check: up, value: await Promise.race([ask(), tooLate]) };
  } catch {
    return { check: down(reason) };
  } finally {
    clearTimeout(timer);
  }
}

/** A connection of its own: BullMQ's may be waiting in a blocking call. */
class RedisProbe implements Probe {
  private client: ReturnType<typeof connectToRedis> | null = null;

  constructor(
    private readonly url: string,
    private readonly keys: readonly string[],
  ) {}

  async ask(): Promise<string | null> {
    this.client ??= this.connect();
    const { client } = this;
    // one that has gone silent is given up, or it would be asked for ever
    const silent = setTimeout(() => {
      client.disconnect();
      if (this.client === client) this.client = null;
    }, CHECK_TIMEOUT_MS);
    try {
      return await queueRefusal(client, this.keys);
    } finally {
      clearTimeout(silent);
    }
  }

  async close(): Promise<void> {
    this.client?.disconnect();
  }

  private connect() {
    const client = connectToRedis(this.url, {
      maxRetriesPerRequest: 1,
      // in time for its answer, which is why it is down
      maxRedirections: 4,
      enableReadyCheck: false,
      connectTimeout: CHECK_TIMEOUT_MS,
      lazyConnect: true,
    });
    // without a listener a lost connection would be printed, or end the process
    client.on('error', () => undefined);
    return client;
  }
}

/** A connection of its own: those of the work may all be in use, and the database answers all the same. */
class PostgresProbe implements Probe {
  private readonly pool: pg.Pool;

  constructor(url: string) {
    this.pool = new pg.Pool({
      ...connectionTo(url),
      max: 1,
      idleTimeoutMillis: 10_000,
      connectionTimeoutMillis: CHECK_TIMEOUT_MS,
      // a connection that has gone silent is given up, or it would be asked for ever
      query_timeout: CHECK_TIMEOUT_MS,
      application_name: 'interlock-health',
      allowExitOnIdle: true,
    });
    this.pool.on('error', () => undefined);
    this.pool.on('connect', (client) => client.on('error', () => undefined));
  }

  async query<R extends pg.QueryResultRow>(text: string): Promise<R[]> {
    return (await this.pool.query<R>(text)).rows;
  }

  refusal(): Promise<string | null> {
    return databaseRefusal(this.pool);
  }

  async ask(): Promise<null> {
    await this.query('SELECT 1');
    return null;
  }

  async close(): Promise<void> {
    await within(CHECK_TIMEOUT_MS, this.pool.end());
  }
}
