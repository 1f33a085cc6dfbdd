import { setTimeout as sleep } from 'node:timers/promises';
import { Queue, Worker, type WorkerOptions } from 'bullmq';
import { loadConfig } from '../../src/platform/config';
import { queueConnection, QueueModule } from '../../src/platform/queue';
import { JobRoom } from '../../src/sync/jobs/job-room';
import { ShardWorker, TAKING } from '../../src/sync/jobs/shard.worker';
import type { RunJob } from '../../src/sync/run.queue';
import { QUEUE_BACKENDS } from '../support/app';
import { migratedDatabase } from '../support/database';
import { eventually } from '../support/eventually';
import { startFreezingProxy } from '../support/freezing-proxy';
import { findProgram } from '../support/optional-programs';
import { startTestRedis } from '../support/redis';

jest.setTimeout(90_000);

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

describe.each(QUEUE_BACKENDS)('the room of a process for jobs of several shards (%s)', (backend) => {
  const test = backend === 'redis' && findProgram('redis') === null ? it.skip : it;

  let storeUrl: string;
  let begun: Map<string, number>;
  const connectionTo = (url: string): WorkerOptions['connection'] => {
    const config = loadConfig(backend === 'redis' ? { REDIS_URL: url } : { DATABASE_URL: url });
    QueueModule.forRoot(config);
    return queueConnection(config) as WorkerOptions['connection'];
  };
  const makeQueues = (names: readonly string[]): Queue<RunJob>[] =>
    names.map((name) => {
      const queue = new Queue<RunJob>(name, { connection: connectionTo(storeUrl) as never });
      undo.push(() => queue.close());
      return queue;
    });
  const add = (queue: Queue<RunJob>, runId: string) =>
    queue.add('run', { runId, attempt: 1 }, { jobId: `run-${runId}`, removeOnComplete: true });

  /** One process: a worker for each shard, with so much room for all of them. */
  function startProcess(
    names: readonly string[],
    concurrency: number,
    run: (job: RunJob) => Promise<unknown>,
    urlOf: (name: string) => string = () => storeUrl,
  ): void {
    const room = new JobRoom(concurrency);
    for (const name of names) {
      const process = async ({ data }: { data: RunJob }): Promise<unknown> => {
        begun.set(data.runId, performance.now());
        return run(data);
      };
      const options = { ...TAKING, connection: connectionTo(urlOf(name)), concurrency };
      const worker = new ShardWorker(name, process, options, room);
      worker.on('error', () => undefined);
      void worker.run();
      undo.push(() => worker.close(true));
    }
  }

  beforeEach(async () => {
    begun = new Map();
    const store = backend === 'redis' ? (await startTestRedis())! : await migratedDatabase();
    undo.push(() => ('stop' in store ? store.stop() : store.drop()));
    storeUrl = store.url;
  });

  test('a job that was given to a process that never heard of it is begun within 20 seconds', async () => {
    const [queue] = makeQueues(['runs']);
    await add(queue!, 'unheard');
    const deaf = new Worker('runs', null, { ...TAKING, connection: connectionTo(storeUrl) as never });
    deaf.on('error', () => undefined);
    expect((await deaf.getNextJob('a token that nobody renews'))?.data.runId).toBe('unheard');
    await deaf.close(true);
    startProcess(['runs'], 2, () => Promise.resolve());
    await eventually(() => expect([...begun.keys()]).toEqual(['unheard']), 20_000, 200);
  });

  test.each([
    [2, 2, 10],
    [3, 6, 20],
    [3, 1, 6],
  ])('%i shards with room for %i begin all of %i waiting jobs, and no more at once', async (shards, size, jobs) => {
    const names = Array.from({ length: shards }, (_, index) => `runs-${index}`);
    const queues = makeQueues(names);
    for (let n = 0; n < jobs; n += 1) await add(queues[n % shards]!, String(n));
    let running = 0;
    let most = 0;
    let fill: () => void = () => undefined;
    const full = new Promise<void>((resolve) => (fill = resolve));
    startProcess(names, size, async () => {
      most = Math.max(most, ++running);
      if (running === size) fill();
      await full;
      await sleep(20);
      running -= 1;
    });
    await eventually(() => expect(begun.size).toBe(jobs), 40_000);
    expect(most).toBe(size);
  });

  test('a fetched job begins at once, though there is no room for the next one', async () => {
    const names = ['runs', 'runs-1'];
    const queues = makeQueues(names);
    let end: () => void = () => undefined;
    const long = new Promise<void>((resolve) => (end = resolve));
    undo.push(() => end());
    for (const [index, queue] of queues.entries()) for (const n of [0, 1, 2]) await add(queue, `${index}-${n}`);
    startProcess(names, 2, () => long);
    await eventually(() => expect(begun.size).toBe(2), 20_000);
    await sleep(500);
    const active = await Promise.all(queues.map((queue) => queue.getActiveCount()));
    expect(active[0]! + active[1]!).toBe(2);
  });

  test('a job begins at once where there is room, though a full process hears of it first', async () => {
    const names = ['runs', 'runs-1'];
    const queues = makeQueues(names);
    let end: () => void = () => undefined;
    const long = new Promise<void>((resolve) => (end = resolve));
    undo.push(() => end());
    const run = ({ runId }: RunJob) => (runId === 'long' ? long : Promise.resolve());
    startProcess(names, 1, run);
    await sleep(500);
    await add(queues[1]!, 'long');
    await eventually(() => expect(begun.has('long')).toBe(true));
    // its wait at the first shard goes on, and is older than those of the next process
    startProcess(names, 1, run);
    await sleep(500);
    const at = performance.now();
    await add(queues[0]!, 'next');
    await eventually(() => expect(begun.has('next')).toBe(true));
    expect(begun.get('next')! - at).toBeLessThan(2_500);
  });

  // all shards on PostgreSQL lie in one store
  if (backend === 'postgres') return;

  test('a shard whose store has fallen silent takes no room from the others', async () => {
    const names = ['runs', 'runs-1', 'runs-2'];
    const queues = makeQueues(names);
    const proxy = await startFreezingProxy(storeUrl);
    undo.push(() => proxy.stop());
    const urlOf = (name: string): string => (name === 'runs' ? storeUrl : proxy.url);
    const running = { now: 0, most: 0 };
    let took = 5;
    const work = async () => {
      running.most = Math.max(running.most, ++running.now);
      await sleep(took);
      running.now--;
    };
    startProcess(names, 2, work, urlOf);
    for (const [index, queue] of queues.entries()) await add(queue, `first-${index}`);
    await eventually(() => expect(begun.size).toBe(3));
    proxy.freeze();
    // their fetches have begun, and have not been answered
    await sleep(8_000);
    await add(queues[0]!, 'served');
    await eventually(() => expect(begun.has('served')).toBe(true), 20_000);
    proxy.thaw();
    await add(queues[1]!, 'late');
    await eventually(() => expect(begun.has('late')).toBe(true), 40_000);
    // and has no more room than before
    await eventually(() => expect(running.now).toBe(0));
    [running.most, took] = [0, 200];
    for (let n = 0; n < 12; n++) await add(queues[n % 3]!, `after-${n}`);
    await eventually(() => expect(begun.size).toBe(17), 20_000);
    expect(running.most).toBe(2);
  });
});
