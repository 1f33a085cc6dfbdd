import { currencyIn, moneyIn, optionalMoneyIn } from '../money';
import type { GoodRow, ProviderSettings } from '../provider';
import type { InvoiceLine, InvoiceRecord, InvoiceStatus, PaymentRecord } from '../records';
import { asRow, nameIn, optionalId, quantityIn, RowProblem, text, UnknownWord, type Row } from '../row';
import { scalarNumber } from '../scalar';
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
  deleted: 'void',
};
const REFUNDS: ReadonlySet<string> = new Set(['partially refunded', 'refunded']);

export function mapWodifyInvoice(row: Row, settings: ProviderSettings): Omit<GoodRow, 'externalId' | 'digest'> {
  const currency = currencyIn(row, settings.currency);
  const amounts = amountsOf(row, currency);
  const record: InvoiceRecord = {
    number: text(row, 'invoice_number', 128),
    customerExternalId: optionalId(row, 'client_id'),
    status: amounts.status,
    statusSource: 'provider',
    currency,
    totalMinor: amounts.totalMinor,
    balanceMinor: amounts.balanceMinor,
    refundedMinor: amounts.refundedMinor,
    issuedAt: createdAt(row)?.toISOString() ?? null,
    dueAt: timeIn(row, 'payment_due', settings.timezone)?.toISOString() ?? null,
    lines: linesOf(row, currency),
  };
  return { record, sourceUpdatedAt: updatedAt(row), store: 'always' };
}

/**
 * The payment that an invoice stands for: whatever was taken. One that was voided only follows a payment that is there
 * already.
 */
export function mapInvoicePayment(
  row: Row,
  invoiceExternalId: string,
  settings: ProviderSettings,
): Omit<GoodRow, 'externalId'> | null {
  const currency = currencyIn(row, settings.currency);
  const { status, paidMinor, refundedMinor } = amountsOf(row, currency);
  if (paidMinor === null) return null;
  const record: PaymentRecord = {
    invoiceExternalId,
    customerExternalId: optionalId(row, 'client_id'),
    amountMinor: paidMinor,
    refundedMinor,
    currency,
    method: text(row, nameIn(row, 'payment_method', 'payment_type'), 128),
    paidAt: timeIn(row, 'paid_on_date', settings.timezone)?.toISOString() ?? null,
    status: status === 'refunded' || status === 'void' ? status : 'paid',
    origin: 'provider',
  };
  return { record, sourceUpdatedAt: updatedAt(row), store: status === 'void' ? 'if_known' : 'always', digest: null };
}

/**
 * The row of a list does not say what a refunded invoice was made out for: its lines do, on the single invoice. Of one
 * that was refunded in part the charge may be what was left of it, and only what was paid can tell.
 */
export function needsLines(row: Row): boolean {
  const word = wordOf(row);
  if (!REFUNDS.has(word) || row['invoice_details'] !== undefined) return false;
  const [charged, paid, back] = ['final_charge', 'paid_amount', 'final_refunded_amount'].map((name) =>
    Math.abs(scalarNumber(row[name] ?? 0)),
  ) as [number, number, number];
  if (word === 'refunded') return Math.max(charged, paid, back) === 0;
  return charged > 0 && back > 0 && Math.abs(charged + back - paid) > 0.001;
}

interface Amounts {
  readonly status: InvoiceStatus;
  readonly totalMinor: number;
  readonly balanceMinor: number | null;
  readonly refundedMinor: number | null;
  /** null: nothing was taken, or nobody says how much. */
  readonly paidMinor: number | null;
}

/** What was charged and taken stays what it was: a refund can put 0 in place of both, and is an amount of its own. */
function amountsOf(row: Row, currency: string): Amounts {
  const word = wordOf(row);
  const status = STATUSES[word]!;
  const charged = moneyIn(row, 'final_charge', currency);
  const paid = optionalMoneyIn(row, 'paid_amount', currency);
  const unpaid = optionalMoneyIn(row, 'unpaid_amount', currency);
  const back = optionalMoneyIn(row, 'final_refunded_amount', currency);
  const takenBack = back === null ? null : Math.abs(back);
  const lines = () => linesOf(row, currency).reduce((sum, { amountMinor }) => sum + amountMinor, 0);
  const totalMinor = REFUNDS.has(word) ? chargedBefore(charged, paid ?? 0, takenBack ?? 0, lines) : charged;
  const settled = status === 'paid' || status === 'refunded' || status === 'void';
  const balanceMinor = status === 'void' ? 0 : (unpaid ?? (settled ? 0 : status === 'open' ? totalMinor : null));
  const untold = status === 'refunded' ? totalMinor : REFUNDS.has(word) ? null : 0;
  return {
    status,
    totalMinor,
    balanceMinor,
    refundedMinor: takenBack ?? untold,
    paidMinor: settled ? (status === 'void' ? paid || totalMinor : totalMinor) : takenOf(paid, unpaid, totalMinor),
  };
}

/** A refund can put 0 in place of the charge, or what is left of it: what was paid, or the lines, say what it was. */
function chargedBefore(charged: number, paid: number, takenBack: number, lines: () => number): number {
  if (charged === 0) return Math.max(takenBack, paid) || lines();
  const whole = charged + takenBack;
  return paid === whole || lines() === whole ? whole : charged;
}

/** Of an invoice that is still owed. */
function takenOf(paid: number | null, unpaid: number | null, totalMinor: number): number | null {
  const taken = paid ?? (unpaid === null ? 0 : totalMinor - unpaid);
  return taken > 0 ? taken : null;
}

function wordOf(row: Row): string {
  const word = text(row, 'invoice_header_status', 64)?.toLowerCase() ?? '';
  if (!Object.hasOwn(STATUSES, word)) throw new UnknownWord('invoice_header_status', 'status', word);
  return word;
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
