import { Injectable } from '@nestjs/common';
import type { Integration } from '../integrations';
import { PaymentMappings } from '../mappings';
import type { Tx } from '../platform/database';
import { InterlockError } from '../platform/errors';
import type { InvoiceRecord } from '../providers';
import { SyncedRecords } from '../sync';
import type { OutboundPaymentRow, PaymentContent } from './outbound-payment';
import { checkPayment } from './payment-checks';
import { OutboundPaymentRepository } from './store/outbound-payment.repository';

/** The customer and method of a push, as the provider names them. */
export type PaymentTarget = Pick<OutboundPaymentRow, 'externalCustomerId' | 'externalMethodId'>;

/** Decides whether a payment may go out, whoever asks for it: the merchant, or a retry of its log entry. */
@Injectable()
export class PaymentTargets {
  constructor(
    private readonly records: SyncedRecords,
    private readonly mappings: PaymentMappings,
    private readonly payments: OutboundPaymentRepository,
  ) {}

  /**
   * 422 or 409 with the reason when it may not. Precondition: the caller holds the integration's row lock until the
   * payment is written: two that are checked at once could each see the balance that the other takes. A payment of
   * which the provider may have something already is not checked again: it only goes on.
   */
  async find(
    tx: Tx,
    integration: Integration,
    content: PaymentContent,
    known: OutboundPaymentRow | null,
  ): Promise<PaymentTarget> {
    const { id, epoch } = integration;
    if (known && known.step !== 'queued') {
      if (known.epoch === epoch) return known;
      throw new InterlockError('conflict', { message: 'The payment was started in another account of the provider.' });
    }
    const invoice = await this.records.known(tx, id, 'invoices', content.externalInvoiceId);
    const reservedMinor = invoice ? await this.payments.reservedMinor(tx, integration, invoice, known?.id ?? null) : 0;
    return checkPayment(content, {
      invoice: invoice && (invoice.data as InvoiceRecord),
      externalMethodId: await this.mappings.methodFor(tx, integration, content.method),
      reservedMinor,
    });
  }
}
