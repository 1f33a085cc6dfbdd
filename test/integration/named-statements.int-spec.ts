import type { NestExpressApplication } from '@nestjs/platform-express';
import { Database, sqlOf, UnitOfWork } from '../../src/platform/database';
import { createAuthApp } from '../support/auth-app';
import { migratedDatabase, type TestDatabase } from '../support/database';

const ADD = 'SELECT $1::int + $2::int AS sum';

describe('statements that the server keeps', () => {
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
  async function open(env: Record<string, string> = {}): Promise<NestExpressApplication> {
    const app = await createAuthApp(database.url, { env });
    apps.push(app);
    return app;
  }
  const kept = async (sql: Pick<Database, 'query'>): Promise<string[]> =>
    (await sql.query<{ statement: string }>('SELECT statement FROM pg_prepared_statements')).map(
      ({ statement }) => statement,
    );
  const pooled = (): Record<string, string> => {
    const direct = new URL(database.url);
    direct.searchParams.set('application_name', 'direct');
    return { DATABASE_DIRECT_URL: direct.href };
  };

  it('are prepared once on a connection', async () => {
    const sql = (await open()).get(Database);
    for (let i = 0; i < 3; i++) expect(await sql.query(ADD, [i, 2])).toEqual([{ sum: i + 2 }]);
    expect((await kept(sql)).filter((text) => text === ADD)).toHaveLength(1);
  });

  it('are prepared inside of transactions too', async () => {
    const work = (await open()).get(UnitOfWork);
    const texts = await work.run(async (tx) => {
      for (let i = 0; i < 3; i++) expect(await sqlOf(tx).query(ADD, [i, 2])).toEqual([{ sum: i + 2 }]);
      expect(await sqlOf(tx).execute('SELECT $1::int', [1])).toBe(1);
      return kept(sqlOf(tx));
    });
    expect(texts.filter((text) => text === ADD)).toHaveLength(1);
    expect(texts).toContain('SELECT $1::int');
  });

  it('are none behind a pooler, whose next connection knows no name of ours', async () => {
    const app = await open(pooled());
    expect(await app.get(Database).query(ADD, [1, 2])).toEqual([{ sum: 3 }]);
    expect(await kept(app.get(Database))).toEqual([]);
    const inside = await app.get(UnitOfWork).run(async (tx) => {
      await sqlOf(tx).query(ADD, [1, 2]);
      return kept(sqlOf(tx));
    });
    expect(inside).toEqual([]);
  });

  it('are not those with a filter that may be absent: they are planned for their values', async () => {
    const sql = (await open()).get(Database);
    await sql.query('SELECT 1 AS one WHERE ($1::text IS NULL OR $1 = $2)', [null, 'a']);
    expect((await kept(sql)).filter((text) => text.includes('IS NULL OR'))).toEqual([]);
  });

  it('survive a migration that gives a column another type', async () => {
    const sql = (await open()).get(Database);
    await sql.execute('CREATE TABLE test_values AS SELECT 7 AS value');
    const all = (): Promise<unknown[]> => sql.query('SELECT value FROM test_values WHERE $1', [true]);
    expect(await all()).toEqual([{ value: 7 }]);
    await sql.execute('ALTER TABLE test_values ALTER value TYPE text');
    for (let i = 0; i < 2; i++) expect(await all()).toEqual([{ value: '7' }]);
  });

  it('survive it in a transaction, which begins again on another connection', async () => {
    const app = await open();
    const [sql, work] = [app.get(Database), app.get(UnitOfWork)];
    await sql.execute('CREATE TABLE test_amounts AS SELECT 7 AS value');
    const all = (): Promise<unknown[]> =>
      work.run((tx) => sqlOf(tx).query('SELECT value FROM test_amounts WHERE $1', [true]));
    expect(await all()).toEqual([{ value: 7 }]);
    await sql.execute('ALTER TABLE test_amounts ALTER value TYPE text');
    for (let i = 0; i < 2; i++) expect(await all()).toEqual([{ value: '7' }]);
  });

  it('leave an error of their own as it is, and are not sent again', async () => {
    const sql = (await open()).get(Database);
    await sql.execute('CREATE SEQUENCE test_sent');
    await expect(sql.query(`SELECT $1 / (nextval('test_sent') * 0)`, [1])).rejects.toMatchObject({ code: '22012' });
    expect(await sql.query(`SELECT nextval('test_sent') AS next`)).toEqual([{ next: 2 }]);
  });
});
