import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Arrivals {
  /** Different messages at one path. */
  readonly count: number;
  /** Of each, from the `timestamp` of its body to its arrival. Milliseconds. */
  readonly delays: readonly number[];
}

export interface BenchReceiver {
  readonly url: string;
  /** What has come to a path; it is forgotten. */
  take(path: string): Promise<Arrivals>;
  /** Waits until so many have come to a path since they were last taken. */
  expect(path: string, count: number, withinMs?: number): Promise<void>;
  /** Answers what waits on the slow path. */
  release(): Promise<void>;
  stop(): Promise<void>;
}

const POLL_MS = 20;
/** What comes to this path is answered late, but in time. */
export const SLOW_PATH = 'slow';
const SLOW_MS = 15_000;

/** An endpoint in a process of its own: it takes everything, at once but for one path, and counts by path. */
export async function startBenchReceiver(): Promise<BenchReceiver> {
  const child = fork(__filename, {
    execArgv: ['-r', path.resolve(__dirname, '../../scripts/register.cjs')],
    stdio: ['ignore', 2, 2, 'ipc'],
  });
  const ended = once(child, 'exit');
  const [url] = (await once(child, 'message')) as [string];
  const ask = async <T>(question: object): Promise<T> => {
    child.send(question);
    return ((await once(child, 'message')) as [T])[0];
  };
  return {
    url,
    take: (at) => ask<Arrivals>({ take: at }),
    async expect(at, count, withinMs = 600_000) {
      const deadline = Date.now() + withinMs;
      for (;;) {
        const found = await ask<number>({ count: at });
        if (found >= count) return;
        if (Date.now() > deadline) throw new Error(`${found} of ${count} messages came to ${at}.`);
        await sleep(POLL_MS);
      }
    },
    async release() {
      await ask<number>({ release: true });
    },
    async stop() {
      child.kill();
      await ended;
    },
  };
}

function serve(): void {
  const arrived = new Map<string, Map<string, number>>();
  const waiting = new Set<() => void>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { timestamp } = JSON.parse(Buffer.concat(chunks).toString('utf8')) as { timestamp: string };
      const [, at, endpoint = ''] = request.url!.split('/') as [string, string, string?];
      const ofPath = arrived.get(at) ?? new Map<string, number>();
      const id = `${endpoint} ${String(request.headers['webhook-id'])}`;
      if (!ofPath.has(id)) ofPath.set(id, Date.now() - Date.parse(timestamp));
      arrived.set(at, ofPath);
      const answer = (): void => {
        waiting.delete(answer);
        response.writeHead(204).end();
      };
      if (at !== SLOW_PATH) return answer();
      waiting.add(answer);
      setTimeout(() => waiting.has(answer) && answer(), SLOW_MS).unref();
    });
  });
  process.on('message', ({ take, count, release }: { take?: string; count?: string; release?: true }) => {
    if (release) {
      for (const answer of waiting) answer();
      return process.send!(0);
    }
    if (count !== undefined) return process.send!(arrived.get(count)?.size ?? 0);
    const found = arrived.get(take!) ?? new Map<string, number>();
    arrived.delete(take!);
    return process.send!({ count: found.size, delays: [...found.values()] });
  });
  server.listen(0, '127.0.0.1', () => process.send!(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
}

if (require.main === module) serve();
