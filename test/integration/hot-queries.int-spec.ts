import { Client } from 'pg';
import { migratedDatabase, type TestDatabase } from '../support/database';
import { explainHotQueries, fillForHotQueries, type HotQuery } from '../support/hot-queries';

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
