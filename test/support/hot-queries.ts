import { createHash, randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { ApiKeyRepository } from '../../src/auth/store/api-key.repository';
import { IdempotencyRepository } from '../../src/idempotency/store/idempotency.repository';
import { IntegrationRepository } from '../../src/integrations/store/integration.repository';
import { changesOf } from '../../src/sync/record-changes';
import { FeedRepository } from '../../src/sync/store/feed.repository';
import { RecordRepository } from '../../src/sync/store/record.repository';
import { RetentionRepository } from '../../src/sync/store/retention.repository';
import { RunRepository } from '../../src/sync/store/run.repository';
import { ScheduleRepository } from '../../src/sync/store/schedule.repository';
import { ExplainingConnection, type ExplainedStatement } from './query-plans';

/** A table from here on is too big to be read from end to end on a request's or a record's path. */
const BIG_ROWS = 20_000;
/**
 * What providers give at once. Of a thousand rows out of 50,000 PostgreSQL may rightly find that reading all is
 * cheaper.
 */
const PAGE = 100;
const BIG_INTEGRATION = uuidOf('integration', 1);

export interface HotQuery {
  readonly name: string;
  readonly statements: readonly ExplainedStatement[];
  /** Big tables that one of its statements reads from end to end: there should be none. */
  readonly scanned: readonly string[];
}

/**
 * Fills a migrated, otherwise empty database: so many API keys, integrations, schedules, runs, idempotency records and
 * customers, half of the customers in one integration. Takes some seconds for 100,000.
 */
export async function fillForHotQueries(url: string, rows: number): Promise<void> {
  await withClient(url, async (client) => {
    const fill = (text: string) => client.query(text.replaceAll('{rows}', String(rows)));
    const id = (kind: string, n: string) => `md5('${kind}' || (${n}))::uuid`;
    await fill(
      `INSERT INTO merchants (id, name, default_currency)
       SELECT ${id('merchant', 'g')}, 'm', 'GBP' FROM generate_series(1, {rows} / 4) g`,
    );
    await fill(
      `INSERT INTO api_keys (id, merchant_id, environment, name, key_hash, display_prefix, scopes)
       SELECT ${id('key', 'g')}, ${id('merchant', '(g - 1) / 4 + 1')}, 'live', 'k', sha256(convert_to('key' || g, 'UTF8')), 'rk', '{}'
       FROM generate_series(1, {rows}) g WHERE (g - 1) / 4 + 1 <= {rows} / 4`,
    );
    await fill(
      `INSERT INTO integrations (id, merchant_id, environment, provider, state, sync_enabled, configuration, account_id)
       SELECT ${id('integration', 'g')}, ${id('merchant', '(g - 1) / 4 + 1')},
         CASE WHEN g % 2 = 0 THEN 'live' ELSE 'sandbox' END, CASE WHEN g / 2 % 2 = 0 THEN 'practicehub' ELSE 'wodify' END,
         'inactive', true, '{}', 'a' || g
       FROM generate_series(1, {rows}) g`,
    );
    // one in a thousand is due
    await fill(
      `INSERT INTO sync_schedules (integration_id, interval_ms, offset_ms, next_due_at)
       SELECT ${id('integration', 'g')}, 3600000, g, now() + (g % 1000 - 0.5) * interval '4 seconds'
       FROM generate_series(1, {rows}) g`,
    );
    await fill(
      `INSERT INTO sync_runs (id, integration_id, kind, lane, trigger, state, created_at, finished_at)
       SELECT ${id('run', 'g')}, ${id('integration', 'g')}, 'sync', 'sync', 'scheduled',
         CASE WHEN g % 1000 = 0 THEN 'queued' ELSE 'succeeded' END, now() - g * interval '1 second',
         CASE WHEN g % 1000 = 0 THEN NULL ELSE now() - g * interval '1 second' END
       FROM generate_series(1, {rows}) g`,
    );
    await fill(
      `INSERT INTO idempotency_records (id, scope, fingerprint, state, lease_token, lease_until, status, answer, expires_at)
       SELECT ${id('idempotency', 'g')}, sha256(convert_to('scope' || g, 'UTF8')), '', 'done', gen_random_uuid(), now(), 200, '{}',
         now() + interval '1 day' FROM generate_series(1, {rows}) g`,
    );
    // one in fifty is a tombstone
    await fill(
      `INSERT INTO records (integration_id, resource_type, external_id, id, stream, epoch, version, operation, data, content_hash,
         feed_position, synced_at)
       SELECT CASE WHEN g <= {rows} / 2 THEN '${BIG_INTEGRATION}' ELSE ${id('integration', 'g')} END, 'customers', g, gen_random_uuid(),
         'patients', 1, 1, CASE WHEN g % 50 = 0 THEN 'deleted' ELSE 'created' END,
         jsonb_build_object('name', 'Customer ' || g, 'email', 'customer' || g || '@example.com', 'active', true),
         sha256(convert_to(g::text, 'UTF8')), g, now() - (g % 91) * interval '1 day'
       FROM generate_series(1, {rows}) g`,
    );
    await fill(
      `INSERT INTO sync_feeds (integration_id, resource_type, position)
       SELECT integration_id, resource_type, max(feed_position) FROM records GROUP BY 1, 2`,
    );
    await client.query('VACUUM ANALYZE');
  });
}

/**
 * How the queries that are asked most often run on a database that `fillForHotQueries` has filled. Nothing is changed.
 */
export async function explainHotQueries(url: string): Promise<HotQuery[]> {
  return withClient(url, async (client) => {
    const big = await client.query(
      `SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND reltuples >= $1`,
      // the customers of all integrations lie in sixteen partitions
      [BIG_ROWS],
    );
    const isBig = new Set(big.rows.map((row) => row.name as string));
    const connection = new ExplainingConnection(client);
    const queries: HotQuery[] = [];
    for (const [name, work] of Object.entries(hotQueries(connection))) {
      await client.query('BEGIN');
      try {
        const statements = await connection.explain(work);
        const read = statements.flatMap((statement) => statement.sequentialScans);
        const scanned = read.filter((table) => isBig.has(table) || table.startsWith('records_p'));
        queries.push({ name, statements, scanned });
      } finally {
        await client.query('ROLLBACK');
      }
    }
    return queries;
  });
}

function hotQueries({ database, tx }: ExplainingConnection): Record<string, () => Promise<unknown>> {
  const keys = new ApiKeyRepository(database);
  const integrations = new IntegrationRepository(database);
  const schedules = new ScheduleRepository();
  const runs = new RunRepository(database);
  const feed = new FeedRepository(database);
  const records = new RecordRepository(database);
  const idempotency = new IdempotencyRepository(database);
  const retention = new RetentionRepository(database);
  const slot = { merchantId: uuidOf('merchant', 2), environment: 'live', provider: 'practicehub' } as const;
  const customers = { integrationId: BIG_INTEGRATION, resourceType: 'customers' } as const;
  const stream = { ...customers, stream: 'patients', epoch: 1 };
  const scope = sha256('scope77');
  const externalIds = Array.from({ length: PAGE }, (_, index) => String(index * 3 + 1));
  const listed = externalIds.map((externalId) => ({ externalId, digest: 'd' }));
  const page = externalIds.map((externalId) => ({
    externalId,
    json: Buffer.from(JSON.stringify({ name: 'changed' })),
    hash: sha256(`changed${externalId}`).toString('hex'),
    sourceUpdatedMs: null,
    reading: null,
    digest: null,
    ifKnown: false,
  }));
  return {
    'API key lookup': () => keys.findLiveByHash(sha256('key77')),
    'integration by slot': () => integrations.findByKey(slot),
    'integration by slot, locked': () => integrations.lockByKey(tx, slot),
    'claim of due schedules': () => schedules.claimDue(tx, 100),
    'lease of a run': () => runs.lease(uuidOf('run', 1_000), 1, 'worker', 30_000),
    'runs whose job was lost': () => runs.overdue(5_000, 100),
    'record feed, first page': () => feed.after(customers, 0, { limit: PAGE, includeDeleted: true }),
    'record feed, middle page': () => feed.after(customers, 5_000, { limit: PAGE, includeDeleted: false }),
    'one record': () => feed.find(customers, '77'),
    'change detection of a page': () => records.diff(tx, stream, page, { providersWord: false, slackMs: 0 }),
    'writing of a page': async () => {
      const diff = await records.diff(tx, stream, page, { providersWord: false, slackMs: 0 });
      await records.write(tx, stream, changesOf(page, diff), 'draft');
    },
    'stored rows of a page': () => records.areStored(tx, stream, listed),
    'idempotency claim': () =>
      idempotency.claim({
        id: randomUUID(),
        scope,
        fingerprint: Buffer.alloc(32),
        leaseToken: randomUUID(),
        leaseMs: 60_000,
        lifetimeMs: 86_400_000,
      }),
    'idempotency lookup': () => idempotency.find(scope),
    'old tombstones': () => retention.oldTombstones(90, 1_000),
    'old runs': () => retention.removeRuns(1, 150),
  };
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function uuidOf(kind: string, number: number): string {
  const hex = createHash('md5').update(`${kind}${number}`).digest('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

async function withClient<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
