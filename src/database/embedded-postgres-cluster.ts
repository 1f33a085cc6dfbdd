import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { chown, mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { EmbeddedPostgresError } from './embedded-postgres-errors';
import { exists, writeWhole, type ServerPlace } from './embedded-postgres-files';
import type { ServerLog } from './embedded-postgres-log';
import { socketPort } from './embedded-postgres-socket';
import { superviseProgram } from './embedded-postgres-supervisor';

export const databaseName = 'interlock';
export const userName = 'interlock';
const majorVersion = '18';

/** Server parameters by name. */
export type ServerSettings = Readonly<Record<string, string>>;

/** Names the server's processes in the process list, so that a later start recognises leftovers of this folder. */
export function clusterNameOf(dataFolder: string): string {
  return `interlock-${createHash('sha256').update(dataFolder).digest('hex').slice(0, 12)}`;
}

/** Passed on the command line at every start, so that a new release's settings reach old data folders as well. */
export function settingsFor(place: ServerPlace, socketFolder: string, overrides: ServerSettings = {}): ServerSettings {
  return {
    shared_buffers: '64MB',
    max_connections: '100',
    max_wal_size: '256MB',
    // A container's /dev/shm has 64 MB, which a parallel query can exhaust; two cores gain little from them.
    max_parallel_workers_per_gather: '0',
    max_logical_replication_workers: '0',
    io_method: 'sync',
    jit: 'off',
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_checkpoints: 'off',
    // Failed statements and the rows they failed on may hold personal data, and belong in no log.
    log_min_error_statement: 'panic',
    log_error_verbosity: 'terse',
    ...overrides,
    cluster_name: clusterNameOf(place.dataFolder),
    hba_file: accessRulesOf(place),
    listen_addresses: '',
    port: String(socketPort),
    // a list of names, in which commas and spaces mean something outside quotes
    unix_socket_directories: `"${socketFolder.replaceAll('"', '""')}"`,
    unix_socket_permissions: '0700',
  };
}

/** The password, made at the first start and kept readable for the owner of the data folder alone. */
export async function readOrMakePassword(place: ServerPlace): Promise<string> {
  const file = path.join(place.dataDir, 'postgres.password');
  if (await exists(file)) return (await readFile(file, 'utf8')).trim();
  if (await isComplete(place.dataFolder)) {
    throw new EmbeddedPostgresError(
      `The database in ${place.dataFolder} exists, but its password file ${file} is gone.`,
    );
  }
  const password = randomBytes(32).toString('base64url');
  await writeWhole(file, `${password}\n`);
  return password;
}

/** Precondition: the caller holds the folder's lock. Makes the cluster unless a complete one is there. */
export async function ensureCluster(
  place: ServerPlace,
  binaries: string,
  password: string,
  settings: ServerSettings,
  serverLog: ServerLog,
  log: (line: string) => void,
): Promise<void> {
  await removeDrafts(place.home);
  // Ours and not the cluster's own file: a folder made by an earlier release has rules for TCP. The server's account
  // reads it.
  await writeWhole(accessRulesOf(place), 'local all all scram-sha-256\n', 0o644);
  if (await isComplete(place.dataFolder)) {
    const version = (await readFile(path.join(place.dataFolder, 'PG_VERSION'), 'utf8')).trim();
    if (version === majorVersion) return;
    throw new EmbeddedPostgresError(
      `${place.dataFolder} was made by PostgreSQL ${version}, and this release runs ${majorVersion}: ` +
        `dump it with the old release and restore it into a new data folder.`,
    );
  }
  if (await exists(place.dataFolder)) {
    // Never deleted: what is incomplete for us may be someone's last copy.
    const aside = `${place.dataFolder}.incomplete-${Date.now()}`;
    await rename(place.dataFolder, aside);
    log(`${place.dataFolder} held no complete database: it was moved to ${aside}, and a new one is made.`);
  }
  await initialise(place, binaries, password, settings, serverLog);
}

/** In a folder of its own, renamed when complete: a start killed half-way leaves nothing that looks like a database. */
async function initialise(
  place: ServerPlace,
  binaries: string,
  password: string,
  settings: ServerSettings,
  serverLog: ServerLog,
): Promise<void> {
  // A new name each time: a killed start's initdb may still be writing for a moment.
  const draft = path.join(place.home, `postgres.draft-${randomUUID()}`);
  const cluster = path.join(draft, 'cluster');
  const passwordFile = path.join(draft, 'password');
  await mkdir(draft, { mode: 0o700 });
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  if (place.account) {
    for (const item of [draft, passwordFile]) await chown(item, place.account.uid, place.account.gid);
  }
  const initdb = superviseProgram({
    command: path.join(binaries, 'bin', 'initdb'),
    args: [
      `--pgdata=${cluster}`,
      `--username=${userName}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      // The server's own C.UTF-8: the same sort order on every system, whatever locales are installed.
      '--encoding=UTF8',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--locale=C',
      '--no-instructions',
      ...(settings['fsync'] === 'off' ? ['--no-sync'] : []),
    ],
    cwd: draft,
    account: place.account,
    output: serverLog.descriptor,
  });
  const outcome = await initdb.ended;
  if (outcome !== 'exit code 0') {
    throw new EmbeddedPostgresError(`initdb failed with ${outcome}.${await serverLog.tail()}`);
  }
  await rename(cluster, place.dataFolder);
  await syncFolder(place.home);
  await rm(draft, { recursive: true, force: true });
}

function accessRulesOf(place: ServerPlace): string {
  return path.join(place.home, 'postgres.access');
}

async function isComplete(dataFolder: string): Promise<boolean> {
  return (
    (await exists(path.join(dataFolder, 'PG_VERSION'))) && (await exists(path.join(dataFolder, 'global', 'pg_control')))
  );
}

async function removeDrafts(home: string): Promise<void> {
  for (const name of await readdir(home)) {
    if (!name.startsWith('postgres.draft-')) continue;
    await rm(path.join(home, name), { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  }
}

/** Makes the rename survive a power cut. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
