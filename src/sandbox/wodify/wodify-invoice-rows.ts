import type { Account, ResourceDefinition } from '../account';
import { rowsOf } from '../provider-truth';
import { Draw } from '../random';
import { createdAtMs } from '../spread';
import type { SandboxRow } from '../table';
import { dateField, isMissingDate, ordinalOfNumber, stampOf } from './wodify-values';
import { wodifyVariant } from './wodify-variants';

const dayMs = 86_400_000;
const statusIds: Record<string, number> = {
  Paid: 1,
  Unpaid: 2,
  'Partially Paid': 3,
  'Partially Refunded': 4,
  Refunded: 5,
  Voided: 6,
  Deleted: 7,
};
const often = ['Paid', 'Paid', 'Paid', 'Paid', 'Paid', 'Unpaid', 'Unpaid'] as const;
const rarely = ['Partially Paid', 'Partially Refunded', 'Refunded', 'Voided'] as const;
const words = {
  all: [...often, ...often, ...rarely, ...rarely, 'Deleted'],
  'no-deleted': [...often, ...rarely],
  'paid-and-unpaid': ['Paid', 'Unpaid'],
} as const;
const prices = [87.5, 29.1, 12.35, 0.1, 140, 19.99, 55, 1.1] as const;

/**
 * Line totals are multiplied and added as binary floats, as the provider does: 3 × 29.1 comes out as 87.30000000000001.
 * Neither list nor row says when an invoice changed.
 */
export const invoiceResource: ResourceDefinition = {
  source: (account) => ({
    size: account.size('invoices'),
    row: (ordinal) => invoiceRow(account, ordinal),
    updatedAtMs: () => null,
    readUpdatedAtMs: () => null,
  }),
  touch: () => undefined,
  birth(row, atMs, account) {
    row['created'] = { ...(row['created'] as SandboxRow), created_on_datetime: stampOf(account, atMs) };
    Object.assign(row, dateField(account, 'payment_due', atMs + 7 * dayMs));
    if (!isMissingDate(row['paid_on_date'])) Object.assign(row, dateField(account, 'paid_on_date', atMs));
  },
  mutate(row, serial) {
    const more = 1.1 + (serial % 50);
    const [line = {}, ...others] = rowsOf(row['invoice_details']);
    const changed = { ...line, final_charge: Number(line['final_charge'] ?? 0) + more };
    row['invoice_details'] = [changed, ...others];
    row['final_charge'] = sumOf(row);
    Object.assign(row, amountsOf(String(row['invoice_header_status']), sumOf(row), 0.5));
  },
  /** Who gives an invoice another status, or another total, means the amounts that go with it. */
  amend(row, set) {
    const total = 'final_charge' in set ? set['final_charge'] : sumOf(row);
    if (typeof total !== 'number' || 'unpaid_amount' in set || 'paid_amount' in set) return;
    if (!('invoice_header_status' in set) && !('final_charge' in set)) return;
    row['invoice_header_status_id'] = statusIds[String(row['invoice_header_status'])] ?? 99;
    Object.assign(row, amountsOf(String(row['invoice_header_status']), total, 0.5), set);
  },
  present: withAmounts,
  ordinalOf: ordinalOfNumber,
};

function invoiceRow(account: Account, ordinal: number): SandboxRow {
  const draw = new Draw(account.seedOf('invoices', ordinal));
  const createdMs = createdAtMs(account, 'invoices', ordinal);
  const lines = Array.from({ length: draw.whole(1, 3) }, () => lineOf(draw));
  const clientId = draw.whole(1, Math.max(1, account.size('clients')));
  const status = account.word('invoices.invoice_header_status', draw, words[wodifyVariant(account, 'invoiceStatuses')]);
  const isPaid = status === 'Paid' || status.endsWith('Refunded');
  const row: SandboxRow = {
    id: ordinal,
    invoice_number: String(ordinal).padStart(8, '0'),
    client_id: clientId,
    invoice_header_status_id: statusIds[status] ?? 99,
    invoice_header_status: status,
    ...dateField(account, 'payment_due', draw.chance(0.05) ? null : createdMs + 7 * dayMs),
    ...dateField(account, 'paid_on_date', isPaid ? createdMs + draw.whole(0, 7) * dayMs : null),
    is_auto_bill: draw.chance(0.6),
    notes: draw.chance(0.1) ? `PRIVATE-INVOICE-NOTE-${ordinal}` : '',
    invoice_footer: '',
    created: { created_on_datetime: stampOf(account, createdMs), created_by_id: 1 },
    invoice_details: lines,
  };
  const form = wodifyVariant(account, 'refundedCharge');
  const zeroed = status === 'Refunded' && (form === 'zero' || (form === 'mixed' && draw.chance(0.5)));
  return {
    ...row,
    ...amountsOf(status, sumOf(row), draw.fraction()),
    ...(zeroed && { final_charge: 0, paid_amount: 0 }),
  };
}

function lineOf(draw: Draw): SandboxRow {
  const quantity = draw.whole(1, 3);
  const price = draw.pick(prices);
  const product = draw.whole(1, 40);
  return {
    product_id: product,
    product: `Product ${product}`,
    quantity,
    sales_price: price,
    final_charge: quantity * price,
    revenue_category: draw.pick(['Memberships', 'Retail'] as const),
    post_header_net_revenue: quantity * price,
  };
}

function sumOf(row: SandboxRow): number {
  return rowsOf(row['invoice_details']).reduce((sum, line) => sum + Number(line['final_charge']), 0);
}

/** What has been paid, is owed and was given back of a total; `share` says how much of it where that is a part. */
function amountsOf(status: string, total: number, share: number): SandboxRow {
  const part = Math.min(Math.max(1, Math.round(total * 100 * share)), Math.max(1, Math.round(total * 100) - 1)) / 100;
  const amounts = (paid: number, unpaid: number, refunded = 0): SandboxRow => ({
    final_charge: total,
    paid_amount: paid,
    unpaid_amount: unpaid,
    final_refunded_amount: refunded === 0 ? 0 : -refunded,
  });
  if (status === 'Paid') return amounts(total, 0);
  if (status === 'Partially Paid') return amounts(part, Math.round((total - part) * 100) / 100);
  if (status === 'Partially Refunded') return amounts(total, 0, part);
  if (status === 'Refunded') return amounts(total, 0, total);
  if (status === 'Voided' || status === 'Deleted') return amounts(0, 0);
  return amounts(0, total);
}

/** Accounts differ in which of the amounts they tell. */
function withAmounts(asCharged: SandboxRow, account: Account): SandboxRow {
  const form = wodifyVariant(account, 'amounts');
  const row = wodifyVariant(account, 'partialRefund') === 'less' ? lessRefund(asCharged) : asCharged;
  if (form === 'present') return row;
  const { paid_amount: _paid, unpaid_amount: unpaid, final_refunded_amount: _refunded, ...rest } = row;
  return form === 'absent' ? rest : { ...rest, unpaid_amount: unpaid };
}

/** What was given back is taken off what was charged and paid; the lines stay. */
function lessRefund(row: SandboxRow): SandboxRow {
  if (row['invoice_header_status'] !== 'Partially Refunded') return row;
  const back = Math.abs(Number(row['final_refunded_amount']));
  const left = (amount: unknown): number => Math.round((Number(amount) - back) * 100) / 100;
  return { ...row, final_charge: left(row['final_charge']), paid_amount: left(row['paid_amount']) };
}
