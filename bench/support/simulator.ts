import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { request } from 'undici';
import { startSandboxServer } from '../../src/sandbox';

export interface BenchAccount {
  readonly apiKey: string;
  readonly baseUrl: string;
}

export interface BenchSimulator {
  readonly url: string;
  /**
   * An account of that many customers and nothing else, without a rate limit; its rows are made when they are asked
   * for.
   */
  addAccount(name: string, customers: number): Promise<BenchAccount>;
  stop(): Promise<void>;
}

/**
 * PracticeHub's simulator in a process of its own. `replays`: it makes each page once and then sends the same bytes
 * again, so that what is measured is not the making of rows; for accounts in which nothing changes.
 */
export async function startBenchSimulator({ replays = false } = {}): Promise<BenchSimulator> {
  const child = fork(__filename, replays ? ['replays'] : [], {
    execArgv: ['-r', path.resolve(__dirname, '../../scripts/register.cjs')],
    stdio: ['ignore', 2, 2, 'ipc'],
  });
  const [{ url, controlToken }] = (await once(child, 'message')) as [{ url: string; controlToken: string }];
  const baseUrl = `${url}/sandbox/practicehub`;
  return {
    url,
    async addAccount(name, customers) {
      const apiKey = `acct-bench-${name}`;
      const answer = await fetch(`${baseUrl}/_control/accounts`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${controlToken}` },
        body: JSON.stringify({ apiKey, sizes: { '*': 0, patients: customers }, settings: { ratePerSecond: 0 } }),
      });
      if (answer.status !== 201) throw new Error(`The simulator refused an account: ${await answer.text()}`);
      return { apiKey, baseUrl };
    },
    async stop() {
      const ended = once(child, 'exit');
      child.kill();
      await ended;
    },
  };
}

/** Stands before the simulator and keeps what it answered to a GET. */
async function startReplaying(origin: string): Promise<string> {
  const kept = new Map<string, Buffer>();
  const server = createServer((incoming, outgoing) => {
    const name = `${incoming.headers['x-practicehub-key']} ${incoming.url}`;
    const body = incoming.method === 'GET' ? kept.get(name) : undefined;
    if (body !== undefined) return void outgoing.writeHead(200, { 'content-type': 'application/json' }).end(body);
    forward(origin, incoming).then(
      (answer) => {
        if (incoming.method === 'GET' && answer.status === 200) kept.set(name, answer.body);
        outgoing.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body);
      },
      (error: Error) => outgoing.destroy(error),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function forward(origin: string, incoming: IncomingMessage): Promise<{ status: number; body: Buffer }> {
  const { host: _, connection: __, 'transfer-encoding': ___, ...headers } = incoming.headers;
  const answer = await request(`${origin}${incoming.url}`, {
    method: incoming.method as 'GET' | 'POST',
    headers,
    body: incoming.method === 'GET' ? null : incoming,
  });
  return { status: answer.statusCode, body: Buffer.from(await answer.body.arrayBuffer()) };
}

if (require.main === module) {
  startSandboxServer({ port: 0, host: '127.0.0.1' })
    .then(async ({ url, controlToken }) => ({
      url: process.argv.includes('replays') ? await startReplaying(url) : url,
      controlToken,
    }))
    .then(
      (simulator) => process.send?.(simulator),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
}
