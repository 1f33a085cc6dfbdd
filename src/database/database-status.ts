import { DataSource } from 'typeorm';
import { dataSourceOptions } from './data-source';

export interface DatabaseStatus {
  /** Version of the server. */
  readonly server: string;
  readonly database: string;
  readonly sizeBytes: number;
  /** Names of migrations, in their order. */
  readonly applied: readonly string[];
  readonly missing: readonly string[];
  /** Applied by a newer program. */
  readonly unknown: readonly string[];
}

/** Changes nothing, also where there is no table yet. */
export async function databaseStatus(url: string): Promise<DatabaseStatus> {
  const source = await new DataSource(dataSourceOptions({ url, poolSize: 1 })).initialize();
  try {
    const [facts] = await source.query<{ server: string; database: string; sizeBytes: string; isNew: boolean }[]>(
      `SELECT current_setting('server_version') AS server, current_database() AS database,
         pg_database_size(current_database()) AS "sizeBytes", to_regclass('schema_migrations') IS NULL AS "isNew"`,
    );
    const { server, database, sizeBytes, isNew } = facts!;
    const rows = isNew ? [] : await source.query<{ name: string }[]>('SELECT name FROM schema_migrations ORDER BY id');
    const applied = rows.map(({ name }) => name);
    const known = source.migrations.map((migration) => migration.name ?? migration.constructor.name);
    const missing = known.filter((name) => !applied.includes(name));
    const unknown = applied.filter((name) => !known.includes(name));
    return { server, database, sizeBytes: Number(sizeBytes), applied, missing, unknown };
  } finally {
    await source.destroy();
  }
}
