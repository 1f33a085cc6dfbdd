import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { startSandboxServer } from '../../src/sandbox';

export interface BenchSimulator {
  readonly url: string;
  readonly apiKey: string;
  /** What an integration is activated with. */
  readonly credentials: { readonly apiKey: string; readonly baseUrl: string };
  stop(): Promise<void>;
}

const apiKey = 'acct-bench';

/** PracticeHub's simulator in a process of its own: one account of that many customers, no rate limit, rows made when asked for. */
export async function startBenchSimulator(customers: number): Promise<BenchSimulator> {
  const child = fork(__filename, [String(customers)], {
    execArgv: ['-r', path.resolve(__dirname, '../../scripts/register.cjs')],
  });
  const [url] = (await once(child, 'message')) as [string];
  const stop = async (): Promise<void> => {
    const ended = once(child, 'exit');
    child.kill();
    await ended;
  };
  return { url, apiKey, credentials: { apiKey, baseUrl: `${url}/sandbox/practicehub` }, stop };
}

if (require.main === module) {
  startSandboxServer({ port: 0, host: '127.0.0.1' }).then(
    ({ url, sandbox }) => {
      sandbox.practicehub.addAccount({
        apiKey,
        sizes: { '*': 0, patients: Number(process.argv[2]) },
        settings: { ratePerSecond: 0 },
      });
      process.send?.(url);
    },
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
}
