import { startTestApp, type TestApp } from '../support/app';
import { makeClinic, type Clinic } from '../support/clinic';
import { eventually } from '../support/eventually';

const SMALL = { patients: 5, '*': 0 };

describe('the failure policy, and what explain says', () => {
  let running: TestApp;
  beforeAll(async () => {
    running = await startTestApp();
  }, 60_000);
  afterAll(() => running.close());
  const simulator = () => running.sandbox.practicehub;
  afterEach(async () => {
    simulator().clearFaults();
  });

  const activated = async (options: Parameters<typeof makeClinic>[1] = { sizes: SMALL }): Promise<Clinic> => {
    const clinic = await makeClinic(running, options);
    await clinic.activate().expect(200);
    expect(await clinic.settled()).toBe('succeeded');
    return clinic;
  };
  const explain = async (clinic: Clinic) => (await clinic.call('get', '/explain').expect(200)).body.data;
  const first = async (clinic: Clinic) => {
    const { willRun, reasons } = await explain(clinic);
    return { willRun, code: reasons[0].code, nextAction: reasons[0].nextAction };
  };
  const fails = (clinic: Clinic, fault: object) =>
    simulator().addFaults([{ ...fault, match: { apiKey: clinic.accountKey, path: '/patients' } } as never]);
  const forgetFailures = (clinic: Clinic) => clinic.sql('DELETE FROM provider_failures');
  /** Integrations of the tests before must not come back with a retry of theirs and be counted in. */
  const silenceOthers = (clinic: Clinic) =>
    clinic.sql(`UPDATE sync_schedules SET next_due_at = now() + interval '1 day'`);

  it('says not_configured, not_active and scheduled', async () => {
    const clinic = await makeClinic(running, { sizes: SMALL });
    expect(await first(clinic)).toEqual({ willRun: false, code: 'not_configured', nextAction: 'reconnect' });
    await clinic.activate().expect(200);
    await clinic.settled();
    expect(await first(clinic)).toEqual({ willRun: true, code: 'scheduled', nextAction: 'none' });
    await clinic.call('post', '/deactivate').expect(200);
    expect(await first(clinic)).toEqual({ willRun: false, code: 'not_active', nextAction: 'reconnect' });
  });

  it('predicts the next start within a second when all is well', async () => {
    const clinic = await activated();
    await clinic.sql(
      `UPDATE sync_schedules SET next_due_at = now() + interval '3 seconds'
       WHERE integration_id = (SELECT id FROM integrations WHERE merchant_id = $1)`,
      [clinic.merchantId],
    );
    const predicted = Date.parse((await explain(clinic)).nextExpectedStart);
    const started = async () =>
      clinic.sql<{ started_at: Date }>(
        `SELECT r.started_at FROM sync_runs r JOIN integrations i ON i.id = r.integration_id
         WHERE i.merchant_id = $1 AND r.started_at IS NOT NULL ORDER BY r.created_at DESC`,
        [clinic.merchantId],
      );
    await eventually(async () => expect(await started()).toHaveLength(2), 10_000);
    const [run] = await started();
    expect(run!.started_at.getTime() - predicted).toBeGreaterThanOrEqual(0);
    // the dispatcher looks once a second; a little more for a busy machine
    expect(run!.started_at.getTime() - predicted).toBeLessThan(2_500);
  }, 20_000);

  it('says sync_disabled, and running or queued while a run is live', async () => {
    const clinic = await activated();
    await clinic.call('put', '/sync-toggle', { enabled: false }).expect(200);
    expect(await first(clinic)).toEqual({ willRun: false, code: 'sync_disabled', nextAction: 'resume_sync' });
    await clinic.call('put', '/sync-toggle', { enabled: true }).expect(200);
    fails(clinic, { kind: 'delay', delayMs: 1_500 });
    await clinic.call('post', '/sync', {}).expect(200);
    expect(['running', 'queued']).toContain((await first(clinic)).code);
    await clinic.settled();
  });

  it.each([
    [{ kind: 'status', status: 401 }, 'credentials_rejected', 'reconnect', false],
    [{ kind: 'status', status: 403 }, 'permission_missing', 'fix_credentials', true],
    [{ kind: 'status', status: 500 }, 'provider_failing', 'wait', true],
    [{ kind: 'reset-connection' }, 'provider_unreachable', 'wait', true],
    [{ kind: 'wrong-json' }, 'provider_answer_not_understood', 'contact_support', true],
  ] as const)(
    'names the cause of a run that failed by %j',
    async (fault, code, nextAction, willRun) => {
      const clinic = await activated();
      await forgetFailures(clinic);
      fails(clinic, fault);
      expect(await clinic.sync()).toBe('failed');
      expect(await first(clinic)).toEqual({ willRun, code, nextAction });
      const { lastSyncError, status } = await clinic.integration();
      expect(status).toBe('error');
      expect(lastSyncError).toEqual(expect.any(String));
      expect(lastSyncError).not.toContain(clinic.accountKey);
      await forgetFailures(clinic);
    },
    40_000,
  );

  it('waits out a rate limit without failing and without holding a worker', async () => {
    const clinic = await activated();
    fails(clinic, { kind: 'status', status: 429, retryAfter: 30, times: 1 });
    await clinic.call('post', '/sync', {}).expect(200);
    await eventually(async () =>
      expect(await first(clinic)).toEqual({ willRun: true, code: 'rate_limited', nextAction: 'wait' }),
    );
    const [run] = await clinic.sql(
      `SELECT r.state, r.not_before > now() + interval '20 seconds' AS later FROM sync_runs r
       JOIN integrations i ON i.id = r.integration_id WHERE i.merchant_id = $1 AND r.state = 'queued'`,
      [clinic.merchantId],
    );
    expect(run).toEqual({ state: 'queued', later: true });
    expect(await clinic.integration()).toMatchObject({
      syncHealth: 'healthy',
      providerState: { consecutiveErrors: 0 },
    });
  });

  it('waits for as long as the provider asks for up to a quarter of an hour, but for a person, who may ask once all the same', async () => {
    const clinic = await activated();
    fails(clinic, { kind: 'status', status: 429, retryAfter: 3_600, times: 1 });
    await clinic.call('post', '/sync', {}).expect(200);
    const inSeconds = async () => (Date.parse((await explain(clinic)).nextExpectedStart) - Date.now()) / 1_000;
    await eventually(async () => expect((await first(clinic)).code).toBe('rate_limited'));
    expect(await inSeconds()).toBeGreaterThan(880);
    expect(await inSeconds()).toBeLessThanOrEqual(900);
    await clinic.call('post', '/sync', {}).expect(200);
    expect(await clinic.settled()).toBe('succeeded');
    // once: what the schedule begins meanwhile stays away, and so does what a person began and was told to wait
    fails(clinic, { kind: 'status', status: 429, retryAfter: 3_600, times: 1 });
    await clinic.call('post', '/sync', {}).expect(200);
    await eventually(async () => expect((await first(clinic)).code).toBe('rate_limited'));
    const [run] = await clinic.sql(
      `SELECT r.insists FROM sync_runs r JOIN integrations i ON i.id = r.integration_id WHERE i.merchant_id = $1 AND r.state = 'queued'`,
      [clinic.merchantId],
    );
    expect(run).toEqual({ insists: false });
  }, 40_000);

  it.each([
    [503, 'provider_maintenance', 0],
    [500, 'provider_failing', 1],
    [502, 'provider_failing', 1],
  ])(
    'takes a %d that says when to come back as %s',
    async (status, code, consecutiveErrors) => {
      const clinic = await activated();
      await forgetFailures(clinic);
      fails(clinic, { kind: 'status', status, retryAfter: 600 });
      await clinic.call('post', '/sync', {}).expect(200);
      await eventually(async () => expect((await first(clinic)).code).toBe(code), 20_000);
      expect(await clinic.integration()).toMatchObject({ providerState: { consecutiveErrors } });
      const wait = (Date.parse((await explain(clinic)).nextExpectedStart) - Date.now()) / 1_000;
      if (consecutiveErrors === 0) expect(wait).toBeGreaterThan(600);
      else expect(wait).toBeLessThan(120);
      expect(wait).toBeLessThan(700);
      await forgetFailures(clinic);
    },
    40_000,
  );

  it('opens one breaker for the provider when several merchants see it fail, blames none of them, and recovers by a probe', async () => {
    const clinics: Clinic[] = [];
    for (let count = 0; count < 4; count++) clinics.push(await activated());
    await silenceOthers(clinics[0]!);
    await forgetFailures(clinics[0]!);
    // who asked in the tests before is not asked about
    await clinics[0]!.sql(
      `UPDATE sync_runs SET finished_at = finished_at - interval '1 hour' WHERE integration_id NOT IN (
         SELECT id FROM integrations WHERE merchant_id = ANY($1))`,
      [clinics.map(({ merchantId }) => merchantId)],
    );
    simulator().addFaults([{ kind: 'status', status: 503 }]);
    for (const clinic of clinics.slice(0, 3)) await clinic.sync();
    const incident = await clinics[0]!.sql(`SELECT state FROM provider_breakers WHERE provider = 'practicehub'`);
    expect(incident).toEqual([{ state: 'open' }]);
    // the one that completed the quorum is not blamed, and the fourth is not even tried
    expect((await clinics[2]!.integration())['providerState'].consecutiveErrors).toBe(0);
    await clinics[3]!.call('post', '/sync', {}).expect(200);
    await eventually(async () => expect((await first(clinics[3]!)).code).toBe('provider_incident'));
    expect((await clinics[3]!.integration())['providerState'].consecutiveErrors).toBe(0);

    simulator().clearFaults();
    await clinics[0]!.sql(`UPDATE provider_breakers SET retry_at = now()`);
    // somebody asks again: the delayed run comes forward, as the probe
    await clinics[3]!.call('post', '/sync', {}).expect(200);
    expect(await clinics[3]!.settled()).toBe('succeeded');
    const [after] = await clinics[0]!.sql(`SELECT state FROM provider_breakers WHERE provider = 'practicehub'`);
    expect(after).toEqual({ state: 'closed' });
  }, 90_000);

  it('takes the first page that comes home as the proof that the provider is back, not the end of a long import', async () => {
    const clinic = await activated({ sizes: { patients: 3_000, '*': 0 } });
    await clinic.sql(
      `INSERT INTO provider_breakers (provider, environment, state, opened_at, retry_at, consecutive_opens)
       VALUES ('practicehub', 'sandbox', 'open', now(), now(), 1) ON CONFLICT (provider, environment) DO UPDATE
       SET state = 'open', opened_at = now(), retry_at = now()`,
    );
    fails(clinic, { kind: 'delay', delayMs: 200 });
    await clinic.call('post', '/sync', { fullResync: true }).expect(200);
    await eventually(async () => {
      const [breaker] = await clinic.sql(`SELECT state FROM provider_breakers WHERE provider = 'practicehub'`);
      expect(breaker).toEqual({ state: 'closed' });
    });
    expect((await clinic.integration())['status']).toBe('syncing');
    simulator().clearFaults();
    expect(await clinic.settled()).toBe('succeeded');
  }, 60_000);

  it('lets one probe through an open breaker when its time has come, and recovers on success', async () => {
    const clinic = await activated();
    fails(clinic, { kind: 'status', status: 403 });
    for (let run = 0; run < 5; run++) await clinic.sync();
    expect(await first(clinic)).toEqual({ willRun: true, code: 'breaker_open', nextAction: 'resume_sync' });
    simulator().clearFaults();
    await clinic.sql(
      `UPDATE sync_health SET probe_at = now() WHERE integration_id = (SELECT id FROM integrations WHERE merchant_id = $1)`,
      [clinic.merchantId],
    );
    await eventually(async () => expect(await clinic.integration()).toMatchObject({ syncHealth: 'healthy' }), 15_000);
    expect(await clinic.settled()).toBe('succeeded');
    expect(await first(clinic)).toEqual({ willRun: true, code: 'scheduled', nextAction: 'none' });
  }, 40_000);

  it('keeps the other resources when one fails', async () => {
    const clinic = await activated({ sizes: { patients: 5, payments: 5, '*': 0 } });
    simulator().change({
      resource: 'payments',
      count: 2,
      apiKey: clinic.accountKey,
      fields: { service: 'changed', amount: '12.34' },
    });
    fails(clinic, { kind: 'status', status: 403 });
    expect(await clinic.sync()).toBe('failed');
    const logs = await clinic.sql(
      `SELECT resource_type, l.status FROM sync_logs l JOIN integrations i ON i.id = l.integration_id
       WHERE i.merchant_id = $1 AND run_id = (SELECT id FROM sync_runs r WHERE r.integration_id = i.id ORDER BY created_at DESC LIMIT 1)`,
      [clinic.merchantId],
    );
    const byType = Object.fromEntries(logs.map((log) => [log['resource_type'], log['status']]));
    expect(byType).toMatchObject({ customers: 'failed', payments: 'success' });
  });

  it('does not forget over a hand-back that a resource failed', async () => {
    const clinic = await activated({ sizes: { patients: 5, services: 2_500, '*': 0 } });
    fails(clinic, { kind: 'status', status: 403 });
    // somebody waits for a slot: a run whose job was lost does until the reconciler finds it
    await clinic.sql(
      `INSERT INTO sync_runs (id, integration_id, kind, lane, trigger, state)
       SELECT gen_random_uuid(), id, 'push', 'push', 'manual', 'queued' FROM integrations WHERE merchant_id = $1`,
      [clinic.merchantId],
    );
    await clinic.sync({ fullResync: true });
    const [run] = await clinic.sql(
      `SELECT r.attempt > 1 AS "requeued", r.state FROM sync_runs r JOIN integrations i ON i.id = r.integration_id
       WHERE i.merchant_id = $1 AND r.lane = 'sync' ORDER BY r.created_at DESC LIMIT 1`,
      [clinic.merchantId],
    );
    expect(run).toEqual({ requeued: true, state: 'failed' });
    expect(await clinic.integration()).toMatchObject({ status: 'error', providerState: { consecutiveErrors: 1 } });
  }, 40_000);
});
