import { Client } from 'pg';
import { Metrics } from '../../src/platform/metrics';
import { Retention } from '../../src/platform/retention';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic, type Clinic } from '../support/clinic';
import { eventually } from '../support/eventually';

jest.setTimeout(120_000);

describe('retention', () => {
  let running: TestApp;
  let other: TestApp;
  let sql: Clinic['sql'];
  beforeAll(async () => {
    const environment = { RETENTION_LOG_DAYS: '60' };
    running = await startTestApp({ environment });
    const { config, sandboxUrl } = running;
    other = await startTestApp({
      environment: { ...environment, SANDBOX_ORIGIN: sandboxUrl },
      databaseUrl: config.database.url,
      dataDir: config.dataDir,
    });
    sql = async <R>(text: string, values: unknown[] = []) => {
      const client = new Client({ connectionString: config.database.url });
      await client.connect();
      try {
        return (await client.query(text, values)).rows as R[];
      } finally {
        await client.end();
      }
    };
  }, 120_000);
  afterAll(async () => {
    await other?.close();
    await running?.close();
  });

  const trim = async () => {
    await Promise.all([running, other].map(({ app }) => app.get(Retention).tick()));
    const texts = await Promise.all([running, other].map(({ app }) => app.get(Metrics).text()));
    expect(texts.join('\n')).not.toMatch(/retention_failures_total\{what="\w+"\} [1-9]/);
  };
  const count = async (table: string, where = 'true', values: unknown[] = []): Promise<number> =>
    Number((await sql<{ count: string }>(`SELECT count(*) FROM ${table} WHERE ${where}`, values))[0]!.count);

  describe('of tombstones', () => {
    let clinic: Clinic;
    let integrationId: string;
    beforeEach(async () => {
      clinic = await makeClinic(running, { sizes: { patients: 12, '*': 0 } });
      await clinic.activate().expect(200);
      expect(await clinic.settled()).toBe('succeeded');
      integrationId = (await clinic.integration())['id'];
    });

    const page = async (cursor: string | null, more = '') => {
      const query = cursor === null ? '' : `&cursor=${cursor}`;
      return (await clinic.call('get', `/records/customers?limit=5${query}${more}`).expect(200)).body;
    };
    const expired = async (cursor: string) =>
      (await clinic.call('get', `/records/customers?limit=5&cursor=${cursor}`).expect(410)).body;
    const readOn = async (cursor: string, more = '') => {
      const ids: string[] = [];
      for (;;) {
        const next = await page(cursor, more);
        ids.push(...next.data.map((record: { externalId: string }) => record.externalId));
        cursor = next.nextCursor;
        if (!next.hasMore) return { ids, cursor };
      }
    };
    /** Deletes records as a sync does, so many days ago. */
    const deleteAged = (externalIds: readonly string[], days: number, ofIntegration = integrationId) =>
      sql(
        `WITH deletable AS (SELECT external_id, row_number() OVER () AS step FROM unnest($2::text[]) AS external_id),
           feed AS (UPDATE sync_feeds SET position = position + cardinality($2::text[])
                    WHERE integration_id = $1 AND resource_type = 'customers' RETURNING position)
         UPDATE records r SET operation = 'deleted', version = version + 1, synced_at = now() - make_interval(days => $3),
           feed_position = feed.position - cardinality($2::text[]) + d.step
         FROM deletable d, feed WHERE r.integration_id = $1 AND r.resource_type = 'customers' AND r.external_id = d.external_id`,
        [ofIntegration, externalIds, days],
      );
    const left = async () =>
      (
        await sql<{ id: string }>(
          `SELECT external_id AS id FROM records WHERE integration_id = $1 AND resource_type = 'customers' ORDER BY feed_position`,
          [integrationId],
        )
      ).map(({ id }) => id);

    it('removes those that are older than 90 days, and no other record', async () => {
      const all = await left();
      await deleteAged(all.slice(0, 3), 91);
      await deleteAged(all.slice(3, 5), 89);
      await trim();
      expect(await left()).toEqual([...all.slice(5), ...all.slice(3, 5)]);
      const [feed] = await sql('SELECT position, trimmed_position FROM sync_feeds WHERE integration_id = $1', [
        integrationId,
      ]);
      expect(feed).toEqual({ position: '17', trimmed_position: '15' });
    });

    it('of two integrations are removed from the feed of each', async () => {
      const second = await makeClinic(running, { sizes: { patients: 12, '*': 0 } });
      const secondId = (await second.activate().expect(200)).body.data.id;
      expect(await second.settled()).toBe('succeeded');
      const [id] = await left();
      for (const one of [integrationId, secondId]) await deleteAged([id!], 91, one);
      await trim();
      const trimmed = `trimmed_position = 13 AND integration_id = ANY($1)`;
      expect(await count('sync_feeds', trimmed, [[integrationId, secondId]])).toBe(2);
    });

    it('tells a reader who was away for longer, and only that one', async () => {
      const all = await left();
      const stale = (await readOn((await page(null)).nextCursor)).cursor;
      await deleteAged(all.slice(0, 2), 91);
      const inStep = (await readOn(stale)).cursor;
      await deleteAged(all.slice(2, 3), 1);
      await trim();
      expect((await expired(stale)).code).toBe('cursor_expired');
      expect((await readOn(inStep)).ids).toEqual([all[2]]);
    });

    it('lets a reader on its way finish: what went before it was deleted before it came', async () => {
      const all = await left();
      await deleteAged(all.slice(6, 8), 91);
      const first = await page(null);
      await trim();
      expect(await left()).toHaveLength(10);
      const rest = await readOn(first.nextCursor);
      const seen = [...first.data.map((record: { externalId: string }) => record.externalId), ...rest.ids];
      expect(seen).toEqual([...all.slice(0, 6), ...all.slice(8)]);
    });

    it('stops a reader on its way who has seen alive what is gone without a trace', async () => {
      const all = await left();
      const first = await page(null);
      await deleteAged(all.slice(0, 2), 91);
      const second = await page(first.nextCursor);
      await trim();
      expect((await expired(first.nextCursor)).code).toBe('cursor_expired');
      // where it stood when it began counts, not where it has come to
      expect((await expired(second.nextCursor)).code).toBe('cursor_expired');
    });

    it('does not stop a reader who leaves tombstones out and has read to the end', async () => {
      const all = await left();
      const liveOnly = '&includeDeleted=false';
      const before = (await readOn((await page(null, liveOnly)).nextCursor, liveOnly)).cursor;
      await deleteAged(all.slice(0, 2), 91);
      const { ids, cursor } = await readOn(before, liveOnly);
      expect(ids).toEqual([]);
      await trim();
      expect(await page(cursor, liveOnly)).toEqual({ data: [], nextCursor: cursor, hasMore: false });
    });

    it('keeps a record that came back while it was being trimmed', async () => {
      const all = await left();
      await deleteAged(all.slice(0, 1), 91);
      const writer = new Client({ connectionString: running.config.database.url });
      await writer.connect();
      try {
        await writer.query('BEGIN');
        await writer.query('SELECT 1 FROM integrations WHERE id = $1 FOR NO KEY UPDATE', [integrationId]);
        await writer.query(
          `UPDATE records SET operation = 'created', version = version + 1, synced_at = now()
           WHERE integration_id = $1 AND external_id = $2`,
          [integrationId, all[0]],
        );
        const trimming = trim();
        await new Promise((resolve) => setTimeout(resolve, 300));
        await writer.query('COMMIT');
        await trimming;
      } finally {
        await writer.end();
      }
      expect((await left()).length).toBe(12);
    });
  });

  it('removes finished runs with their log entries, in batches, and leaves those that are young or not finished', async () => {
    const clinic = await makeClinic(running, { sizes: { patients: 1, '*': 0 } });
    await clinic.activate().expect(200);
    await clinic.settled();
    const integrationId = (await clinic.integration())['id'];
    const young = await count('sync_runs', 'integration_id = $1', [integrationId]);
    await sql(
      `WITH runs AS (
         INSERT INTO sync_runs (id, integration_id, kind, lane, trigger, state, created_at, finished_at)
         SELECT gen_random_uuid(), $1, 'sync', 'sync', 'scheduled', 'failed', now() - interval '61 days', now() - interval '61 days'
         FROM generate_series(1, 400) RETURNING id),
       logs AS (
         INSERT INTO sync_logs (id, run_id, integration_id, provider, resource_type, status, job_type)
         SELECT gen_random_uuid(), runs.id, $1, 'practicehub', type, 'failed', 'scheduled'
         FROM runs, unnest(ARRAY['customers', 'invoices']) AS type RETURNING id)
       INSERT INTO sync_log_retries (log_id, run_id) SELECT id, gen_random_uuid() FROM logs`,
      [integrationId],
    );
    await sql(
      `INSERT INTO sync_runs (id, integration_id, kind, lane, trigger, state, created_at, not_before)
       VALUES (gen_random_uuid(), $1, 'push', 'push', 'manual', 'waiting', now() - interval '61 days', now() + interval '1 day')`,
      [integrationId],
    );
    const before = await count('sync_logs', 'integration_id = $1', [integrationId]);
    await trim();
    // the one that waits does so in a free lane: by now the reconciler may have promoted it, and a worker run it
    const isOld = `integration_id = $1 AND created_at < now() - interval '60 days'`;
    expect(await count('sync_runs', isOld, [integrationId])).toBe(1);
    expect(await count('sync_runs', 'integration_id = $1', [integrationId])).toBe(young + 1);
    expect(await count('sync_logs', 'integration_id = $1', [integrationId])).toBe(before - 800);
    expect(await count('sync_log_retries', 'log_id NOT IN (SELECT id FROM sync_logs)')).toBe(0);
  });

  it('removes each other kind once it is past keeping, whichever of two workers is first, and nothing else', async () => {
    const clinic = await makeClinic(running, { sizes: { patients: 1, '*': 0 } });
    await clinic.activate().expect(200);
    await clinic.settled();
    const integrationId = (await clinic.integration())['id'];
    const rows = (old: number, young: number) =>
      `(SELECT g, now() - make_interval(days => CASE WHEN g <= ${old} THEN 61 ELSE 59 END) AS at
        FROM generate_series(1, ${old + young}) AS g) s`;
    await sql(
      `INSERT INTO integration_events (integration_id, occurred_at, kind, details)
       SELECT $1, at, 'breaker', '{"test": true}' FROM ${rows(2_500, 3)}`,
      [integrationId],
    );
    await sql(
      `INSERT INTO provider_incidents (provider, environment, opened_at, closed_at)
       SELECT 'test' || g, 'live', at, CASE WHEN g > 1 THEN at END FROM ${rows(3, 2)}`,
    );
    await sql(
      `INSERT INTO sync_quarantine (integration_id, stream, row_key, resource_type, reason, path, row_digest, run_id, last_seen_at)
       SELECT $1, 'test', g, 'customers', 'r', 'p', 'd', gen_random_uuid(), at FROM ${rows(4, 3)}`,
      [integrationId],
    );
    await sql(
      `INSERT INTO sync_deletion_plans (id, integration_id, stream, resource_type, run_id, state, external_ids, live_records,
         created_at, decided_at)
       SELECT gen_random_uuid(), $1, 'test', 'customers', gen_random_uuid(), CASE WHEN g = 1 THEN 'held' ELSE 'approved' END,
         '{}', 0, at, CASE WHEN g > 1 THEN at END FROM ${rows(3, 2)}`,
      [integrationId],
    );
    const states = ['waiting', 'approved', 'done', 'failed', 'refused', 'expired'];
    await sql(
      `WITH a AS (INSERT INTO admin_approvals (id, act, summary, parameters, requested_by, reason, decided_by, state, requested_at,
           expires_at, lease_until)
         SELECT gen_random_uuid(), 'test', 's', '{}', 'jo', 'r', 'kim', state, at, now() + interval '1 hour', now() + interval '1 hour'
         FROM ${rows(3, 2)}, unnest($1::text[]) AS state RETURNING id)
       INSERT INTO admin_approval_steps (approval_id, step) SELECT id, 'whole' FROM a`,
      [states],
    );
    await sql(
      `INSERT INTO admin_bulk_retries (id, subject, entries, begun_at)
       SELECT gen_random_uuid(), 'test', 1, now() - make_interval(mins => minutes) FROM unnest(ARRAY[59, 60, 61]) AS minutes`,
    );
    await sql(
      `INSERT INTO provider_failures (provider, environment, merchant_id, verdict, failed_at)
       SELECT 'test', 'live', gen_random_uuid(), 'network', CASE WHEN g = 1 THEN now() ELSE at END FROM ${rows(3, 1)}`,
    );
    await sql(
      `INSERT INTO idempotency_records (id, scope, fingerprint, state, lease_token, lease_until, status, answer, expires_at)
       SELECT gen_random_uuid(), decode(md5('test' || g), 'hex'), '', 'done', gen_random_uuid(), now(), 200, '{}',
         CASE WHEN g <= 450 THEN now() - interval '1 second' ELSE now() + interval '1 hour' END FROM generate_series(1, 452) AS g`,
    );
    await sql(
      `INSERT INTO rate_limits (bucket, tokens, granted, refilled_at)
       SELECT 'test' || g, 1, 0, CASE WHEN g <= 2 THEN now() - interval '25 hours' ELSE now() END FROM generate_series(1, 5) AS g`,
    );
    await sql(
      `INSERT INTO sealed_secrets (id, purpose, owner_id, context, algorithm, aad_version, nonce, tag, ciphertext, key_id,
         key_version, fingerprint, destroyed_at)
       SELECT gen_random_uuid(), 'test', 'test', '{}', 'a', 1, '', '', '', 'k', 1, 'f',
         now() - make_interval(days => CASE WHEN g <= 2 THEN 31 ELSE 29 END) FROM generate_series(1, 5) AS g`,
    );
    await sql(
      `INSERT INTO audit_entries (id, occurred_at, action, actor_kind, actor_id, subject_type, subject_id)
       VALUES (gen_random_uuid(), now() - interval '20 years', 'test.old', 'system', 'test', 'test', 'test')`,
    );
    await trim();
    expect(await count('integration_events', `details ? 'test'`)).toBe(3);
    // the one that is open still, and the young
    expect(await count('provider_incidents', `provider LIKE 'test%'`)).toBe(3);
    expect(await count('sync_quarantine', `stream = 'test'`)).toBe(3);
    // the one that nobody has decided, and the young
    expect(await count('sync_deletion_plans', `stream = 'test'`)).toBe(3);
    // those that wait or are being done, and the young
    expect(await count('admin_approvals', `act = 'test'`)).toBe(2 * states.length + 3 * 2);
    expect(await count('admin_approval_steps', 'true')).toBe(2 * states.length + 3 * 2);
    expect(await count('admin_bulk_retries', `subject = 'test'`)).toBe(1);
    expect(await count('provider_failures', `provider = 'test'`)).toBe(1);
    expect(
      await count(
        'idempotency_records',
        `scope IN (SELECT decode(md5('test' || g), 'hex') FROM generate_series(1, 452) g)`,
      ),
    ).toBe(2);
    expect(await count('rate_limits', `bucket LIKE 'test%'`)).toBe(3);
    expect(await count('sealed_secrets', `purpose = 'test'`)).toBe(3);
    expect(await count('audit_entries', `action = 'test.old'`)).toBe(1);
    const removed = async ({ app }: TestApp) =>
      Number(/retention_rows_total\{what="integration_events"\} (\d+)/.exec(await app.get(Metrics).text())?.[1] ?? 0);
    // readings within a second share one
    await eventually(async () => expect((await removed(running)) + (await removed(other))).toBe(2_500));
  });
});
