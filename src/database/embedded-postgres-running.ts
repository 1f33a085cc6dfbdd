import { lstat, readFile, realpath } from 'node:fs/promises';
import path from 'node:path';
import { databaseName, userName } from './embedded-postgres-cluster';
import { isSocketOf, socketPort, urlOfSocket } from './embedded-postgres-socket';

/**
 * The URL of the embedded PostgreSQL that another process runs in this folder; null when it may not be read, is not
 * there yet, or when what PostgreSQL's own lock file names is not a socket of the user who owns the data.
 */
export async function urlOfRunningPostgres(wantedDataDir: string): Promise<string | null> {
  const dataDir = await realpath(wantedDataDir).catch(() => wantedDataDir);
  const pointed = await readFile(path.join(dataDir, 'postgres.location'), 'utf8').catch(() => '');
  const dataFolder = path.join(pointed.trim() || dataDir, 'postgres');
  const [owner, lock, password] = await Promise.all([
    lstat(dataFolder).catch(() => undefined),
    readFile(path.join(dataFolder, 'postmaster.pid'), 'utf8').catch(() => ''),
    readFile(path.join(dataDir, 'postgres.password'), 'utf8').catch(() => ''),
  ]);
  // lines four and five, by PostgreSQL's documentation; a server of an earlier release has no fifth
  const [port, folder] = lock.split('\n').slice(3, 5);
  if (!owner?.isDirectory() || !folder || port !== String(socketPort) || password.trim() === '') return null;
  const euid = process.geteuid?.();
  if (euid !== 0 && owner.uid !== euid) return null;
  if (!(await isSocketOf(folder, owner.uid))) return null;
  return urlOfSocket(folder, userName, password.trim(), databaseName);
}
