import { Injectable } from '@nestjs/common';
import { AuditLog } from '../audit';
import { EventLog } from '../events';
import { integrationEvent, IntegrationRepository, transition, type Integration } from '../integrations';
import { UnitOfWork, type Tx } from '../platform/database';
import { InterlockError } from '../platform/errors';
import { SyncLifecycle } from '../sync';
import type { OutboundPaymentRow } from './outbound-payment';
import { tellOfPayment } from './payment-events';
import { NOT_TAKEN } from './push-failure';
import { OutboundPaymentRepository } from './store/outbound-payment.repository';

/** An operator's decisions about a payment with an unknown outcome. 404: unknown payment; 409: not held for review. */
@Injectable()
export class PaymentReviews {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly integrations: IntegrationRepository,
    private readonly payments: OutboundPaymentRepository,
    private readonly sync: SyncLifecycle,
    private readonly audit: AuditLog,
    private readonly events: EventLog,
  ) {}

  /**
   * Searches once more and returns the run that does it. A payment that is found continues; otherwise it is held again.
   */
  async searchAgain(id: string, reason: string): Promise<{ runId: string }> {
    return this.decide(id, reason, 'searched_again', async (tx, integration, payment) => {
      if (payment.status !== 'needs_review') throw notHeld(payment);
      transition(integration.state, 'configure');
      if (payment.epoch !== integration.epoch) {
        throw new InterlockError('conflict', {
          message: 'The payment was started in another account of the provider.',
        });
      }
      const { runId } = await this.sync.requestRun(tx, {
        integrationId: integration.id,
        kind: 'push',
        trigger: 'manual',
      });
      await this.payments.searchAgain(tx, id, runId);
      return { runId };
    });
  }

  /**
   * The provider does not have the payment: frees its part of the invoice, and the merchant may request it again. A
   * search that waits does not keep it, and finds nothing to search for.
   */
  async notTaken(id: string, reason: string): Promise<void> {
    await this.decide(id, reason, 'not_taken', async (tx, integration, payment) => {
      if (!(await this.payments.release(tx, id, NOT_TAKEN))) throw notHeld(payment);
      tellOfPayment(this.events, tx, integration, payment, 'failed', NOT_TAKEN.code);
    });
  }

  private async decide<T>(
    id: string,
    reason: string,
    outcome: string,
    work: (tx: Tx, integration: Integration, payment: OutboundPaymentRow) => Promise<T>,
  ): Promise<T> {
    const found = await this.payments.findAnywhere(id);
    if (!found) throw new InterlockError('not_found');
    return this.unitOfWork.run(async (tx) => {
      const integration = await this.integrations.lock(tx, found.integrationId);
      const payment = integration && (await this.payments.readByReference(tx, integration.id, found.reference));
      if (!payment) throw new InterlockError('not_found');
      const result = await work(tx, integration, payment);
      const details = { provider: integration.provider, amountMinor: payment.amountMinor, currency: payment.currency };
      const event = { subject: { type: 'outbound_payment', id }, reason, details };
      await this.audit.record(tx, integrationEvent(integration, `payment_push.${outcome}`, event));
      return result;
    });
  }
}

function notHeld({ status, step }: OutboundPaymentRow): InterlockError {
  const message =
    status === 'queued' && step === 'creating'
      ? 'A run works on the payment or searches for it: look again when it has ended.'
      : `The payment is ${status}, not held for review.`;
  return new InterlockError('conflict', { message });
}
