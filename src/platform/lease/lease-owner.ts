import { randomUUID } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/**
 * Where a process id names one process: one boot of one kernel, and one namespace of process ids. Linux tells it,
 * others do not.
 */
const SPACE = processSpace();

/** Names a process in the leases of its runs, so that another one beside it can find out that it has ended. */
export function leaseOwner(pid = process.pid): string {
  const name = `${hostname()}/${pid}/${randomUUID().slice(0, 8)}`;
  const begun = SPACE === null ? null : begunAt(pid);
  return begun === null ? name : `${name}@${SPACE}/${pid}/${begun}`;
}

/** The end of the names of those who can be looked for from here, as a pattern of LIKE; null: nobody can. */
export const BESIDE_US = SPACE === null ? null : `%@${SPACE}/%`;

/** Only where it is certain: a process that is frozen, or that belongs to another user, has not ended. */
export function hasEnded(owner: string): boolean {
  const [, space, pid, begun] = /@(.+)\/(\d+)\/(\d+)$/.exec(owner) ?? [];
  if (space === undefined || space !== SPACE) return false;
  try {
    process.kill(Number(pid), 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
  const now = begunAt(Number(pid));
  // its number was given to another one, or it waits for its parent to take note of its end
  return now !== null && now !== begun;
}

/** In ticks of the kernel's clock; `ended` for one that is only there to be taken note of; null: cannot be read. */
function begunAt(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // the name before may hold blanks and brackets; see proc(5): state is the third field, starttime the 22nd
    const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return state === 'Z' || state === 'X' ? 'ended' : fields[18]!;
  } catch {
    return null;
  }
}

function processSpace(): string | null {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const namespace = /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0];
    return namespace === undefined ? null : `${boot}/${namespace}`;
  } catch {
    return null;
  }
}
