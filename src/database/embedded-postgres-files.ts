import { createHash, randomUUID } from 'node:crypto';
import {
  access,
  chmod,
  chown,
  constants,
  cp,
  lstat,
  mkdir,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { canPass, serverAccount, type SystemAccount } from './embedded-postgres-account';
import { EmbeddedPostgresError } from './embedded-postgres-errors';

/** Fixed, not os.tmpdir(): the next start must find the same data whatever its environment says. */
const sharedFolder = '/var/lib/interlock';

export interface ServerPlace {
  /** As the user gave it, with symbolic links resolved: the log, the password and the pointer live here. */
  dataDir: string;
  /** Where `postgres` (the cluster) and its lock are: dataDir, unless the server's account cannot pass through it. */
  home: string;
  dataFolder: string;
  account: SystemAccount | undefined;
}

/** Decides where the cluster lives and which account serves it, and makes the folders. */
export async function findPlace(wantedDataDir: string, log: (line: string) => void): Promise<ServerPlace> {
  await mkdir(wantedDataDir, { recursive: true, mode: process.geteuid?.() === 0 ? 0o711 : 0o700 });
  const dataDir = await realpath(wantedDataDir);
  const pointer = path.join(dataDir, 'postgres.location');
  const pointed = (await readFile(pointer, 'utf8').catch(() => '')).trim();
  if (pointed) {
    if (!(await exists(pointed))) {
      throw new EmbeddedPostgresError(
        `${pointer} says that the database lives in ${pointed}, which is not there. ` +
          `Bring that folder back, or delete the file to begin with an empty database.`,
      );
    }
    const dataFolder = path.join(pointed, 'postgres');
    return { dataDir, home: pointed, dataFolder, account: await serverAccount(dataFolder) };
  }

  const dataFolder = path.join(dataDir, 'postgres');
  const account = await serverAccount(dataFolder);
  if (!account || (await letPass(dataDir, account))) return { dataDir, home: dataDir, dataFolder, account };
  if (await exists(path.join(dataFolder, 'PG_VERSION'))) {
    throw new EmbeddedPostgresError(
      `${dataFolder} holds a database, but user id ${account.uid}, which has to serve it, may not enter ${dataDir}. ` +
        `Move the folder, or allow that user to pass through it.`,
    );
  }
  const home = path.join(sharedFolder, createHash('sha256').update(dataDir).digest('hex').slice(0, 16));
  await makePassableFolder(sharedFolder);
  await makePassableFolder(home);
  await writeWhole(pointer, `${home}\n`);
  log(`PostgreSQL cannot run as root, and its user may not enter ${dataDir}: the database lives in ${home}.`);
  return { dataDir, home, dataFolder: path.join(home, 'postgres'), account };
}

/** Opens the data folder itself for passing through when nothing above it is in the way; never anything above it. */
async function letPass(dataDir: string, account: SystemAccount): Promise<boolean> {
  if (await canPass(dataDir, account)) return true;
  const { uid, mode } = await stat(dataDir);
  // With no group rights set, handing the folder to the server's group takes nothing from anyone.
  if (uid !== 0 || (mode & 0o070) !== 0 || !(await canPass(path.dirname(dataDir), account))) return false;
  await chown(dataDir, uid, account.gid);
  await chmod(dataDir, (mode & 0o7777) | 0o010);
  return canPass(dataDir, account);
}

/** The folder with bin/, lib/ and share/ of PostgreSQL, reachable for the account. */
export async function findBinaries(account: SystemAccount | undefined, log: (line: string) => void): Promise<string> {
  const { native, version } = await locatePackage();
  await restoreSymlinks(native);
  const initdb = path.join(native, 'bin', 'initdb');
  if (!account || (await canPass(initdb, account))) return native;
  const copy = path.join(sharedFolder, `postgresql-${version}-${process.platform}-${process.arch}`);
  if (!(await exists(copy))) {
    await makePassableFolder(sharedFolder);
    await copyWhole(native, copy);
    log(`PostgreSQL cannot run as root, and its user may not enter ${native}: the programs were copied to ${copy}.`);
  }
  return copy;
}

async function locatePackage(): Promise<{ native: string; version: string }> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    // From embedded-postgres's own point of view: its platform package need not be hoisted to the top.
    const entry = createRequire(require.resolve('embedded-postgres')).resolve(name);
    const root = path.resolve(path.dirname(entry), '..');
    const { version } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8')) as { version: string };
    return { native: path.join(root, 'native'), version };
  } catch (error) {
    throw new EmbeddedPostgresError(
      `The PostgreSQL programs for this platform (npm package ${name}) are not installed. ` +
        `Install with optional dependencies, or set DATABASE_URL to your own server.`,
      { cause: error },
    );
  }
}

/** What the package's postinstall script does; without the links no program starts after `npm ci --ignore-scripts`. */
async function restoreSymlinks(native: string): Promise<void> {
  const list = await readFile(path.join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const place = path.join(native, '..', target);
    if (await lstat(place).catch(() => undefined)) continue;
    // Best effort: in a read-only tree the program's own complaint, in the log, is the better message.
    await symlink(path.relative(path.dirname(target), source), place).catch(() => undefined);
  }
  for (const program of ['initdb', 'postgres']) {
    const file = path.join(native, 'bin', program);
    await access(file, constants.X_OK).catch(() => chmod(file, 0o755).catch(() => undefined));
  }
}

/** Copies beside the target and renames, so that a killed or concurrent start never leaves or sees half a copy. */
async function copyWhole(from: string, to: string): Promise<void> {
  const draft = `${to}.draft-${randomUUID()}`;
  try {
    await cp(from, draft, { recursive: true, verbatimSymlinks: true });
    await chmod(draft, 0o755);
    for (const entry of await readdir(draft, { recursive: true, withFileTypes: true })) {
      if (entry.isSymbolicLink()) continue;
      const file = path.join(entry.parentPath, entry.name);
      const isProgram = entry.isDirectory() || ((await stat(file)).mode & 0o100) !== 0;
      await chmod(file, isProgram ? 0o755 : 0o644);
    }
    await rename(draft, to);
  } catch (error) {
    if (!(await exists(to))) throw error;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

async function makePassableFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  // Explicitly: root's umask may be 077.
  await chmod(folder, 0o711);
}

/** Writes beside the target and renames: readers see the old content or the new, never a part. */
export async function writeWhole(file: string, content: string, mode = 0o600): Promise<void> {
  const draft = `${file}.draft-${randomUUID()}`;
  await writeFile(draft, content, { mode, flush: true });
  // Explicitly: the umask may take from the mode.
  await chmod(draft, mode);
  await rename(draft, file);
}

export async function exists(target: string): Promise<boolean> {
  return stat(target).then(
    () => true,
    () => false,
  );
}
