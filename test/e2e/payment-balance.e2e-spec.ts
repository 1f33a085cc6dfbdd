import { startTestApp, type TestApp } from '../support/app';
import { eventually } from '../support/eventually';
import { makePushingClinic, type PushingClinic } from '../support/pushes';

jest.setTimeout(60_000);

/**
 * Several payments of one invoice: whatever fails, is retried or is synced in between, they never come to more than it
 * asks.
 */
describe('payments for one invoice', () => {
  let running: TestApp;
  beforeAll(async () => {
    running = await startTestApp();
  });
  afterAll(async () => running.close());

  const simulator = () => running.sandbox.practicehub;
  afterEach(() => simulator().clearFaults());
  const fault = (clinic: PushingClinic, path: string, rule: object, method = 'POST') =>
    simulator().addFaults([{ kind: 'status', ...rule, match: { method, path, apiKey: clinic.accountKey } }]);
  const refused = async (clinic: PushingClinic, reference: string, more: object = {}) =>
    (await clinic.push(reference, more).expect(422)).body.error as string;
  const made = (clinic: PushingClinic) => simulator().truth({ resource: 'payments', apiKey: clinic.accountKey });

  it('count one that failed after the provider had taken it', async () => {
    const clinic = await makePushingClinic(running);
    fault(clinic, '/payment_allocations', { status: 422, body: { message: 'invoice is locked' } });
    const first = await clinic.pushed('half-done');
    await clinic.becomes(first, 'failed');
    expect(await refused(clinic, 'another')).toMatch(/being paid by other pushes/);
    simulator().clearFaults();
    await clinic.settled();
    await clinic.push('half-done').expect(202);
    await clinic.becomes(first, 'pushed');
    expect(made(clinic)).toHaveLength(1);
  });

  it('do not count one that failed before anything was sent', async () => {
    const clinic = await makePushingClinic(running);
    await clinic.becomes(await clinic.pushed('refused', { method: 'cheque' }), 'failed');
    await clinic.becomes(await clinic.pushed('instead'), 'pushed');
    expect(made(clinic)).toHaveLength(1);
  });

  it('are checked again when a log retry takes them up: the invoice may be paid by now', async () => {
    const clinic = await makePushingClinic(running, { invoices: 2 });
    const late = await clinic.pushed('late', { method: 'cheque' });
    const other = await clinic.pushed('other', { method: 'cheque', externalInvoiceId: clinic.invoices[1] });
    await clinic.becomes(late, 'failed');
    await clinic.becomes(other, 'failed');
    await clinic.settled();
    await clinic.becomes(await clinic.pushed('instead'), 'pushed');
    await clinic.settled();
    simulator().change({ resource: 'payment_methods', ids: [5], fields: { active: 1 }, apiKey: clinic.accountKey });
    for (const log of (await clinic.logs()).filter(({ status }) => status === 'failed')) {
      await clinic.call('post', `/sync-logs/${log['id']}/retry`).expect(200);
      await clinic.settled();
    }
    await clinic.becomes(other, 'pushed');
    expect(await clinic.payment(late)).toMatchObject({
      status: 'failed',
      errorCode: 'unprocessable_entity',
      error: expect.stringMatching(/exceeds what is left of the invoice: 0/),
      nextAction: 'fix_request',
      externalPaymentId: null,
    });
    expect(made(clinic)).toHaveLength(2);
    const actions = await clinic.sql(`SELECT action FROM audit_entries WHERE subject_id = $1 ORDER BY occurred_at`, [
      late,
    ]);
    expect(actions.map(({ action }) => action)).toEqual([
      'payment_push.requested',
      'payment_push.failed',
      'payment_push.failed',
    ]);
  });

  it('are retried by the method that is mapped now', async () => {
    const clinic = await makePushingClinic(running);
    const id = await clinic.pushed('remapped', { method: 'cheque' });
    await clinic.becomes(id, 'failed');
    await clinic.settled();
    const mappings = [{ id: 'm2', revkeenMethod: 'cheque', practiceHubMethodId: '2' }];
    await clinic.call('put', '/payment-mappings', { mappings }).expect(200);
    const [log] = await clinic.logs();
    await clinic.call('post', `/sync-logs/${log!['id']}/retry`).expect(200);
    await clinic.becomes(id, 'pushed');
    expect(made(clinic)).toEqual([expect.objectContaining({ payment_type_id: '2' })]);
  });

  it('count one that was allocated, until a sync is sure to have read the invoice as it left it', async () => {
    const clinic = await makePushingClinic(running);
    const shows = (fields: Record<string, unknown>) =>
      simulator().change({
        resource: 'invoices',
        ids: [Number(clinic.invoices[0])],
        fields,
        apiKey: clinic.accountKey,
      });
    const first = await clinic.pushed('first', { amountMinor: 4000 });
    await clinic.becomes(first, 'pushed');
    await clinic.settled();
    // the page of a list that is behind, or that was read before and is stored after: newer than the allocation, and
    // wrong
    shows({ status: 'overdue', balance: '44.00' });
    expect(await clinic.sync()).toBe('succeeded');
    const [stale] = await clinic.sql(
      `SELECT data->>'balanceMinor' AS balance, r.synced_at > p.allocated_at AS later FROM records r
       JOIN outbound_payments p ON p.integration_id = r.integration_id AND p.external_invoice_id = r.external_id
       WHERE p.id = $1 AND r.resource_type = 'invoices'`,
      [first],
    );
    expect(stale).toEqual({ balance: '4400', later: true });
    expect(await refused(clinic, 'too-much', { amountMinor: 401 })).toMatch(/400, 4000 of its balance/);

    shows({ status: 'partial', balance: '4.00' });
    await clinic.sql(
      `UPDATE outbound_payments SET allocation_begun_at = allocation_begun_at - interval '1 hour',
         allocated_at = allocated_at - interval '1 hour' WHERE id = $1`,
      [first],
    );
    expect(await clinic.sync()).toBe('succeeded');
    // shown by the invoice now, and counted once
    await clinic.becomes(await clinic.pushed('the-rest', { amountMinor: 400 }), 'pushed');
  });

  it('are free of what was asked for another account of the provider', async () => {
    const clinic = await makePushingClinic(running);
    fault(clinic, '/payment_allocations', { status: 422 });
    await clinic.becomes(await clinic.pushed('old-account'), 'failed');
    simulator().clearFaults();
    await clinic.settled();
    await clinic.sql('UPDATE integrations SET epoch = epoch + 1 WHERE merchant_id = $1', [clinic.merchantId]);
    // the new account has the same invoices
    await clinic.sql(
      `UPDATE records SET epoch = epoch + 1 WHERE integration_id IN (SELECT id FROM integrations WHERE merchant_id = $1)`,
      [clinic.merchantId],
    );
    await clinic.becomes(await clinic.pushed('new-account'), 'pushed');
  });

  it('asked for at the same moment share what is there', async () => {
    const clinic = await makePushingClinic(running);
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, index) => clinic.push(`crowd-${index}`, { amountMinor: 1000 })),
    );
    const accepted = answers.filter(({ status }) => status === 202);
    expect(accepted).toHaveLength(4);
    expect(answers.filter(({ status }) => status === 422)).toHaveLength(8);
    for (const { body } of accepted) await clinic.becomes(body.data.id, 'pushed');
    expect(made(clinic)).toHaveLength(4);
  });

  describe('held for review', () => {
    it('name our reference, also when it was the search that kept failing', async () => {
      const clinic = await makePushingClinic(running);
      fault(clinic, '/payments', { status: 503 });
      const id = await clinic.pushed('no-answer');
      await eventually(async () => expect(await clinic.row(id)).toMatchObject({ step: 'creating' }));
      await clinic.settled();
      fault(clinic, '/payments', { status: 418, body: { message: 'ask Jane Doe' } }, 'GET');
      await clinic.sql('UPDATE outbound_payments SET attempts = 5, next_attempt_at = now() WHERE id = $1', [id]);
      expect(await clinic.becomes(id, 'needs_review')).toMatchObject({
        errorCode: 'conflict',
        error: expect.stringContaining((await clinic.row(id))['provider_reference']),
        nextAction: 'contact_support',
      });
    });

    it('and what else remains after an erasure holds no word of the provider', async () => {
      const clinic = await makePushingClinic(running, { invoices: 2 });
      const canary = 'Jane-Canary-Doe';
      fault(clinic, '/payments', { status: 503, body: { message: canary } });
      const held = await clinic.pushed('erased-1');
      await eventually(async () => expect(await clinic.row(held)).toMatchObject({ step: 'creating' }));
      await clinic.settled();
      await clinic.sql(
        `UPDATE outbound_payments SET status = 'needs_review', error = $2, error_code = 'conflict' WHERE id = $1`,
        [held, `The provider said: ${canary}`],
      );
      fault(clinic, '/*', { status: 422, body: { message: canary } }, 'GET');
      await clinic.call('post', '/sync').expect(200);
      await clinic.settled();
      const traces = () =>
        clinic.sql(
          `SELECT to_jsonb(h)::text || coalesce(string_agg(to_jsonb(p)::text, ''), '') AS text FROM integrations i
           JOIN sync_health h ON h.integration_id = i.id LEFT JOIN outbound_payments p ON p.integration_id = i.id
           WHERE i.merchant_id = $1 GROUP BY h.*`,
          [clinic.merchantId],
        );
      const [before] = await clinic.sql(
        `SELECT last_error FROM sync_health h JOIN integrations i ON i.id = h.integration_id WHERE merchant_id = $1`,
        [clinic.merchantId],
      );
      expect(before!['last_error']).toContain(canary);
      await clinic.call('post', '/deactivate').expect(200);
      await clinic.call('delete', '/data').expect(202);
      await clinic.settled();
      expect((await traces())[0]!['text']).not.toContain(canary);
      expect(await clinic.payment(held)).toMatchObject({
        status: 'needs_review',
        error: expect.stringContaining((await clinic.row(held))['provider_reference']),
        nextAction: 'contact_support',
      });
    });
  });
});
