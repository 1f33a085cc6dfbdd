import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { DataSource, type DataSourceOptions } from 'typeorm';
import {
  CLIENT_PATIENCE_MS,
  connectionTo,
  DEFAULT_STATEMENT_MS,
  SESSION_OPTIONS,
  sessionSettings,
} from '../platform/database';
import { ENTITIES } from './entities';
import { MIGRATIONS } from './migrations';

/**
 * The one definition of the data source: the application, the migrations and the TypeORM command line all use it. A
 * pooler refuses clients that ask for limits of their session, because its sessions are everybody's: it must set them
 * itself.
 */
export function dataSourceOptions(database: {
  url: string;
  poolSize: number;
  pooled?: boolean;
  statementMs?: number;
}): DataSourceOptions {
  const { statementMs = DEFAULT_STATEMENT_MS } = database;
  const connection = connectionTo(database.url);
  return {
    type: 'postgres',
    // named here, TypeORM does not look for it: there is one copy, whose types `PgSql` knows
    driver: pg,
    url: connection.connectionString,
    entities: ENTITIES,
    migrations: MIGRATIONS,
    migrationsTableName: 'schema_migrations',
    migrationsTransactionMode: 'each',
    synchronize: false,
    logging: false,
    poolSize: database.poolSize,
    connectTimeoutMS: 5_000,
    extra: {
      ...connection,
      application_name: 'interlock',
      idleTimeoutMillis: 30_000,
      // statements that are given together travel together
      pipeline: true,
      // a connection that falls silent is given up: by the operating system, or with the statement that waits on it
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
      query_timeout: statementMs + CLIENT_PATIENCE_MS,
      ...(database.pooled ? {} : sessionSettings(statementMs)),
    },
  };
}

/** Serialises migrations of processes that start together; an arbitrary constant, ours in this database. */
const MIGRATION_LOCK = 4_711_001;
const LOOK_AGAIN_MS = 200;

/** Returns the names of those that were missing. */
export async function migrate(
  url: string,
  migrations: DataSourceOptions['migrations'] = MIGRATIONS,
): Promise<string[]> {
  const source = await new DataSource({
    ...dataSourceOptions({ url, poolSize: 2 }),
    migrations,
    // an index takes as long as it takes
    extra: { ...connectionTo(url), options: SESSION_OPTIONS },
  } as DataSourceOptions).initialize();
  const lock = source.createQueryRunner();
  try {
    // asked for and not waited for: an index that is built concurrently waits for whoever waits within a statement
    while (!(await lock.query('SELECT pg_try_advisory_lock($1) AS held', [MIGRATION_LOCK]))[0].held) {
      await sleep(LOOK_AGAIN_MS);
    }
    const done = await source.runMigrations();
    return done.map((migration) => migration.name);
  } finally {
    await lock.query('SELECT pg_advisory_unlock($1)', [MIGRATION_LOCK]).catch(() => undefined);
    await lock.release();
    await source.destroy();
  }
}
