import { describeOnBothQueues, type TestApp } from '../support/app';
import { makeClinic, type Clinic } from '../support/clinic';
import { eventually } from '../support/eventually';

const live = (rows: { operation: string }[]) => rows.filter((row) => row.operation !== 'deleted');

describeOnBothQueues('the sync engine', (application) => {
  const simulator = (): TestApp['sandbox']['practicehub'] => application().sandbox.practicehub;
  afterEach(() => simulator().clearFaults());

  const activated = async (options: Parameters<typeof makeClinic>[1] = {}, body: object = {}): Promise<Clinic> => {
    const clinic = await makeClinic(application(), options);
    await clinic.activate(body).expect(200);
    expect(await clinic.settled()).toBe('succeeded');
    return clinic;
  };

  it('reads everything at the first sync, and at the second only what changed', async () => {
    const clinic = await activated();
    expect(await clinic.records('customers')).toHaveLength(30);
    expect(await clinic.records('products')).toHaveLength(9);
    const before = await clinic.records('customers');
    const ids = simulator().change({ resource: 'patients', count: 4, apiKey: clinic.accountKey });
    expect(await clinic.sync()).toBe('succeeded');
    const after = await clinic.records('customers');
    const moved = after.filter((row) => row.version === 2).map((row) => row.externalId);
    expect(moved.sort()).toEqual(ids.map(String).sort());
    expect(after.filter((row) => row.version === 1)).toHaveLength(before.length - 4);
    const [log] = await clinic.sql(
      `SELECT l.* FROM sync_logs l JOIN integrations i ON i.id = l.integration_id
       WHERE i.merchant_id = $1 AND resource_type = 'customers' ORDER BY l.created_at DESC LIMIT 1`,
      [clinic.merchantId],
    );
    // an incremental scan: far fewer rows than the whole list
    expect(log).toMatchObject({ records_updated: 4, records_created: 0, status: 'success' });
    expect(log!['records_fetched']).toBeLessThan(30);
  });

  it('deletes what the provider says is gone, after a full scan and not before', async () => {
    const clinic = await activated();
    simulator().delete({ resource: 'patients', count: 3, apiKey: clinic.accountKey });
    await clinic.sync();
    expect(live(await clinic.records('customers'))).toHaveLength(30);
    await clinic.sync({ fullResync: true });
    expect(live(await clinic.records('customers'))).toHaveLength(27);
    expect((await clinic.records('customers')).filter((row) => row.operation === 'deleted')[0]!.data).toHaveProperty(
      'name',
    );
  });

  it('holds a plan that would delete more than a fifth of the rows', async () => {
    const clinic = await activated({ sizes: { patients: 60, '*': 0 } });
    simulator().delete({ resource: 'patients', count: 30, apiKey: clinic.accountKey });
    await clinic.sync({ fullResync: true });
    expect(live(await clinic.records('customers'))).toHaveLength(60);
    const explain = (await clinic.call('get', '/explain').expect(200)).body.data;
    expect(explain.reasons.map((reason: { code: string }) => reason.code)).toContain('deletions_held');
    const [plan] = await clinic.sql(
      `SELECT cardinality(external_ids) AS rows FROM sync_deletion_plans p JOIN integrations i ON i.id = p.integration_id
       WHERE i.merchant_id = $1 AND p.state = 'held'`,
      [clinic.merchantId],
    );
    expect(plan).toEqual({ rows: 30 });
  });

  it.each(['empty', 'truncated', 'html'] as const)('deletes nothing when a full scan gets %s answers', async (kind) => {
    const clinic = await activated();
    simulator().addFaults([{ kind, match: { path: '/patients', apiKey: clinic.accountKey } }]);
    await clinic.sync({ fullResync: true });
    expect(live(await clinic.records('customers'))).toHaveLength(30);
  });

  it('puts a row that cannot be understood in quarantine and goes on', async () => {
    const clinic = await activated();
    simulator().change({
      resource: 'invoices',
      count: 1,
      fields: { total: 'not money', amount: 'not money' },
      apiKey: clinic.accountKey,
    });
    expect(await clinic.sync()).toBe('succeeded');
    const rows = await clinic.sql(
      `SELECT q.* FROM sync_quarantine q JOIN integrations i ON i.id = q.integration_id WHERE i.merchant_id = $1`,
      [clinic.merchantId],
    );
    expect(rows).toHaveLength(1);
    expect(JSON.stringify(rows[0])).not.toContain('not money');
  });

  it('pauses at once when the credentials are rejected, and runs again after new ones', async () => {
    const clinic = await activated();
    simulator().addFaults([{ kind: 'status', status: 401, match: { apiKey: clinic.accountKey } }]);
    expect(await clinic.sync()).toBe('failed');
    expect(await clinic.integration()).toMatchObject({
      status: 'error',
      syncHealth: 'paused',
      syncInterval: { hasRepeatableJob: false },
      providerState: { consecutiveErrors: 1 },
    });
    const refused = await clinic.call('post', '/sync', {}).expect(400);
    expect(refused.body).toMatchObject({ code: 'sync_paused', nextAction: 'resume_sync' });
    const explain = (await clinic.call('get', '/explain').expect(200)).body.data;
    expect(explain).toMatchObject({
      willRun: false,
      reasons: [{ code: 'credentials_rejected', nextAction: 'reconnect' }],
    });
    simulator().clearFaults();
    await clinic.call('put', '/credentials', { credentials: clinic.credentials }).expect(200);
    expect(await clinic.settled()).toBe('succeeded');
    expect(await clinic.integration()).toMatchObject({ status: 'connected', syncHealth: 'healthy' });
  });

  it('opens the breaker after five failed runs in a row, and resume-sync closes it and runs', async () => {
    const clinic = await activated();
    simulator().addFaults([{ kind: 'status', status: 403, match: { apiKey: clinic.accountKey } }]);
    for (let run = 1; run <= 5; run++) expect(await clinic.sync()).toBe('failed');
    expect(await clinic.integration()).toMatchObject({ syncHealth: 'paused', providerState: { consecutiveErrors: 5 } });
    simulator().clearFaults();
    const resumed = await clinic.call('post', '/resume-sync').expect(200);
    expect(resumed.body).toMatchObject({ success: true, jobId: expect.any(String) });
    expect(await clinic.settled()).toBe('succeeded');
    expect(await clinic.integration()).toMatchObject({
      syncHealth: 'healthy',
      providerState: { consecutiveErrors: 0 },
    });
  });

  it('stops a running sync at a deactivate, and shreds the credential', async () => {
    const clinic = await makeClinic(application(), { sizes: { patients: 2000, '*': 0 } });
    simulator().addFaults([{ kind: 'delay', delayMs: 300, match: { path: '/patients', apiKey: clinic.accountKey } }]);
    await clinic.activate().expect(200);
    await eventually(async () => expect((await clinic.integration())['status']).toBe('syncing'));
    await clinic.call('post', '/deactivate').expect(200);
    expect(await clinic.settled()).toBe('cancelled');
    const stored = (await clinic.records('customers')).length;
    expect(stored).toBeLessThan(2000);
    const [secret] = await clinic.sql(
      `SELECT s.wrapped_key, s.destroyed_at FROM sealed_secrets s WHERE s.context->>'merchant_id' = $1`,
      [clinic.merchantId],
    );
    expect(secret).toMatchObject({ wrapped_key: null, destroyed_at: expect.any(Date) });
    await clinic.call('post', '/sync', {}).expect(400);
  });

  it('runs once when many ask at the same time, and queues a full resync behind a live run', async () => {
    const clinic = await activated({ sizes: { patients: 300, '*': 0 } });
    simulator().addFaults([{ kind: 'delay', delayMs: 200, match: { path: '/patients', apiKey: clinic.accountKey } }]);
    const answers = await Promise.all(Array.from({ length: 10 }, () => clinic.call('post', '/sync', {}).expect(200)));
    expect(new Set(answers.map((answer) => answer.body.jobId)).size).toBe(1);
    const full = await clinic.call('post', '/sync', { fullResync: true }).expect(200);
    expect(full.body.jobId).not.toBe(answers[0]!.body.jobId);
    expect(await clinic.settled()).toBe('succeeded');
  });

  it('comes back from a queue that lost everything', async () => {
    const clinic = await activated();
    // a run whose job never reached the queue: as after a crash between the commit and the add
    await clinic.sql(
      `INSERT INTO sync_runs (id, integration_id, kind, lane, trigger, state, created_at)
       SELECT gen_random_uuid(), id, 'sync', 'sync', 'manual', 'queued', now() - interval '1 minute' FROM integrations WHERE merchant_id = $1`,
      [clinic.merchantId],
    );
    expect(await clinic.settled()).toBe('succeeded');
  });

  it('stores unpaid invoices as draft until auto-send is on, and keeps what was stored', async () => {
    // of twenty, all may happen to be paid or overdue
    const settings = { variants: { invoiceStatus: 'status' } };
    const clinic = await activated({ sizes: { patients: 30, invoices: 300, payments: 10 }, settings });
    const statuses = async () => (await clinic.records('invoices')).map((row) => row.data.status);
    expect(await statuses()).not.toContain('open');
    const drafts = (await statuses()).filter((status) => status === 'draft').length;
    expect(drafts).toBeGreaterThan(0);
    await clinic.call('put', '/auto-send-invoices', { autoSendInvoices: true }).expect(200);
    await clinic.sync({ fullResync: true });
    expect((await statuses()).filter((status) => status === 'draft')).toHaveLength(drafts);
  });

  it('sends nothing of which nobody can say whether it is owed, also with auto-send on', async () => {
    const clinic = await activated({}, { autoSendInvoices: true });
    const invoices = (await clinic.records('invoices')).map(({ data }) => [data.status, data.statusSource]);
    expect(invoices).not.toEqual([]);
    expect(new Set(invoices.map(String))).toEqual(new Set(['unknown,unknown', 'paid,derived']));
  });

  it('reads another account whole when its credentials come in the middle of a run', async () => {
    const clinic = await makeClinic(application());
    const { wodify, credentials } = application().sandbox;
    // an account is told by its locations
    const account = (apiKey: string, locations: number, clients: number) => {
      wodify.addAccount({
        apiKey,
        sizes: { locations, clients, memberships: 500, invoices: 0 },
        settings: { ratePerSecond: 0 },
      });
      return { apiKey, baseUrl: `${application().sandboxUrl}${credentials.wodify.path}` };
    };
    const [first, second] = [account(`${clinic.accountKey}-a`, 1, 40), account(`${clinic.accountKey}-b`, 2, 25)];
    // they count from 1, and one account's must not be among the other's
    wodify.delete({ resource: 'locations', ids: ['1'], apiKey: second.apiKey });
    const slow = { path: '/memberships', apiKey: first.apiKey };
    wodify.addFaults([{ kind: 'delay', delayMs: 2_000, match: slow }]);
    await clinic.call('post', '/v2/integrations/wodify/activate', { credentials: first }).expect(200);
    // the old account's customers are done, its memberships are not
    await eventually(async () => expect(live(await clinic.records('customers'))).toHaveLength(40));
    await clinic.call('put', '/v2/integrations/wodify/credentials', { credentials: second }).expect(200);
    expect(await clinic.settled()).toBe('succeeded');
    wodify.clearFaults();
    const customers = await clinic.records('customers');
    expect(live(customers)).toHaveLength(25);
    // the old account's records leave the feed before anything of the new one
    expect(new Set(customers.map((row) => row.operation))).toEqual(new Set(['deleted', 'created']));
    expect(
      await clinic.sql(
        `SELECT DISTINCT epoch FROM records WHERE operation <> 'deleted'
      AND integration_id = (SELECT id FROM integrations WHERE merchant_id = $1)`,
        [clinic.merchantId],
      ),
    ).toEqual([{ epoch: 2 }]);
  }, 60_000);
});
