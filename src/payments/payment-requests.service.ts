import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AuditLog } from '../audit';
import {
  type Integration,
  IntegrationAccess,
  IntegrationRepository,
  type IntegrationSlot,
  transition,
} from '../integrations';
import { PaymentMappings } from '../mappings';
import { type Tx, UnitOfWork } from '../platform/database';
import { InterlockError } from '../platform/errors';
import { type InvoiceRecord, PROVIDER_CATALOGUE } from '../providers';
import { RecordFeed, RunRequests, type StoredRecord } from '../sync';
import { isSameContent, type OutboundPaymentRow, type PaymentContent } from './outbound-payment';
import { checkPayment, refusal } from './payment-checks';
import { OutboundPaymentRepository } from './store/outbound-payment.repository';

/** Takes payments that shall be pushed: whatever is asked twice, or at once, is one payment. */
@Injectable()
export class PaymentRequestsService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly access: IntegrationAccess,
    private readonly integrations: IntegrationRepository,
    private readonly records: RecordFeed,
    private readonly mappings: PaymentMappings,
    private readonly payments: OutboundPaymentRepository,
    private readonly runs: RunRequests,
    private readonly audit: AuditLog,
  ) {}

  async find(slot: IntegrationSlot, id: string): Promise<OutboundPaymentRow> {
    const integration = await this.access.find(slot);
    const payment = integration && (await this.payments.find(integration.id, id));
    if (!payment) throw new InterlockError('not_found');
    return payment;
  }

  /** A reference that is known already stands for its payment; one that failed is tried again. */
  async request(slot: IntegrationSlot, content: PaymentContent): Promise<OutboundPaymentRow> {
    const { name, capabilities } = PROVIDER_CATALOGUE[slot.provider];
    if (!capabilities.pushPayments) throw refusal(`${name} takes no payments.`);
    // read before the transaction: it holds a connection already
    const { id } = await this.access.requireActive(slot);
    const invoice = await this.invoice(id, content.externalInvoiceId);
    const methodId = await this.mappings.methodFor(slot, content.method);
    return this.unitOfWork.run(async (tx) => {
      const locked = await this.integrations.lockBySlot(tx, slot);
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
      const target = await this.targetOf(tx, integration, content, { known, invoice, methodId });
      return this.queue(tx, integration, content, known, target);
    });
  }

  /** A payment that the provider has already is not judged again: it only goes on. */
  private async targetOf(
    tx: Tx,
    integration: Integration,
    content: PaymentContent,
    found: { known: OutboundPaymentRow | null; invoice: StoredRecord | null; methodId: string | null },
  ): Promise<{ externalCustomerId: string; externalMethodId: string }> {
    const { known, invoice, methodId } = found;
    if (known && known.step !== 'queued') {
      if (known.epoch !== integration.epoch) {
        throw new InterlockError('conflict', { message: 'The payment was begun in another account of the provider.' });
      }
      return known;
    }
    const reservedMinor = invoice
      ? await this.payments.reservedMinor(tx, integration.id, invoice, known?.id ?? null)
      : 0;
    const record = invoice && (invoice.data as InvoiceRecord);
    return checkPayment(content, { invoice: record, externalMethodId: methodId, reservedMinor });
  }

  private async queue(
    tx: Tx,
    integration: Integration,
    content: PaymentContent,
    known: OutboundPaymentRow | null,
    target: { externalCustomerId: string; externalMethodId: string },
  ): Promise<OutboundPaymentRow> {
    const { id: integrationId, epoch } = integration;
    const { runId } = await this.runs.request(tx, { integrationId, kind: 'push', trigger: 'manual' });
    const { externalCustomerId, externalMethodId } = target;
    const payment = known
      ? await this.payments.requeue(tx, known.id, { runId, epoch, externalCustomerId, externalMethodId })
      : await this.payments.insert(tx, {
          ...content,
          id: randomUUID(),
          integrationId,
          epoch,
          providerReference: randomUUID(),
          externalCustomerId,
          externalMethodId,
          runId,
        });
    await this.audit.record(tx, {
      action: known ? 'payment_push.requested_again' : 'payment_push.requested',
      subject: { type: 'outbound_payment', id: payment.id },
      merchantId: integration.merchantId,
      environment: integration.environment,
      details: { provider: integration.provider, runId, amountMinor: content.amountMinor, currency: content.currency },
    });
    return payment;
  }

  private async invoice(integrationId: string, externalId: string): Promise<StoredRecord | null> {
    try {
      const record = await this.records.one(integrationId, 'invoices', externalId);
      return record.operation === 'deleted' ? null : record;
    } catch (error) {
      if (error instanceof InterlockError && error.code === 'not_found') return null;
      throw error;
    }
  }
}
