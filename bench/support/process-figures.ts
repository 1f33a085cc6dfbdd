import { readFile } from 'node:fs/promises';

/**
 * Resident memory of a process in MB (10^6 bytes): now, and the most it ever was. Linux only: it is read from /proc.
 */
export async function memoryOf(pid: number): Promise<{ readonly now: number; readonly peak: number }> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const megabytes = (field: string): number => {
    const kibibytes = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1];
    if (kibibytes === undefined) throw new Error(`/proc/${pid}/status has no ${field}.`);
    return (Number(kibibytes) * 1_024) / 1e6;
  };
  return { now: megabytes('VmRSS'), peak: megabytes('VmHWM') };
}

/** The kernel counts in these, on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/** Processor time of a process and all its threads so far, user and system together. Linux only. */
export async function cpuSecondsOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  // the name before may hold blanks; the fields behind it are numbered from 3
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/**
 * Seconds that the main thread of a process has been ready to run and had no processor: what neighbours on the machine
 * cost it.
 */
export async function starvedSecondsOf(pid: number): Promise<number> {
  const [, waitedNs] = (await readFile(`/proc/${pid}/schedstat`, 'utf8')).split(' ');
  return Number(waitedNs) / 1e9;
}
