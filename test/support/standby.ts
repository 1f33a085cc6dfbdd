import { appendFile, chmod, chown, cp, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Client } from 'pg';
import { migrate } from '../../src/database/data-source';
import { startEmbeddedPostgres } from '../../src/database/embedded-postgres';
import { eventually } from './eventually';
import { addressOf } from './server-address';
import { openTcpGate } from './tcp-gate';

/** A migrated primary and a standby of it, asynchronous at first, each a real server that replicates by streaming. */
export interface ReplicatedPostgres {
  readonly primaryUrl: string;
  readonly standbyUrl: string;
  /** Both, the standby first, as a service is given several hosts. */
  readonly url: string;
  /** From now on a commit is answered when the standby has it. */
  waitForStandby(): Promise<void>;
  /** Waits until the standby has replayed all that the primary has committed. */
  caughtUp(): Promise<void>;
  /** From now on the standby hears nothing: what the primary commits is lost with it. */
  cut(): void;
  /** The primary crashes, and nothing takes its place. */
  losePrimary(): Promise<void>;
  /** The primary is gone, and the standby takes its place with what it has. */
  promote(): Promise<void>;
  stop(): Promise<void>;
}

/** `folder`: where both servers keep their data; the caller removes it. */
export async function startReplicatedPostgres(
  folder: string,
  more: Readonly<Record<string, string>> = {},
): Promise<ReplicatedPostgres> {
  const [one, two] = [path.join(folder, 'one'), path.join(folder, 'two')] as const;
  // where PostgreSQL's own user may go, so that the data stays where it is looked for
  for (const open of [folder, one, two]) {
    await mkdir(open, { recursive: true });
    await chmod(open, 0o755);
  }
  const settings = { fsync: 'off', wal_level: 'replica', ...more };
  const first = await startEmbeddedPostgres({ dataDir: one, settings });
  await migrate(first.url);
  await first.stop();
  await cp(one, two, { recursive: true, preserveTimestamps: true });
  await ownedLike(path.join(one, 'postgres'), path.join(two, 'postgres'));
  await writeFile(path.join(two, 'postgres', 'standby.signal'), '');
  const primary = await startEmbeddedPostgres({ dataDir: one, settings });
  // the embedded server lets nobody replicate
  const [rules] = await ask<{ hba_file: string }>(primary.url, 'SHOW hba_file');
  await appendFile(rules!.hba_file, 'local replication all scram-sha-256\n');
  await ask(primary.url, 'SELECT pg_reload_conf()');
  const gate = await openTcpGate(addressOf(primary.url));
  const { username, password } = new URL(primary.url);
  const standby = await startEmbeddedPostgres({
    dataDir: two,
    settings: {
      ...settings,
      primary_conninfo: `host=127.0.0.1 port=${gate.port} user=${username} password=${password}`,
      wal_retrieve_retry_interval: '100ms',
    },
  });
  let lost = false;
  const losePrimary = async (): Promise<void> => {
    if (lost) return;
    lost = true;
    const [pid] = (await readFile(path.join(one, 'postgres', 'postmaster.pid'), 'utf8')).split('\n');
    // at once: an orderly end would wait until the standby has everything
    process.kill(Number(pid), 'SIGQUIT');
    await primary.stop();
  };
  return {
    primaryUrl: primary.url,
    standbyUrl: standby.url,
    url: bothHosts(standby.url, primary.url),
    waitForStandby: async () => {
      await ask(primary.url, `ALTER SYSTEM SET synchronous_standby_names = '*'`);
      await ask(primary.url, 'SELECT pg_reload_conf()');
      await eventually(async () => {
        const states = await ask<{ state: string }>(primary.url, 'SELECT sync_state AS state FROM pg_stat_replication');
        if (states[0]?.state !== 'sync') throw new Error('no commit waits for the standby');
      });
    },
    caughtUp: async () => {
      const [at] = await ask<{ lsn: string }>(primary.url, 'SELECT pg_current_wal_lsn() AS lsn');
      await eventually(async () => {
        const [row] = await ask<{ there: boolean }>(
          standby.url,
          `SELECT coalesce(pg_last_wal_replay_lsn() >= '${at!.lsn}', false) AS there`,
        );
        if (!row!.there) throw new Error('the standby is behind');
      }, 30_000);
    },
    cut: () => gate.shut(),
    losePrimary,
    promote: async () => {
      await losePrimary();
      await ask(standby.url, 'SELECT pg_promote()');
    },
    stop: async () => {
      await gate.stop();
      await standby.stop();
      await primary.stop();
    },
  };
}

/** One URL of two servers with the same users. */
function bothHosts(one: string, other: string): string {
  const { host } = new URL(one);
  return other.replace(/@([^/@]+)\//, `@${host},$1/`);
}

async function ask<R>(url: string, text: string): Promise<R[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows as R[];
  } finally {
    await client.end();
  }
}

/** PostgreSQL runs as another user where the tests run as root. */
export async function ownedLike(from: string, to: string): Promise<void> {
  const { uid, gid } = await stat(from);
  await chown(to, uid, gid);
  for (const entry of await readdir(to, { recursive: true })) await chown(path.join(to, entry), uid, gid);
}
