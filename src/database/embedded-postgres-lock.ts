import { randomUUID } from 'node:crypto';
import { link, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { DataDirectoryInUseError, EmbeddedPostgresError } from './embedded-postgres-errors';
import { startMark } from './embedded-postgres-processes';

/**
 * The lock is the file `postgres.lock.<n>` with the highest n. A start may follow a dead or released holder n only by
 * creating n + 1, which the file system grants to one process alone. Removing a stale lock and creating it anew
 * would let two processes that saw the same stale lock both win: the slower one removes the lock of the faster one.
 */
const lockName = /^postgres\.lock\.(\d+)$/;

interface Holder {
  pid: number;
  mark: string;
}

export interface DirectoryLock {
  release(): Promise<void>;
}

/** Takes the folder for this process, or throws {@link DataDirectoryInUseError}; `dataDir` is how the user knows it. */
export async function lockDirectory(folder: string, dataDir: string): Promise<DirectoryLock> {
  const draft = path.join(folder, `postgres.lock-draft.${randomUUID()}`);
  const self: Holder = { pid: process.pid, mark: (await startMark(process.pid)) ?? 'unknown' };
  await writeFile(draft, JSON.stringify(self), { mode: 0o644 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EACCES' && error.code !== 'EPERM') throw error;
    throw new EmbeddedPostgresError(
      `This user may not write in ${folder}: run as the user who made it, or choose another.`,
      {
        cause: error,
      },
    );
  });
  try {
    for (;;) {
      const highest = Math.max(0, ...(await generations(folder)));
      const holder = highest > 0 ? await readHolder(lockFile(folder, highest)) : undefined;
      if (holder && (await isAlive(holder))) throw new DataDirectoryInUseError(dataDir, holder.pid);
      const mine = highest + 1;
      if (!(await linkIfAbsent(draft, lockFile(folder, mine)))) continue;
      // A slow start can re-create a number that faster ones have passed and cleaned up: only the highest counts.
      const all = await generations(folder);
      if (Math.max(...all) !== mine) {
        await rm(lockFile(folder, mine), { force: true });
        continue;
      }
      for (const older of all) if (older < mine) await rm(lockFile(folder, older), { force: true });
      return { release: () => markReleased(folder, mine) };
    }
  } finally {
    await rm(draft, { force: true });
  }
}

/**
 * The released lock stays behind, empty: if it were deleted the numbering would restart, and a slow rival could pass.
 */
async function markReleased(folder: string, generation: number): Promise<void> {
  const draft = path.join(folder, `postgres.lock-draft.${randomUUID()}`);
  await writeFile(draft, '{}', { mode: 0o644 });
  await rename(draft, lockFile(folder, generation));
}

function lockFile(folder: string, generation: number): string {
  return path.join(folder, `postgres.lock.${generation}`);
}

async function generations(folder: string): Promise<number[]> {
  const names = await readdir(folder);
  return names.flatMap((name) => {
    const digits = lockName.exec(name)?.[1];
    return digits ? [Number(digits)] : [];
  });
}

async function linkIfAbsent(existing: string, wanted: string): Promise<boolean> {
  try {
    await link(existing, wanted);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/**
 * Undefined when released, gone, or torn by a power cut: a living holder's file is always whole, it was linked whole.
 */
async function readHolder(file: string): Promise<Holder | undefined> {
  try {
    const parsed = JSON.parse(await readFile(file, 'utf8')) as Partial<Holder>;
    return typeof parsed.pid === 'number' && typeof parsed.mark === 'string' ? (parsed as Holder) : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** A process with the right number but another start time is a stranger that got the number later. */
async function isAlive(holder: Holder): Promise<boolean> {
  const mark = await startMark(holder.pid);
  if (mark === undefined) return false;
  return mark === 'unknown' || holder.mark === 'unknown' || mark === holder.mark;
}
