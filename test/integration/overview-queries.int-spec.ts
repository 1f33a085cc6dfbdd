import { Client } from 'pg';
import { EVERYTHING } from '../../src/admin/finding-facts';
import { RANGES } from '../../src/admin/ranges';
import { AdminIntegrationRepository } from '../../src/admin/store/admin-integration.repository';
import { FindingRepository } from '../../src/admin/store/finding.repository';
import { OverviewRepository } from '../../src/admin/store/overview.repository';
import { migratedDatabase, type TestDatabase } from '../support/database';
import { ExplainingConnection } from '../support/query-plans';

const INTEGRATIONS = 500;
const ROWS = 50_000;
const LIVE = { ...EVERYTHING, environment: 'live' } as const;

jest.setTimeout(120_000);

/** Open consoles ask for it every few seconds, while the tables grow. */
describe(`the queries of the overview, at ${ROWS} runs and payments`, () => {
  let database: TestDatabase;
  let client: Client;
  beforeAll(async () => {
    database = await migratedDatabase();
    client = new Client({ connectionString: database.url });
    await client.connect();
    await fill(client);
  }, 120_000);
  afterAll(async () => {
    await client?.end();
    await database?.drop();
  });

  const queries: Record<string, (database: ExplainingConnection['database']) => Promise<unknown>> = {
    'the findings': (of) => new FindingRepository(of).read(EVERYTHING),
    'the findings of an environment': (of) => new FindingRepository(of).read(LIVE),
    'the runs of a day': (of) => new OverviewRepository(of).runs(EVERYTHING, RANGES.day),
    'the runs of a day in an environment': (of) => new OverviewRepository(of).runs(LIVE, RANGES.day),
    'the errors of a month': (of) => new OverviewRepository(of).errors(EVERYTHING, RANGES.month),
    'the errors of a month in an environment': (of) => new OverviewRepository(of).errors(LIVE, RANGES.month),
    'what needs attention': (of) => new AdminIntegrationRepository(of).needingAttention(EVERYTHING, 8),
  };

  it.each(Object.keys(queries))('%s: read no table of runs or payments from end to end', async (name) => {
    const connection = new ExplainingConnection(client);
    const statements = await connection.explain(() => queries[name]!(connection.database));
    const scanned = statements.flatMap(({ sequentialScans }) => sequentialScans);
    expect(scanned.filter((table) => ['sync_runs', 'outbound_payments'].includes(table))).toEqual([]);
  });

  it('counts runs and errors in the bar in which they ended', async () => {
    const overview = new OverviewRepository(new ExplainingConnection(client).database);
    const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);
    for (const [scope, condition] of [
      [EVERYTHING, 'true'],
      [LIVE, `i.environment = 'live'`],
    ] as const) {
      const runs = await overview.runs(scope, RANGES.day);
      const errors = await overview.errors(scope, RANGES.day);
      const { rows } = await client.query<{ succeeded: string; failed: string }>(
        `SELECT count(*) FILTER (WHERE r.state = 'succeeded') AS succeeded, count(*) FILTER (WHERE r.state = 'failed') AS failed
         FROM sync_runs r JOIN integrations i ON i.id = r.integration_id WHERE r.finished_at >= $1 AND ${condition}`,
        [runs[0]!.from],
      );
      expect(runs).toHaveLength(24);
      const { succeeded, failed } = rows[0]!;
      expect([sum(runs.map((bar) => bar.succeeded)), sum(runs.map((bar) => bar.failed))]).toEqual([
        Number(succeeded),
        Number(failed),
      ]);
      expect(sum(errors.map(({ count }) => count))).toBe(Number(failed));
    }
  });
});

async function fill(client: Client): Promise<void> {
  const id = (kind: string, n: string) => `md5('${kind}' || (${n}))::uuid`;
  const integration = id('integration', `g % ${INTEGRATIONS}`);
  await client.query(
    `INSERT INTO merchants (id, name, default_currency) SELECT ${id('merchant', 'g')}, 'm', 'GBP' FROM generate_series(0, ${INTEGRATIONS - 1}) g`,
  );
  await client.query(
    `INSERT INTO integrations (id, merchant_id, environment, provider, state, sync_enabled, configuration, account_id)
     SELECT ${id('integration', 'g')}, ${id('merchant', 'g')}, CASE WHEN g % 2 = 0 THEN 'live' ELSE 'sandbox' END, 'practicehub',
       'inactive', true, '{}', 'a' || g FROM generate_series(0, ${INTEGRATIONS - 1}) g`,
  );
  // one in fifty has failed
  await client.query(
    `INSERT INTO sync_runs (id, integration_id, kind, lane, trigger, state, error_code, created_at, finished_at)
     SELECT ${id('run', 'g')}, ${integration}, 'sync', 'sync', 'scheduled', CASE WHEN g % 50 = 0 THEN 'failed' ELSE 'succeeded' END,
       CASE WHEN g % 50 = 0 THEN 'provider_error' END, now() - g * interval '50 seconds', now() - g * interval '50 seconds'
     FROM generate_series(1, ${ROWS}) g`,
  );
  // one in ten thousand is held
  await client.query(
    `INSERT INTO outbound_payments (id, integration_id, epoch, reference, provider_reference, external_invoice_id,
       external_customer_id, external_method_id, method, amount_minor, currency, paid_at, status, step, run_id, external_payment_id, allocated_at,
       error_code, error_verdict, error, next_action)
     SELECT ${id('payment', 'g')}, ${integration}, 1, 'r' || g, 'p' || g, 'i' || g, 'c', '2', 'card', 4400, 'GBP', now(),
       CASE WHEN g % 10000 = 0 THEN 'needs_review' ELSE 'pushed' END,
       CASE WHEN g % 10000 = 0 THEN 'creating' ELSE 'logged' END, ${id('run', 'g')},
       CASE WHEN g % 10000 > 0 THEN 'e' || g END, CASE WHEN g % 10000 > 0 THEN now() END,
       CASE WHEN g % 10000 = 0 THEN 'conflict' END, CASE WHEN g % 10000 = 0 THEN 'network' END,
       CASE WHEN g % 10000 = 0 THEN 'It is not known.' END, CASE WHEN g % 10000 = 0 THEN 'contact_support' END
     FROM generate_series(1, ${ROWS}) g`,
  );
  await client.query('VACUUM ANALYZE');
}
