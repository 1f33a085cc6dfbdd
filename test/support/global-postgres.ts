import { startTestPostgres } from './postgres';
import { enterRunFolders } from './run-folders';

/** Where the suites find the server of this run; set from outside, they use that one instead. */
export const POSTGRES_URL_VARIABLE = 'TEST_POSTGRES_URL';

/** jest globalSetup: one private PostgreSQL for the whole run; every suite makes databases of its own on it. */
export default async function startPostgresForTheRun(): Promise<void> {
  enterRunFolders();
  if (process.env[POSTGRES_URL_VARIABLE]) return;
  const server = await startTestPostgres();
  process.env[POSTGRES_URL_VARIABLE] = server.url;
  (globalThis as { stopTestPostgres?: () => Promise<void> }).stopTestPostgres = () => server.stop();
}
