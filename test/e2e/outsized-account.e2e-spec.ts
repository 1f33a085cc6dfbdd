import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { adminToken } from '../support/admin';
import { apiContract } from '../support/api-client-contract';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic, type Clinic } from '../support/clinic';
import { startTestProcess, type TestProcess } from '../support/process';

jest.setTimeout(240_000);

/** 4 MiB of rows, of which a mapping shows its name twice. */
const MAX_ANSWER_BYTES = 8 * 1024 * 1024;
/** Of the process that answers: what would load an outsized list whole ends it. */
const HEAP_MB = 160;

/** Many rows and long ones in every table that an answer is read from. `$1`: integration, `$2`: merchant. */
const FILL = [
  // as large as a record may be, and larger, as an older version has stored them
  `INSERT INTO records (integration_id, resource_type, external_id, id, stream, epoch, version, operation, data, content_hash, feed_position)
   SELECT $1::uuid, t, 'big-' || n, gen_random_uuid(), 'big', 1, 1, 'created',
     jsonb_build_object('name', repeat('n', 500), 'kind', 'package', 'currency', 'GBP', 'junk', repeat('x', CASE n WHEN 7 THEN 6000000 ELSE 250000 END)),
     ''::bytea, 1000000 + n
   FROM unnest(ARRAY['customers', 'products', 'payments', 'devices']) t, generate_series(1, 40) n`,
  `INSERT INTO records (integration_id, resource_type, external_id, id, stream, epoch, version, operation, data, content_hash, feed_position)
   SELECT $1::uuid, 'products', 'package:p' || n, gen_random_uuid(), 'packages', 1, 1, 'created',
     jsonb_build_object('name', repeat('é', 500) || n, 'kind', 'package', 'currency', 'GBP', 'amountMinor', n, 'active', true,
       'publicName', repeat('p', 500), 'packageType', repeat('t', 128), 'chargeType', repeat('c', 128)), ''::bytea, 2000000 + n
   FROM generate_series(1, 3000) n`,
  `INSERT INTO records (integration_id, resource_type, external_id, id, stream, epoch, version, operation, data, content_hash, feed_position)
   SELECT $1::uuid, 'invoices', 'big-' || n, gen_random_uuid(), 'invoices', 1, 1, 'created', jsonb_build_object('currency', 'GBP', 'lines',
     (SELECT jsonb_agg(jsonb_build_object('externalItemId', 'service:' || n || '-' || l, 'description', repeat('d', 480) || l, 'quantity', 1,
        'amountMinor', l)) FROM generate_series(1, 60) l)), ''::bytea, 3000000 + n
   FROM generate_series(1, 60) n`,
  `INSERT INTO sync_runs (id, integration_id, kind, lane, trigger, state, error_code, error, created_at, started_at, finished_at)
   SELECT gen_random_uuid(), $1::uuid, 'sync', 'sync', 'manual', 'failed', 'provider_error', repeat('e', 500), now(), now(), now() FROM generate_series(1, 500)`,
  `INSERT INTO sync_logs (id, run_id, integration_id, provider, resource_type, status, job_type, error, note, started_at, finished_at)
   SELECT gen_random_uuid(), r.id, $1::uuid, 'practicehub', t, 'failed', 'manual', repeat('e', 500), repeat('n', 500), now(), now()
   FROM sync_runs r, unnest(ARRAY['customers', 'products', 'invoices', 'payments']) t WHERE r.error IS NOT NULL`,
  `INSERT INTO sync_quarantine (integration_id, stream, row_key, external_id, resource_type, reason, path, row_digest, run_id)
   SELECT $1::uuid, s, 'k' || n, 'k' || n, 'customers', repeat('r', 200), repeat('p', 500), repeat('0', 64), gen_random_uuid()
   FROM generate_series(1, 1000) n, unnest(ARRAY['patients', 'invoices', 'payments']) s`,
  `INSERT INTO sync_deletion_plans (id, integration_id, stream, resource_type, run_id, state, external_ids, live_records)
   SELECT gen_random_uuid(), $1::uuid, 'patients', 'customers', gen_random_uuid(), CASE n WHEN 1 THEN 'held' ELSE 'discarded' END,
     (SELECT array_agg(repeat('i', 120) || g) FROM generate_series(1, 5000) g), 1 FROM generate_series(1, 150) n`,
  `INSERT INTO sync_watermarks (merchant_id, environment, source, resource_type, id, last_sync_error, cursor)
   SELECT $2::uuid, 'sandbox', 'worker', 'r' || n, gen_random_uuid(), repeat('é', 2000), repeat('é', 8192) FROM generate_series(1, 1500) n`,
  `INSERT INTO product_mappings (merchant_id, environment, provider, external_id, internal_id, metadata)
   SELECT $2::uuid, 'sandbox', 'practicehub', 'm' || n || repeat('é', 240), gen_random_uuid(), jsonb_build_object('name', repeat('é', 255), 'type', repeat('é', 64))
   FROM generate_series(1, 5000) n`,
  `INSERT INTO products (merchant_id, environment, id, name, kind, amount_minor, currency)
   SELECT $2::uuid, 'sandbox', gen_random_uuid(), repeat('é', 255), repeat('k', 64), 1, 'GBP' FROM generate_series(1, 300)`,
  `INSERT INTO integration_events (integration_id, kind, details)
   SELECT $1::uuid, 'breaker', jsonb_build_object('cause', repeat('c', 500)) FROM generate_series(1, 500)`,
  `INSERT INTO audit_entries (id, action, merchant_id, actor_kind, actor_id, subject_type, subject_id, reason, details)
   SELECT gen_random_uuid(), 'integration.tested', $2::uuid, 'user', repeat('a', 255), 'integration', $1::uuid::text, repeat('r', 500),
     jsonb_build_object('list', repeat('x', 4000)) FROM generate_series(1, 500)`,
  `INSERT INTO merchants (id, name, default_currency) SELECT gen_random_uuid(), repeat('é', 255), 'GBP' FROM generate_series(1, 500)`,
  `INSERT INTO api_keys (id, merchant_id, environment, name, key_hash, display_prefix, scopes)
   SELECT gen_random_uuid(), $2::uuid, 'sandbox', repeat('é', 255), sha256(n::text::bytea), 'rk_sandbox_x', ARRAY['sync:read'] FROM generate_series(1, 3000) n`,
  `WITH root AS (INSERT INTO nodes (id, name, type, path) SELECT id, repeat('é', 255), 'organization', '/' || id || '/'
     FROM (SELECT gen_random_uuid() AS id FROM generate_series(1, 300)) n RETURNING id, path)
   INSERT INTO nodes (id, parent_id, name, type, path) SELECT c.id, c.parent, repeat('é', 255), 'account', '/' || c.parent || '/' || c.id || '/'
   FROM (SELECT gen_random_uuid() AS id, (SELECT id FROM root LIMIT 1) AS parent FROM generate_series(1, 300)) c`,
];

describe('an account that is far larger than any other', () => {
  let running: TestApp;
  let clinic: Clinic;
  let token: string;
  let service: TestProcess;
  let dataDir: string;
  let ids: Record<string, string>;
  beforeAll(async () => {
    dataDir = await mkdtemp(path.join(os.tmpdir(), 'interlock-test-outsized-'));
    running = await startTestApp({ dataDir });
    clinic = await makeClinic(running, { sizes: { patients: 3, invoices: 3, patient_packages: 2, '*': 1 } });
    await clinic.activate().expect(200);
    await clinic.settled();
    token = await adminToken(running, 'admin');
    const integrationId = (await clinic.integration())['id'] as string;
    const client = new Client({ connectionString: running.config.database.url });
    await client.connect();
    // a parameter that a statement does not name has no type: none is sent
    for (const statement of FILL) {
      const named = statement.includes('$1');
      const text = named ? statement : statement.replaceAll('$2', '$1');
      const values = named
        ? [integrationId, ...(statement.includes('$2') ? [clinic.merchantId] : [])]
        : statement.includes('$2')
          ? [clinic.merchantId]
          : [];
      await client.query(text, values);
    }
    await client.query(`UPDATE sync_feeds SET position = 10000000`);
    const idOf = async (text: string): Promise<string> => (await client.query(text)).rows[0].id;
    ids = {
      integrationId,
      merchantId: clinic.merchantId,
      logId: await idOf('SELECT id FROM sync_logs LIMIT 1'),
      nodeId: await idOf('SELECT parent_id AS id FROM nodes WHERE parent_id IS NOT NULL LIMIT 1'),
      planId: await idOf('SELECT id FROM sync_deletion_plans LIMIT 1'),
    };
    await client.end();
    service = await startTestProcess({
      NODE_ENV: 'test',
      ROLE: 'api',
      DATA_DIR: dataDir,
      DATABASE_URL: running.config.database.url,
      SANDBOX_ORIGIN: running.sandboxUrl,
      RATE_LIMIT_SANDBOX_PER_MINUTE: '0',
      NODE_OPTIONS: `--max-old-space-size=${HEAP_MB}`,
    });
    await service.ready();
  });
  afterAll(async () => {
    await service?.kill();
    await running?.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  const fill = (template: string): string =>
    template.replace(/\{(\w+)\}/g, (_, name: string) => {
      if (name === 'provider') return 'practicehub';
      if (name === 'source') return 'worker';
      if (name === 'externalId') return 'big-7';
      if (name === 'id' && template.includes('/merchants')) return ids['merchantId']!;
      if (name === 'id' && template.includes('/nodes')) return ids['nodeId']!;
      if (name === 'id' && template.includes('/deletion-plans')) return ids['planId']!;
      if (name === 'id' && template.startsWith('/admin')) return ids['integrationId']!;
      return ids[name] ?? randomUUID();
    });
  const get = async (url: string): Promise<{ status: number; text: string }> => {
    const admin = !url.startsWith('/v2');
    const answer = await fetch(service.url + url, {
      headers: admin ? { authorization: `Bearer ${token}` } : { 'x-api-key': clinic.key },
    });
    return { status: answer.status, text: await answer.text() };
  };

  // but for the stream of live events, which does not end
  const lists = apiContract().operations.filter((each) => each.method === 'get' && each.path !== '/admin/api/live');
  const resources = (template: string) =>
    template.includes('{resourceType}') ? ['customers', 'products', 'invoices', 'payments', 'devices'] : [''];
  it.each(
    lists.flatMap((each) =>
      resources(each.path).map((resource) => [each.path.replace('{resourceType}', resource), each] as const),
    ),
  )('%s answers within bounds', async (template, { operation }) => {
    const query = new URLSearchParams();
    for (const parameter of (operation.parameters ?? []) as {
      in: string;
      name: string;
      schema?: { maximum?: number };
    }[]) {
      // as much as can be asked for
      if (parameter.in === 'query' && /^(limit|per_page|days)$/.test(parameter.name))
        query.set(parameter.name, String(parameter.schema?.maximum ?? 1));
    }
    if (template === '/api/v1/integrations') query.set('node_id', ids['nodeId']!);
    const { status, text } = await get(`${fill(template)}?${query}`);
    expect(Buffer.byteLength(text)).toBeLessThan(MAX_ANSWER_BYTES);
    expect([200, 404]).toContain(status);
    expect(service.child.exitCode).toBeNull();
  });

  it.each(['/packages', '/billable-items', '/unmapped-attempts', '/product-mappings'])(
    '%s comes in parts that are together the whole list, each entry once',
    async (list) => {
      const seen: string[] = [];
      let parts = 0;
      let cursor: string | null = '';
      while (cursor !== null) {
        const { status, text } = await get(`/v2/integrations/practicehub${list}?cursor=${cursor}`);
        expect(status).toBe(200);
        const { data, hasMore = false, nextCursor = null } = JSON.parse(text);
        expect(hasMore).toBe(nextCursor !== null);
        for (const entry of data)
          seen.push(JSON.stringify([entry.id ?? entry.externalId ?? entry.externalPackageId, entry.type]));
        cursor = nextCursor;
        parts++;
      }
      expect(parts).toBeGreaterThan(1);
      expect(seen.length).toBeGreaterThanOrEqual(list === '/product-mappings' ? 5_000 : 3_000);
      expect(new Set(seen).size).toBe(seen.length);
    },
  );

  it('the change feed comes in pages of 4 MiB, and leaves nothing out', async () => {
    const versions = new Set<string>();
    let cursor = '';
    for (let more = true; more;) {
      const { text } = await get(`/v2/integrations/practicehub/records/customers?limit=500&cursor=${cursor}`);
      const page = JSON.parse(text);
      const bytes = page.data.reduce((sum: number, { data }: { data: object }) => sum + JSON.stringify(data).length, 0);
      if (page.data.length > 1) expect(bytes).toBeLessThanOrEqual(4 * 1024 * 1024);
      expect(page.hasMore ? page.data.length : 1).toBeGreaterThan(0);
      for (const { externalId } of page.data) versions.add(externalId);
      ({ nextCursor: cursor, hasMore: more } = page);
    }
    expect(versions.size).toBe(43);
  });

  it.each(['packages', 'billable-items', 'unmapped-attempts', 'product-mappings', 'payment-methods'])(
    'a cursor of another list, or none at all, is refused by %s',
    async (list) => {
      const other = Buffer.from(`${list === 'packages' ? 'billable-items' : 'packages'}.5`).toString('base64url');
      const odd = Buffer.from(`${list}.-1`).toString('base64url');
      for (const cursor of [other, odd, 'nonsense', 'x'.repeat(5_000)]) {
        expect((await get(`/v2/integrations/practicehub/${list}?cursor=${cursor}`)).status).toBe(400);
      }
    },
  );
});
