import { constants, lstat, mkdir, mkdtemp, open, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import type { SystemAccount } from './embedded-postgres-account';
import { EmbeddedPostgresError } from './embedded-postgres-errors';
import { writeWhole, type ServerPlace } from './embedded-postgres-files';

/** Only a part of the socket's name: nothing listens on a port. */
export const socketPort = 5432;
const socketName = `.s.PGSQL.${socketPort}`;
/** What the operating system takes as the name of a socket, without the byte that ends it. */
const maxNameBytes = process.platform === 'linux' ? 107 : 103;
/** Fixed, not os.tmpdir(): that one may be long itself, or closed to the server's account. */
const shortPrefix = '/tmp/interlock-';
const shortForm = /^\/tmp\/interlock-\w{6}$/;

export interface SocketFolder {
  readonly path: string;
  /** After the server has ended. Removes the folder where it is not part of the data folder. */
  remove(): Promise<void>;
}

/**
 * The folder of the server's socket, which nobody but the server's account and root can enter. Precondition: the caller
 * holds the data folder's lock, so what an earlier server left in it belongs to nobody.
 */
export async function makeSocketFolder(place: ServerPlace): Promise<SocketFolder> {
  const inside = path.join(place.home, 'postgres.socket');
  if (nameFits(inside)) {
    await mkdir(inside, { mode: 0o700 }).catch(ignoreExisting);
    if (!(await takeOver(inside, place.account, 'just made'))) {
      throw new EmbeddedPostgresError(
        `${inside} must be a folder of the user who runs this. Remove it, and start again.`,
      );
    }
    return { path: inside, remove: async () => undefined };
  }
  const short = await shortFolder(place);
  return { path: short, remove: () => rm(short, { recursive: true, force: true }) };
}

/**
 * Named by chance, so that nobody can plant it; later starts find it by a file in the data folder, and trust no name
 * alone.
 */
async function shortFolder({ home, account }: ServerPlace): Promise<string> {
  const pointer = path.join(home, 'postgres.socket-folder');
  const known = (await readFile(pointer, 'utf8').catch(() => '')).trim();
  if (shortForm.test(known) && (await takeOver(known, account))) return known;
  const made = await mkdtemp(shortPrefix);
  await takeOver(made, account, 'just made');
  await writeWhole(pointer, `${made}\n`);
  return made;
}

/**
 * Makes it the server's, closes it to others and removes a dead server's socket; false when it is not ours, or no
 * folder.
 */
async function takeOver(folder: string, account: SystemAccount | undefined, age?: 'just made'): Promise<boolean> {
  const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = constants;
  const handle = await open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW).catch(() => undefined);
  if (!handle) return false;
  try {
    const { uid } = await handle.stat();
    const euid = process.geteuid?.();
    if (uid !== (account?.uid ?? euid) && !(age === 'just made' && uid === euid)) return false;
    if (account) await handle.chown(account.uid, account.gid);
    await handle.chmod(0o700);
  } finally {
    await handle.close();
  }
  for (const name of [socketName, `${socketName}.lock`]) await rm(path.join(folder, name), { force: true });
  return true;
}

/** Whether only that user, and root, can have put a socket there: before a client connects to what a file names. */
export async function isSocketOf(folder: string, uid: number): Promise<boolean> {
  const [parent, socket] = await Promise.all(
    [folder, path.join(folder, socketName)].map((item) => lstat(item).catch(() => undefined)),
  );
  if (!parent?.isDirectory() || parent.uid !== uid || (parent.mode & 0o077) !== 0) return false;
  return socket !== undefined && socket.isSocket() && socket.uid === uid;
}

/** Clients of it accept a server only by SCRAM: see `connectionTo`. */
export function urlOfSocket(folder: string, user: string, password: string, database: string): string {
  const host = encodeURIComponent(folder);
  return `postgres://${user}:${password}@${host}:${socketPort}/${database}?require_auth=scram-sha-256`;
}

function nameFits(folder: string): boolean {
  return Buffer.byteLength(path.join(folder, socketName)) <= maxNameBytes;
}

function ignoreExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}
