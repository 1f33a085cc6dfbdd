import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Finding } from '../../src/admin/finding';
import type { FindingCode } from '../../src/admin/finding-kinds';
import { ApiKeyService } from '../../src/auth';
import { KeyManagementHealth, VaultRotation } from '../../src/vault';
import { DataKeyCache } from '../../src/vault/data-key-cache';
import { adminOf } from '../support/admin';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic, type Clinic } from '../support/clinic';
import { eventually } from '../support/eventually';
import { makePushingClinic } from '../support/pushes';
import { makeCertificates } from '../support/rsyslog';
import { expectShown, freshOverview, type ShownOverview } from '../support/shown-finding';
import { startReceiver } from '../support/webhook-receiver';

jest.setTimeout(90_000);

/** Those that need a service of their own to be provoked; `risky-settings.e2e-spec.ts` has the first. */
type Elsewhere = 'risky_setting' | 'queue_stuck' | 'database_read_only' | 'database_away' | 'store_slow' | 'clock_skew';
const ROWS_OF_INTEGRATIONS = ['payment-reviews', 'quarantine', 'deletion-plans'];
type Provoked = Exclude<FindingCode, Elsewhere>;

describe('the overview', () => {
  let running: TestApp;
  let viewer: Awaited<ReturnType<typeof adminOf>>;
  let operator: Awaited<ReturnType<typeof adminOf>>;
  let clinic: Clinic;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'interlock-findings-'));
    running = await startTestApp({
      environment: {
        OUTBOUND_ALLOW_PRIVATE: 'true',
        AUDIT_STREAM_SYSLOG_URL: 'tls://127.0.0.1:9',
        AUDIT_STREAM_SYSLOG_CA_FILE: path.join(folder, 'ca.pem'),
        PROVIDERS_DIR: folder,
      },
    });
    viewer = await adminOf(running, 'viewer');
    operator = await adminOf(running, 'operator');
    clinic = await makeClinic(running);
    await clinic.activate().expect(200);
    if ((await clinic.settled()) !== 'succeeded') throw new Error('the first sync failed');
  }, 90_000);
  afterAll(async () => {
    await running?.close();
    await rm(folder, { recursive: true, force: true });
  });

  const overview = async (): Promise<ShownOverview & { counts: Record<string, number> }> =>
    (await viewer('get', '/overview').expect(200)).body.data;
  const ofClinic = `integration_id = (SELECT id FROM integrations WHERE merchant_id = $1)`;
  const health = (change: string) =>
    clinic.sql(`UPDATE sync_health SET ${change} WHERE ${ofClinic}`, [clinic.merchantId]);
  const integrationId = async () =>
    (await clinic.sql('SELECT id FROM integrations WHERE merchant_id = $1', [clinic.merchantId]))[0]!['id'];

  it('is in step before anything waits for somebody', async () => {
    expect(await overview()).toMatchObject({ findings: [], headline: { level: 'ok' } });
  });

  const provoke: Readonly<Record<Provoked, () => Promise<unknown>>> = {
    async rows_quarantined() {
      running.sandbox.practicehub.create({
        resource: 'invoices',
        apiKey: clinic.accountKey,
        count: 2,
        fields: { total: '44.00', status: 'unheard-of-9' },
      });
      await clinic.sync();
    },
    async deletions_held() {
      running.sandbox.practicehub.delete({ resource: 'patients', count: 28, apiKey: clinic.accountKey });
      await clinic.sync({ fullResync: true });
      // what is gone is returned by no filter
      const filter = `SELECT cursor->'filter'->>'state' AS state FROM sync_cursors WHERE ${ofClinic} AND stream = 'patients'`;
      expect(await clinic.sql(filter, [clinic.merchantId])).toEqual([{ state: 'honoured' }]);
    },
    async payments_held() {
      const pushing = await makePushingClinic(running);
      const match = { path: '/payments', apiKey: pushing.accountKey };
      running.sandbox.practicehub.addFaults([
        { kind: 'status', status: 503, times: 1, match: { ...match, method: 'POST' } },
        { kind: 'status', status: 200, body: { data: [], total_entries: 0 }, match: { ...match, method: 'GET' } },
      ]);
      const id = await pushing.pushed('held');
      await eventually(async () => {
        await pushing.hurry();
        expect((await pushing.row(id))['status']).toBe('needs_review');
      }, 60_000);
    },
    approvals_waiting: () =>
      clinic.sql(
        `INSERT INTO admin_approvals (id, act, summary, parameters, requested_by, reason, expires_at)
         VALUES (gen_random_uuid(), 'bulk_retry', 'Retry 200', '{}', 'jo', 'after the outage', now() + interval '1 day')`,
      ),
    audit_stream_behind: () =>
      clinic.sql(
        `WITH off AS MATERIALIZED (SELECT set_config('session_replication_role', 'replica', true))
         UPDATE audit_chain SET chained_at = now() - interval '3 minutes' WHERE (SELECT count(*) FROM off) = 1`,
      ),
    tokens_expiring: () =>
      clinic.sql(
        `INSERT INTO access_tokens (id, jti, subject, roles, permissions, node_ids, issued_by, created_at, expires_at)
         SELECT gen_random_uuid(), 'jti-' || days, 'jo', '{viewer}', '{}', '{}', 'cli:jo', now() - interval '20 days',
           now() + make_interval(days => days) FROM unnest('{13,15}'::int[]) AS days`,
      ),
    node_keys_expiring: async () => {
      await clinic.sql(
        `INSERT INTO nodes (id, name, type, path) VALUES ($1::uuid, 'root', 'organization', '/' || $1::text || '/')`,
        ['11111111-1111-4111-8111-111111111111'],
      );
      await clinic.sql(
        `INSERT INTO node_integrations (id, node_id, name, api_key, secret_hash, permissions, created_at, expires_at)
         SELECT gen_random_uuid(), id, 'back end', 'key', '$argon2id$', '{}', now() - interval '20 days',
           now() + interval '13 days' FROM nodes`,
      );
    },
    certificates_expiring: async () => void makeCertificates(folder),
    async credentials_expiring() {
      for (const days of [13, 15]) {
        const other = await makeClinic(running);
        await other.activate().expect(200);
        await other.settled();
        await other.sql(
          `UPDATE integrations SET credential_expires_at = now() + make_interval(days => $2) WHERE merchant_id = $1`,
          [other.merchantId, days],
        );
      }
    },
    keys_expiring: () =>
      running.app.get(ApiKeyService).create({
        merchantId: clinic.merchantId,
        environment: 'sandbox',
        name: 'ends soon',
        scopes: ['integrations:read'],
        expiresAt: new Date(Date.now() + 5 * 86_400_000),
      }),
    async endpoints_disabled() {
      const receiver = await startReceiver();
      receiver.answerWith(() => 410);
      try {
        await clinic.call('post', '/v2/webhook-endpoints', { url: receiver.url }).expect(201);
        await clinic.call('put', '/sync-toggle', { enabled: false }).expect(200);
        await clinic.call('put', '/sync-toggle', { enabled: true }).expect(200);
        await eventually(() => expect(receiver.received).not.toEqual([]));
      } finally {
        await receiver.close();
      }
    },
    async endpoints_failing() {
      const receiver = await startReceiver();
      receiver.answerWith(() => 500);
      try {
        const { body } = await clinic.call('post', '/v2/webhook-endpoints', { url: receiver.url }).expect(201);
        await clinic.call('put', '/sync-toggle', { enabled: false }).expect(200);
        await clinic.call('put', '/sync-toggle', { enabled: true }).expect(200);
        await eventually(async () => {
          const failing = await clinic.sql(
            `UPDATE webhook_cursors SET failing_since = now() - interval '2 hours'
             WHERE endpoint_id = $1 AND failing_since IS NOT NULL AND lease_until IS NULL RETURNING 1`,
            [body.data.id],
          );
          expect(failing).toHaveLength(1);
        });
      } finally {
        await receiver.close();
      }
    },
    events_given_up: () =>
      clinic.sql(
        `INSERT INTO webhook_held (endpoint_id, event_id, position, attempts, due_at, parked)
         SELECT id, gen_random_uuid(), 1, 9, now(), true FROM webhook_endpoints ORDER BY created_at LIMIT 1`,
      ),
    async rotation_stopped() {
      await running.app.get(VaultRotation, { strict: false }).start({ mode: 'reencrypt', requestedBy: 'cli:jo' });
      // what Ctrl-C leaves, whether or not a worker has taken it up meanwhile
      await clinic.sql(`UPDATE vault_rotations SET lease_until = NULL, finished_at = NULL, state = 'moving'`);
    },
    key_management_away: async () => running.app.get(KeyManagementHealth, { strict: false }).saw('Decrypt', 'denied'),
    filters_unproven: () =>
      clinic.sql(
        `UPDATE sync_cursors SET cursor = jsonb_set(cursor, '{filter}', jsonb_build_object('state', 'unproven', 'checkedAt', now()))
         WHERE ${ofClinic}`,
        [clinic.merchantId],
      ),
    async provider_clock_off() {
      const other = await makeClinic(running, { settings: { clockSkewMs: -600_000 } });
      await other.activate().expect(200);
      await other.settled();
    },
    new_at_provider: () =>
      clinic.sql(
        `INSERT INTO provider_sightings (provider, environment, stream, kind, name, known, rows)
         VALUES ('wodify', 'live', 'invoices', 'word', 'status:Void', false, 1)`,
      ),
    manifest_refused: () => writeFile(path.join(folder, 'acme.yaml'), 'apiVersion: interlock/v1\n'),
    provider_incident: () =>
      clinic.sql(`INSERT INTO provider_incidents (provider, environment, opened_at) VALUES ('wodify', 'live', now())`),
    async degraded() {
      running.sandbox.practicehub.addFaults([{ kind: 'status', status: 503, match: { apiKey: clinic.accountKey } }]);
      await clinic.sync();
    },
    async rate_limited() {
      running.sandbox.practicehub.clearFaults();
      running.sandbox.practicehub.addFaults([
        { kind: 'status', status: 429, retryAfter: 300, match: { apiKey: clinic.accountKey } },
      ]);
      await clinic.call('post', '/sync', {}).expect(200);
    },
    breaker_open: () => health(`breaker = 'open', breaker_cause = 'failures', breaker_opened_at = now()`),
    credentials_rejected: () => health(`breaker = 'open', breaker_cause = 'auth', breaker_opened_at = now()`),
    late: () =>
      health(`breaker = 'closed', breaker_cause = NULL, breaker_opened_at = NULL, consecutive_errors = 0, last_error = NULL,
        last_sync_at = now() - interval '1 day'`),
    paused_by_operator: async () =>
      operator('post', `/integrations/${await integrationId()}/pause`, { reason: 'the clinic moves' }).expect(200),
    async key_management_missing() {
      const other = await makeClinic(running);
      await other.activate().expect(200);
      await other.settled();
      const [secret] = await other.sql(
        `UPDATE sealed_secrets SET key_id = 'arn:aws:kms:eu-west-1:1:key/of-another-process'
         WHERE id = (SELECT credential_id FROM integrations WHERE merchant_id = $1) RETURNING id`,
        [other.merchantId],
      );
      running.app.get(DataKeyCache, { strict: false }).evict(secret!['id']);
      await other.sync();
    },
  };

  it.each(Object.keys(provoke) as Provoked[])(
    'shows %s with since, whom and what next, and the metric counts it',
    async (code) => {
      await provoke[code]();
      await eventually(async () => expectShown(await overview(), code, running.url), 20_000);
    },
  );

  it('tells the run, the integration and its page that its key is not to be had here', async () => {
    const [run] = (await viewer('get', '/runs?errorCode=unavailable').expect(200)).body.data;
    const text = 'The service has no access to the key that seals the stored credentials.';
    expect(run).toMatchObject({ state: 'failed', error: text });
    const { data } = (await viewer('get', `/integrations/${run.integrationId}/explain`).expect(200)).body;
    expect(data.reasons[0]).toMatchObject({ code: 'key_management_unavailable', nextAction: 'contact_support' });
    const own = (await viewer('get', `/integrations/${run.integrationId}/findings`).expect(200)).body.data as Finding[];
    expect(own).toContainEqual(
      expect.objectContaining({
        code: 'key_management_missing',
        title: '1 secret is sealed by AWS KMS, which this process is not set up for',
        merchants: ['Clinic'],
      }),
    );
    const others = (await viewer('get', `/integrations/${await integrationId()}/findings`).expect(200)).body.data;
    expect(others).not.toContainEqual(expect.objectContaining({ code: 'key_management_missing' }));
  });

  it('lists under what needs attention the integrations that its findings count', async () => {
    const { findings, attention } = (await freshOverview(viewer)) as {
      findings: Finding[];
      attention: { because: FindingCode[] }[];
    };
    const counted = findings.filter(
      ({ environment, severity, filter }) =>
        environment === 'sandbox' &&
        severity !== 'info' &&
        (!filter?.['list'] || ROWS_OF_INTEGRATIONS.includes(filter['list'])),
    );
    expect(counted.length).toBeGreaterThan(3);
    const told = attention.flatMap(({ because }) => because);
    expect([...new Set(told)].sort()).toEqual([...new Set(counted.map(({ code }) => code))].sort());
    for (const { code, count, filter } of counted.filter((one) => !one.filter?.['list'])) {
      expect([filter, told.filter((each) => each === code).length]).toEqual([filter, count]);
    }
  });

  it('has in the timeline what was held back and which endpoint was switched off', async () => {
    const { data } = (await viewer('get', `/integrations/${await integrationId()}/timeline?limit=100`).expect(200))
      .body;
    const of = (kind: string) => data.filter((entry: { kind: string }) => entry.kind === kind);
    expect(of('deletion_plan')).toMatchObject([{ details: { resourceType: 'customers', rows: 28, state: 'held' } }]);
    expect(of('quarantine')).toMatchObject([{ details: { resourceType: 'invoices', rows: 2 } }]);
    expect(of('endpoint')).toMatchObject([{ details: { reason: 'gone' } }]);
    const pages: unknown[] = [];
    let cursor = '';
    do {
      const path = `/integrations/${await integrationId()}/timeline?limit=3${cursor}`;
      const { body } = await viewer('get', path).expect(200);
      pages.push(...body.data);
      cursor = body.nextCursor === null ? '' : `&cursor=${body.nextCursor}`;
    } while (cursor !== '');
    expect(pages.map((entry) => (entry as { id: string }).id)).toEqual(data.map(({ id }: { id: string }) => id));
  });

  it('tells an outage once, with the integrations that it degrades under it', async () => {
    const hurt = await makeClinic(running);
    await hurt.activate().expect(200);
    await hurt.settled();
    const { id } = await hurt.integration();
    const fails = (code: string) =>
      hurt.sql(
        `UPDATE sync_health SET consecutive_errors = 1, last_error = 'It failed.', last_error_code = $2, last_error_since = now()
         WHERE integration_id = $1`,
        [id, code],
      );
    const own = async () => (await viewer('get', `/integrations/${id}/findings`).expect(200)).body.data as Finding[];
    const codes = async () =>
      (await own()).map(({ code }) => code).filter((code) => !code.startsWith('key_management'));
    await fails('provider_error');
    expect(await codes()).toEqual(['degraded']);
    await hurt.sql(
      `INSERT INTO provider_incidents (provider, environment, opened_at) VALUES ('practicehub', 'sandbox', now())`,
    );
    expect(await codes()).toEqual(['provider_incident']);
    const shown = (await viewer('get', `/integrations/${id}`).expect(200)).body.data;
    expect(shown.condition).toBe('waiting_for_provider');
    const outage = (await own()).find(({ code }) => code === 'provider_incident');
    expect(outage!.effects[0]).toMatch(/^the last sync of \d integrations? failed$/);
    const listed = await viewer('get', '/integrations?finding=degraded&limit=100').expect(200);
    expect(listed.body.data).toEqual([]);
    // what fails for another reason is told for itself
    await fails('invalid_request');
    expect(await codes()).toEqual(['provider_incident', 'degraded']);
    expect((await viewer('get', `/integrations/${id}`).expect(200)).body.data.condition).toBe('degraded');
    await hurt.sql(`DELETE FROM provider_incidents WHERE provider = 'practicehub'`);
    await hurt.sql(`UPDATE sync_health SET consecutive_errors = 0, last_error = NULL WHERE integration_id = $1`, [id]);
  });

  it('tells the money that rows in quarantine and held payments hold back', async () => {
    const { findings } = await overview();
    const titleOf = (code: FindingCode) => findings.find((each) => each.code === code)!.title;
    expect(titleOf('rows_quarantined')).toBe('2 rows of invoices at PracticeHub in quarantine: £88.00');
    expect(titleOf('payments_held')).toMatch(/^1 payment at PracticeHub held for review: £\d/);
  });

  it('counts merchants, however many rows of theirs there are, and names three at most', async () => {
    const { findings } = await overview();
    const quarantined = findings.find(({ code }) => code === 'rows_quarantined');
    expect(quarantined).toMatchObject({ count: 2, merchantCount: 1 });
    for (const { code, merchants, merchantCount } of findings) {
      expect([code, merchants.length]).toEqual([code, Math.min(merchantCount, 3)]);
    }
  });

  it('counts as many integrations as the list that it leads to has, for each finding and each condition', async () => {
    const { findings, counts } = (await freshOverview(viewer)) as Awaited<ReturnType<typeof overview>>;
    const listed = async (query: Record<string, string>) =>
      (await viewer('get', `/integrations?${new URLSearchParams({ limit: '100', ...query })}`).expect(200)).body.data
        .length;
    for (const { filter, count } of findings.filter(({ filter: by }) => by?.['finding'] && !by['list'])) {
      expect([filter, await listed(filter!)]).toEqual([filter, count]);
    }
    const { active, syncing: _syncing, ...conditions } = counts;
    for (const [name, count] of Object.entries(conditions)) {
      const condition = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
      expect([condition, await listed({ condition })]).toEqual([condition, count]);
    }
    const { inactive, ...all } = conditions;
    expect(Object.values(all).reduce((sum, count) => sum + count, 0)).toBe(active);
    expect(inactive).toBe(0);
  });

  it('shows each on the pages of the integrations that it concerns, and leads to their rows alone', async () => {
    const { findings } = await overview();
    const { data } = (await viewer('get', '/integrations?limit=100').expect(200)).body;
    const counted = new Map<string, number>();
    for (const { id } of data as { id: string }[]) {
      const own = (await viewer('get', `/integrations/${id}/findings`).expect(200)).body.data as Finding[];
      for (const { code, count, filter, environment } of own) {
        if (environment !== null) counted.set(code, (counted.get(code) ?? 0) + count);
        // the vault is a page, and no list
        if (filter === null || filter['list'] === 'vault') continue;
        const { list, ...query } = filter;
        const rows = await viewer('get', `/${list}?${new URLSearchParams({ limit: '100', ...query })}`).expect(200);
        expect([code, rows.body.data.length]).toEqual([code, count]);
      }
    }
    const ofIntegrations = findings.filter(
      ({ environment, filter }) =>
        environment === 'sandbox' && (!filter?.['list'] || ROWS_OF_INTEGRATIONS.includes(filter['list'])),
    );
    expect(ofIntegrations.length).toBeGreaterThan(5);
    for (const { code, count } of ofIntegrations) expect([code, counted.get(code)]).toEqual([code, count]);
    const foreign = findings.map(({ code }) => code).filter((code) => !ofIntegrations.some((one) => one.code === code));
    expect(foreign.filter((code) => counted.has(code))).toEqual([]);
  });

  it('leads to a list of exactly what a finding counts, in its environment and in no other', async () => {
    const { findings } = await overview();
    const rows = async ({ list, ...query }: Readonly<Record<string, string>>) =>
      (await viewer('get', `/${list}?${new URLSearchParams({ limit: '100', ...query })}`).expect(200)).body.data.length;
    const lists = ['payment-reviews', 'deletion-plans', 'quarantine', 'merchants'];
    const listed = findings.filter(({ filter }) => lists.includes(filter?.['list'] ?? ''));
    expect(listed.map(({ code }) => code).sort()).toEqual([
      'deletions_held',
      'endpoints_disabled',
      'endpoints_failing',
      'events_given_up',
      'keys_expiring',
      'payments_held',
      'rows_quarantined',
    ]);
    for (const { code, filter, count, merchantCount } of listed) {
      const expected = filter!['list'] === 'merchants' ? merchantCount : count;
      expect([code, await rows(filter!)]).toEqual([code, expected]);
      expect([code, await rows({ ...filter!, environment: 'live' })]).toEqual([code, 0]);
    }
    await viewer('get', '/merchants?environment=live').expect(400);
  });

  it('of an environment or a provider leaves out what concerns others, and is red for nothing of the sandbox', async () => {
    const of = async (query: string) =>
      (await viewer('get', `/overview?${query}`).expect(200)).body.data.findings as Finding[];
    const live = await of('environment=live');
    expect(live.filter(({ environment }) => environment === 'sandbox')).toEqual([]);
    expect(live.map(({ code }) => code)).toContain('provider_incident');
    const sandbox = await of('environment=sandbox');
    expect(sandbox.map(({ code }) => code)).toContain('payments_held');
    expect(sandbox.filter(({ environment, severity }) => environment && severity === 'critical')).toEqual([]);
    expect((await of('provider=terminal')).map(({ code }) => code)).not.toContain('provider_incident');
    await viewer('get', '/overview?environment=both').expect(400);
  });
});
