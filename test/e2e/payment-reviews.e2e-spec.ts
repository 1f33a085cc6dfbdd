import { Client } from 'pg';
import { AppConfig } from '../../src/platform/config';
import { RunExecutor } from '../../src/sync/run-executor';
import { adminOf } from '../support/admin';
import { startTestApp, type TestApp } from '../support/app';
import { eventually } from '../support/eventually';
import { lockWaits } from '../support/lock-waits';
import { holdPayment, makePushingClinic, type PushingClinic } from '../support/pushes';
import { freshOverview } from '../support/shown-finding';

jest.setTimeout(60_000);

type Call = Awaited<ReturnType<typeof adminOf>>;

const why = { reason: 'looked in the account (ticket 4711)' };

describe('a payment that is held for review', () => {
  let running: TestApp;
  let operator: Call;
  let viewer: Call;
  beforeAll(async () => {
    running = await startTestApp();
    operator = await adminOf(running, 'operator');
    viewer = await adminOf(running, 'viewer');
  }, 60_000);
  afterAll(async () => running.close());
  afterEach(() => running.sandbox.practicehub.clearFaults());

  const held = (rule: object) => holdPayment(running, rule);

  /** The run whose search waits need not wait any longer. */
  const resumeSearch = async (clinic: PushingClinic, id: string): Promise<void> => {
    const [run] = await clinic.sql(
      `UPDATE sync_runs r SET not_before = now() FROM outbound_payments p WHERE p.run_id = r.id AND p.id = $1
       RETURNING r.id, r.attempt`,
      [id],
    );
    await clinic.sql('UPDATE outbound_payments SET next_attempt_at = now() WHERE id = $1', [id]);
    await running.app.get(RunExecutor, { strict: false }).execute(run!['id'] as string, run!['attempt'] as number);
  };

  it('is listed with what to look for, and found by one more search it goes on', async () => {
    const { clinic, id } = await held({ afterEffect: true });
    const { body } = await viewer('get', '/payment-reviews').expect(200);
    const { provider_reference: token } = await clinic.row(id);
    expect(body.data.find((one: { id: string }) => one.id === id)).toMatchObject({
      providerReference: token,
      externalInvoiceId: clinic.invoices[0],
      amountMinor: 4400,
      provider: 'practicehub',
    });
    await viewer('post', `/payment-reviews/${id}/search`, why).expect(403);
    await operator('post', `/payment-reviews/${id}/search`, {}).expect(400);
    const answer = await operator('post', `/payment-reviews/${id}/search`, why).expect(200);
    expect(await clinic.becomes(id, 'pushed')).toMatchObject({ jobId: answer.body.data.runId });
    const truth = await clinic.truth(id);
    expect([truth.payments, truth.allocations, truth.logs].map((rows) => rows.length)).toEqual([1, 1, 1]);
    await operator('post', `/payment-reviews/${id}/not-taken`, why).expect(409);
  });

  it('is held again when one more search does not find it, and nothing is sent', async () => {
    const { clinic, id } = await held({});
    await operator('post', `/payment-reviews/${id}/search`, why).expect(200);
    await eventually(async () => expect(await clinic.settled()).toBe('failed'));
    expect(await clinic.payment(id)).toMatchObject({ status: 'needs_review', nextAction: 'contact_support' });
    expect((await clinic.truth(id)).payments).toEqual([]);
  });

  it('is held since the first time, is listed while it is searched for, and is listed under its provider alone', async () => {
    const { clinic, id } = await held({});
    await clinic.sql(`UPDATE outbound_payments SET held_at = held_at - interval '9 minutes' WHERE id = $1`, [id]);
    const listed = async (query = '') =>
      (await viewer('get', `/payment-reviews${query}`).expect(200)).body.data.find(
        (one: { id: string }) => one.id === id,
      );
    const before = await listed();
    expect(before).toMatchObject({ isSearched: false, heldAt: expect.any(String) });
    running.sandbox.practicehub.addFaults([
      {
        kind: 'delay',
        delayMs: 3_000,
        times: 1,
        match: { method: 'GET', path: '/payments', apiKey: clinic.accountKey },
      },
    ]);
    await operator('post', `/payment-reviews/${id}/search`, why).expect(200);
    expect(await listed()).toMatchObject({ isSearched: true, heldAt: before.heldAt });
    await eventually(async () => expect(await clinic.settled()).toBe('failed'));
    expect(await listed()).toMatchObject({ isSearched: false, heldAt: before.heldAt });
    expect(await listed('?environment=sandbox&provider=practicehub')).toBeDefined();
    expect(await listed('?environment=live')).toBeUndefined();
    expect(await listed('?provider=wodify')).toBeUndefined();
  });

  it('is held, and may be said not to be taken, while a search for it waits, which the list explains', async () => {
    const { clinic, id } = await held({});
    const match = { path: '/payments', apiKey: clinic.accountKey };
    running.sandbox.practicehub.addFaults([{ kind: 'status', status: 429, retryAfter: 300, match }]);
    await operator('post', `/payment-reviews/${id}/search`, why).expect(200);
    const listed = async () =>
      (await viewer('get', '/payment-reviews').expect(200)).body.data.find((one: { id: string }) => one.id === id);
    await eventually(async () =>
      expect(await listed()).toMatchObject({ isSearched: true, searchWaitReason: 'rate_limited' }),
    );
    expect(Date.parse((await listed()).searchWaitsUntil)).toBeGreaterThan(Date.now() + 60_000);
    const { findings, attention } = await freshOverview(viewer);
    const found = findings.find(({ code }: { code: string }) => code === 'payments_held');
    expect(found.title).toContain('being searched for');
    expect(attention).toContainEqual(expect.objectContaining({ because: expect.arrayContaining(['payments_held']) }));
    await operator('post', `/payment-reviews/${id}/search`, why).expect(409);
    expect(await listed()).toMatchObject({ isSearchRunning: false });
    await operator('post', `/payment-reviews/${id}/not-taken`, why).expect(200);
    expect(await listed()).toBeUndefined();
    running.sandbox.practicehub.clearFaults();
    // the search that waited has its turn, and nothing to search for
    const asked = () => running.sandbox.practicehub.requests({ apiKey: clinic.accountKey }).requests.length;
    const before = asked();
    await resumeSearch(clinic, id);
    await clinic.settled();
    expect(asked()).toBe(before);
    expect(await clinic.payment(id)).toMatchObject({ status: 'failed' });
    expect((await clinic.truth(id)).payments).toEqual([]);
  });

  it('is listed with why no run searches for it', async () => {
    const { clinic, id } = await held({});
    const match = { path: '/payments', apiKey: clinic.accountKey };
    running.sandbox.practicehub.addFaults([{ kind: 'status', status: 429, retryAfter: 300, match }]);
    await operator('post', `/payment-reviews/${id}/search`, why).expect(200);
    const reason = async () => {
      const { data } = (await viewer('get', '/payment-reviews').expect(200)).body;
      return data.find((one: { id: string }) => one.id === id).searchWaitReason;
    };
    await eventually(async () => expect(await reason()).toBe('rate_limited'));
    running.sandbox.practicehub.clearFaults();
    const ofTheMerchant = 'WHERE merchant_id = $1';
    await clinic.sql(
      `UPDATE integrations SET configuration = configuration || '{"pushPayments": false}' ${ofTheMerchant}`,
      [clinic.merchantId],
    );
    await resumeSearch(clinic, id);
    await clinic.settled();
    expect(await reason()).toBe('payments_switched_off');
    await clinic.sql(`UPDATE integrations SET state = 'inactive' ${ofTheMerchant}`, [clinic.merchantId]);
    expect(await reason()).toBe('integration_not_active');
    await operator('post', `/payment-reviews/${id}/not-taken`, why).expect(200);
  });

  it('is not said to be not taken when its search begins at the same time', async () => {
    const { clinic, id } = await held({ afterEffect: true });
    const match = { path: '/payments', apiKey: clinic.accountKey };
    running.sandbox.practicehub.addFaults([{ kind: 'status', status: 429, retryAfter: 2, match }]);
    await operator('post', `/payment-reviews/${id}/search`, why).expect(200);
    const waits = `SELECT 1 FROM sync_runs r JOIN outbound_payments p ON p.run_id = r.id WHERE p.id = $1 AND r.wait_reason = 'rate_limited'`;
    await eventually(async () => expect(await clinic.sql(waits, [id])).toHaveLength(1));
    running.sandbox.practicehub.clearFaults();
    const db = new Client({ connectionString: running.app.get(AppConfig).database.url });
    await db.connect();
    try {
      await db.query('BEGIN');
      await db.query('SELECT 1 FROM integrations WHERE merchant_id = $1 FOR UPDATE', [clinic.merchantId]);
      const said = operator('post', `/payment-reviews/${id}/not-taken`, why).then(({ status }) => status);
      await lockWaits(clinic, 1);
      // the time of the search has come
      await lockWaits(clinic, 2);
      await db.query('COMMIT');
      expect(await said).toBe(409);
    } finally {
      await db.end();
    }
    await clinic.becomes(id, 'pushed');
    expect((await clinic.truth(id)).payments).toHaveLength(1);
  });

  it('is not said to be not taken while a run asks the provider for it', async () => {
    const { clinic, id } = await held({ afterEffect: true });
    const match = { method: 'GET', path: '/payments', apiKey: clinic.accountKey };
    running.sandbox.practicehub.addFaults([{ kind: 'delay', delayMs: 3_000, times: 1, match }]);
    await operator('post', `/payment-reviews/${id}/search`, why).expect(200);
    const state = `SELECT r.state FROM sync_runs r JOIN outbound_payments p ON p.run_id = r.id WHERE p.id = $1`;
    await eventually(async () => expect(await clinic.sql(state, [id])).toEqual([{ state: 'running' }]));
    const { data } = (await viewer('get', '/payment-reviews').expect(200)).body;
    expect(data.find((one: { id: string }) => one.id === id)).toMatchObject({
      isSearched: true,
      isSearchRunning: true,
      searchWaitReason: null,
    });
    const refused = await operator('post', `/payment-reviews/${id}/not-taken`, why).expect(409);
    expect(refused.body.error).toContain('searches for it');
    await clinic.becomes(id, 'pushed');
  });

  it('frees its part of the invoice once somebody says that it was not taken, and may be asked for again', async () => {
    const { clinic, id } = await held({});
    await clinic.push('instead').expect(422);
    await operator('post', `/payment-reviews/${id}/not-taken`, why).expect(200);
    expect(await clinic.payment(id)).toMatchObject({
      status: 'failed',
      error: expect.stringContaining('has not taken'),
    });
    expect((await clinic.push('held').expect(202)).body.data.id).toBe(id);
    await clinic.becomes(id, 'pushed');
    expect((await clinic.truth(id)).payments).toHaveLength(1);
    const [entry] = await clinic.sql(
      `SELECT reason, actor_id FROM audit_entries WHERE subject_id = $1 AND action = 'payment_push.not_taken'`,
      [id],
    );
    expect(entry).toEqual({ reason: why.reason, actor_id: 'operator@example.test' });
  });

  it('does not go out by an old retry of its log entry once it was said not to have been taken', async () => {
    const { clinic, id } = await held({});
    // of the entry that another payment of the same run had failed in as well
    const retried = await clinic.sql(
      `INSERT INTO sync_log_retries (log_id, run_id) SELECT l.id, gen_random_uuid()
       FROM sync_logs l JOIN outbound_payments p ON p.run_id = l.run_id AND l.resource_type = 'payment_pushes'
       WHERE p.id = $1 RETURNING log_id`,
      [id],
    );
    expect(retried).toHaveLength(1);
    await operator('post', `/payment-reviews/${id}/not-taken`, why).expect(200);
    await clinic.becomes(await clinic.pushed('another', { externalInvoiceId: clinic.invoices[1] }), 'pushed');
    await clinic.settled();
    expect(await clinic.payment(id)).toMatchObject({
      status: 'failed',
      error: expect.stringContaining('has not taken'),
    });
    expect((await clinic.truth(id)).payments).toEqual([]);
  });

  it('that is not there, or not held, is 404 or 409', async () => {
    const clinic = await makePushingClinic(running);
    const id = await clinic.pushed('fine');
    await clinic.becomes(id, 'pushed');
    await operator('post', `/payment-reviews/${id}/search`, why).expect(409);
    await operator('post', '/payment-reviews/00000000-0000-4000-8000-000000000000/search', why).expect(404);
    await operator('post', '/payment-reviews/nonsense/not-taken', why).expect(404);
  });
});
