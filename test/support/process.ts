import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { build } from './build';
import { freePort } from './ports';

/** Long, because on a busy machine a start alone has taken half a minute. */
const READY_MS = 90_000;
const root = path.resolve(__dirname, '../..');

export interface TestProcess {
  readonly url: string;
  readonly child: ChildProcess;
  /** Everything it wrote so far, standard output and error together. */
  output(): string;
  /** The exit code, or the name of the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  /** Waits until `/health/ready` says 200; throws with the output when the process ends first. */
  ready(): Promise<void>;
  /** Ends it at once if it still runs. */
  kill(): Promise<void>;
}

/**
 * The built service as a process of its own, for signals, crashes and exit codes. `fromSources`: for a preload that
 * takes hold of a package, which a built program has within it.
 */
export async function startTestProcess(
  environment: Readonly<Record<string, string | undefined>>,
  options: { preload?: string; fromSources?: boolean } = {},
): Promise<TestProcess> {
  const port = Number(environment['PORT'] ?? (await freePort()));
  const preload = options.preload === undefined ? [] : ['-r', options.preload];
  if (!options.fromSources) build();
  const program = options.fromSources
    ? ['-r', './scripts/register.cjs', ...preload, 'src/main.ts']
    : [...preload, '--enable-source-maps', 'dist/main.js'];
  const child = spawn(process.execPath, program, {
    cwd: root,
    // nothing of the environment that the tests run in but what a process needs
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      PORT: String(port),
      DEV_CREDENTIALS: 'false',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  const ended = new Promise<number | NodeJS.Signals>((resolve) => {
    child.once('close', (code, signal) => resolve(code ?? signal ?? 'SIGKILL'));
  });
  const url = `http://127.0.0.1:${port}`;
  const ready = async (): Promise<void> => {
    const deadline = Date.now() + READY_MS;
    while (Date.now() < deadline) {
      const status = await fetch(`${url}/health/ready`).then(
        (answer) => answer.status,
        () => 0,
      );
      if (status === 200) return;
      if (child.exitCode !== null || child.signalCode !== null) throw new Error(`it ended:\n${output}`);
      await sleep(50);
    }
    throw new Error(`not ready in ${READY_MS / 1_000} s:\n${output}`);
  };
  const kill = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    await ended;
  };
  return { url, child, output: () => output, ended, ready, kill };
}
