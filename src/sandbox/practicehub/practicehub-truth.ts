import type { Account } from '../account';
import { minorOf, rowsOf, setAsideWithout, textOf, type ProviderTruth, type TrueRecord } from '../provider-truth';
import { trueRows } from '../row-control';
import type { SandboxRow } from '../table';
import { phoneOf } from './practicehub-numbers';
import { pathOf } from './practicehub-paths';
import { practicehubVariant } from './practicehub-variants';

/** Words of an invoice's status that somebody has seen or written of. */
const statuses: Record<string, string> = {
  draft: 'draft',
  sent: 'open',
  partial: 'partial',
  overdue: 'overdue',
  paid: 'paid',
  void: 'void',
};
const settled = ['paid', 'void'];

/** What the service should hold of an account, read from its rows by PracticeHub's page. */
export function practiceHubTruth(account: Account): ProviderTruth {
  const rows = (resource: string): SandboxRow[] => (isListed(account, resource) ? trueRows(account, { resource }) : []);
  const cover = coverOf(account, rows);
  return {
    customers: rows('patients').map(customerOf),
    products: [
      ...rows('services').map((row) => itemOf(row, 'service')),
      ...rows('products').map((row) => itemOf(row, 'product')),
      ...rows('patient_packages').map(packageOf),
    ],
    invoices: rows('invoices').map((row) => invoiceOf(account, row, cover)),
    payments: rows('payments').map((row) => paymentOf(account, row)),
  };
}

function isListed(account: Account, resource: string): boolean {
  return pathOf(account, resource) !== '404' && !account.settings.missingResources.includes(resource);
}

function customerOf(row: SandboxRow): TrueRecord {
  const phone = phoneOf(row['numbers']);
  return {
    externalId: String(row['id']),
    ...setAsideWithout(row['first_name'], row['last_name'], row['email']),
    fields: {
      firstName: textOf(row['first_name']),
      lastName: textOf(row['last_name']),
      email: textOf(row['email']),
      ...(phone !== undefined && { phone }),
    },
  };
}

function itemOf(row: SandboxRow, kind: string): TrueRecord {
  return readable(`${kind}:${String(row['id'])}`, { amountMinor: minorOf(row['price']) }, { name: row['name'], kind });
}

/** A shared package is one record: of its holders none is named alone. */
function packageOf(row: SandboxRow): TrueRecord {
  const subscribed = rowsOf(row['subscribed_patients']);
  const holders = new Set(
    [row['patient_id'], ...subscribed.map((one) => one['patient_id'])].filter((id) => id != null),
  );
  const [only] = holders;
  return readable(
    `package:${String(row['id'])}`,
    { amountMinor: minorOf(row['price']) },
    {
      name: row['name'],
      kind: 'package',
      visits: row['visits'],
      active: row['active'] === 1,
      ...(holders.size === 1 && { customerExternalId: String(only) }),
    },
  );
}

/** Tells of an invoice without a status whether payments cover it exactly and unambiguously. */
type Cover = (invoice: SandboxRow) => boolean;

function coverOf(account: Account, rows: (resource: string) => SandboxRow[]): Cover {
  const allocated = new Map<string, number>();
  const placed = new Set<string>();
  const hidden = practicehubVariant(account, 'allocations') === 'none';
  const computed = account.definition('payment_allocations').source(account).size;
  for (const row of rows('payment_allocations')) {
    if (hidden && Number(row['id']) <= computed) continue;
    const invoice = String(row['invoice_id']);
    allocated.set(invoice, (allocated.get(invoice) ?? 0) + (minorOf(row['amount']) ?? NaN));
    placed.add(String(row['payment_id']));
  }
  const key = (row: SandboxRow, amount: unknown): string =>
    [row['patient_id'], minorOf(amount), String(row['created']).slice(0, 10)].join(' ');
  const count = (keys: string[]): Map<string, number> => {
    const counts = new Map<string, number>();
    for (const one of keys) counts.set(one, (counts.get(one) ?? 0) + 1);
    return counts;
  };
  const free = rows('payments').filter((row) => !placed.has(String(row['id'])));
  const payments = count(free.map((row) => key(row, row['amount'])));
  const invoices = count(rows('invoices').map((row) => key(row, totalOf(row))));
  return (invoice) => {
    const sum = allocated.get(String(invoice['id']));
    if (sum !== undefined) return sum === minorOf(totalOf(invoice));
    const own = key(invoice, totalOf(invoice));
    return payments.get(own) === 1 && invoices.get(own) === 1;
  };
}

const totalOf = (row: SandboxRow): unknown => row['total'] ?? row['amount'];

function invoiceOf(account: Account, row: SandboxRow, covered: Cover): TrueRecord {
  const externalId = String(row['id']);
  const balance = row['balance'] === undefined ? undefined : minorOf(row['balance']);
  const said = saidOf(row, balance);
  const derived = said.status === undefined && covered(row);
  const status = derived ? { status: 'paid', statusSource: 'derived' } : { status: 'unknown', statusSource: 'unknown' };
  const owed = balance ?? (settled.includes(said.status ?? '') || derived ? 0 : undefined);
  const record = readable(
    externalId,
    { totalMinor: minorOf(totalOf(row)), ...('balance' in row && { balanceMinor: balance }) },
    {
      customerExternalId: textOf(row['patient_id']),
      issuedAt: isoOf(account, row['created']),
      ...(said.status === undefined ? status : { status: said.status, statusSource: 'provider' }),
      ...(owed !== undefined && { balanceMinor: owed }),
      refundedMinor: 0,
    },
  );
  if (said.strange && record.quarantined === undefined) record.quarantined = 'may';
  if (said.status !== undefined && settled.includes(said.status)) record.optional = true;
  return record;
}

/** What the provider says of the invoice, in its status or else in its balance. */
function saidOf(row: SandboxRow, balance: number | undefined): { status?: string; strange?: boolean } {
  const word = textOf(row['status']);
  if (word !== null) {
    const known = statuses[word.toLowerCase()];
    return known === undefined ? { status: 'unknown', strange: true } : { status: known };
  }
  if (balance === undefined) return {};
  const total = minorOf(totalOf(row)) ?? 0;
  return { status: balance === 0 ? 'paid' : balance < total ? 'partial' : 'open' };
}

function paymentOf(account: Account, row: SandboxRow): TrueRecord {
  return readable(
    String(row['id']),
    { amountMinor: minorOf(row['amount']) },
    {
      customerExternalId: textOf(row['patient_id']),
      method: textOf(row['payment_type_id']),
      paidAt: isoOf(account, row['created']),
      status: 'paid',
      refundedMinor: 0,
    },
  );
}

/** `undefined` for a time in an hour that the zone shows twice: nobody can say which of the two it is. */
function isoOf(account: Account, value: unknown): string | null | undefined {
  const ms = account.times.parse(value);
  if (ms === null) return null;
  return account.times.isShownTwice(ms) ? undefined : new Date(ms).toISOString();
}

/** A record whose money must be read; without it the row is in quarantine. */
function readable(externalId: string, money: Record<string, number | undefined>, fields: SandboxRow): TrueRecord {
  const unreadable = Object.values(money).includes(undefined);
  return { externalId, ...(unreadable && { quarantined: 'must' as const }), fields: { ...fields, ...money } };
}
