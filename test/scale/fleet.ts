import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { migrate } from '../../src/database/data-source';
import { startEmbeddedPostgres } from '../../src/database/embedded-postgres';
import { startTestProcess, type TestProcess } from '../support/process';
import { startTestRedis } from '../support/redis';
import { startSimulator, type SimulatorHandle } from './simulator';

export interface FleetOptions {
  readonly apis: number;
  readonly workers: number;
  readonly perMerchant: number;
  readonly queue: 'redis' | 'postgres';
  /** Commits wait for the disk, as in production. */
  readonly durable: boolean;
  readonly leaseSeconds: number;
}

/**
 * A private PostgreSQL, a private Redis, the providers, and the processes of the service: all on 127.0.0.1, all gone
 * after stop().
 */
export class Fleet {
  readonly apis: TestProcess[] = [];
  readonly workers: TestProcess[] = [];
  environment: Record<string, string> = {};
  simulator!: SimulatorHandle;
  private sqlClient!: Client;
  private lastQuery: Promise<unknown> = Promise.resolve();
  private readonly everyProcess: TestProcess[] = [];
  private readonly undo: (() => Promise<unknown>)[] = [];

  constructor(private readonly options: FleetOptions) {}

  /** False, said aloud, where there is no redis-server and none is required. */
  async start(): Promise<boolean> {
    const { options } = this;
    const redis = options.queue === 'redis' ? await startTestRedis() : null;
    if (options.queue === 'redis' && !redis) return false;
    if (redis) this.undo.push(() => redis.stop());
    const dataDir = await mkdtemp(path.join(os.tmpdir(), 'interlock-scale-'));
    this.undo.push(() => rm(dataDir, { recursive: true, force: true }));
    const postgres = await startEmbeddedPostgres({
      dataDir,
      settings: {
        shared_preload_libraries: 'pg_stat_statements',
        'pg_stat_statements.max': '10000',
        max_connections: '300',
        shared_buffers: '256MB',
        max_wal_size: '2GB',
        ...(options.durable ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
      },
    });
    this.undo.push(() => postgres.stop());
    await migrate(postgres.url);
    this.sqlClient = new Client({ connectionString: postgres.url, application_name: 'scale' });
    this.sqlClient.on('error', () => undefined);
    await this.sqlClient.connect();
    this.undo.push(() => this.sqlClient.end());
    await this.sql('CREATE EXTENSION pg_stat_statements');
    // what this harness asks is not the service's
    await this.sql(`SET pg_stat_statements.track = 'none'`);
    this.simulator = await startSimulator(options.perMerchant);
    this.undo.push(() => this.simulator.stop());
    this.environment = {
      NODE_ENV: 'test',
      DATA_DIR: dataDir,
      DATABASE_URL: postgres.url,
      SANDBOX_PROVIDERS: 'true',
      SANDBOX_ORIGIN: this.simulator.url,
      // the live accounts are simulated too, on this machine
      OUTBOUND_ALLOW_PRIVATE: 'true',
      RUN_LEASE_SECONDS: String(options.leaseSeconds),
      RATE_LIMIT_SANDBOX_PER_MINUTE: '0',
      LOG_LEVEL: 'warn',
      ...(redis ? { REDIS_URL: redis.url } : {}),
    };
    return true;
  }

  async startProcesses(): Promise<void> {
    const { apis, workers } = this.options;
    await Promise.all([
      ...Array.from({ length: apis }, () => this.startApi()),
      ...Array.from({ length: workers }, () => this.startWorker()),
    ]);
  }

  startApi(): Promise<TestProcess> {
    return this.startProcess('api', this.apis);
  }

  startWorker(): Promise<TestProcess> {
    return this.startProcess('worker', this.workers);
  }

  /** `kill -9`. */
  async kill(list: TestProcess[], index: number): Promise<void> {
    const [victim] = list.splice(index, 1);
    await victim?.kill();
  }

  /** SIGTERM; its exit code, which is 0 when it drained in time. */
  async terminate(list: TestProcess[], index: number): Promise<number | NodeJS.Signals> {
    const [leaving] = list.splice(index, 1);
    leaving!.child.kill('SIGTERM');
    return leaving!.ended;
  }

  /** Of all the processes that there ever were: a dead one has used its time all the same. */
  processIds(): number[] {
    return this.everyProcess.map(({ child }) => child.pid!);
  }

  /** One after the other, in the one session whose statements are not counted. */
  async sql<R = Record<string, any>>(text: string, values: unknown[] = []): Promise<R[]> {
    const asked = this.lastQuery.then(() => this.sqlClient.query(text, values));
    this.lastQuery = asked.catch(() => undefined);
    return (await asked).rows;
  }

  async stop(): Promise<void> {
    await Promise.all(this.everyProcess.map((process) => process.kill()));
    for (const step of this.undo.splice(0).reverse()) await step();
  }

  private async startProcess(role: 'api' | 'worker', list: TestProcess[]): Promise<TestProcess> {
    const process = await startTestProcess({ ...this.environment, ROLE: role });
    this.everyProcess.push(process);
    await process.ready();
    list.push(process);
    return process;
  }
}
