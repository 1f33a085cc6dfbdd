import { randomUUID } from 'node:crypto';
import { IntegrationRepository, ProviderSession } from '../../src/integrations';
import type { OutboundPaymentRow } from '../../src/payments/outbound-payment';
import { PushSteps } from '../../src/payments/push-steps';
import { OutboundPaymentRepository } from '../../src/payments/store/outbound-payment.repository';
import type { RunContext } from '../../src/sync/run-handler';
import { RunRepository } from '../../src/sync/store/run.repository';
import { startTestApp, type TestApp } from '../support/app';
import { makePushingClinic, type PushingClinic } from '../support/pushes';

jest.setTimeout(60_000);

/** The worker is told to stop between the mark that a payment is about to be sent and its sending. */
describe('a push that is broken off before it was sent', () => {
  let running: TestApp;
  let clinic: PushingClinic;
  beforeAll(async () => {
    // runs are taken by this test alone once the clinic is there
    running = await startTestApp();
    clinic = await makePushingClinic(running);
    await clinic.call('post', '/deactivate').expect(200);
    await clinic.settled();
  }, 60_000);
  afterAll(async () => running.close());

  it('is known to have had no effect, and is not searched for', async () => {
    const { app } = running;
    await clinic.activate({ pushPayments: true, syncEnabled: false }).expect(200);
    await clinic.settled();
    const integrationId = (await clinic.integration())['id'] as string;
    const [paymentId, runId] = [randomUUID(), randomUUID()];
    // leased by the insert: no worker of the application takes it
    await clinic.sql(
      `INSERT INTO sync_runs (id, integration_id, kind, lane, trigger, state, lease_owner, lease_until, fence, started_at)
       VALUES ($1, $2, 'push', 'push', 'manual', 'running', 'test', now() + interval '10 minutes', 1, now())`,
      [runId, integrationId],
    );
    await clinic.sql(
      `INSERT INTO sync_logs (id, run_id, integration_id, provider, resource_type, status, job_type)
       VALUES (gen_random_uuid(), $1, $2, 'practicehub', 'payment_pushes', 'syncing', 'manual')`,
      [runId, integrationId],
    );
    await clinic.sql(
      `INSERT INTO outbound_payments (id, integration_id, epoch, reference, provider_reference, external_invoice_id,
         external_customer_id, external_method_id, method, amount_minor, currency, paid_at, run_id, status, step)
       SELECT $1, id, epoch, 'r', gen_random_uuid()::text, $3, '7', '2', 'card', 4400, 'GBP', now(), $4, 'queued', 'queued'
       FROM integrations WHERE id = $2`,
      [paymentId, integrationId, clinic.invoices[0], runId],
    );
    const integration = (await app.get(IntegrationRepository, { strict: false }).findById(integrationId))!;
    const payment = (await app
      .get(OutboundPaymentRepository, { strict: false })
      .find(integrationId, paymentId)) as OutboundPaymentRow;
    const stopped = AbortSignal.abort(new Error('the process ends'));
    const { adapter, call } = await app
      .get(ProviderSession, { strict: false })
      .open(integration, 'run:push', { signal: stopped, runId });
    const run = { id: runId, integrationId, fence: 1, lane: 'push' } as RunContext['run'];
    const context = { run, signal: stopped } as RunContext;
    const advance = app
      .get(PushSteps, { strict: false })
      .advance(context, { run, integration }, { pusher: adapter.payments!, call }, payment);
    await expect(advance).rejects.toThrow(/before it was sent/);
    expect(await clinic.row(paymentId)).toMatchObject({ status: 'queued', step: 'queued', searches: 0 });

    // and the next worker just sends it
    await clinic.sql(`UPDATE sync_runs SET lease_until = now() - interval '1 second' WHERE id = $1`, [runId]);
    expect(await app.get(RunRepository, { strict: false }).freeDead(10)).toEqual(expect.any(Array));
    await clinic.hurry();
    await clinic.becomes(paymentId, 'pushed', 40_000);
    expect((await clinic.truth(paymentId)).payments).toHaveLength(1);
  });
});
