import request from 'supertest';
import type { FindingCode } from '../../src/admin/finding-kinds';
import type { Finding } from '../../src/admin/findings';
import { ApiKeyService } from '../../src/auth';
import { KeyManagementHealth, VaultRotation } from '../../src/vault';
import { adminOf } from '../support/admin';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic, type Clinic } from '../support/clinic';
import { eventually } from '../support/eventually';
import { makePushingClinic } from '../support/pushes';
import { startReceiver } from '../support/webhook-receiver';

jest.setTimeout(90_000);

/** What each state is provoked by; `risky-settings.e2e-spec.ts` has the one that a start decides. */
type Provoked = Exclude<FindingCode, 'risky_setting'>;

describe('the overview', () => {
  let running: TestApp;
  let viewer: Awaited<ReturnType<typeof adminOf>>;
  let operator: Awaited<ReturnType<typeof adminOf>>;
  let clinic: Clinic;

  beforeAll(async () => {
    running = await startTestApp({
      environment: { OUTBOUND_ALLOW_PRIVATE: 'true', AUDIT_STREAM_HTTP_URL: 'http://127.0.0.1:9/' },
    });
    viewer = await adminOf(running, 'viewer');
    operator = await adminOf(running, 'operator');
    clinic = await makeClinic(running);
    await clinic.activate().expect(200);
    if ((await clinic.settled()) !== 'succeeded') throw new Error('the first sync failed');
  }, 90_000);
  afterAll(async () => running?.close());

  const overview = async (): Promise<{ findings: Finding[]; headline: { level: string } }> =>
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
        count: 1,
        fields: { total: 'much' },
      });
      await clinic.sync();
    },
    async deletions_held() {
      running.sandbox.practicehub.delete({ resource: 'patients', count: 28, apiKey: clinic.accountKey });
      await clinic.sync({ fullResync: true });
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
    audit_stream_behind: () =>
      clinic.sql(
        `WITH off AS MATERIALIZED (SELECT set_config('session_replication_role', 'replica', true))
         UPDATE audit_chain SET chained_at = now() - interval '3 minutes' WHERE (SELECT count(*) FROM off) = 1`,
      ),
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
    async rotation_stopped() {
      await running.app.get(VaultRotation, { strict: false }).start({ mode: 'reencrypt', requestedBy: 'cli:jo' });
      // what Ctrl-C leaves, whether or not a worker has taken it up meanwhile
      await clinic.sql(`UPDATE vault_rotations SET lease_until = NULL, finished_at = NULL, state = 'moving'`);
    },
    key_management_away: async () => running.app.get(KeyManagementHealth, { strict: false }).saw('denied'),
    filters_unproven: () =>
      clinic.sql(
        `UPDATE sync_cursors SET cursor = jsonb_set(cursor, '{filter}', jsonb_build_object('state', 'unproven', 'checkedAt', now()))
         WHERE ${ofClinic}`,
        [clinic.merchantId],
      ),
    new_at_provider: () =>
      clinic.sql(
        `INSERT INTO provider_sightings (provider, environment, stream, kind, name, known, rows)
         VALUES ('wodify', 'live', 'invoices', 'word', 'status:Void', false, 1)`,
      ),
    provider_incident: () =>
      clinic.sql(`INSERT INTO provider_incidents (provider, environment, opened_at) VALUES ('wodify', 'live', now())`),
    failing: () => health(`consecutive_errors = 2, last_error = 'It failed', last_error_since = now()`),
    breaker_open: () => health(`breaker = 'open', breaker_cause = 'failures', breaker_opened_at = now()`),
    credentials_rejected: () => health(`breaker = 'open', breaker_cause = 'auth', breaker_opened_at = now()`),
    late: () =>
      health(`breaker = 'closed', breaker_cause = NULL, breaker_opened_at = NULL, consecutive_errors = 0, last_error = NULL,
        last_sync_at = now() - interval '1 day'`),
    paused_by_operator: async () =>
      operator('post', `/integrations/${await integrationId()}/pause`, { reason: 'the clinic moves' }).expect(200),
  };

  it.each(Object.keys(provoke) as Provoked[])(
    'shows %s with since, whom and what next, and the metric counts it',
    async (code) => {
      await provoke[code]();
      await eventually(async () => {
        const { findings, headline } = await overview();
        const finding = findings.find((each) => each.code === code);
        expect(finding).toMatchObject({
          since: expect.stringMatching(/^\d{4}-.*Z$/),
          next: expect.stringMatching(/\S/),
        });
        if (finding!.severity !== 'info') expect(headline.level).not.toBe('ok');
        const { text } = await request(running.url).get('/metrics').expect(200);
        expect(text).toMatch(new RegExp(`^interlock_findings\\{code="${code}"\\} [1-9]`, 'm'));
      }, 20_000);
    },
  );
});
