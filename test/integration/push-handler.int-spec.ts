import { randomUUID } from 'node:crypto';
import { PushRunHandler } from '../../src/payments/push-run.handler';
import { OutboundPaymentRepository } from '../../src/payments/store/outbound-payment.repository';
import { UnitOfWork } from '../../src/platform/database';
import { ProviderFailure } from '../../src/platform/outbound';
import type { RunContext } from '../../src/sync/run-handler';
import { startTestApp, type TestApp } from '../support/app';
import { makePushingClinic, type PushingClinic } from '../support/pushes';

jest.setTimeout(60_000);

describe('a run of pushes', () => {
  let running: TestApp;
  let clinic: PushingClinic;
  let integrationId: string;
  beforeAll(async () => {
    running = await startTestApp();
    clinic = await makePushingClinic(running);
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
  async function dueIn(runId: string): Promise<string> {
    const paymentId = randomUUID();
    await clinic.sql(
      `INSERT INTO outbound_payments (id, integration_id, epoch, reference, provider_reference, external_invoice_id,
         external_customer_id, external_method_id, method, amount_minor, currency, paid_at, run_id, status, step)
       SELECT $1, id, epoch, 'r', gen_random_uuid()::text, $3, '7', '2', 'card', 4400, 'GBP', now(), $4, 'queued', 'queued'
       FROM integrations WHERE id = $2`,
      [paymentId, integrationId, clinic.invoices[0], runId],
    );
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
});
