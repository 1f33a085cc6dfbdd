import { startEmbeddedPostgres } from '../../src/database/embedded-postgres';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { POSTGRES_URL_VARIABLE } from '../../test/support/global-postgres';

/** A private server for one benchmark, with the settings of the embedded default; the test helpers find it by its variable. */
export async function startGlobalPostgres(): Promise<() => Promise<void>> {
  const dataDir = await mkdtemp(path.join(os.tmpdir(), 'interlock-bench-'));
  const server = await startEmbeddedPostgres({ dataDir });
  process.env[POSTGRES_URL_VARIABLE] = server.url;
  return async () => {
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
}
