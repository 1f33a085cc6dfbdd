import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SystemAccount } from './embedded-postgres-account';

const fastShutdownTimeoutMs = 60_000;
const immediateShutdownTimeoutMs = 10_000;

/**
 * The program ends when the pipe from this process does: by stop(), by process.exit, by an exception and by kill -9
 * alike, because the kernel closes the pipe in every case. The inner reader also outlives a killed outer shell.
 */
const supervise = `
exec 3<&0
"$@" </dev/null 3<&- &
program=$!
( read -r _; kill -INT "$program" ) <&3 >/dev/null 2>&1 &
reader=$!
wait "$program"; status=$?
kill "$reader" 2>/dev/null
exit "$status"
`;

export interface SupervisedProgram {
  /** Resolves, never rejects, with how it ended: 'exit code 1', 'signal SIGKILL', or why it could not be started. */
  readonly ended: Promise<string>;
  /** From now on this process may end, and take the program with it, without calling stop(). */
  unref(): void;
  /** Asks it to end (SIGINT) and waits; asks less politely when it takes unreasonably long. */
  stop(): Promise<void>;
}

export interface SuperviseOptions {
  command: string;
  args: readonly string[];
  cwd: string;
  account?: SystemAccount | undefined;
  /** An open file descriptor that receives what the program prints. */
  output: number;
}

/** Runs a program that never outlives this process. */
export function superviseProgram(options: SuperviseOptions): SupervisedProgram {
  const child = spawn('/bin/sh', ['-c', supervise, 'sh', options.command, ...options.args], {
    ...options.account,
    cwd: options.cwd,
    // A session of its own: Ctrl-C in a terminal must reach the application only, which stops the database last.
    detached: true,
    stdio: ['pipe', options.output, options.output],
    // Nothing inherited: PGDATA, PGOPTIONS or a locale of the caller must not change the server.
    env: { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
  });
  const pipe = child.stdin as Socket;
  pipe.on('error', () => undefined);
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal ? `signal ${signal}` : `exit code ${code}`));
  });
  const signalAll = (signal: NodeJS.Signals): void => {
    try {
      if (child.pid) process.kill(-child.pid, signal);
    } catch {
      // Already gone.
    }
  };
  const endsWithin = async (timeoutMs: number): Promise<boolean> => {
    const timer = new AbortController();
    const timeout = sleep(timeoutMs, false, { signal: timer.signal }).catch(() => false);
    const inTime = await Promise.race([ended.then(() => true), timeout]);
    timer.abort();
    return inTime;
  };
  return {
    ended,
    unref() {
      child.unref();
      pipe.unref();
    },
    async stop() {
      // Referenced again, or the event loop could run dry before the exit arrives.
      child.ref();
      pipe.destroy();
      if (await endsWithin(fastShutdownTimeoutMs)) return;
      signalAll('SIGQUIT');
      if (await endsWithin(immediateShutdownTimeoutMs)) return;
      signalAll('SIGKILL');
      await ended;
    },
  };
}
