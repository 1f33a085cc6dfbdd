import { chmod, chown, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { serverAccount } from '../../src/database/embedded-postgres-account';
import { superviseProgram } from '../../src/database/embedded-postgres-supervisor';
import { findProgram } from './optional-programs';
import { freePort } from './ports';
import { throughPort } from './server-address';

export interface TestPgBouncer {
  /** The same database, through the pooler. */
  urlOf(databaseUrl: string): string;
  /** Another server takes the place of the one behind it: the configuration is changed and read again. */
  to(serverUrl: string): Promise<void>;
  stop(): Promise<void>;
}

const READY_TIMEOUT_MS = 10_000;

/**
 * A private PgBouncer in transaction mode before the server of that URL, configured as docs/operations.md says. It has
 * fewer connections to the server than it takes from clients, so that they really change hands.
 */
export async function startTestPgBouncer(serverUrl: string, serverConnections = 3): Promise<TestPgBouncer> {
  const command = findProgram('pgbouncer');
  if (!command) throw new Error('pgbouncer is not on the PATH');
  const folder = await mkdtemp(path.join(os.tmpdir(), 'interlock-test-pgbouncer-'));
  const { username, password } = new URL(serverUrl);
  const port = await freePort();
  const file = (name: string) => path.join(folder, name);
  await writeFile(file('users.txt'), `"${username}" "${decodeURIComponent(password)}"\n`);
  const configure = (server: URL): Promise<void> =>
    writeFile(
      file('pgbouncer.ini'),
      `[databases]
* = host=${decodeURIComponent(server.hostname)} port=${server.port} connect_query='SET statement_timeout = 60000; SET idle_in_transaction_session_timeout = 60000'

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = ${file('users.txt')}
pidfile = ${file('pgbouncer.pid')}
pool_mode = transaction
max_client_conn = 500
default_pool_size = ${serverConnections}
server_tls_sslmode = disable
server_login_retry = 1
`,
    );
  await configure(new URL(serverUrl));
  // it refuses to run as root, as PostgreSQL does
  const account = await serverAccount(folder);
  if (account) {
    for (const name of ['', 'users.txt', 'pgbouncer.ini']) await chown(file(name), account.uid, account.gid);
  }
  await chmod(folder, 0o700);
  const log = await open(file('pgbouncer.log'), 'a');
  const program = superviseProgram({ command, args: [file('pgbouncer.ini')], cwd: folder, account, output: log.fd });
  const stop = async (): Promise<void> => {
    await program.stop();
    await rm(folder, { recursive: true, force: true });
  };
  const to = async (server: string): Promise<void> => {
    await configure(new URL(server));
    process.kill(Number(await readFile(file('pgbouncer.pid'), 'utf8')), 'SIGHUP');
  };
  const urlOf = (databaseUrl: string): string => throughPort(databaseUrl, port);
  try {
    await untilItAnswers(urlOf(serverUrl));
    program.unref();
    return { urlOf, to, stop };
  } catch (error) {
    const said = await readFile(file('pgbouncer.log'), 'utf8');
    await stop();
    throw new Error(`pgbouncer did not start: ${said}`, { cause: error });
  } finally {
    await log.close();
  }
}

async function untilItAnswers(url: string): Promise<void> {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  for (;;) {
    const client = new Client({ connectionString: url });
    client.on('error', () => undefined);
    try {
      await client.connect();
      await client.query('SELECT 1');
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await sleep(50);
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}
