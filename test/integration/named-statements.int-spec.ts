import type { NestExpressApplication } from '@nestjs/platform-express';
import { Database, type NamedStatement } from '../../src/platform/database';
import { createAuthApp } from '../support/auth-app';
import { migratedDatabase, type TestDatabase } from '../support/database';

const ADD: NamedStatement = { name: 'test_add', text: 'SELECT $1::int + $2::int AS sum' };

describe('named statements', () => {
  let database: TestDatabase;
  const apps: NestExpressApplication[] = [];
  beforeAll(async () => {
    database = await migratedDatabase();
  });
  afterAll(async () => {
    for (const app of apps) await app.close();
    await database?.drop();
  });

  /** One after the other the queries meet the same connection. */
  async function open(env: Record<string, string> = {}): Promise<Database> {
    const app = await createAuthApp(database.url, { env });
    apps.push(app);
    return app.get(Database);
  }
  const kept = (sql: Database): Promise<{ name: string }[]> => sql.query('SELECT name FROM pg_prepared_statements');

  it('are prepared once on a connection', async () => {
    const sql = await open();
    for (let i = 0; i < 3; i++) expect(await sql.query(ADD, [i, 2])).toEqual([{ sum: i + 2 }]);
    expect(await kept(sql)).toContainEqual({ name: 'test_add' });
  });

  it('are sent like any other where a pooler is in front, which keeps none', async () => {
    const direct = new URL(database.url);
    direct.searchParams.set('application_name', 'direct');
    const sql = await open({ DATABASE_DIRECT_URL: direct.href });
    expect(await sql.query(ADD, [1, 2])).toEqual([{ sum: 3 }]);
    expect(await kept(sql)).toEqual([]);
  });

  it('survive a migration that gives a column another type', async () => {
    const sql = await open();
    const all: NamedStatement = { name: 'test_all', text: 'SELECT value FROM test_values' };
    await sql.execute('CREATE TABLE test_values AS SELECT 7 AS value');
    expect(await sql.query(all)).toEqual([{ value: 7 }]);
    await sql.execute('ALTER TABLE test_values ALTER value TYPE text');
    for (let i = 0; i < 2; i++) expect(await sql.query(all)).toEqual([{ value: '7' }]);
  });

  it('an error of their own is theirs, and they are not sent again', async () => {
    const sql = await open();
    await sql.execute('CREATE SEQUENCE test_sent');
    const wrong: NamedStatement = { name: 'test_wrong', text: `SELECT 1 / (nextval('test_sent') * 0)` };
    await expect(sql.query(wrong)).rejects.toMatchObject({ code: '22012' });
    expect(await sql.query('SELECT last_value FROM test_sent')).toEqual([{ last_value: 1 }]);
    expect(await sql.query(`SELECT nextval('test_sent') AS next`)).toEqual([{ next: 2 }]);
  });
});
