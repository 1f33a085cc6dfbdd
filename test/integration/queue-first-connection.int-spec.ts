import { Queue, type WorkerOptions } from 'bullmq';
import { Redis } from 'ioredis';
import { Client } from 'pg';
import { loadConfig } from '../../src/platform/config';
import { queueConnection, QueueModule } from '../../src/platform/queue';
import { ShardWorker } from '../../src/sync/jobs/shard.worker';
import type { RunJob } from '../../src/sync/run.queue';
import { migratedDatabase } from '../support/database';
import { eventually } from '../support/eventually';
import { findProgram } from '../support/optional-programs';
import { startTestRedis } from '../support/redis';

jest.setTimeout(120_000);

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

interface RefusingStore {
  readonly environment: Record<string, string>;
  /** From now on it takes in who it refused. */
  admit(): Promise<unknown>;
}

async function databaseThatTakesNobody(): Promise<RefusingStore> {
  const database = await migratedDatabase();
  undo.push(() => database.drop());
  const server = new URL(database.url);
  const name = server.pathname.slice(1);
  server.pathname = '/postgres';
  const admin = new Client({ connectionString: server.href });
  await admin.connect();
  undo.push(() => admin.end());
  await admin.query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS false`);
  const admit = () => admin.query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS true`);
  return { environment: { DATABASE_URL: database.url }, admit };
}

async function redisAfter(refuse: readonly string[], admit: readonly string[]): Promise<RefusingStore> {
  const redis = (await startTestRedis())!;
  undo.push(() => redis.stop());
  const admin = new Redis(redis.url);
  undo.push(() => admin.disconnect());
  const tell = ([command, ...words]: readonly string[]) => admin.call(command!, words);
  await tell(['ACL', 'SETUSER', 'worker', 'on', '>right', '~*', '&*', '+@all']);
  await tell(refuse);
  return { environment: { REDIS_URL: `redis://worker:right@127.0.0.1:${redis.port}` }, admit: () => tell(admit) };
}

const REFUSALS: [string, () => Promise<RefusingStore>][] = [['a database that takes nobody', databaseThatTakesNobody]];
if (findProgram('redis') !== null) {
  const user = (rule: string): string[] => ['ACL', 'SETUSER', 'worker', rule];
  const places = (many: string): string[] => ['CONFIG', 'SET', 'maxclients', many];
  REFUSALS.push(
    ['a Redis with another password', () => redisAfter(user('<right'), user('>right'))],
    ['a Redis that lacks a right', () => redisAfter(user('-info'), user('+info'))],
    ['a Redis without a place', () => redisAfter(places('1'), places('100'))],
  );
}

describe('a queue whose first connection was refused', () => {
  it.each(REFUSALS)('by %s works as soon as it is taken in', async (_name, startStore) => {
    const store = await startStore();
    const config = loadConfig(store.environment);
    QueueModule.forRoot(config);
    const connection = queueConnection(config) as WorkerOptions['connection'];
    const refused = { queue: 0, worker: 0 };
    const queue = new Queue<RunJob>('runs', { connection: connection as never });
    queue.on('error', () => (refused.queue += 1));
    undo.push(() => queue.close());
    const begun: string[] = [];
    const begin = async ({ data }: { data: RunJob }): Promise<void> => void begun.push(data.runId);
    const worker = new ShardWorker('runs', begin, { connection, autorun: false, runRetryDelay: 500 }, null);
    worker.on('error', () => (refused.worker += 1));
    undo.push(() => worker.close(true));
    void worker.run();
    await expect(queue.add('run', { runId: 'lost', attempt: 1 })).rejects.toThrow();
    if ('REDIS_URL' in store.environment)
      await eventually(() => expect(Math.min(refused.queue, refused.worker)).toBeGreaterThan(0));

    await store.admit();
    await eventually(() => queue.add('run', { runId: 'first', attempt: 1 }, { jobId: 'first-1' }), 20_000, 500);
    await eventually(() => expect(begun).toEqual(['first']), 30_000);
  });
});
