import { fork } from 'node:child_process';
import path from 'node:path';
import type { Expectation, Touched } from './accounts';

export type SimulatorOrder =
  | { readonly do: 'open'; readonly from: number; readonly to: number }
  | { readonly do: 'change'; readonly changes: readonly { index: number; draw: number }[] }
  | { readonly do: 'truth'; readonly from: number; readonly to: number }
  | { readonly do: 'counts' };

export interface SimulatorCounts {
  calls: number;
  /** Calls answered 429: the service went over an account's budget. */
  refused: number;
  /** The most calls that one account had in one second; its rate is 50 in the sandbox and 10 live. */
  busiestSecond: { sandbox: number; live: number };
}

export interface SimulatorHandle {
  readonly url: string;
  readonly pid: number;
  open(from: number, to: number): Promise<void>;
  change(changes: readonly { index: number; draw: number }[]): Promise<Touched[]>;
  truth(from: number, to: number): Promise<Expectation[]>;
  counts(): Promise<SimulatorCounts>;
  stop(): Promise<void>;
}

const ROOT = path.resolve(__dirname, '../..');

/** All providers in one process of their own; it ends with this one. */
export async function startSimulator(perMerchant: number): Promise<SimulatorHandle> {
  const child = fork(path.join(__dirname, 'simulator-process.ts'), [String(perMerchant)], {
    cwd: ROOT,
    execArgv: ['-r', path.join(ROOT, 'scripts/register.cjs')],
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'] },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  let lastId = 0;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const url = await new Promise<string>((resolve, reject) => {
    child.on('message', (message: { ready?: string; id?: number; result?: unknown; error?: string }) => {
      if (message.ready !== undefined) return resolve(message.ready);
      const asker = waiting.get(message.id!);
      waiting.delete(message.id!);
      if (message.error === undefined) asker?.resolve(message.result);
      else asker?.reject(new Error(`simulator: ${message.error}`));
    });
    child.once('exit', (code) => {
      const error = new Error(`the simulator ended (${code})`);
      reject(error);
      for (const asker of waiting.values()) asker.reject(error);
    });
  });
  const ask = <T>(order: SimulatorOrder): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      const id = ++lastId;
      waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
      child.send({ id, order });
    });
  return {
    url,
    pid: child.pid!,
    open: (from, to) => ask({ do: 'open', from, to }),
    change: (changes) => ask({ do: 'change', changes }),
    truth: (from, to) => ask({ do: 'truth', from, to }),
    counts: () => ask({ do: 'counts' }),
    stop: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
