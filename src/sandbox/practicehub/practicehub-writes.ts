import type { Account } from '../account';
import type { SandboxRow } from '../table';
import { decimalOf, penceOf } from './practicehub-money';
import { practicehubVariant } from './practicehub-variants';

/** What PracticeHub answers to a POST: the row it made, or why it made none. */
export type WriteOutcome = { row: SandboxRow } | { status: number; message: string };

type Write = (account: Account, body: SandboxRow) => WriteOutcome;

/** PracticeHub knows no idempotency: the same body twice makes two rows. */
export const practiceHubWrites: Record<string, Write> = {
  payments: createPayment,
  payment_allocations: allocatePayment,
  patient_logs: createPatientLog,
};

const writeVariants = {
  payments: 'paymentWrites',
  payment_allocations: 'allocationWrites',
  patient_logs: 'logWrites',
} as const;

/** What this account makes of a POST. */
export function writeVariantOf(account: Account, resource: string): string {
  return practicehubVariant(account, writeVariants[resource as keyof typeof writeVariants]);
}

function createPayment(account: Account, body: SandboxRow): WriteOutcome {
  const amount = penceOf(body['amount']);
  if (!found(account, 'patients', body['patient_id'])) return invalid('patient_id does not exist');
  if (amount === undefined || amount === 0) return invalid('amount must be a positive decimal');
  const method = found(account, 'payment_methods', body['payment_type_id']);
  if (!method) return invalid('payment_type_id does not exist');
  if (method['active'] !== 1) return invalid('payment_type_id is not active');
  return insert(account, 'payments', {
    amount: decimalOf(amount),
    payment_type_id: String(body['payment_type_id']),
    patient_id: String(body['patient_id']),
    service: null,
    note: typeof body['note'] === 'string' ? body['note'] : '',
  });
}

function allocatePayment(account: Account, body: SandboxRow): WriteOutcome {
  const payment = found(account, 'payments', body['payment_id']);
  const invoice = found(account, 'invoices', body['invoice_id']);
  const amount = penceOf(body['amount']);
  if (!payment) return invalid('payment_id does not exist');
  if (!invoice) return invalid('invoice_id does not exist');
  if (payment['patient_id'] !== invoice['patient_id'])
    return invalid('payment and invoice belong to different patients');
  if (amount === undefined || amount === 0) return invalid('amount must be a positive decimal');
  if (invoice['status'] === 'void') return invalid('invoice is void');
  const balance = penceOf(invoice['balance']) ?? unallocatedOf(account, invoice);
  if (amount > balance) return invalid('amount exceeds the balance of the invoice');
  if (amount > (penceOf(payment['amount']) ?? 0)) return invalid('amount exceeds the payment');
  // An invoice that says nothing of being owed does not begin to.
  const settled: SandboxRow = {
    ...invoice,
    ...('balance' in invoice && { balance: decimalOf(balance - amount) }),
    ...('status' in invoice && { status: amount === balance ? 'paid' : 'partial' }),
    updated: account.times.format(account.nowMs()),
  };
  account.table('invoices').write(Number(body['invoice_id']), settled, account.settings.lateCommitMs);
  return insert(account, 'payment_allocations', {
    payment_id: String(body['payment_id']),
    invoice_id: String(body['invoice_id']),
    amount: decimalOf(amount),
  });
}

function unallocatedOf(account: Account, invoice: SandboxRow): number {
  const table = account.table('payment_allocations');
  let left = penceOf(invoice['total'] ?? invoice['amount']) ?? 0;
  for (const ordinal of table.latestOrdinals()) {
    const row = table.getLatest(ordinal);
    if (row?.['invoice_id'] === String(invoice['id'])) left -= penceOf(row['amount']) ?? 0;
  }
  return left;
}

function createPatientLog(account: Account, body: SandboxRow): WriteOutcome {
  if (!found(account, 'patients', body['patient_id'])) return invalid('patient_id does not exist');
  if (typeof body['type'] !== 'string' || body['type'] === '') return invalid('type is required');
  return insert(account, 'patient_logs', {
    patient_id: String(body['patient_id']),
    type: body['type'],
    sub_type: body['sub_type'] ?? null,
    data: body['data'] ?? null,
  });
}

function found(account: Account, resource: string, id: unknown): SandboxRow | undefined {
  const ordinal = account.definition(resource).ordinalOf(id, account);
  return ordinal === undefined ? undefined : account.table(resource).getLatest(ordinal);
}

function insert(account: Account, resource: string, fields: SandboxRow): WriteOutcome {
  const { ordinal } = account.table(resource).draft();
  const row: SandboxRow = { id: ordinal, ...fields };
  account.definition(resource).birth(row, account.nowMs(), account);
  account.table(resource).write(ordinal, row, account.settings.lateCommitMs);
  return { row };
}

function invalid(message: string): WriteOutcome {
  return { status: 422, message };
}
