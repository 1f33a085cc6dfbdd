import { InterlockError } from '../platform/errors';
import type { InvoiceRecord } from '../providers';
import type { PaymentContent } from './outbound-payment';

/** What is known about a payment that is asked for. */
export interface PaymentFacts {
  /** null: no such invoice was synced, or it is deleted. */
  readonly invoice: InvoiceRecord | null;
  /** The provider's id of the mapped payment method; null: not mapped. */
  readonly externalMethodId: string | null;
  /** What other pushes take of the invoice's balance that the synced invoice does not show yet. */
  readonly reservedMinor: number;
}

/** Invoices with these statuses take no payment, whatever their balance. */
const SETTLED: ReadonlySet<InvoiceRecord['status']> = new Set(['paid', 'void', 'refunded']);

/** The customer and method of the push; 422 with the reason when it cannot be pushed. */
export function checkPayment(
  content: PaymentContent,
  { invoice, externalMethodId, reservedMinor }: PaymentFacts,
): { externalCustomerId: string; externalMethodId: string } {
  if (!invoice) throw refusal('No synced invoice has this externalInvoiceId.');
  if (invoice.customerExternalId === null) throw refusal('The invoice has no customer that the payment could be for.');
  if (invoice.currency !== content.currency) throw refusal(`The invoice is in ${invoice.currency}.`);
  if (externalMethodId === null) {
    throw refusal('The payment method is not mapped to one of the provider’s. Add it with PUT payment-mappings.');
  }
  if (SETTLED.has(invoice.status)) throw refusal(`The invoice is ${invoice.status}: it takes no payment.`);
  const leftMinor = Math.max((invoice.balanceMinor ?? invoice.totalMinor) - reservedMinor, 0);
  if (content.amountMinor > leftMinor) {
    const queued = reservedMinor > 0 ? `, ${reservedMinor} of its balance being paid by other pushes` : '';
    throw refusal(`The amount exceeds what is left of the invoice: ${leftMinor}${queued} (minor units).`);
  }
  return { externalCustomerId: invoice.customerExternalId, externalMethodId };
}

export function refusal(message: string): InterlockError {
  return new InterlockError('unprocessable_entity', { message });
}
