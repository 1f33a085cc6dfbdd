import { spawn } from 'node:child_process';

export interface Ended {
  /** null: it was late and was ended, with all that it had started. */
  readonly code: number | null;
  readonly output: string;
}

/** Runs a program of the checkout at low priority: it shares the machine. `isLate` is asked each second. */
export async function runProgram(
  args: readonly string[],
  options: { cwd: string; env?: Record<string, string>; isLate: () => boolean },
): Promise<Ended> {
  const child = spawn('nice', ['-n', '5', process.execPath, ...args], {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => void (output += String(part)));
  let late = false;
  const kill = (): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // nothing is left of it
    }
  };
  const timer = setInterval(() => {
    if (!options.isLate()) return;
    late = true;
    kill();
  }, 1_000);
  process.once('exit', kill);
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.on('error', reject);
      child.on('exit', (ended) => {
        // what it has started ends with it, and lets go of its output
        kill();
        resolve(ended);
      });
    });
    return { code: late ? null : code, output };
  } finally {
    clearInterval(timer);
    process.off('exit', kill);
  }
}
