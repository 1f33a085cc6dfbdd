import { migrate } from '../database/data-source';
import { DataDirectoryInUseError, startEmbeddedPostgres, urlOfRunningPostgres } from '../database/embedded-postgres';
import type { AppConfig } from '../platform/config';

export interface OpenDatabase {
  readonly config: AppConfig;
  close(): Promise<void>;
}

/**
 * The database that the configuration names; the embedded one is started for the command, or shared with the service
 * that runs it.
 */
export async function openDatabase(
  config: AppConfig,
  log: (line: string) => void,
  { migrated = true }: { migrated?: boolean } = {},
): Promise<OpenDatabase> {
  if (!config.database.embedded) return { config, close: async () => undefined };
  try {
    const server = await startEmbeddedPostgres({ dataDir: config.dataDir, log });
    try {
      if (migrated) await migrate(server.url);
    } catch (error) {
      await server.stop();
      throw error;
    }
    return { config: config.withDatabase(server.url), close: () => server.stop() };
  } catch (error) {
    const url = error instanceof DataDirectoryInUseError ? await urlOfRunningPostgres(config.dataDir) : null;
    if (url === null) throw error;
    return { config: config.withDatabase(url), close: async () => undefined };
  }
}
