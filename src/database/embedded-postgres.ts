import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { connectionTo, ServerNotTrustedError } from '../platform/database';
import {
  clusterNameOf,
  databaseName,
  ensureCluster,
  readOrMakePassword,
  settingsFor,
  userName,
  type ServerSettings,
} from './embedded-postgres-cluster';
import { EmbeddedPostgresError } from './embedded-postgres-errors';
import { findBinaries, findPlace, type ServerPlace } from './embedded-postgres-files';
import { lockDirectory } from './embedded-postgres-lock';
import { openServerLog, type ServerLog } from './embedded-postgres-log';
import { stopOrphans } from './embedded-postgres-processes';
import { makeSocketFolder, urlOfSocket, type SocketFolder } from './embedded-postgres-socket';
import { superviseProgram, type SupervisedProgram } from './embedded-postgres-supervisor';

export { DataDirectoryInUseError, EmbeddedPostgresError } from './embedded-postgres-errors';
export { urlOfRunningPostgres } from './embedded-postgres-running';

/** Generous, because recovery after a crash replays the write-ahead log first. */
const readyTimeoutMs = 120_000;

export interface EmbeddedPostgresOptions {
  /** Made when absent. One process at a time; different folders run side by side. */
  dataDir: string;
  /** Told, in one line each, what an operator should know: data placed elsewhere, leftovers stopped, a server lost. */
  log?: (line: string) => void;
  /** Server parameters laid over the defaults, such as `{ fsync: 'off' }` for a throw-away test database. */
  settings?: ServerSettings;
}

export interface EmbeddedPostgres {
  /** Of a unix socket, and with the password: log it nowhere. */
  readonly url: string;
  /** A fast shutdown: open connections are cut, the data is safe when it resolves. May be called again. */
  stop(): Promise<void>;
}

/**
 * Starts a real PostgreSQL 18 on `<dataDir>/postgres`, which listens on a unix socket in a folder of its own and
 * nowhere else. It ends with this process, however that ends, and never keeps it alive.
 *
 * @throws DataDirectoryInUseError when another live process has the folder
 * @throws EmbeddedPostgresError with the last lines of the server's log when it does not come up
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  if (process.platform === 'win32') {
    throw new EmbeddedPostgresError('The embedded database needs a POSIX system: set DATABASE_URL to your own server.');
  }
  const log = options.log ?? (() => undefined);
  const place = await findPlace(options.dataDir, log);
  const lock = await lockDirectory(place.home, place.dataDir);
  try {
    if (await stopOrphans(place.dataFolder, clusterNameOf(place.dataFolder), place.dataDir)) {
      log(`Stopped the PostgreSQL that an earlier process left running on ${place.dataDir}.`);
    }
    const binaries = await findBinaries(place.account, log);
    const password = await readOrMakePassword(place);
    const socket = await makeSocketFolder(place);
    const serverLog = await openServerLog(path.join(place.dataDir, 'postgres.log'));
    try {
      await ensureCluster(place, binaries, password, options.settings ?? {}, serverLog, log);
      const server = await startServer(place, binaries, socket, password, options.settings, serverLog);
      let stopped: Promise<void> | undefined;
      void server.ended.then((outcome) => {
        if (!stopped) log(`PostgreSQL ended by itself (${outcome}); see ${path.join(place.dataDir, 'postgres.log')}.`);
      });
      const stop = async (): Promise<void> => {
        await server.stop();
        await socket.remove();
        await lock.release();
      };
      return { url: urlOfSocket(socket.path, userName, password, databaseName), stop: () => (stopped ??= stop()) };
    } catch (error) {
      await socket.remove();
      throw error;
    } finally {
      await serverLog.close();
    }
  } catch (error) {
    await lock.release();
    throw error;
  }
}

async function startServer(
  place: ServerPlace,
  binaries: string,
  socket: SocketFolder,
  password: string,
  overrides: ServerSettings | undefined,
  serverLog: ServerLog,
): Promise<SupervisedProgram> {
  const settings = Object.entries(settingsFor(place, socket.path, overrides));
  const server = superviseProgram({
    command: path.join(binaries, 'bin', 'postgres'),
    args: ['-D', place.dataFolder, ...settings.flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    cwd: place.dataFolder,
    account: place.account,
    output: serverLog.descriptor,
  });
  const urlOf = (database: string): string => urlOfSocket(socket.path, userName, password, database);
  try {
    const failure = await Promise.race([server.ended, waitUntilReady(server, urlOf)]);
    if (failure === undefined) {
      server.unref();
      return server;
    }
    throw new EmbeddedPostgresError(`PostgreSQL did not start: ${failure}.${await serverLog.tail()}`);
  } catch (error) {
    await server.stop();
    if (error instanceof EmbeddedPostgresError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new EmbeddedPostgresError(`PostgreSQL does not answer: ${reason}.${await serverLog.tail()}`, {
      cause: error,
    });
  }
}

/** Resolves once the database answers and exists; rejects with the last refusal when it does not in time. */
async function waitUntilReady(server: SupervisedProgram, urlOf: (database: string) => string): Promise<undefined> {
  const begunAt = Date.now();
  let ended = false;
  void server.ended.then(() => (ended = true));
  for (;;) {
    try {
      return await connectOrCreate(urlOf);
    } catch (error) {
      const { code } = error as { code?: string };
      const isFinal = code === '28P01' || code === '28000' || error instanceof ServerNotTrustedError;
      if (isFinal || Date.now() - begunAt > readyTimeoutMs) throw error;
      // The caller has the ending from the server itself.
      if (ended) return undefined;
      await sleep(20);
    }
  }
}

async function connectOrCreate(urlOf: (database: string) => string): Promise<undefined> {
  try {
    await query(urlOf(databaseName), 'SELECT 1');
  } catch (error) {
    const isMissing = (error as { code?: string }).code === '3D000';
    if (!isMissing) throw error;
    await query(urlOf('postgres'), `CREATE DATABASE ${databaseName}`);
  }
  return undefined;
}

async function query(url: string, statement: string): Promise<void> {
  const client = new Client({ ...connectionTo(url), connectionTimeoutMillis: 5_000 });
  // A connection lost between statements is emitted, and would end the process if nobody listened.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query(statement);
  } finally {
    await client.end().catch(() => undefined);
  }
}
