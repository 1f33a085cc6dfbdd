import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

export interface HostOrigins {
  /** Answers at once. */
  readonly good: string;
  /** Accepts calls, and answers none that a sync makes. */
  readonly slow: string;
  /** Answers with the largest pages that are taken, without end. */
  readonly large: string;
  /** `address:port` of a name server that never answers. */
  readonly silentDns: string;
}

export interface Hosts extends HostOrigins {
  /** Breaks every call off. */
  hangUp(): Promise<void>;
  close(): Promise<void>;
}

export const GOOD_KEY = 'victims-own-key';
export const OVER_QUOTA_KEY = 'strangers-key-over-quota';

export function credentials(baseUrl: string, apiKey = GOOD_KEY): { credentials: { apiKey: string; baseUrl: string } } {
  return { credentials: { apiKey, baseUrl } };
}

/** The hosts of one party, in a process of their own: see `hosts-program.ts`. */
export async function startHosts(): Promise<Hosts> {
  const root = path.resolve(__dirname, '../..');
  const child: ChildProcess = fork(path.join(__dirname, 'hosts-program.ts'), [], {
    execArgv: ['-r', path.join(root, 'scripts/register.cjs')],
  });
  const [origins] = (await once(child, 'message')) as [HostOrigins];
  return {
    ...origins,
    async hangUp() {
      const hungUp = once(child, 'message');
      child.send('hang up');
      await hungUp;
    },
    async close() {
      const ended = once(child, 'exit');
      child.disconnect();
      await ended;
    },
  };
}
