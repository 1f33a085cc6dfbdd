import { Client } from 'pg';
import { startTestApp, type TestApp } from '../support/app';
import { eventually } from '../support/eventually';
import { makePushingClinic, type PushingClinic } from '../support/pushes';

jest.setTimeout(60_000);

describe('payments pushed to PracticeHub', () => {
  let running: TestApp;
  beforeAll(async () => {
    running = await startTestApp();
  });
  afterAll(async () => running.close());

  const simulator = () => running.sandbox.practicehub;
  afterEach(() => simulator().clearFaults());
  const fault = (clinic: PushingClinic, path: string, rule: object, method = 'POST') =>
    simulator().addFaults([{ kind: 'status', ...rule, match: { method, path, apiKey: clinic.accountKey } }]);
  const once = (found: { payments: any[]; allocations: any[]; logs: any[] }) => ({
    payments: found.payments.length,
    allocations: found.allocations.length,
    logs: found.logs.length,
  });
  const ONCE = { payments: 1, allocations: 1, logs: 1 };
  const audited = (clinic: PushingClinic, id: string) =>
    clinic
      .sql(`SELECT action FROM audit_entries WHERE subject_id = $1 ORDER BY occurred_at, action`, [id])
      .then((rows) => rows.map((entry) => entry['action']));

  describe('that go well', () => {
    it('are created, allocated and noted once, show in the log, and come back as ours at the next sync', async () => {
      const clinic = await makePushingClinic(running);
      const answer = await clinic.push('ref-1').expect(202);
      expect(answer.body).toEqual({
        success: true,
        data: { id: expect.any(String), jobId: expect.any(String), status: 'queued' },
      });
      const { id, jobId } = answer.body.data;
      const payment = await clinic.becomes(id, 'pushed');
      const found = await clinic.truth(id);
      expect(once(found)).toEqual(ONCE);
      expect(found.payments[0]).toMatchObject({ amount: '44.00', patient_id: '7', payment_type_id: '2' });
      expect(payment).toEqual({
        id,
        jobId,
        status: 'pushed',
        externalInvoiceId: clinic.invoices[0],
        amountMinor: 4400,
        currency: 'GBP',
        method: 'card',
        paidAt: '2026-05-05T10:00:00.000Z',
        reference: 'ref-1',
        externalPaymentId: String(found.payments[0].id),
        errorCode: null,
        error: null,
        nextAction: null,
        createdAt: expect.any(String),
        updatedAt: expect.any(String),
      });
      await clinic.settled();
      expect(await clinic.logs()).toEqual([
        expect.objectContaining({
          jobId,
          resourceType: 'payment_pushes',
          status: 'success',
          jobType: 'manual',
          recordsFetched: 1,
          recordsCreated: 1,
        }),
      ]);
      expect(await audited(clinic, id)).toEqual(['payment_push.requested', 'payment_push.pushed']);

      expect(await clinic.sync()).toBe('succeeded');
      const [invoice] = await clinic.records('invoices');
      expect(invoice!.data).toMatchObject({ status: 'paid', balanceMinor: 0 });
      const [back] = await clinic.records('payments');
      expect(back).toMatchObject({
        externalId: payment['externalPaymentId'],
        data: { origin: 'interlock', amountMinor: 4400, customerExternalId: '7' },
      });
      // by the reference it is the same payment still, though the invoice is paid now
      expect((await clinic.push('ref-1').expect(202)).body.data).toEqual({ id, jobId, status: 'pushed' });
    });

    it('share an invoice up to its balance, whatever the last sync saw', async () => {
      const clinic = await makePushingClinic(running);
      const first = await clinic.pushed('part-1', { amountMinor: 4000 });
      expect((await clinic.push('part-2', { amountMinor: 401 }).expect(422)).body.code).toBe('unprocessable_entity');
      await clinic.becomes(first, 'pushed');
      await clinic.push('part-2', { amountMinor: 401 }).expect(422);
      const second = await clinic.pushed('part-2', { amountMinor: 400 });
      await clinic.becomes(second, 'pushed');
      await clinic.settled();
      await clinic.sync();
      expect((await clinic.records('invoices'))[0]!.data).toMatchObject({ status: 'paid', balanceMinor: 0 });
    });

    it('take turns: one run drains many in bounded turns while somebody waits', async () => {
      const clinic = await makePushingClinic(running, { invoices: 15 });
      const release = await someoneWaits(await makePushingClinic(running));
      const ids = [];
      try {
        for (const [index, externalInvoiceId] of clinic.invoices.entries()) {
          ids.push(await clinic.pushed(`turn-${index}`, { externalInvoiceId }));
        }
        for (const id of ids) await clinic.becomes(id, 'pushed', 30_000);
      } finally {
        await release();
      }
      expect(await clinic.settled()).toBe('succeeded');
      for (const id of ids) expect(once(await clinic.truth(id))).toEqual(ONCE);
      const runs = await clinic.sql(
        `SELECT r.attempt FROM sync_runs r JOIN integrations i ON i.id = r.integration_id
         WHERE i.merchant_id = $1 AND r.kind = 'push'`,
        [clinic.merchantId],
      );
      // 45 calls do not fit in one turn of 20
      expect(Math.max(...runs.map((run) => run['attempt']))).toBeGreaterThan(1);
    });

    /** A run that is queued and that no worker gets hold of. Returns how to end that. */
    const someoneWaits = async (clinic: PushingClinic): Promise<() => Promise<void>> => {
      const client = new Client({ connectionString: running.config.database.url });
      await client.connect();
      const { rows } = await client.query(
        `INSERT INTO sync_runs (id, integration_id, kind, lane, trigger, state)
         SELECT gen_random_uuid(), id, 'push', 'push', 'manual', 'queued' FROM integrations WHERE merchant_id = $1 RETURNING id`,
        [clinic.merchantId],
      );
      await client.query('BEGIN');
      await client.query('SELECT 1 FROM sync_runs WHERE id = $1 FOR UPDATE', [rows[0].id]);
      return async () => {
        await client.query('DELETE FROM sync_runs WHERE id = $1', [rows[0].id]);
        await client.query('COMMIT');
        await client.end();
      };
    };
  });

  describe('asked for many times', () => {
    it('with one Idempotency-Key are one payment', async () => {
      const clinic = await makePushingClinic(running);
      const answers = await Promise.all(
        Array.from({ length: 10 }, () => clinic.push('idem-1').set('Idempotency-Key', 'key-1')),
      );
      const accepted = answers.filter((answer) => answer.status === 202);
      expect(accepted.length).toBeGreaterThan(0);
      expect(answers.every((answer) => [202, 409].includes(answer.status))).toBe(true);
      expect(new Set(accepted.map((answer) => answer.body.data.id)).size).toBe(1);
      const id = accepted[0]!.body.data.id;
      await clinic.becomes(id, 'pushed');
      expect(once(await clinic.truth(id))).toEqual(ONCE);
      expect(simulator().truth({ resource: 'payments', apiKey: clinic.accountKey })).toHaveLength(1);
    });

    it('with one reference and no key are one payment', async () => {
      const clinic = await makePushingClinic(running);
      const answers = await Promise.all(Array.from({ length: 10 }, () => clinic.push('same-1').expect(202)));
      expect(new Set(answers.map((answer) => answer.body.data.id)).size).toBe(1);
      await clinic.becomes(answers[0]!.body.data.id, 'pushed');
      await clinic.settled();
      expect(simulator().truth({ resource: 'payments', apiKey: clinic.accountKey })).toHaveLength(1);
      const conflict = await clinic.push('same-1', { amountMinor: 4399 }).expect(409);
      expect(conflict.body.code).toBe('conflict');
      await clinic.push('same-1', { paidAt: '2026-05-05T11:00:00+01:00' }).expect(202);
    });
  });

  describe('that cannot be made', () => {
    let clinic: PushingClinic;
    beforeAll(async () => {
      clinic = await makePushingClinic(running);
    });

    it.each<[string, object, RegExp]>([
      ['an unknown invoice', { externalInvoiceId: '999999' }, /externalInvoiceId/],
      ['another currency', { currency: 'EUR' }, /in GBP/],
      ['more than the balance', { amountMinor: 4401 }, /exceeds/],
      ['a method without mapping', { method: 'barter' }, /not mapped/],
    ])('because of %s are 422 and leave nothing', async (_why, more, words) => {
      const answer = await clinic.push('bad-1', more).expect(422);
      expect(answer.body).toMatchObject({ code: 'unprocessable_entity', error: expect.stringMatching(words) });
      expect(await clinic.sql('SELECT 1 FROM outbound_payments WHERE reference = $1', ['bad-1'])).toEqual([]);
    });

    it('because the invoice has no customer are 422', async () => {
      const [id] = simulator().create({
        resource: 'invoices',
        apiKey: clinic.accountKey,
        fields: { patient_id: null, status: 'sent', total: '10.00', balance: '10.00' },
      });
      await clinic.sync();
      const more = { externalInvoiceId: String(id), amountMinor: 1000 };
      expect((await clinic.push('bad-2', more).expect(422)).body.error).toMatch(/customer/);
    });

    it.each<[string, object]>([
      ['externalInvoiceId', { externalInvoiceId: '' }],
      ['amountMinor', { amountMinor: 0 }],
      ['amountMinor', { amountMinor: 1.5 }],
      ['amountMinor', { amountMinor: '4400' }],
      ['currency', { currency: 'gbp' }],
      ['method', { method: ' ' }],
      ['paidAt', { paidAt: 'yesterday' }],
      ['paidAt', { paidAt: '2026-02-30T00:00:00Z' }],
      ['paidAt', { paidAt: '2026-W01' }],
      ['reference', { reference: 'a\u0000b' }],
      ['reference', { reference: 'x'.repeat(256) }],
      ['note', { note: 'unknown field' }],
    ])('because %s is not valid are 400', async (field, more) => {
      const answer = await clinic.push('bad-3', more).expect(400);
      expect(Object.keys(answer.body.details.fields)).toEqual([field]);
    });

    it('are 422 where the provider takes none or pushPayments is off, and 404 where nothing is active', async () => {
      const body = clinic.body('bad-4');
      const at = (provider: string) => `/v2/integrations/${provider}/payments`;
      expect((await clinic.call('post', at('wodify'), body).expect(422)).body.error).toMatch(/Wodify/);
      await clinic.call('post', at('terminal'), body).expect(422);
      const off = await makePushingClinic(running, { activate: { pushPayments: false } });
      expect((await off.push('bad-4').expect(422)).body.error).toMatch(/pushPayments/);
      await off.call('post', '/deactivate').expect(200);
      await off.push('bad-4').expect(404);
    });

    it('are nobody else’s to read', async () => {
      const id = await clinic.pushed('mine');
      const other = await makePushingClinic(running);
      await other.call('get', `/payments/${id}`).expect(404);
      await clinic.call('get', '/payments/nonsense').expect(400);
    });
  });

  describe('whose answer was lost', () => {
    const stages: [string, string][] = [
      ['creation', '/payments'],
      ['allocation', '/payment_allocations'],
      ['note', '/patient_logs'],
    ];
    it.each(stages)('at the %s are searched for and go on, once', async (_stage, path) => {
      const clinic = await makePushingClinic(running);
      fault(clinic, path, { kind: 'reset-connection', afterEffect: true, times: 1 });
      const id = await clinic.pushed('lost-1');
      await clinic.becomes(id, 'pushed');
      expect(once(await clinic.truth(id))).toEqual(ONCE);
      await clinic.settled();
      expect((await clinic.logs()).map((log) => log['status'])).toEqual(['success', 'failed']);
    });

    it('and that cannot be found in three searches are held for review, and never sent again', async () => {
      const clinic = await makePushingClinic(running);
      fault(clinic, '/payments', { status: 503 });
      const searches = () =>
        simulator()
          .requests({ apiKey: clinic.accountKey, path: '/payments' })
          .requests.filter((one) => one.method === 'GET' && one.query['patient_id']).length;
      const id = await clinic.pushed('gone-1');
      for (let search = 1; search <= 3; search++) {
        await eventually(async () => expect((await clinic.row(id))['searches']).toBe(search - 1));
        await eventually(async () => expect((await clinic.row(id))['step']).toBe('creating'));
        expect(await clinic.payment(id)).toMatchObject({ status: 'queued', externalPaymentId: null });
        await clinic.settled();
        expect(searches()).toBe(search - 1);
        await clinic.hurry();
        await eventually(async () => expect((await clinic.row(id))['searches']).toBe(search));
      }
      const payment = await clinic.becomes(id, 'needs_review');
      expect(payment).toMatchObject({
        errorCode: 'conflict',
        error: expect.stringContaining((await clinic.row(id))['provider_reference']),
        nextAction: 'contact_support',
      });
      await clinic.settled();
      expect((await clinic.logs())[0]).toMatchObject({
        status: 'failed',
        errorCode: 'conflict',
        recordsQuarantined: 1,
      });
      // asking again does not send it again
      simulator().clearFaults();
      expect((await clinic.push('gone-1').expect(202)).body.data).toMatchObject({ id, status: 'needs_review' });
      await clinic.hurry();
      await clinic.settled();
      expect(once(await clinic.truth(id))).toEqual({ payments: 0, allocations: 0, logs: 0 });
      expect(searches()).toBe(3);
      expect(await audited(clinic, id)).toEqual(['payment_push.requested', 'payment_push.needs_review']);
      // and its amount stays reserved: the money may have gone
      await clinic.push('gone-2').expect(422);
    });

    it('are searched for with delays, not at once', async () => {
      const clinic = await makePushingClinic(running);
      fault(clinic, '/payments', { status: 500 });
      const id = await clinic.pushed('slow-1');
      await eventually(async () => expect((await clinic.row(id))['step']).toBe('creating'));
      await clinic.settled();
      const waits = [];
      for (const search of [0, 1, 2]) {
        await eventually(async () => expect((await clinic.row(id))['searches']).toBe(search));
        const { next_attempt_at: next, updated_at: updated } = await clinic.row(id);
        waits.push(Math.round((next - updated) / 1000));
        await clinic.hurry();
      }
      expect(waits).toEqual([2, 15, 60]);
    });
  });

  describe('that the provider refuses', () => {
    it('fail with its words, and a retry from the sync log pushes them once the cause is mended', async () => {
      const clinic = await makePushingClinic(running);
      const id = await clinic.pushed('refused-1', { method: 'cheque' });
      const payment = await clinic.becomes(id, 'failed');
      expect(payment).toMatchObject({
        errorCode: 'provider_error',
        error: 'The provider refused. The provider said: payment_type_id is not active',
        nextAction: 'fix_request',
      });
      await clinic.settled();
      const [log] = await clinic.logs();
      expect(log).toMatchObject({
        status: 'failed',
        errorCode: 'provider_error',
        recordsFetched: 1,
        recordsCreated: 0,
      });
      simulator().change({
        resource: 'payment_methods',
        ids: [5],
        fields: { active: 1 },
        apiKey: clinic.accountKey,
      });
      const retry = await clinic.call('post', `/sync-logs/${log!['id']}/retry`).expect(200);
      expect(await clinic.becomes(id, 'pushed')).toMatchObject({ jobId: retry.body.data.jobId, error: null });
      expect(once(await clinic.truth(id))).toEqual(ONCE);
      await clinic.settled();
      expect((await clinic.logs())[0]).toMatchObject({
        jobId: retry.body.data.jobId,
        jobType: 'single_retry',
        status: 'success',
        attempt: 2,
        recordsCreated: 1,
      });
    });

    it('go on where they stopped when they are asked for again', async () => {
      const clinic = await makePushingClinic(running);
      fault(clinic, '/payment_allocations', { status: 422, body: { message: 'invoice is locked' } });
      const id = await clinic.pushed('refused-2');
      const failed = await clinic.becomes(id, 'failed');
      expect(failed).toMatchObject({ error: expect.stringContaining('invoice is locked') });
      expect(failed['externalPaymentId']).not.toBeNull();
      simulator().clearFaults();
      await clinic.settled();
      expect((await clinic.push('refused-2').expect(202)).body.data).toMatchObject({ id, status: 'queued' });
      await clinic.becomes(id, 'pushed');
      expect(once(await clinic.truth(id))).toEqual(ONCE);
    });

    it('because of the credentials say so, fail with the others that wait, and leave the sync breaker alone', async () => {
      const clinic = await makePushingClinic(running, { invoices: 3 });
      simulator().addFaults([{ kind: 'delay', delayMs: 400, times: 1, match: { method: 'POST', path: '/payments' } }]);
      simulator().addFaults([{ kind: 'status', status: 401, match: { path: '/payment*', apiKey: clinic.accountKey } }]);
      const ids = [];
      for (const [index, externalInvoiceId] of clinic.invoices.entries()) {
        ids.push(await clinic.pushed(`auth-${index}`, { externalInvoiceId }));
      }
      for (const id of ids) {
        expect(await clinic.becomes(id, 'failed')).toMatchObject({
          errorCode: 'provider_credentials_rejected',
          error: expect.stringMatching(/^The provider rejected the credentials \(HTTP 401\)\./),
          nextAction: 'reconnect',
        });
      }
      expect(await clinic.settled()).toBe('failed');
      expect(await clinic.integration()).toMatchObject({
        syncHealth: 'healthy',
        status: 'connected',
        providerState: { consecutiveErrors: 0 },
      });
    });
  });

  describe('that must wait', () => {
    it('are handed back at a rate limit for as long as it asks, and go on', async () => {
      const clinic = await makePushingClinic(running);
      // longer than the client waits inside a call
      fault(clinic, '/payments', { status: 429, retryAfter: 6, times: 1 });
      const id = await clinic.pushed('limited-1');
      await eventually(async () => {
        const [run] = await clinic.sql(
          `SELECT r.* FROM sync_runs r JOIN integrations i ON i.id = r.integration_id
           WHERE i.merchant_id = $1 AND kind = 'push'`,
          [clinic.merchantId],
        );
        expect(run).toMatchObject({ state: 'queued', wait_reason: 'rate_limited', not_before: expect.any(Date) });
      });
      expect(await clinic.payment(id)).toMatchObject({ status: 'queued', errorCode: 'rate_limited' });
      await clinic.becomes(id, 'pushed', 20_000);
      expect(once(await clinic.truth(id))).toEqual(ONCE);
      expect(await clinic.settled()).toBe('succeeded');
      expect(await clinic.logs()).toEqual([expect.objectContaining({ status: 'success', recordsCreated: 1 })]);
    });

    it('stay queued over a deactivation, and go on after the reactivation', async () => {
      const clinic = await makePushingClinic(running, { invoices: 2 });
      fault(clinic, '/payments', { kind: 'delay', delayMs: 1_000, times: 1 });
      const [first, second] = [
        await clinic.pushed('off-1'),
        await clinic.pushed('off-2', { externalInvoiceId: clinic.invoices[1] }),
      ];
      await eventually(async () => expect((await clinic.row(first))['step']).toBe('creating'));
      await clinic.call('post', '/deactivate').expect(200);
      await clinic.settled();
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      expect(await clinic.row(first)).toMatchObject({ status: 'queued', step: 'creating' });
      expect(await clinic.row(second)).toMatchObject({ status: 'queued', step: 'queued' });
      await clinic.activate({ pushPayments: true }).expect(200);
      for (const id of [first, second]) {
        await clinic.becomes(id, 'pushed', 20_000);
        expect(once(await clinic.truth(id))).toEqual(ONCE);
      }
    });

    it('stop when the data of the integration is erased, and keep no words of the provider', async () => {
      const clinic = await makePushingClinic(running, { invoices: 3 });
      const made = await clinic.pushed('erase-1');
      await clinic.becomes(made, 'pushed');
      const refused = await clinic.pushed('erase-2', { externalInvoiceId: clinic.invoices[1], method: 'cheque' });
      await clinic.becomes(refused, 'failed');
      await clinic.settled();
      fault(clinic, '/payments', { status: 500 });
      const unknown = await clinic.pushed('erase-3', { externalInvoiceId: clinic.invoices[2] });
      await eventually(async () => expect(await clinic.row(unknown)).toMatchObject({ error_code: 'provider_error' }));
      await clinic.call('post', '/deactivate').expect(200);
      await clinic.call('delete', '/data').expect(202);
      await clinic.settled();
      expect(await clinic.payment(made)).toMatchObject({ status: 'pushed', error: null });
      for (const [id, status] of [
        [refused, 'failed'],
        [unknown, 'needs_review'],
      ] as const) {
        expect(await clinic.payment(id)).toMatchObject({ status, error: expect.stringContaining('erased') });
      }
    });

    it('do not go out while pushPayments is off, nor ever to another account', async () => {
      const clinic = await makePushingClinic(running);
      fault(clinic, '/payments', { kind: 'delay', delayMs: 600, times: 1 });
      const id = await clinic.pushed('epoch-1');
      await clinic.call('post', '/deactivate').expect(200);
      await clinic.sql(`UPDATE outbound_payments SET step = 'queued', next_attempt_at = now() WHERE id = $1`, [id]);
      await clinic.activate({ pushPayments: false }).expect(200);
      // not even by a run that was asked for otherwise
      await clinic.sql(
        `INSERT INTO sync_runs (id, integration_id, kind, lane, trigger, state, created_at)
         SELECT gen_random_uuid(), id, 'push', 'push', 'single_retry', 'queued', now() - interval '1 minute'
         FROM integrations WHERE merchant_id = $1`,
        [clinic.merchantId],
      );
      await clinic.settled();
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      expect(await clinic.row(id)).toMatchObject({ status: 'queued', step: 'queued' });
      await clinic.sql(
        `UPDATE integrations SET epoch = epoch + 1, configuration = configuration || '{"pushPayments": true}' WHERE merchant_id = $1`,
        [clinic.merchantId],
      );
      expect(await clinic.becomes(id, 'failed')).toMatchObject({ error: expect.stringContaining('another account') });
    });
  });
});
