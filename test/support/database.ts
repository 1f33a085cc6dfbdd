import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { migrate } from '../../src/database/data-source';
import { POSTGRES_URL_VARIABLE } from './global-postgres';

export interface TestDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

/** Arbitrary, ours on the test server: suites of one run make the template only once. */
const TEMPLATE_LOCK = 4_711_099;
const TEMPLATE = 'interlock_migrated';

/** A migrated database of its own, copied from a template in some 50 ms. */
export async function migratedDatabase(): Promise<TestDatabase> {
  return withServer(async (server) => {
    await server.query('SELECT pg_advisory_lock($1)', [TEMPLATE_LOCK]);
    try {
      const made = await server.query('SELECT 1 FROM pg_database WHERE datname = $1', [TEMPLATE]);
      if (made.rowCount === 0) await makeTemplate(server);
    } finally {
      await server.query('SELECT pg_advisory_unlock($1)', [TEMPLATE_LOCK]);
    }
    return create(server, `TEMPLATE ${TEMPLATE}`);
  });
}

/** What a backup of a database restores. Precondition: nobody is connected to it. */
export async function copyOf({ url }: Pick<TestDatabase, 'url'>): Promise<TestDatabase> {
  return withServer((server) => create(server, `TEMPLATE ${new URL(url).pathname.slice(1)}`));
}

/** A database with nothing in it, for suites that migrate themselves. */
export async function emptyDatabase(): Promise<TestDatabase> {
  return withServer((server) => create(server, ''));
}

/** Under another name first: a run that dies in the middle must not leave half a template behind. */
async function makeTemplate(server: Client): Promise<void> {
  const draft = `${TEMPLATE}_draft`;
  await server.query(`DROP DATABASE IF EXISTS ${draft} WITH (FORCE)`);
  await server.query(`CREATE DATABASE ${draft}`);
  await migrate(urlOf(draft));
  await server.query(`ALTER DATABASE ${draft} RENAME TO ${TEMPLATE}`);
}

async function create(server: Client, clause: string): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  await server.query(`CREATE DATABASE ${name} ${clause}`);
  const drop = async (): Promise<void> => {
    await withServer((again) => again.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`));
  };
  return { url: urlOf(name), drop };
}

async function withServer<T>(work: (server: Client) => Promise<T>): Promise<T> {
  const server = new Client({ connectionString: serverUrl() });
  await server.connect();
  try {
    return await work(server);
  } finally {
    await server.end();
  }
}

function urlOf(database: string): string {
  const url = new URL(serverUrl());
  url.pathname = `/${database}`;
  return url.href;
}

function serverUrl(): string {
  const url = process.env[POSTGRES_URL_VARIABLE];
  if (!url)
    throw new Error(`${POSTGRES_URL_VARIABLE} is not set: this jest project lacks test/support/global-postgres.ts.`);
  return url;
}
