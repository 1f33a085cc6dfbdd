import { execFile } from 'node:child_process';
import { readdir, readFile, realpath, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { DataDirectoryInUseError, EmbeddedPostgresError } from './embedded-postgres-errors';

const run = promisify(execFile);
const fastShutdownTimeoutMs = 60_000;
const immediateShutdownTimeoutMs = 10_000;

/** What tells this run of a process from a later one with the same number; undefined when it is not running. */
export async function startMark(pid: number): Promise<string | undefined> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it runs, under another user.
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return undefined;
  }
  if (process.platform !== 'linux') {
    return run('ps', ['-o', 'lstart=', '-p', String(pid)]).then(
      ({ stdout }) => stdout.trim() || 'unknown',
      () => 'unknown',
    );
  }
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  if (stat === undefined) return 'unknown';
  // The command name, in brackets, may itself hold spaces and brackets: the fixed fields begin after the last one.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // A zombie has ended, even if nobody has collected it (common where process 1 does not reap).
  if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
  const bootId = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '');
  return `${bootId.trim()}/${fields[19]}`;
}

/**
 * Stops what an earlier, killed owner left running on the folder. Precondition: the caller holds the folder's lock,
 * so any server still on it has lost its owner.
 */
export async function stopOrphans(dataFolder: string, clusterName: string, dataDir: string): Promise<boolean> {
  const pidFile = path.join(dataFolder, 'postmaster.pid');
  const recorded = Number((await readFile(pidFile, 'utf8').catch(() => '')).split('\n')[0]);
  let found = false;
  if (recorded > 0 && (await startMark(recorded)) !== undefined) {
    found = await isPostmasterOf(recorded, dataFolder);
    if (found) await stopPostmaster(recorded, dataDir);
    // PostgreSQL refuses to start while any process has the recorded number, even a stranger that got it later.
    // When nothing has that number the file must stay: PostgreSQL uses it to find leftover shared memory.
    else await rm(pidFile, { force: true });
  }
  return (await waitForBackends(clusterName)) || found;
}

async function stopPostmaster(pid: number, dataDir: string): Promise<void> {
  for (const [signal, timeoutMs] of [
    ['SIGINT', fastShutdownTimeoutMs],
    ['SIGQUIT', immediateShutdownTimeoutMs],
  ] as const) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ESRCH') return;
      throw new DataDirectoryInUseError(dataDir, pid);
    }
    const deadline = Date.now() + timeoutMs;
    while (Date.now() < deadline) {
      if ((await startMark(pid)) === undefined) return;
      await sleep(20);
    }
  }
  throw new DataDirectoryInUseError(dataDir, pid);
}

/** Backends outlive a killed postmaster for a moment; starting beside them could corrupt the data. */
async function waitForBackends(clusterName: string): Promise<boolean> {
  const deadline = Date.now() + immediateShutdownTimeoutMs;
  for (let waited = false; ; waited = true) {
    const title = `postgres: ${clusterName}: `;
    const left = (await listCommands()).filter(({ argv }) => argv.join(' ').startsWith(title));
    if (left.length === 0) return waited;
    if (Date.now() > deadline) {
      const pids = left.map(({ pid }) => pid).join(', ');
      throw new EmbeddedPostgresError(`Processes of an earlier PostgreSQL on this folder do not end: ${pids}.`);
    }
    await sleep(50);
  }
}

async function isPostmasterOf(pid: number, dataFolder: string): Promise<boolean> {
  const argv = (await readCommand(pid)) ?? [];
  if (path.basename(argv[0] ?? '') !== 'postgres') return false;
  const folder = argv[argv.indexOf('-D') + 1] ?? '';
  // A relative folder, or none, cannot be told from ours; the pid file in our folder says it is.
  if (!argv.includes('-D') || !path.isAbsolute(folder)) return true;
  return (await realpath(folder).catch(() => folder)) === dataFolder;
}

interface Command {
  pid: number;
  argv: string[];
}

async function listCommands(): Promise<Command[]> {
  if (process.platform === 'linux') {
    const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
    const commands = await Promise.all(pids.map(async (pid) => ({ pid, argv: (await readCommand(pid)) ?? [] })));
    return commands;
  }
  const { stdout } = await run('ps', ['-A', '-o', 'pid=,command='], { maxBuffer: 16 * 1024 * 1024 });
  return stdout.split('\n').flatMap((line) => {
    const match = /^\s*(\d+)\s+(.*)$/.exec(line);
    return match ? [{ pid: Number(match[1]), argv: (match[2] ?? '').split(' ') }] : [];
  });
}

/** From /proc where there is one: slim images carry no `ps`, and /proc/<pid>/cwd is closed to root in containers. */
async function readCommand(pid: number): Promise<string[] | undefined> {
  if (process.platform === 'linux') {
    const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => undefined);
    return line?.split('\0');
  }
  return (await listCommands()).find((command) => command.pid === pid)?.argv;
}
