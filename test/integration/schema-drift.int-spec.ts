import { DataSource } from 'typeorm';
import { dataSourceOptions } from '../../src/database/data-source';
import { emptyDatabase, migratedDatabase, type TestDatabase } from '../support/database';

describe('entities and migrations', () => {
  let database: TestDatabase;
  let source: DataSource;
  beforeAll(async () => {
    database = await migratedDatabase();
    source = await new DataSource(dataSourceOptions({ url: database.url, poolSize: 2 })).initialize();
  }, 60_000);
  afterAll(async () => {
    await source.destroy();
    await database.drop();
  });

  it('name the same tables and columns, with the same types and nullability', async () => {
    const columns: { table: string; column: string; type: string; nullable: boolean }[] = await source.query(
      `SELECT c.relname AS "table", a.attname AS "column", format_type(a.atttypid, a.atttypmod) AS type, NOT a.attnotnull AS nullable
       FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND a.attnum > 0 AND NOT a.attisdropped
         AND c.relname <> 'schema_migrations'`,
    );
    const migrated = columns.map(
      ({ table, column, type, nullable }) => `${table}.${column} ${type}${nullable ? ' null' : ''}`,
    );
    const declared = source.entityMetadatas.flatMap((entity) =>
      entity.columns.map((column) => {
        const type = source.driver.normalizeType(column).replace('timestamptz', 'timestamp with time zone');
        const full = column.type === 'timestamptz' ? 'timestamp with time zone' : type;
        const sized = full === 'character' && column.length ? `character(${column.length})` : full;
        return `${entity.tableName}.${column.databaseName} ${sized}${column.isArray ? '[]' : ''}${column.isNullable ? ' null' : ''}`;
      }),
    );
    expect(declared.sort()).toEqual(migrated.sort());
  });
});

describe('migrations', () => {
  it('go down to nothing and up again', async () => {
    const database = await emptyDatabase();
    const source = await new DataSource(dataSourceOptions({ url: database.url, poolSize: 2 })).initialize();
    try {
      const made = await source.runMigrations();
      for (let count = 0; count < made.length; count++) await source.undoLastMigration({ transaction: 'none' });
      const left: unknown[] = await source.query(
        `SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'schema_migrations'`,
      );
      expect(left).toEqual([]);
      expect(await source.runMigrations()).toHaveLength(made.length);
    } finally {
      await source.destroy();
      await database.drop();
    }
  }, 60_000);
});
