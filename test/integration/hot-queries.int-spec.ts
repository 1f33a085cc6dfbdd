import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { sha256 } from '../../src/sync/content-hash';
import { changesOf, type IncomingRecord } from '../../src/sync/record-changes';
import { RecordRepository } from '../../src/sync/store/record.repository';
import { migratedDatabase, type TestDatabase } from '../support/database';
import { explainHotQueries, fillForHotQueries, type HotQuery } from '../support/hot-queries';
import { ExplainingConnection } from '../support/query-plans';

const ROWS = 100_000;

jest.setTimeout(240_000);

describe(`the queries that are asked most often, at ${ROWS} rows`, () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await migratedDatabase();
    await fillForHotQueries(database.url, ROWS);
  }, 240_000);
  afterAll(async () => database?.drop());

  const scansOf = (queries: readonly HotQuery[]) =>
    Object.fromEntries(queries.filter(({ scanned }) => scanned.length > 0).map(({ name, scanned }) => [name, scanned]));

  it('read no big table from end to end', async () => {
    const queries = await explainHotQueries(database.url);
    expect(queries.length).toBeGreaterThanOrEqual(5);
    expect(scansOf(queries)).toEqual({});
  });

  it('would, and would be noticed, without their indexes', async () => {
    const client = new Client({ connectionString: database.url });
    await client.connect();
    try {
      await client.query('ALTER TABLE api_keys DROP CONSTRAINT api_keys_key_hash_key');
      await client.query('ALTER TABLE integrations DROP CONSTRAINT integrations_slot');
      await client.query('DROP INDEX sync_schedules_due, sync_runs_ended, records_feed, records_tombstones');
    } finally {
      await client.end();
    }
    const scans = scansOf(await explainHotQueries(database.url));
    expect(scans).toMatchObject({
      'API key lookup': ['api_keys'],
      'integration by slot': ['integrations'],
      'claim of due schedules': ['sync_schedules'],
      'record feed, first page': [expect.stringMatching(/^records_p/)],
      'old tombstones': expect.arrayContaining([expect.stringMatching(/^records_p/)]),
      'old runs': ['sync_runs'],
    });
  });
});

/**
 * While the first account of a partition is imported, PostgreSQL has no statistics of it: whatever the plan, it must
 * not hang on them.
 */
describe('a page of records, in a table without statistics', () => {
  const ACCOUNT = { integrationId: randomUUID(), resourceType: 'customers', stream: 'patients', epoch: 1 } as const;
  const PAGE = 1_000;
  let database: TestDatabase;
  let client: Client;
  beforeAll(async () => {
    database = await migratedDatabase();
    client = new Client({ connectionString: database.url });
    await client.connect();
    await addIntegration(client, ACCOUNT.integrationId);
    for (const { name } of (await client.query(`SELECT relname AS name FROM pg_class WHERE relname LIKE 'records_p__'`))
      .rows as { name: string }[]) {
      await client.query(`ALTER TABLE ${name} SET (autovacuum_enabled = off)`);
    }
  });
  afterAll(async () => {
    await client?.end();
    await database?.drop();
  });

  const page = (from: number): IncomingRecord[] =>
    Array.from({ length: PAGE }, (_, index) => {
      const json = Buffer.from(JSON.stringify({ name: `Customer ${from + index}` }));
      return {
        externalId: `${from + index}`,
        json,
        hash: sha256(json),
        sourceUpdatedMs: null,
        reading: null,
        digest: null,
        ifKnown: false,
      };
    });

  async function upsert({ database: sql, tx }: ExplainingConnection, rows: readonly IncomingRecord[]): Promise<void> {
    const records = new RecordRepository(sql);
    const diff = await records.diff(tx, ACCOUNT, rows, { providersWord: false, slackMs: 0 });
    await records.write(tx, ACCOUNT, changesOf(rows, diff), 'draft');
  }

  /** Blocks that one page makes PostgreSQL touch. */
  async function blocksOf(rows: readonly IncomingRecord[]): Promise<number> {
    const connection = new ExplainingConnection(client, 'ANALYZE, BUFFERS');
    await client.query('BEGIN');
    try {
      const statements = await connection.explain(() => upsert(connection, rows));
      return statements.reduce((sum, { plan }) => sum + (plan['Shared Hit Blocks'] ?? 0), 0);
    } finally {
      await client.query('ROLLBACK');
    }
  }

  it('costs the same however many records the account has already', async () => {
    const connection = new ExplainingConnection(client);
    const add = (from: number) => upsert(connection, page(from));
    await add(0);
    const [newBefore, unchangedBefore] = [await blocksOf(page(PAGE)), await blocksOf(page(0))];
    for (let from = PAGE; from < 30 * PAGE; from += PAGE) await add(from);
    const [newAfter, unchangedAfter] = [await blocksOf(page(30 * PAGE)), await blocksOf(page(0))];
    // a little more, since the indexes have become a level deeper
    expect(unchangedAfter / unchangedBefore).toBeLessThan(1.8);
    expect(newAfter / newBefore).toBeLessThan(1.8);
  });
});

/** Statements over a whole account are joined set by set, never each with each. */
describe('the comparison of a full scan', () => {
  const RECORDS = 100_000;
  const SEEN = 400_000;
  const MISSED = 700;
  const scanId = randomUUID();
  const account = { integrationId: randomUUID(), resourceType: 'customers', stream: 'patients', epoch: 1 } as const;
  let database: TestDatabase;
  let client: Client;
  beforeAll(async () => {
    database = await migratedDatabase();
    client = new Client({ connectionString: database.url });
    await client.connect();
    await addIntegration(client, account.integrationId);
    await client.query(
      `INSERT INTO records (integration_id, resource_type, external_id, id, stream, epoch, version, operation, data, content_hash,
         feed_position)
       SELECT $1, 'customers', g, gen_random_uuid(), 'patients', 1, 1, 'created', '{}', '', g FROM generate_series(1, $2::int) g`,
      [account.integrationId, RECORDS],
    );
    await client.query(`INSERT INTO sync_feeds VALUES ($1, 'customers', $2)`, [account.integrationId, RECORDS]);
    await client.query(
      `INSERT INTO sync_scan_pages (integration_id, stream, scan_id, page, external_ids)
       SELECT $1, 'patients', $2, g / 1000, array_agg(g::text) FROM generate_series($3::int + 1, $4::int) g GROUP BY g / 1000`,
      [account.integrationId, scanId, MISSED, SEEN],
    );
  }, 60_000);
  afterAll(async () => {
    await client?.end();
    await database?.drop();
  });

  it.each(['without statistics', 'with statistics'])('ends, and so do the deletions, %s', async (statistics) => {
    if (statistics === 'with statistics') await client.query('ANALYZE');
    await client.query(`SET statement_timeout = '10s'`);
    await client.query('BEGIN');
    try {
      // reads go through the transaction too
      const { database: sql, tx } = new ExplainingConnection(client);
      const records = new RecordRepository(sql);
      expect(await records.markMissed(tx, account, { id: scanId, floor: null })).toBe(MISSED);
      expect(await records.missedBy(account, scanId, { limit: 2, minMisses: 1, after: null })).toEqual([
        { externalId: '1', misses: 1 },
        { externalId: '10', misses: 1 },
      ]);
      expect(await records.missedBy(account, scanId, { limit: 2, minMisses: 2, after: null })).toEqual([]);
      expect(await records.markDeleted(tx, account, ['1', '10', '1000'])).toBe(3);
      let last: string | null = '';
      while (last !== null) last = await records.markFormerDeleted(tx, { ...account, epoch: 2 }, last, 1_000);
      const feed = await client.query(
        `SELECT count(DISTINCT feed_position)::int AS positions, max(feed_position)::int AS last FROM records`,
      );
      expect(feed.rows).toEqual([{ positions: RECORDS, last: 2 * RECORDS }]);
    } finally {
      await client.query('ROLLBACK');
    }
  });
});

async function addIntegration(client: Client, integrationId: string): Promise<void> {
  const merchant = randomUUID();
  await client.query(`INSERT INTO merchants (id, name, default_currency) VALUES ($1, 'm', 'GBP')`, [merchant]);
  await client.query(
    `INSERT INTO integrations (id, merchant_id, environment, provider, state, sync_enabled, configuration, account_id)
     VALUES ($1, $2, 'live', 'practicehub', 'inactive', true, '{}', 'a')`,
    [integrationId, merchant],
  );
}
