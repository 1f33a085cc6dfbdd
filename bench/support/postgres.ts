import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { startEmbeddedPostgres } from '../../src/database/embedded-postgres';
import { POSTGRES_URL_VARIABLE } from '../../test/support/global-postgres';

export interface BenchPostgres {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * A private server for one benchmark, with the settings of the embedded default (what is committed is on the disk); the
 * test helpers find it by its variable. Where that variable is set already, the server it names is used.
 */
export async function startBenchPostgres(): Promise<BenchPostgres> {
  const given = process.env[POSTGRES_URL_VARIABLE];
  if (given) return { url: given, stop: () => Promise.resolve() };
  const dataDir = await mkdtemp(path.join(os.tmpdir(), 'interlock-bench-'));
  const server = await startEmbeddedPostgres({ dataDir });
  process.env[POSTGRES_URL_VARIABLE] = server.url;
  const stop = async (): Promise<void> => {
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
  return { url: server.url, stop };
}
