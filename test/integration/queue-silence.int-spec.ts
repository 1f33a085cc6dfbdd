import { setTimeout as sleep } from 'node:timers/promises';
import { Queue, Worker } from 'bullmq';
import { Client } from 'pg';
import { loadConfig } from '../../src/platform/config';
import { queueConnection, QueueModule } from '../../src/platform/queue/queue.module';
import { migratedDatabase } from '../support/database';
import { eventually } from '../support/eventually';
import { startFreezingProxy } from '../support/freezing-proxy';
import { freePort } from '../support/ports';

const NAME = 'silence';

describe('a queue on PostgreSQL whose worker could not wait for a job', () => {
  it('is served, although the notices of its next jobs are not heard', async () => {
    const database = await migratedDatabase();
    const proxy = await startFreezingProxy(database.url);
    const [direct, through] = [database.url, proxy.url].map((url) =>
      loadConfig({ DATABASE_URL: url, DATABASE_STATEMENT_SECONDS: '1' }),
    );
    QueueModule.forRoot(direct!);
    const queue = new Queue(NAME, { connection: queueConnection(direct!) as never });
    const observer = new Client({ connectionString: database.url });
    await observer.connect();
    const done = jest.fn(async () => undefined);
    const worker = new Worker(NAME, done, { connection: queueConnection(through!) as never });
    worker.on('error', () => undefined);
    // the process ids of those that wait for a notice of a job
    const listening = async (): Promise<number[]> => {
      const { rows } = await observer.query(
        `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = $1
         AND query ~* 'listen +bullmq_jobs'`,
        [NAME],
      );
      return rows.map(({ pid }) => pid);
    };
    try {
      await queue.add('first', {});
      await eventually(() => expect(done).toHaveBeenCalledTimes(1));
      const [before] = await listening();
      expect(before).toBeDefined();
      proxy.to(`postgres://127.0.0.1:${await freePort()}/nobody`);
      await sleep(1_000);
      proxy.to(database.url);
      await eventually(async () => expect((await listening()).filter((pid) => pid !== before)).toHaveLength(1), 30_000);
      // the connection that listens is dead from now on, and nobody says so
      proxy.freeze();
      proxy.thaw();
      await queue.add('second', {});
      await eventually(() => expect(done).toHaveBeenCalledTimes(2), 30_000);
    } finally {
      await worker.close(true);
      await queue.close();
      await observer.end();
      await proxy.stop();
      await database.drop();
    }
  }, 90_000);
});
