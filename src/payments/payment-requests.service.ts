import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AuditLog } from '../audit';
import {
  IntegrationAccess,
  integrationEvent,
  IntegrationRepository,
  transition,
  type Integration,
  type IntegrationKey,
} from '../integrations';
import { UnitOfWork, type Tx } from '../platform/database';
import { InterlockError } from '../platform/errors';
import { ProviderRegistry } from '../providers';
import { SyncLifecycle } from '../sync';
import { isSameContent, providerReferenceOf, type OutboundPaymentRow, type PaymentContent } from './outbound-payment';
import { refusal } from './payment-checks';
import { PaymentTargets, type PaymentTarget } from './payment-targets';
import { OutboundPaymentRepository } from './store/outbound-payment.repository';

/** Accepts payments to push. Repeated and concurrent requests make one payment. */
@Injectable()
export class PaymentRequestsService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly access: IntegrationAccess,
    private readonly integrations: IntegrationRepository,
    private readonly providers: ProviderRegistry,
    private readonly targets: PaymentTargets,
    private readonly payments: OutboundPaymentRepository,
    private readonly sync: SyncLifecycle,
    private readonly audit: AuditLog,
  ) {}

  async find(key: IntegrationKey, id: string): Promise<OutboundPaymentRow> {
    const integration = await this.access.find(key);
    const payment = integration && (await this.payments.find(integration.id, id));
    if (!payment) throw new InterlockError('not_found');
    return payment;
  }

  /** A known reference returns its payment; a failed one is tried again. */
  async request(key: IntegrationKey, content: PaymentContent): Promise<OutboundPaymentRow> {
    const { name, capabilities } = this.providers.get(key.provider).entry;
    if (!capabilities.pushPayments) throw refusal(`${name} takes no payments.`);
    return this.unitOfWork.run(async (tx) => {
      const locked = await this.integrations.lockByKey(tx, key);
      transition(locked?.state ?? 'none', 'configure');
      const integration = locked!;
      if (!integration.configuration.pushPayments) {
        throw refusal('pushPayments is off for this integration. Activate it with pushPayments on.');
      }
      const known = await this.payments.readByReference(tx, integration.id, content.reference);
      if (known && !isSameContent(known, content)) {
        throw new InterlockError('conflict', { message: 'This reference was used for another payment.' });
      }
      if (known && known.status !== 'failed') return known;
      const target = await this.targets.find(tx, integration, content, known);
      return this.queue(tx, integration, content, known, target);
    });
  }

  private async queue(
    tx: Tx,
    integration: Integration,
    content: PaymentContent,
    known: OutboundPaymentRow | null,
    target: PaymentTarget,
  ): Promise<OutboundPaymentRow> {
    const { id: integrationId, epoch } = integration;
    const { runId } = await this.sync.requestRun(tx, { integrationId, kind: 'push', trigger: 'manual' });
    const { externalCustomerId, externalMethodId } = target;
    const payment = known
      ? await this.payments.requeue(tx, known.id, { runId, epoch, externalCustomerId, externalMethodId })
      : await this.payments.insert(tx, {
          ...content,
          id: randomUUID(),
          integrationId,
          epoch,
          providerReference: providerReferenceOf(integrationId, content.reference),
          externalCustomerId,
          externalMethodId,
          runId,
        });
    const details = {
      provider: integration.provider,
      runId,
      amountMinor: content.amountMinor,
      currency: content.currency,
    };
    const action = known ? 'payment_push.requested_again' : 'payment_push.requested';
    const event = { subject: { type: 'outbound_payment', id: payment.id }, details };
    await this.audit.record(tx, integrationEvent(integration, action, event));
    return payment;
  }
}
