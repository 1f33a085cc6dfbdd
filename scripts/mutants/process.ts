import { spawn } from 'node:child_process';

export interface Ended {
  /** null: it took too long and was ended, with all that it had started. */
  readonly code: number | null;
  readonly output: string;
}

/** Runs a program of the checkout at low priority: it shares the machine. */
export async function runProgram(
  args: readonly string[],
  options: { cwd: string; env?: Record<string, string>; withinMs: number },
): Promise<Ended> {
  const child = spawn('nice', ['-n', '10', process.execPath, ...args], {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => void (output += String(part)));
  let late = false;
  const kill = (): void => {
    // it may have ended by itself
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
  };
  const timer = setTimeout(() => {
    late = true;
    kill();
  }, options.withinMs);
  process.once('exit', kill);
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', resolve);
    });
    return { code: late ? null : code, output };
  } finally {
    clearTimeout(timer);
    process.off('exit', kill);
  }
}
