import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { DataSource, type MigrationInterface, type QueryRunner } from 'typeorm';
import { dataSourceOptions, migrate } from '../../src/database/data-source';
import { MIGRATIONS } from '../../src/database/migrations';
import { alterOnline, createIndexOnline, dropIndexOnline } from '../../src/database/online-schema';
import { migratedDatabase, type TestDatabase } from '../support/database';
import { eventually } from '../support/eventually';

const ROWS = 320;
/** What the slow index takes for each row; rows that a writer adds meanwhile take none of it. */
const SLOW_MS = 5;
const INDEX = { name: 'records_slow', table: 'records', on: '(slow(external_id))' };

class SlowIndex1790000000001 implements MigrationInterface {
  readonly name = 'SlowIndex1790000000001';
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await createIndexOnline(runner, INDEX);
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropIndexOnline(runner, INDEX.name);
  }
}

describe('a migration under load', () => {
  let database: TestDatabase;
  let source: DataSource;
  let clients: Client[];
  /** All rows, and those of the writer, lie in one partition: the ninth. */
  let integrationId: string;

  beforeEach(async () => {
    clients = [];
    database = await migratedDatabase();
    source = await new DataSource(dataSourceOptions({ url: database.url, poolSize: 3 })).initialize();
    // the build takes as long as is needed to see who waits for it, on a machine of any speed
    await source.query(`CREATE FUNCTION slow(id text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
      BEGIN IF id LIKE 'old-%' THEN PERFORM pg_sleep(${SLOW_MS / 1000}); END IF; RETURN id; END $$`);
    await source.query(`CREATE SEQUENCE positions START 1000`);
    const [owner] =
      await source.query(`SELECT id FROM (SELECT gen_random_uuid() AS id FROM generate_series(1, 1000)) ids
      WHERE satisfies_hash_partition('records'::regclass, 16, 8, id) LIMIT 1`);
    integrationId = owner.id;
    await source.query(`${INSERT} SELECT '${integrationId}', 'customers', 'old-' || n, gen_random_uuid(), 'patients', 1, 1, 'created',
      '{}', '\\x00', n FROM generate_series(1, ${ROWS}) AS n`);
  });
  afterEach(async () => {
    for (const client of clients) await client.end().catch(() => undefined);
    await source.destroy();
    await database.drop();
  });

  const INSERT = `INSERT INTO records (integration_id, resource_type, external_id, id, stream, epoch, version, operation, data,
    content_hash, feed_position)`;

  const connect = async (): Promise<Client> => {
    const client = new Client({ connectionString: database.url });
    client.on('error', () => undefined);
    await client.connect();
    clients.push(client);
    return client;
  };

  /** Commits one row after another while the work goes on. */
  async function writtenDuring(work: () => Promise<unknown>): Promise<number> {
    const writer = await connect();
    const progress = { over: false };
    let written = 0;
    const writing = (async () => {
      while (!progress.over) {
        await writer.query(`${INSERT} VALUES ('${integrationId}', 'customers', 'new-' || gen_random_uuid(), gen_random_uuid(),
          'patients', 1, 1, 'created', '{}', '\\x00', nextval('positions'))`);
        // what is answered when the work is over may have waited for its end
        if (!progress.over) written++;
        await sleep(5);
      }
    })();
    await work().finally(() => (progress.over = true));
    await writing;
    return written;
  }

  const withRunner = async <T>(work: (runner: QueryRunner) => Promise<T>): Promise<T> => {
    const runner = source.createQueryRunner();
    try {
      return await work(runner);
    } finally {
      await runner.release();
    }
  };
  /** Of the partitioned index and its parts: those that count. */
  const parts = async (): Promise<{ valid: boolean; attached: boolean }[]> =>
    source.query(
      `SELECT x.indisvalid AS valid, c.relispartition AS attached FROM pg_index x JOIN pg_class c ON c.oid = x.indexrelid
       WHERE c.relname LIKE '%records_slow' ORDER BY c.relname`,
    );
  const whole = [
    ...Array.from({ length: 16 }, () => ({ valid: true, attached: true })),
    { valid: true, attached: false },
  ];

  it('adds an index to a filled table while writers commit', async () => {
    const plainly = await writtenDuring(() => source.query(`CREATE INDEX plain ON records ${INDEX.on}`));
    const online = await writtenDuring(() => migrate(database.url, [...MIGRATIONS, SlowIndex1790000000001]));
    // the plain one lets at most those pass that came before its lock
    expect(plainly).toBeLessThan(10);
    expect(online).toBeGreaterThan(50);
    expect(await parts()).toEqual(whole);
  }, 60_000);

  it('that was killed in the middle goes on when it is run again, and makes no part twice', async () => {
    const killer = await connect();
    const broken = withRunner(async (runner) => {
      const [{ pid }] = await runner.query('SELECT pg_backend_pid() AS pid');
      const migrating = createIndexOnline(runner, INDEX);
      const ended = migrating.then(
        () => 'done',
        () => 'broken off',
      );
      // the partitions before it are done, and its own part is being built
      await eventually(async () => {
        expect(await source.query(`SELECT 1 FROM pg_class WHERE relname = 'records_p08_records_slow'`)).toHaveLength(1);
      });
      await killer.query(`SELECT pg_terminate_backend($1)`, [pid]);
      return ended;
    });
    expect(await broken).toBe('broken off');
    const left = await parts();
    expect(left.filter(({ valid, attached }) => valid && attached)).toHaveLength(8);
    expect(left.filter(({ valid }) => !valid)).toHaveLength(2);

    const done = await source.query(`SELECT c.oid FROM pg_class c JOIN pg_index x ON x.indexrelid = c.oid
      WHERE c.relname LIKE '%records_slow' AND c.relispartition AND x.indisvalid`);
    await withRunner((runner) => createIndexOnline(runner, INDEX));
    expect(await parts()).toEqual(whole);
    const kept = await source.query(`SELECT 1 FROM pg_class WHERE oid = ANY($1)`, [
      done.map(({ oid }: { oid: number }) => oid),
    ]);
    expect(kept).toHaveLength(done.length);
  }, 60_000);

  it('waits for a long transaction without a queue of writers behind it', async () => {
    const reader = await connect();
    await reader.query('BEGIN');
    await reader.query('SELECT count(*) FROM records');
    const change = `ALTER TABLE records ADD COLUMN IF NOT EXISTS more text`;
    let plainly: Promise<unknown> = Promise.resolve();
    const behindPlain = await writtenDuring(async () => {
      const migrating = await connect();
      plainly = migrating.query(change).catch(() => undefined);
      await sleep(1_500);
      await migrating.end();
      const [{ pids }] = (
        await reader.query(`SELECT array_agg(pid) AS pids FROM pg_stat_activity WHERE query = $1`, [change])
      ).rows;
      for (const pid of pids ?? []) await reader.query('SELECT pg_terminate_backend($1)', [pid]);
    });
    await plainly;

    let altering: Promise<void> = Promise.resolve();
    const behindOnline = await writtenDuring(async () => {
      altering = withRunner((runner) => alterOnline(runner, change));
      await sleep(1_500);
    });
    // as many as there is time for between the tries
    expect(behindPlain).toBeLessThan(10);
    expect(behindOnline).toBeGreaterThan(behindPlain + 10);
    await reader.query('ROLLBACK');
    await altering;
    expect(
      await source.query(`SELECT 1 FROM pg_attribute WHERE attrelid = 'records'::regclass AND attname = 'more'`),
    ).toHaveLength(1);
  }, 60_000);

  it('is run once where two processes migrate at the same time, and neither waits for the other for ever', async () => {
    const applied = await Promise.all([
      migrate(database.url, [...MIGRATIONS, SlowIndex1790000000001]),
      migrate(database.url, [...MIGRATIONS, SlowIndex1790000000001]),
    ]);
    expect(applied.flat()).toEqual(['SlowIndex1790000000001']);
    expect(await parts()).toEqual(whole);
  }, 60_000);

  it('drops an index again', async () => {
    await withRunner((runner) => createIndexOnline(runner, { ...INDEX, on: '(external_id)' }));
    await withRunner((runner) => dropIndexOnline(runner, INDEX.name));
    expect(await parts()).toEqual([]);
    const single = { name: 'runs_slow', table: 'sync_runs', on: '(kind)' };
    const there = () => source.query(`SELECT 1 FROM pg_class WHERE relname = 'runs_slow'`);
    await withRunner((runner) => createIndexOnline(runner, single));
    expect(await there()).toHaveLength(1);
    await withRunner((runner) => dropIndexOnline(runner, single.name));
    await withRunner((runner) => dropIndexOnline(runner, single.name));
    expect(await there()).toHaveLength(0);
  }, 60_000);

  it('refuses what would hold everybody up: a transaction around it, a table rewritten under its lock', async () => {
    await withRunner(async (runner) => {
      await runner.startTransaction();
      await expect(createIndexOnline(runner, INDEX)).rejects.toThrow('transaction = false');
      await runner.rollbackTransaction();
      const rewrite = `ALTER TABLE records ADD COLUMN IF NOT EXISTS filled text DEFAULT (pg_sleep(0.1))::text`;
      await expect(alterOnline(runner, rewrite)).rejects.toThrow('made in steps');
    });
  }, 60_000);

  it.each([
    'ALTER TABLE records ADD COLUMN more text',
    'ALTER TABLE records\n  DROP COLUMN data',
    'CREATE TABLE more (id uuid)',
    'DROP INDEX records_feed',
    'ALTER TABLE records ADD CONSTRAINT c CHECK (version > 0) NOT VALID',
  ])('refuses a step that cannot be repeated: %s', async (statement) => {
    await withRunner((runner) => expect(alterOnline(runner, statement)).rejects.toThrow('cannot be repeated'));
  });
});
