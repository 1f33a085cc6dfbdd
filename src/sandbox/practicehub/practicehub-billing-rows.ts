import type { Account } from '../account';
import { Draw } from '../random';
import { createdAtMs } from '../spread';
import type { SandboxRow } from '../table';
import { decimalOf, penceOf } from './practicehub-money';
import type { PracticeHubRows } from './practicehub-resource';
import { practicehubVariant } from './practicehub-variants';

const dayMs = 86_400_000;

interface InvoiceFacts {
  patientId: number;
  totalPence: number;
  balancePence: number;
  status: string;
}

/** The payment of an invoice, counted from 1. Payments lie evenly among the invoices, so most invoices are paid. */
function paymentOfInvoice(account: Account, invoice: number): number | undefined {
  const invoices = account.size('invoices');
  const payments = Math.min(account.size('payments'), invoices);
  if (invoice > invoices) return undefined;
  const upTo = Math.floor((invoice * payments) / invoices);
  return upTo > Math.floor(((invoice - 1) * payments) / invoices) ? upTo : undefined;
}

/** The other way round; payments beyond the number of invoices belong to none. */
function invoiceOfPayment(account: Account, payment: number): number | undefined {
  const payments = account.size('payments');
  const invoices = account.size('invoices');
  if (payment > payments || payment > invoices) return undefined;
  return payments <= invoices ? Math.ceil((payment * invoices) / payments) : payment;
}

function invoiceFacts(account: Account, invoice: number): InvoiceFacts {
  const draw = new Draw(account.seedOf('invoices', invoice));
  const patientId = draw.whole(1, Math.max(1, account.size('patients')));
  const totalPence = draw.chance(0.3) ? draw.whole(500, 60_000) : draw.whole(6, 40) * 550;
  if (paymentOfInvoice(account, invoice) !== undefined) {
    if (draw.chance(0.06))
      return { patientId, totalPence, balancePence: draw.whole(1, totalPence - 1), status: 'partial' };
    return { patientId, totalPence, balancePence: 0, status: 'paid' };
  }
  const luck = draw.fraction();
  if (luck < 0.1) return { patientId, totalPence, balancePence: 0, status: 'void' };
  return { patientId, totalPence, balancePence: totalPence, status: luck < 0.55 ? 'sent' : 'overdue' };
}

/** One invoice for each visit. What it says of being owed, if anything, differs from account to account. */
export const invoiceRows: PracticeHubRows = {
  make(account, ordinal) {
    const facts = invoiceFacts(account, ordinal);
    const draw = new Draw(account.seedOf('invoices', ordinal, 3));
    const appointments = account.size('appointments');
    const row: SandboxRow = {
      appointment_id: appointments > 0 && draw.chance(0.6) ? String(draw.whole(1, appointments)) : null,
      patient_id: String(facts.patientId),
    };
    const name = practicehubVariant(account, 'invoiceTotal');
    row[name === 'mixed' ? (draw.chance(0.1) ? 'amount' : 'total') : name] = decimalOf(facts.totalPence);
    return { ...row, ...owedOf(account, ordinal, facts, draw) };
  },
  mutate(row, serial) {
    const name = 'total' in row ? 'total' : 'amount';
    const more = 100 + (serial % 50);
    row[name] = decimalOf((penceOf(row[name]) ?? 0) + more);
    if (row['balance'] !== undefined) row['balance'] = decimalOf((penceOf(row['balance']) ?? 0) + more);
    if (row['status'] === 'paid') row['status'] = 'partial';
  },
};

function owedOf(account: Account, ordinal: number, facts: InvoiceFacts, draw: Draw): SandboxRow {
  const shown = practicehubVariant(account, 'invoiceStatus');
  const told = shown === 'mixed' ? draw.pick(['absent', 'status', 'balance', 'status-balance', 'all'] as const) : shown;
  const status = { status: account.word('invoices.status', draw, [facts.status]) };
  const balance = { balance: decimalOf(facts.balancePence) };
  const due = { due: account.times.format(createdAtMs(account, 'invoices', ordinal) + 14 * dayMs).slice(0, 10) };
  const parts = {
    absent: {},
    status,
    balance,
    'status-balance': { ...status, ...balance },
    all: { ...status, ...balance, ...due },
  };
  return parts[told];
}

export const paymentRows: PracticeHubRows = {
  make(account, ordinal) {
    const draw = new Draw(account.seedOf('payments', ordinal));
    const invoice = invoiceOfPayment(account, ordinal);
    const facts = invoice === undefined ? undefined : invoiceFacts(account, invoice);
    const service = draw.whole(1, Math.max(1, account.size('services')));
    return {
      amount: decimalOf(facts ? facts.totalPence - facts.balancePence : draw.whole(500, 30_000)),
      payment_type_id: String(draw.whole(1, Math.max(1, account.size('payment_methods')))),
      patient_id: String(facts?.patientId ?? draw.whole(1, Math.max(1, account.size('patients')))),
      service: draw.chance(0.5) ? `Service ${service}` : null,
      note: draw.chance(0.3) ? `Paid at the desk, slip ${draw.whole(1000, 9999)}` : '',
    };
  },
  /** Mostly paid at the desk after the visit: at once, or within three days. */
  createdMs(account, ordinal) {
    const invoice = invoiceOfPayment(account, ordinal);
    if (invoice === undefined) return createdAtMs(account, 'payments', ordinal);
    const draw = new Draw(account.seedOf('payments', ordinal, 4));
    const later = draw.chance(0.8) ? draw.whole(1, 30) * 60_000 : draw.whole(1, 72) * 3_600_000;
    return Math.min(account.options.referenceMs, createdAtMs(account, 'invoices', invoice) + later);
  },
  mutate(row, serial) {
    row['amount'] = decimalOf((penceOf(row['amount']) ?? 0) + 100 + (serial % 50));
  },
};

/** Allocation n gives payment n to its invoice. */
export const paymentAllocationRows: PracticeHubRows = {
  size: (account) => Math.min(account.size('payments'), account.size('invoices')),
  make(account, ordinal) {
    const invoice = invoiceOfPayment(account, ordinal);
    const facts = invoiceFacts(account, invoice ?? 1);
    return {
      payment_id: String(ordinal),
      invoice_id: String(invoice ?? 1),
      amount: decimalOf(facts.totalPence - facts.balancePence),
    };
  },
  mutate(row, serial) {
    row['amount'] = decimalOf((penceOf(row['amount']) ?? 0) + 1 + (serial % 50));
  },
};

const methods = ['Cash', 'Card', 'Direct Debit', 'Bank Transfer', 'Cheque', 'Gift Voucher', 'Health Fund', 'Online'];

export const paymentMethodRows: PracticeHubRows = {
  make: (_account, ordinal) => ({
    name: methods[ordinal - 1] ?? `Method ${ordinal}`,
    active: ordinal === 5 ? 0 : 1,
    sort_order: ordinal * 10,
  }),
  mutate(row, serial) {
    row['name'] = `${String(row['name']).replace(/ \(\d+\)$/, '')} (${serial})`;
  },
};
