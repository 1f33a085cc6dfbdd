import { currencyIn, moneyIn } from '../money';
import type { GoodRow, ProviderSettings } from '../provider';
import type { InvoiceLine, InvoiceRecord, InvoiceStatus, PaymentRecord } from '../records';
import { asRow, nameIn, optionalId, quantityIn, RowProblem, text, type Row } from '../row';
import { timeIn } from '../zoned-time';
import { createdAt, updatedAt } from './wodify-times';

/** A partial refund does not make an invoice owed again. */
const STATUSES: Readonly<Record<string, InvoiceStatus>> = {
  unpaid: 'open',
  'partially paid': 'partial',
  paid: 'paid',
  'partially refunded': 'paid',
  refunded: 'refunded',
  voided: 'void',
};

export function mapInvoice(
  row: Row,
  { timezone, ...settings }: ProviderSettings,
): Omit<GoodRow, 'externalId' | 'digest'> {
  const currency = currencyIn(row, settings.currency);
  const status = statusOf(row);
  const totalMinor = moneyIn(row, 'final_charge', currency);
  const record: InvoiceRecord = {
    number: text(row, 'invoice_number', 128),
    customerExternalId: optionalId(row, 'client_id'),
    status,
    currency,
    totalMinor,
    // no balance is given: an unpaid invoice is owed in full, the others not at all
    balanceMinor: status === 'open' ? totalMinor : status === 'partial' ? null : 0,
    issuedAt: createdAt(row, timezone)?.toISOString() ?? null,
    dueAt: timeIn(row, 'payment_due', timezone)?.toISOString() ?? null,
    lines: linesOf(row, currency),
  };
  return { record, sourceUpdatedAt: updatedAt(row, timezone), store: 'always' };
}

/** The payment that a paid invoice stands for. One that was taken back only follows a payment that is there already. */
export function mapInvoicePayment(
  row: Row,
  invoiceExternalId: string,
  { timezone, ...settings }: ProviderSettings,
): Omit<GoodRow, 'externalId'> | null {
  const currency = currencyIn(row, settings.currency);
  const status = statusOf(row);
  if (status === 'open' || status === 'partial') return null;
  const record: PaymentRecord = {
    invoiceExternalId,
    customerExternalId: optionalId(row, 'client_id'),
    amountMinor: moneyIn(row, 'final_charge', currency),
    currency,
    method: text(row, nameIn(row, 'payment_method', 'payment_type'), 128),
    paidAt: timeIn(row, 'paid_on_date', timezone)?.toISOString() ?? null,
    status,
    origin: 'provider',
  };
  return {
    record,
    sourceUpdatedAt: updatedAt(row, timezone),
    store: status === 'paid' ? 'always' : 'if_known',
    digest: null,
  };
}

function statusOf(row: Row): InvoiceStatus {
  const word = text(row, 'invoice_header_status', 64)?.toLowerCase() ?? '';
  const status = Object.hasOwn(STATUSES, word) ? STATUSES[word] : undefined;
  if (status === undefined) throw new RowProblem('invoice_header_status', 'is not a known status');
  return status;
}

function linesOf(row: Row, currency: string): InvoiceLine[] {
  const details = row['invoice_details'] ?? [];
  if (!Array.isArray(details)) throw new RowProblem('invoice_details', 'is not a list');
  return details.map((value: unknown, index) => {
    const line = asRow(value, `invoice_details.${index}`);
    const productId = optionalId(line, 'product_id');
    return {
      // products are numbered apart from the memberships that are imported
      externalItemId: productId === null ? null : `product:${productId}`,
      description: text(line, nameIn(line, 'product', 'product_name', 'description')),
      quantity: quantityIn(line, `invoice_details.${index}.quantity`),
      amountMinor: moneyIn(line, nameIn(line, 'final_charge', 'sales_price'), currency),
    };
  });
}
