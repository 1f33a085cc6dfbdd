import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { migrate } from '../database/data-source';
import { DataDirectoryInUseError, startEmbeddedPostgres } from '../database/embedded-postgres';
import type { AppConfig } from '../platform/config';

export interface OpenDatabase {
  readonly config: AppConfig;
  close(): Promise<void>;
}

/** The database that the configuration names; the embedded one is started for the command, or shared with the service that runs it. */
export async function openDatabase(config: AppConfig, log: (line: string) => void): Promise<OpenDatabase> {
  if (!config.database.embedded) return { config, close: async () => undefined };
  try {
    const server = await startEmbeddedPostgres({ dataDir: config.dataDir, log });
    try {
      await migrate(server.url);
    } catch (error) {
      await server.stop();
      throw error;
    }
    return { config: config.withDatabase(server.url), close: () => server.stop() };
  } catch (error) {
    const url = error instanceof DataDirectoryInUseError ? await urlOfRunning(config.dataDir) : null;
    if (url === null) throw error;
    return { config: config.withDatabase(url), close: async () => undefined };
  }
}

/**
 * Of the embedded PostgreSQL that another process runs in this folder: its port is in PostgreSQL's own lock file, its password
 * beside it. null when either may not be read, or is not there yet.
 */
async function urlOfRunning(dataDir: string): Promise<string | null> {
  const pointed = await readFile(path.join(dataDir, 'postgres.location'), 'utf8').catch(() => '');
  const home = pointed.trim() || dataDir;
  const [lock, password] = await Promise.all([
    readFile(path.join(home, 'postgres', 'postmaster.pid'), 'utf8').catch(() => ''),
    readFile(path.join(dataDir, 'postgres.password'), 'utf8').catch(() => ''),
  ]);
  // the fourth line, by PostgreSQL's documentation
  const port = lock.split('\n')[3]?.trim();
  if (!port || !/^\d+$/.test(port) || password.trim() === '') return null;
  return `postgres://interlock:${password.trim()}@127.0.0.1:${port}/interlock`;
}
