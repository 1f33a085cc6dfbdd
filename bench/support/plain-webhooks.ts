import { fork, type ChildProcess } from 'node:child_process';
import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import path from 'node:path';
import { Queue, Worker } from 'bullmq';
import { Agent, request } from 'undici';
import { exampleData } from '../../src/events';
import { startTestRedis, type TestRedis } from '../../test/support/redis';

const BATCH = 1_000;
const CONCURRENCY = 100;

interface Work {
  readonly url: string;
  readonly endpoints: number;
  readonly events: number;
}

/**
 * What most services do: a job for each message and endpoint, an HMAC, undici; no row, no lease, no guard. In a process
 * of its own: BullMQ has one backend for all of a process.
 */
export class PlainWebhooks {
  private constructor(private readonly child: ChildProcess) {}

  static async start(): Promise<PlainWebhooks> {
    const child = fork(__filename, {
      execArgv: ['-r', path.resolve(__dirname, '../../scripts/register.cjs')],
      stdio: ['ignore', 2, 2, 'ipc'],
    });
    await Promise.race([once(child, 'message'), failed(child)]);
    return new PlainWebhooks(child);
  }

  /** Seconds from the start of the worker to the last answer; the jobs were added before. */
  async deliver(work: Work): Promise<number> {
    this.child.send(work);
    const answer = once(this.child, 'message') as Promise<[number]>;
    return (await Promise.race([answer, failed(this.child)]))[0];
  }

  async stop(): Promise<void> {
    const ended = once(this.child, 'exit');
    this.child.disconnect();
    await ended;
  }
}

async function failed(child: ChildProcess): Promise<never> {
  await once(child, 'exit');
  throw new Error('The plain loop has ended.');
}

async function addJobs(queue: Queue, { url, endpoints, events }: Work): Promise<void> {
  const total = endpoints * events;
  for (let added = 0; added < total; added += BATCH) {
    await queue.addBulk(
      Array.from({ length: Math.min(BATCH, total - added) }, (_, index) => ({
        name: 'delivery',
        data: { url: `${url}/${(added + index) % endpoints}`, id: randomUUID() },
        opts: { removeOnComplete: true, removeOnFail: true },
      })),
    );
  }
}

async function deliver(redis: TestRedis, agent: Agent, work: Work): Promise<number> {
  const { hostname: host, port } = new URL(redis.url);
  const connection = { host, port: Number(port), maxRetriesPerRequest: null };
  const queue = new Queue('webhooks', { connection });
  await addJobs(queue, work);
  const secret = randomBytes(32);
  const startedAt = performance.now();
  const worker = new Worker<Message>('webhooks', ({ data }) => send(agent, secret, data), {
    connection,
    concurrency: CONCURRENCY,
  });
  let completed = 0;
  await new Promise<void>((resolve, reject) => {
    worker.on('failed', (_job, error) => reject(error));
    worker.on('error', reject);
    worker.on('completed', () => ++completed === work.endpoints * work.events && resolve());
  });
  const seconds = (performance.now() - startedAt) / 1000;
  await worker.close();
  await queue.close();
  return seconds;
}

interface Message {
  readonly url: string;
  readonly id: string;
}

async function send(agent: Agent, secret: Buffer, { url, id }: Message): Promise<void> {
  const now = new Date();
  const timestamp = String(Math.floor(now.getTime() / 1000));
  const event = { type: 'sync.completed', timestamp: now.toISOString(), data: exampleData('sync.completed') };
  const body = JSON.stringify(event);
  const signature = createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64');
  const answer = await request(url, {
    method: 'POST',
    dispatcher: agent,
    headers: {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      'webhook-signature': `v1,${signature}`,
    },
    body,
  });
  await answer.body.dump();
  if (answer.statusCode !== 204) throw new Error(`The receiver answered ${answer.statusCode}.`);
}

async function serve(): Promise<void> {
  const redis = await startTestRedis();
  if (!redis) throw new Error('redis-server is not on the PATH.');
  const agent = new Agent({ connections: 256 });
  process.on('message', (work: Work) => {
    // an error ends the process, and that is told
    void deliver(redis, agent, work).then((seconds) => process.send!(seconds));
  });
  process.once('disconnect', () => void agent.close().then(() => redis.stop()));
  process.send!('ready');
}

if (require.main === module) void serve();
