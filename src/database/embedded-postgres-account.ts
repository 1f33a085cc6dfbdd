import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { EmbeddedPostgresError } from './embedded-postgres-errors';

const run = promisify(execFile);
const accountName = 'postgres';

/** The system user that the server runs as. */
export interface SystemAccount {
  uid: number;
  gid: number;
}

/** PostgreSQL refuses to run as root; undefined means: run as whoever we are. */
export async function serverAccount(dataFolder: string): Promise<SystemAccount | undefined> {
  if (process.geteuid?.() !== 0) return undefined;
  // Data made by an ordinary user stays that user's, else the server refuses it for its ownership.
  const owner = await stat(dataFolder).catch(() => undefined);
  if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  return (await findAccount()) ?? (await createAccount());
}

async function findAccount(): Promise<SystemAccount | undefined> {
  try {
    const [uid, gid] = await Promise.all(
      ['-u', '-g'].map(async (flag) => Number((await run('id', [flag, accountName])).stdout)),
    );
    return uid && gid ? { uid, gid } : undefined;
  } catch {
    return undefined;
  }
}

async function createAccount(): Promise<SystemAccount> {
  const failures: string[] = [];
  for (const [command, ...args] of [
    ['groupadd', '--system', '--force', accountName],
    ['useradd', '--system', '--no-create-home', '--home-dir', '/nonexistent', '--gid', accountName, accountName],
    // Alpine and other BusyBox systems.
    ['addgroup', '-S', accountName],
    ['adduser', '-S', '-D', '-H', '-G', accountName, accountName],
  ] as const) {
    await run(command, args).catch((error: Error & { stderr?: string }) =>
      failures.push(`${command}: ${(error.stderr || error.message).trim()}`),
    );
    // Looked up after every step, failed ones too: another start may have created it at the same moment.
    const account = command === 'useradd' || command === 'adduser' ? await findAccount() : undefined;
    if (account) return account;
  }
  throw new EmbeddedPostgresError(
    `PostgreSQL cannot run as root, and its user "${accountName}" does not exist and could not be created ` +
      `(${failures.join('; ')}). Create that user, run as an ordinary user, or set DATABASE_URL to your own server.`,
  );
}

/** Asks the system itself, as that account: mode bits alone would overlook access lists and mount options. */
export async function canPass(target: string, account: SystemAccount): Promise<boolean> {
  return run('/bin/sh', ['-c', 'test -x "$1"', 'sh', target], { ...account, cwd: '/' }).then(
    () => true,
    () => false,
  );
}
