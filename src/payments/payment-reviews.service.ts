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

/**
 * What an operator does with a payment of which nobody knows whether the provider took it. 404 unknown, 409 not held.
 */
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

  /** One more search: found, it goes on; not found, it is held again. The run that does it. */
  async searchAgain(id: string, reason: string): Promise<{ runId: string }> {
    return this.decide(id, reason, 'searched_again', async (tx, integration, payment) => {
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
   * Somebody has looked and it is not there: its part of the invoice is free again, and the merchant may ask for it
   * again.
   */
  async notTaken(id: string, reason: string): Promise<void> {
    await this.decide(id, reason, 'not_taken', async (tx, integration, payment) => {
      await this.payments.release(tx, id, NOT_TAKEN);
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
      if (payment.status !== 'needs_review') {
        throw new InterlockError('conflict', { message: `The payment is ${payment.status}, not held for review.` });
      }
      const result = await work(tx, integration, payment);
      const details = { provider: integration.provider, amountMinor: payment.amountMinor, currency: payment.currency };
      const event = { subject: { type: 'outbound_payment', id }, reason, details };
      await this.audit.record(tx, integrationEvent(integration, `payment_push.${outcome}`, event));
      return result;
    });
  }
}
