import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { migrate } from '../../../src/database/data-source';
import { startEmbeddedPostgres } from '../../../src/database/embedded-postgres';
import { startSandboxServer } from '../../../src/sandbox';
import { freePort } from '../../support/ports';
import { startTestProcess, type TestProcess } from '../../support/process';

/** Short, so that a worker can be put to sleep past it within a test. */
const LEASE_SECONDS = 2;

export type Queue = 'postgres' | 'redis';

/** Everything the chaos runs against: servers of its own, a simulator in this process that keeps the truth, real processes. */
export class World {
  readonly workers: (TestProcess | null)[] = [];
  api!: TestProcess;
  private redis: ChildProcess | null = null;
  private readonly undo: (() => Promise<unknown>)[] = [];
  environment: Record<string, string> = {};
  databaseUrl = '';
  private redisPort = 0;
  sandbox!: Awaited<ReturnType<typeof startSandboxServer>>;

  constructor(private readonly queue: Queue) {}

  async start(workers: number): Promise<void> {
    const dataDir = await mkdtemp(path.join(os.tmpdir(), 'interlock-chaos-'));
    this.undo.push(() => rm(dataDir, { recursive: true, force: true }));
    // commits are waited for: a crash of the server must not take back what it has acknowledged
    const postgres = await startEmbeddedPostgres({ dataDir, settings: { fsync: 'off' } });
    this.undo.push(() => postgres.stop());
    this.databaseUrl = postgres.url;
    await migrate(postgres.url);
    this.sandbox = await startSandboxServer({ port: 0, host: '127.0.0.1' });
    this.undo.push(() => this.sandbox.close());
    this.environment = {
      NODE_ENV: 'test',
      DATA_DIR: dataDir,
      DATABASE_URL: postgres.url,
      SANDBOX_PROVIDERS: 'true',
      SANDBOX_ORIGIN: this.sandbox.url,
      RUN_LEASE_SECONDS: String(LEASE_SECONDS),
      RATE_LIMIT_SANDBOX_PER_MINUTE: '0',
      LOG_LEVEL: 'warn',
    };
    if (this.queue === 'redis') {
      this.redisPort = await freePort();
      this.environment['REDIS_URL'] = `redis://127.0.0.1:${this.redisPort}`;
      await this.startRedis();
      this.undo.push(async () => this.redis?.kill('SIGKILL'));
    }
    this.api = await startTestProcess({ ...this.environment, ROLE: 'api' });
    await this.api.ready();
    for (let index = 0; index < workers; index++) await this.startWorker(index);
  }

  async startWorker(index: number): Promise<void> {
    // one worker's clock is minutes off: due times and leases must not notice
    const preload = index === 1 ? path.join(__dirname, 'wrong-clock.cjs') : undefined;
    const worker = await startTestProcess({ ...this.environment, ROLE: 'worker' }, preload ? { preload } : {});
    this.workers[index] = worker;
    await worker.ready();
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
    await new Promise((resolve) => setTimeout(resolve, LEASE_SECONDS * 1_000 + 1_500));
    worker.child.kill('SIGCONT');
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

  async flushRedis(): Promise<void> {
    if (this.queue !== 'redis') return;
    const { Redis } = await import('ioredis');
    const redis = new Redis(this.redisPort, '127.0.0.1', { maxRetriesPerRequest: 1 });
    redis.on('error', () => undefined);
    await redis.flushall().catch(() => undefined);
    redis.disconnect();
  }

  async restartRedis(): Promise<void> {
    if (this.queue !== 'redis') return;
    this.redis?.kill('SIGKILL');
    await new Promise((resolve) => setTimeout(resolve, 500));
    await this.startRedis();
  }

  async sql<R = Record<string, any>>(text: string, values: unknown[] = []): Promise<R[]> {
    for (let attempt = 0; ; attempt++) {
      const client = new Client({ connectionString: this.databaseUrl, connectionTimeoutMillis: 5_000 });
      client.on('error', () => undefined);
      try {
        await client.connect();
        return (await client.query(text, values)).rows;
      } catch (error) {
        if (attempt >= 40) throw error;
        await new Promise((resolve) => setTimeout(resolve, 250));
      } finally {
        await client.end().catch(() => undefined);
      }
    }
  }

  async stop(): Promise<void> {
    for (const worker of this.workers) await worker?.kill();
    await this.api?.kill();
    for (const step of this.undo.splice(0).reverse()) await step();
  }

  private async startRedis(): Promise<void> {
    this.redis = spawn(
      'redis-server',
      ['--port', String(this.redisPort), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'],
      {
        stdio: 'ignore',
      },
    );
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}
