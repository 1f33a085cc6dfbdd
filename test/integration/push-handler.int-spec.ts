import { randomUUID } from 'node:crypto';
import { PushRunHandler } from '../../src/payments/push-run.handler';
import { OutboundPaymentRepository } from '../../src/payments/store/outbound-payment.repository';
import { UnitOfWork } from '../../src/platform/database';
import { ProviderFailure } from '../../src/platform/outbound';
import type { RunContext } from '../../src/sync/run-handler';
import { startTestApp, type TestApp } from '../support/app';
import { eventually } from '../support/eventually';
import { makePushingClinic, type PushingClinic } from '../support/pushes';

jest.setTimeout(60_000);

describe('a run of pushes', () => {
  let running: TestApp;
  let clinic: PushingClinic;
  let integrationId: string;
  let invoices = 0;
  beforeAll(async () => {
    running = await startTestApp();
    clinic = await makePushingClinic(running, { invoices: 20 });
    integrationId = (await clinic.integration())['id'] as string;
  }, 60_000);
  afterAll(async () => running?.close());
  // what is left over is no concern of the next test, nor of the workers that take over
  afterEach(async () => {
    await clinic.sql(`DELETE FROM outbound_payments WHERE integration_id = $1`, [integrationId]);
    await clinic.sql(`UPDATE sync_runs SET state = 'cancelled', finished_at = now() WHERE lease_owner = 'test'`);
  });

  /** A run that this test holds: leased by the insert, so that no worker of the application takes it. */
  async function heldRun(): Promise<string> {
    const runId = randomUUID();
    await clinic.sql(
      `INSERT INTO sync_runs (id, integration_id, kind, lane, trigger, state, lease_owner, lease_until, fence, started_at)
       VALUES ($1, $2, 'push', 'push', 'manual', 'running', 'test', now() + interval '10 minutes', 1, now())`,
      [runId, integrationId],
    );
    return runId;
  }
  /** Of an invoice of its own. */
  async function dueIn(runId: string, fields: Record<string, unknown> = {}): Promise<string> {
    const paymentId = randomUUID();
    await clinic.sql(
      `INSERT INTO outbound_payments (id, integration_id, epoch, reference, provider_reference, external_invoice_id,
         external_customer_id, external_method_id, method, amount_minor, currency, paid_at, run_id, status, step)
       SELECT $1, id, epoch, $1::uuid::text, gen_random_uuid()::text, $3, '7', '2', 'card', 4400, 'GBP', now(), $4, 'queued', 'queued'
       FROM integrations WHERE id = $2`,
      [paymentId, integrationId, clinic.invoices[invoices++], runId],
    );
    for (const [name, value] of Object.entries(fields)) {
      await clinic.sql(`UPDATE outbound_payments SET ${name} = $2 WHERE id = $1`, [paymentId, value]);
    }
    return paymentId;
  }
  const execute = ({ runId, ...context }: { runId: string } & Partial<RunContext>) =>
    running.app.get(PushRunHandler, { strict: false }).execute({
      run: {
        id: runId,
        integrationId,
        fence: 1,
        lane: 'push',
        kind: 'push',
        trigger: 'manual',
        retryAttempt: 1,
      } as RunContext['run'],
      signal: new AbortController().signal,
      assertHeld: () => undefined,
      duringCall: (call) => call(),
      shouldYield: () => false,
      countPage: () => undefined,
      ...context,
    });
  const posts = () =>
    running.sandbox.practicehub
      .requests({ apiKey: clinic.accountKey, path: '/payments' })
      .requests.filter(({ method }) => method === 'POST').length;

  it('that is told to stop right before a call sends nothing more, and knows that nothing was sent', async () => {
    const runId = await heldRun();
    const paymentId = await dueIn(runId);
    const stop = new AbortController();
    // the last that happens before the call is made
    const countPage = () => stop.abort(new Error('the process ends'));
    const run = execute({ runId, signal: stop.signal, countPage });
    await expect(run).rejects.toMatchObject({ nothingSent: true });
    expect(stop.signal.aborted).toBe(true);
    expect(posts()).toBe(0);
    expect(await clinic.row(paymentId)).toMatchObject({ status: 'queued', step: 'queued', searches: 0 });
  });

  it('whose lease is over by the clock sends nothing, also where nobody has noticed yet', async () => {
    const runId = await heldRun();
    const paymentId = await dueIn(runId);
    const assertHeld = () => {
      throw new ProviderFailure('network', 'no longer held', { nothingSent: true, final: true });
    };
    expect(await execute({ runId, assertHeld })).toMatchObject({ kind: 'failed', verdict: 'network' });
    expect(posts()).toBe(0);
    expect(await clinic.row(paymentId)).toMatchObject({ status: 'queued', step: 'queued', searches: 0 });
  });

  it('takes no payment that was asked for another account', async () => {
    const runId = await heldRun();
    const paymentId = await dueIn(runId);
    const [{ epoch }] = (await clinic.sql('SELECT epoch FROM integrations WHERE id = $1', [integrationId])) as [
      { epoch: number },
    ];
    const payments = running.app.get(OutboundPaymentRepository, { strict: false });
    const taken = (of: number) =>
      running.app.get(UnitOfWork).run((tx) => payments.takeDue(tx, integrationId, of, runId));
    expect(await taken(epoch + 1)).toBeNull();
    expect(await taken(epoch - 1)).toBeNull();
    expect(await taken(epoch)).toMatchObject({ id: paymentId });
  });

  const first = { next_attempt_at: '2026-01-01T00:00:00Z' };
  afterEach(() => running.sandbox.practicehub.clearFaults());

  it('takes a payment as far as it goes before it begins another', async () => {
    const runId = await heldRun();
    const ids = [await dueIn(runId, first), await dueIn(runId)];
    const posted = () =>
      running.sandbox.practicehub
        .requests({ apiKey: clinic.accountKey })
        .requests.filter(({ method }) => method === 'POST')
        .map(({ path }) => /\w+$/.exec(path)![0]);
    const before = posted().length;
    expect(await execute({ runId })).toEqual({ kind: 'succeeded' });
    expect(await Promise.all(ids.map(async (id) => (await clinic.row(id))['status']))).toEqual(['pushed', 'pushed']);
    const calls = posted().slice(before);
    expect(calls).toHaveLength(6);
    expect(calls.slice(3)).toEqual(calls.slice(0, 3));
    expect(new Set(calls).size).toBe(3);
  });

  it('goes on with the others when it does not find one that it searches for', async () => {
    const runId = await heldRun();
    const sought = await dueIn(runId, { ...first, step: 'creating' });
    const other = await dueIn(runId);
    await execute({ runId });
    expect(await clinic.row(sought)).toMatchObject({ status: 'queued', step: 'creating', searches: 1, attempts: 0 });
    expect(await clinic.row(other)).toMatchObject({ status: 'pushed' });
  });

  it.each([
    ['gets no sound answer', { status: 500 }, 1, { kind: 'failed' }],
    // the account is asked to wait as well, by each further run
    ['is asked to wait', { status: 429, retryAfter: 30 }, 0, { kind: 'yielded', reason: 'rate_limited' }],
  ])('whose search %s keeps what is unknown unknown', async (_what, answer, attempts, outcome) => {
    const runId = await heldRun();
    const sought = await dueIn(runId, { ...first, step: 'creating' });
    const other = await dueIn(runId);
    const match = { method: 'GET', path: '/payments', apiKey: clinic.accountKey };
    running.sandbox.practicehub.addFaults([{ kind: 'status', ...answer, match }]);
    const before = posts();
    expect(await execute({ runId })).toMatchObject(outcome);
    expect(await clinic.row(sought)).toMatchObject({ status: 'queued', step: 'creating', searches: 0, attempts });
    expect(await clinic.row(other)).toMatchObject({ status: 'queued', step: 'queued' });
    expect(posts()).toBe(before);
  });

  it('ends what was asked for another account: in doubt for review, the rest as failed, each in the audit log', async () => {
    const runId = await heldRun();
    const ids = [await dueIn(runId, { step: 'creating' }), await dueIn(runId), await dueIn(runId)];
    await clinic.sql('UPDATE outbound_payments SET epoch = epoch - 1 WHERE run_id = $1', [runId]);
    await execute({ runId });
    const ended = ['needs_review', 'failed', 'failed'];
    expect(await Promise.all(ids.map(async (id) => (await clinic.row(id))['status']))).toEqual(ended);
    const [log] = await clinic.sql(
      `SELECT records_fetched AS fetched, records_quarantined AS held FROM sync_logs WHERE run_id = $1`,
      [runId],
    );
    expect(log).toEqual({ fetched: 3, held: 1 });
    const told = await clinic.sql(`SELECT action FROM audit_entries WHERE subject_id = ANY($1::text[])`, [ids]);
    expect(told.map(({ action }) => action).toSorted()).toEqual(
      ended.map((status) => `payment_push.${status}`).toSorted(),
    );
  });

  it('is not what notices a restored database: the dispatcher does, with its next tick', async () => {
    await clinic.sql(`UPDATE database_generation SET incarnation = 'before', since = '-infinity'`);
    await eventually(async () => {
      const [noticed] = await clinic.sql(
        `SELECT incarnation = database_incarnation() AS known, since > now() - interval '1 minute' AS since FROM database_generation`,
      );
      expect(noticed).toEqual({ known: true, since: true });
    });
    await clinic.sql(`UPDATE database_generation SET since = '-infinity'`);
  });
});
