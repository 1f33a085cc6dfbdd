import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Pool } from 'pg';
import { migrate } from '../../../src/database/data-source';
import { startEmbeddedPostgres } from '../../../src/database/embedded-postgres';
import { startSandboxServer, type Simulator } from '../../../src/sandbox';
import { startFreezingProxy, type FreezingProxy } from '../../support/freezing-proxy';
import { KmsStandIn } from '../../support/kms-stand-in';
import { freePort } from '../../support/ports';
import { startTestProcess, type TestProcess } from '../../support/process';
import { startReplicatedPostgres, type ReplicatedPostgres } from '../../support/standby';
import { startProviderFront, type ProviderFront } from './provider-front';

/** Short, so that a worker can be put to sleep past it within a test. */
export const LEASE_SECONDS = 2;
const WORKERS = 2;
/** Of PostgreSQL: silent ones, and those of a frozen process, are held beside the ones that took their place. */
const CONNECTIONS = '300';

export type Queue = 'postgres' | 'redis';

export interface WorldOptions {
  readonly queue: Queue;
  /** An asynchronous standby that can take the server's place, once. */
  readonly standby?: boolean;
  /** Credentials are sealed by a KMS that can be throttled, not by the local keyring. */
  readonly kms?: boolean;
  /** Of the processes, beside what all worlds have. */
  readonly environment?: Readonly<Record<string, string>>;
}

/**
 * Everything the chaos runs against: servers of its own, a simulator in this process that keeps the truth, real
 * processes.
 */
export class World {
  readonly workers: (TestProcess | null)[] = [];
  api!: TestProcess;
  environment: Record<string, string> = {};
  simulator!: Simulator;
  front!: ProviderFront;
  kms: KmsStandIn | null = null;
  standby: ReplicatedPostgres | null = null;
  /** How often one server has taken another's place. */
  failovers = 0;
  private redis: ChildProcess | null = null;
  private redisPort = 0;
  private databaseUrl = '';
  private observer!: Pool;
  private database!: FreezingProxy;
  private folder = '';
  private readonly undo: (() => Promise<unknown>)[] = [];

  constructor(readonly options: WorldOptions) {}

  async start(): Promise<void> {
    this.folder = await mkdtemp(path.join(os.tmpdir(), 'interlock-chaos-'));
    this.undo.push(() => rm(this.folder, { recursive: true, force: true }));
    await this.startPostgres();
    this.database = await startFreezingProxy(this.databaseUrl);
    this.undo.push(() => this.database.stop());
    this.observe();
    this.undo.push(() => this.observer.end());
    const sandbox = await startSandboxServer({ port: 0, host: '127.0.0.1' });
    this.undo.push(() => sandbox.close());
    this.simulator = sandbox.sandbox.practicehub;
    this.front = await startProviderFront(sandbox.url);
    this.undo.push(() => this.front.stop());
    this.environment = {
      NODE_ENV: 'test',
      DATA_DIR: this.folder,
      DATABASE_URL: this.database.url,
      DATABASE_STATEMENT_SECONDS: '5',
      SANDBOX_PROVIDERS: 'true',
      SANDBOX_ORIGIN: this.front.url,
      RUN_LEASE_SECONDS: String(LEASE_SECONDS),
      RATE_LIMIT_SANDBOX_PER_MINUTE: '0',
      LOG_LEVEL: 'warn',
      ...this.options.environment,
    };
    if (this.options.kms) await this.startKms();
    if (this.options.queue === 'redis') {
      this.redisPort = await freePort();
      this.environment['REDIS_URL'] = `redis://127.0.0.1:${this.redisPort}`;
      await this.startRedis();
      this.undo.push(async () => this.redis?.kill('SIGKILL'));
    }
    this.api = await this.startProcess('api', 'api');
    for (let index = 0; index < WORKERS; index++) await this.startWorker(index);
  }

  get workerIndexes(): readonly number[] {
    return Array.from({ length: WORKERS }, (_, index) => index);
  }

  async startWorker(index: number): Promise<void> {
    this.workers[index] = await this.startProcess('worker', `worker-${index}`);
  }

  async killWorker(index: number): Promise<void> {
    const worker = this.workers[index];
    this.workers[index] = null;
    worker?.child.kill('SIGKILL');
    await worker?.ended;
  }

  /** Puts a worker to sleep past its lease, then wakes it. */
  async freezeWorker(index: number): Promise<void> {
    const worker = this.workers[index];
    if (!worker) return;
    worker.child.kill('SIGSTOP');
    await sleep(LEASE_SECONDS * 1_000 + 1_500);
    worker.child.kill('SIGCONT');
  }

  /** The machine's clock, as one process of the service sees it, jumps. */
  async setClock(process: 'api' | `worker-${number}`, offsetMs: number): Promise<void> {
    await writeFile(this.clockFile(process), String(offsetMs));
  }

  /** `kill -9` of one server process: PostgreSQL throws everyone out and recovers, as after a crash. */
  async crashPostgres(): Promise<void> {
    const client = new Client({ connectionString: this.databaseUrl });
    client.on('error', () => undefined);
    try {
      await client.connect();
      const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      process.kill(rows[0]!.pid, 'SIGKILL');
    } catch {
      // it is still recovering from the last blow, and can be dealt no other
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  /** Connections to PostgreSQL fall silent: nothing is closed, and nothing passes. */
  async silencePostgres(ms: number): Promise<void> {
    this.database.freeze();
    await sleep(ms);
    this.database.thaw();
  }

  /** The primary is lost with its last commits, and the standby takes its place at the same address. */
  async failOver(lostMs: number): Promise<void> {
    const { standby } = this;
    if (!standby || this.failovers > 0) return;
    this.failovers++;
    await standby.caughtUp();
    standby.cut();
    await sleep(lostMs);
    await standby.promote();
    this.databaseUrl = standby.standbyUrl;
    this.database.to(this.databaseUrl);
    await this.observer.end();
    this.observe();
    // as `cli db restored` does, whose start would take seconds
    await this.sql('UPDATE database_generation SET generation = generation + 1');
  }

  async flushRedis(): Promise<void> {
    const { Redis } = await import('ioredis');
    const redis = new Redis(this.redisPort, '127.0.0.1', { maxRetriesPerRequest: 1 });
    redis.on('error', () => undefined);
    await redis.flushall().catch(() => undefined);
    redis.disconnect();
  }

  async restartRedis(): Promise<void> {
    this.redis?.kill('SIGKILL');
    await sleep(500);
    await this.startRedis();
  }

  /** Asked of the server itself, whatever happens to the connections of the processes. */
  async sql<R = Record<string, any>>(text: string, values: unknown[] = []): Promise<R[]> {
    for (let attempt = 0; ; attempt++) {
      try {
        return (await this.observer.query(text, values)).rows;
      } catch (error) {
        if (attempt >= 40) throw error;
        await sleep(250);
      }
    }
  }

  async stop(): Promise<void> {
    for (const worker of this.workers) await worker?.kill();
    await this.api?.kill();
    for (const step of this.undo.splice(0).reverse()) await step();
  }

  private async startProcess(role: 'api' | 'worker', name: string): Promise<TestProcess> {
    const environment = { ...this.environment, ROLE: role, CHAOS_CLOCK_FILE: this.clockFile(name) };
    const preload = path.join(__dirname, 'wrong-clock.cjs');
    const started = await startTestProcess(environment, { preload });
    await started.ready().catch(async (error: unknown) => {
      await started.kill();
      throw error;
    });
    return started;
  }

  private observe(): void {
    this.observer = new Pool({ connectionString: this.databaseUrl, max: 4, connectionTimeoutMillis: 5_000 });
    this.observer.on('error', () => undefined);
  }

  private clockFile(name: string): string {
    return path.join(this.folder, `${name}.clock`);
  }

  private async startPostgres(): Promise<void> {
    if (this.options.standby) {
      const standby = await startReplicatedPostgres(this.folder, { max_connections: CONNECTIONS });
      this.undo.push(() => standby.stop());
      this.standby = standby;
      this.databaseUrl = standby.primaryUrl;
      return;
    }
    // commits are waited for: a crash of the server must not take back what it has acknowledged
    const settings = { fsync: 'off', max_connections: CONNECTIONS };
    const postgres = await startEmbeddedPostgres({ dataDir: this.folder, settings });
    this.undo.push(() => postgres.stop());
    this.databaseUrl = postgres.url;
    await migrate(postgres.url);
  }

  private async startKms(): Promise<void> {
    const kms = await KmsStandIn.start();
    this.undo.push(() => kms.stop());
    this.kms = kms;
    const identity = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_EC2_METADATA_DISABLED: 'true' };
    // the AWS SDK takes them from the environment, also where this process makes the merchants
    Object.assign(process.env, identity);
    Object.assign(this.environment, identity, { KMS_KEY_ID: kms.createKey(), KMS_ENDPOINT: kms.endpoint });
  }

  private async startRedis(): Promise<void> {
    this.redis = spawn(
      'redis-server',
      ['--port', String(this.redisPort), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'],
      { stdio: 'ignore' },
    );
    await sleep(300);
  }
}
