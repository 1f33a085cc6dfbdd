import { setTimeout as sleep } from 'node:timers/promises';
import { MIGRATION_ADVISORY_LOCK_KEY, Queue, Worker } from 'bullmq';
import { Client, Pool } from 'pg';
import { loadConfig } from '../../src/platform/config';
import { QUEUE_SCHEMA, queueConnection, QueueModule } from '../../src/platform/queue/queue.module';
import { migratedDatabase, type TestDatabase } from '../support/database';
import { eventually } from '../support/eventually';
import { startFreezingProxy, type FreezingProxy } from '../support/freezing-proxy';
import { freePort } from '../support/ports';

const NAME = 'silence';

describe('a worker of a queue on PostgreSQL', () => {
  let database: TestDatabase;
  let proxy: FreezingProxy;
  let observer: Client;
  let queue: Queue;
  let worker: Worker;
  let served: jest.Mock;
  const away = async (): Promise<void> => proxy.to(`postgres://127.0.0.1:${await freePort()}/nobody`);
  const back = (): void => proxy.to(database.url);
  const connection = (url: string) =>
    queueConnection(loadConfig({ DATABASE_URL: url, DATABASE_STATEMENT_SECONDS: '1' })) as never;
  const startWorker = (): void => {
    worker = new Worker(NAME, served, { connection: connection(proxy.url), runRetryDelay: 1_000 });
    worker.on('error', () => undefined);
  };
  // the process ids of those that wait for a notice of a job
  const listening = async (): Promise<number[]> => {
    const { rows } = await observer.query(
      `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = $1
       AND query ~* 'listen +bullmq_jobs'`,
      [NAME],
    );
    return rows.map(({ pid }) => pid);
  };

  beforeEach(async () => {
    database = await migratedDatabase();
    proxy = await startFreezingProxy(database.url);
    QueueModule.forRoot(loadConfig({ DATABASE_URL: database.url }));
    queue = new Queue(NAME, { connection: connection(database.url) });
    observer = new Client({ connectionString: database.url });
    await observer.connect();
    served = jest.fn(async () => undefined);
    await queue.add('first', {});
  }, 30_000);
  afterEach(async () => {
    await worker?.close(true);
    await queue?.close();
    await observer?.end();
    await proxy?.stop();
    await database?.drop();
  }, 30_000);

  it('that could not wait for a job is served, although the notices of its next jobs are not heard', async () => {
    startWorker();
    await eventually(() => expect(served).toHaveBeenCalledTimes(1));
    // it may still be on its way to listen
    await eventually(async () => expect(await listening()).toHaveLength(1));
    const [before] = await listening();
    await away();
    await sleep(1_000);
    back();
    await eventually(async () => expect((await listening()).filter((pid) => pid !== before)).toHaveLength(1), 30_000);
    // the connection that listens is dead from now on, and nobody says so
    proxy.freeze();
    proxy.thaw();
    await queue.add('second', {});
    await eventually(() => expect(served).toHaveBeenCalledTimes(2), 30_000);
  }, 90_000);

  it('that was started while the server was away is served once it is back', async () => {
    await away();
    startWorker();
    await sleep(1_000);
    back();
    await eventually(() => expect(served).toHaveBeenCalledTimes(1), 30_000);
  }, 60_000);

  it('that starts waits for no process that fell silent while it looked for migrations', async () => {
    const other = new Pool(connection(proxy.url));
    other.on('error', () => undefined);
    const looking = await other.connect();
    await looking.query('BEGIN');
    await looking.query(`SELECT pg_advisory_xact_lock($1, hashtext($2))`, [MIGRATION_ADVISORY_LOCK_KEY, QUEUE_SCHEMA]);
    proxy.freeze();
    proxy.thaw();
    startWorker();
    await eventually(() => expect(served).toHaveBeenCalledTimes(1), 20_000);
    looking.release(true);
    void other.end();
  }, 60_000);
});
