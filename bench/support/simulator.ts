import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { startSandboxServer } from '../../src/sandbox';

export interface BenchAccount {
  readonly apiKey: string;
  readonly baseUrl: string;
}

export interface BenchSimulator {
  readonly url: string;
  /** An account of that many customers and nothing else, without a rate limit; its rows are made when they are asked for. */
  addAccount(name: string, customers: number): Promise<BenchAccount>;
  stop(): Promise<void>;
}

/** PracticeHub's simulator in a process of its own. */
export async function startBenchSimulator(): Promise<BenchSimulator> {
  const child = fork(__filename, {
    execArgv: ['-r', path.resolve(__dirname, '../../scripts/register.cjs')],
    stdio: ['ignore', 2, 2, 'ipc'],
  });
  const [url] = (await once(child, 'message')) as [string];
  const baseUrl = `${url}/sandbox/practicehub`;
  return {
    url,
    async addAccount(name, customers) {
      const apiKey = `acct-bench-${name}`;
      const answer = await fetch(`${baseUrl}/_control/accounts`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
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

if (require.main === module) {
  startSandboxServer({ port: 0, host: '127.0.0.1' }).then(
    ({ url }) => process.send?.(url),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
}
