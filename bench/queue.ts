import 'reflect-metadata';
import { Queue, Worker } from 'bullmq';
import { Client } from 'pg';
import { queueConnection } from '../src/platform/queue';
import { SyncExtensions } from '../src/sync';
import { Dispatcher } from '../src/sync/dispatcher';
import { QUEUE_BACKENDS, startTestApp, type QueueBackend, type TestApp } from '../test/support/app';
import { benchmark, seconds, type Sample } from './support/benchmark';
import { fillIntegrations } from './support/fill';
import { startBenchPostgres } from './support/postgres';
import { runsSettled } from './support/settled';

const BATCH = 500;

/**
 * What the engine's own row, lease, fence and outcome add to a job: empty runs from due to done, against plain BullMQ
 * with empty jobs from added to done, on the same backend, with the same concurrency, in one process.
 */
benchmark({ sizes: { jobs: { full: 3_000, quick: 200 } } }, async ({ runs, sizes: { jobs }, log, report }) => {
  const postgres = await startBenchPostgres();
  try {
    for (const backend of QUEUE_BACKENDS) {
      const samples = await compare(backend, runs, jobs, log);
      const note = `${jobs} jobs, due to done`;
      if (samples) report(`queue.${backend}`, samples, note);
      else throw new Error('redis-server is not on the PATH.');
    }
  } finally {
    await postgres.stop();
  }
});

async function compare(
  backend: QueueBackend,
  runs: number,
  jobs: number,
  log: (line: string) => void,
): Promise<Sample[] | null> {
  const running: TestApp | null = await startTestApp({ queue: backend, environment: { LOG_LEVEL: 'warn' } } as never);
  if (!running) return null;
  const client = new Client({ connectionString: running.config.database.url });
  await client.connect();
  try {
    await fillIntegrations(client, jobs);
    // the run itself is nothing: what is left is the engine
    running.app.get(SyncExtensions).handlerOf('sync').execute = () => Promise.resolve({ kind: 'succeeded' });
    const samples: Sample[] = [];
    for (let run = 0; run < runs; run++) {
      const ours = jobs / (await seconds(() => emptyRuns(running, client)));
      const reference = jobs / (await seconds(() => emptyJobs(running, jobs)));
      log(`${backend}: ${Math.round(ours)} runs/s, plain BullMQ ${Math.round(reference)} jobs/s`);
      samples.push({ ours, reference });
    }
    return samples;
  } finally {
    await client.end();
    await running.close();
  }
}

async function emptyRuns({ app, config }: TestApp, client: Client): Promise<void> {
  await client.query(`UPDATE sync_schedules SET next_due_at = now()`);
  const dispatcher = app.get(Dispatcher);
  while (await dispatcher.tick());
  await runsSettled(config.database.url);
}

async function emptyJobs({ config }: TestApp, jobs: number): Promise<void> {
  const connection = queueConnection(config) as never;
  const queue = new Queue('bench', { connection });
  const worker = new Worker('bench', () => Promise.resolve(), { connection, concurrency: config.workerConcurrency });
  const done = new Promise<void>((resolve) => {
    let completed = 0;
    worker.on('completed', () => {
      if (++completed === jobs) resolve();
    });
  });
  worker.on('error', (error) => console.error(error));
  queue.on('error', (error) => console.error(error));
  try {
    for (let added = 0; added < jobs; added += BATCH) {
      await queue.addBulk(
        Array.from({ length: Math.min(BATCH, jobs - added) }, (_, i) => ({
          name: 'empty',
          data: { runId: String(added + i), attempt: 1 },
          opts: { jobId: `${process.hrtime.bigint()}-${i}`, removeOnComplete: true, removeOnFail: true },
        })),
      );
    }
    await done;
  } finally {
    await worker.close();
    await queue.close();
  }
}
