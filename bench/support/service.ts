import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../test/support/ports';
import { cpuSecondsOf } from './process-figures';

const root = path.resolve(__dirname, '../..');

export interface BenchService {
  readonly url: string;
  readonly pid: number;
  /** Seconds from the start of the process to its first 200 at /health/ready. */
  readonly readySeconds: number;
  /** Seconds of processor time that it took until then: on a busy machine the steadier figure. */
  readonly readyCpuSeconds: number;
  stop(): Promise<void>;
}

export interface ServiceEnvironment {
  readonly DATABASE_URL: string;
  readonly DATA_DIR: string;
  readonly [name: string]: string;
}

/** Left by every service process that a benchmark starts, when this names a folder; scripts/profile.ts sums them up. */
const profileFolder = process.env['BENCH_CPU_PROFILE'];
const profiling = profileFolder ? ['--cpu-prof', '--cpu-prof-dir', profileFolder] : [];

/** As `npm start` and the image do. */
const STARTED_WITH = ['--heap-growing-percent=50'];

/** The built service, or another program of the same manners, as a process of its own. */
export async function startService(environment: ServiceEnvironment, program = 'dist/main.js'): Promise<BenchService> {
  const port = await freePort();
  const startedAt = performance.now();
  const child = spawn(process.execPath, [...profiling, ...STARTED_WITH, program], {
    cwd: root,
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      PORT: String(port),
      LOG_LEVEL: 'warn',
      DEV_CREDENTIALS: 'false',
      RATE_LIMIT_LIVE_PER_MINUTE: '0',
      RATE_LIMIT_SANDBOX_PER_MINUTE: '0',
      ...environment,
    },
    stdio: ['ignore', 2, 2],
  });
  const ended = once(child, 'exit');
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    await ended;
  };
  const url = `http://127.0.0.1:${port}`;
  for (;;) {
    const status = await fetch(`${url}/health/ready`).then(
      (answer) => answer.status,
      () => 0,
    );
    if (status === 200) break;
    if (child.exitCode !== null || performance.now() - startedAt > 60_000) {
      await stop();
      throw new Error('The service did not become ready.');
    }
    await sleep(10);
  }
  const readySeconds = (performance.now() - startedAt) / 1000;
  return { url, pid: child.pid!, readySeconds, readyCpuSeconds: await cpuSecondsOf(child.pid!), stop };
}

/** A keyring for all processes of one benchmark. */
export function benchKeyring(): string {
  return `1:${randomBytes(32).toString('base64')}`;
}
