import { Client } from 'pg';
import { contractions } from '../../scripts/contractions/contractions';
import { readSchema, type Fact } from '../../scripts/contractions/schema';
import { readReleasedNames } from '../../scripts/contractions/sources';
import { migrate } from '../../src/database/data-source';
import { MIGRATIONS } from '../../src/database/migrations';
import { emptyDatabase, type TestDatabase } from '../support/database';

const { lastMigration, names } = readReleasedNames();
const isReleased = ({ name }: { name: string }): boolean => Number(/\d{13}$/.exec(name)![0]) <= lastMigration;

describe('the schema of the last release', () => {
  let database: TestDatabase;
  let client: Client;
  let released: Fact[];
  let now: Fact[];

  beforeAll(async () => {
    database = await emptyDatabase();
    client = new Client({ connectionString: database.url });
    await client.connect();
    await migrate(database.url, MIGRATIONS.filter(isReleased));
    released = await readSchema(client);
    await migrate(database.url);
    now = await readSchema(client);
  }, 60_000);
  afterAll(async () => {
    await client.end();
    await database.drop();
  });

  async function contractionsOf(statements: string): Promise<string[]> {
    await client.query('BEGIN');
    try {
      await client.query(statements);
      // a release without views made the names
      return contractions(now, await readSchema(client), [...names, 'integration_view']);
    } finally {
      await client.query('ROLLBACK');
    }
  }

  it('is one of an older day, and all of it is read', () => {
    expect(now.length).toBeGreaterThan(released.length);
    expect(new Set(released.map(({ kind }) => kind)).size).toBe(9);
  });

  it('loses nothing that the release uses, and asks nothing new of it', () => {
    expect(contractions(released, now, names)).toEqual([]);
  });

  it.each([
    ['DROP TABLE sync_runs CASCADE', 'lost: relation sync_runs ()'],
    ['DROP TABLE webhook_held, sync_runs CASCADE', 'lost: relation sync_runs ()'],
    ['DROP TABLE public.sync_runs CASCADE', 'lost: relation sync_runs ()'],
    ['drop table "sync_runs" cascade', 'lost: relation sync_runs ()'],
    ['ALTER TABLE sync_runs RENAME TO runs', 'lost: relation sync_runs ()'],
    ['ALTER TABLE sync_runs DROP lease_until CASCADE', 'lost: column sync_runs (lease_until) timestamp with time zone'],
    [
      'ALTER TABLE sync_runs DROP COLUMN lease_until CASCADE',
      'lost: column sync_runs (lease_until) timestamp with time zone',
    ],
    [
      'ALTER TABLE sync_runs RENAME lease_until TO leased',
      'lost: column sync_runs (lease_until) timestamp with time zone',
    ],
    ['ALTER TABLE sync_schedules ALTER offset_ms TYPE int', 'lost: column sync_schedules (offset_ms) bigint'],
    ['ALTER TABLE sync_runs ALTER lease_until SET NOT NULL', 'lost: null sync_runs (lease_until)'],
    ['ALTER TABLE sync_runs ALTER COLUMN created_at DROP DEFAULT', 'lost: default sync_runs (created_at)'],
    ['ALTER TABLE sync_runs ADD COLUMN must_have text NOT NULL', 'demanded: required sync_runs (must_have)'],
    [
      `ALTER TABLE sync_runs ADD CONSTRAINT narrower CHECK (state IN ('queued')) NOT VALID`,
      `demanded: check sync_runs (state) CHECK ((state = 'queued'::text))`,
    ],
    [
      `ALTER TABLE sync_runs ADD CONSTRAINT narrower CHECK (state IN ('queued', 'running')) NOT VALID`,
      `demanded: check sync_runs (state) CHECK ((state = ANY (ARRAY['queued'::text, 'running'::text])))`,
    ],
    [
      'ALTER TABLE sync_runs ADD CONSTRAINT known FOREIGN KEY (id) REFERENCES integrations NOT VALID',
      'demanded: reference sync_runs (id) FOREIGN KEY (id) REFERENCES integrations(id)',
    ],
    [
      'CREATE UNIQUE INDEX one_kind ON sync_runs (integration_id, kind)',
      'demanded: unique sync_runs (integration_id, kind) public.sync_runs USING btree (integration_id, kind)',
    ],
    [
      'DROP INDEX sync_runs_one_live',
      `lost: unique sync_runs (integration_id, lane, state) public.sync_runs USING btree (integration_id, lane) WHERE (state = ANY (ARRAY['queued'::text, 'running'::text]))`,
    ],
    [
      'ALTER TABLE sync_runs DROP CONSTRAINT sync_runs_pkey CASCADE',
      'lost: unique sync_runs (id) public.sync_runs USING btree (id)',
    ],
    [
      'DROP VIEW integration_view CASCADE; CREATE VIEW integration_view AS SELECT id FROM integrations',
      'lost: column integration_view (merchant_id) uuid',
    ],
    ['DROP FUNCTION database_incarnation CASCADE', 'lost: function database_incarnation ()  → text'],
  ])('is contracted by %s', async (statements, problem) => {
    expect(await contractionsOf(statements)).toContain(problem);
  });

  it.each([
    'ALTER TABLE sync_runs ADD COLUMN more text, ADD COLUMN most int NOT NULL DEFAULT 1 CHECK (most > 0)',
    'CREATE TABLE more (id uuid PRIMARY KEY, run_id uuid NOT NULL REFERENCES sync_runs)',
    'CREATE INDEX more ON sync_runs (created_at)',
    'ALTER TABLE sync_runs RENAME CONSTRAINT sync_runs_pkey TO sync_runs_key',
    `ALTER TABLE sync_runs DROP CONSTRAINT sync_runs_trigger_check; ALTER TABLE sync_runs ADD CHECK
       (trigger IN ('scheduled', 'manual', 'single_retry', 'batch_retry', 'another'))`,
  ])('is not contracted by %s', async (statements) => expect(await contractionsOf(statements)).toEqual([]));

  it('may lose what the release does not use', async () => {
    await client.query('BEGIN');
    await client.query('ALTER TABLE sync_runs DROP COLUMN lease_until CASCADE');
    const left = await readSchema(client);
    await client.query('ROLLBACK');
    const others = names.filter((name) => name !== 'lease_until');
    expect(contractions(now, left, names)).not.toEqual([]);
    expect(contractions(now, left, others).filter((problem) => problem.includes('lease_until'))).toEqual([]);
  });
});
