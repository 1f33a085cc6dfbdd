import type { Account } from '../account';
import { minorOf, rowsOf, setAsideWithout, textOf, type ProviderTruth, type TrueRecord } from '../provider-truth';
import { trueRows } from '../row-control';
import type { SandboxRow } from '../table';
import { msOfStamp } from './wodify-values';

const statuses: Record<string, string> = {
  Paid: 'paid',
  Unpaid: 'open',
  'Partially Paid': 'partial',
  'Partially Refunded': 'paid',
  Refunded: 'refunded',
  Voided: 'void',
  Deleted: 'void',
};

/** What the service should hold of an account, read from its rows by Wodify's page. `open` covers what is overdue. */
export function wodifyTruth(account: Account): ProviderTruth {
  const rows = (resource: string): SandboxRow[] =>
    account.settings.missingResources.includes(resource) ? [] : trueRows(account, { resource });
  const invoices = rows('invoices').map(readInvoice);
  return {
    customers: rows('clients').map(customerOf),
    products: rows('memberships').map(membershipOf),
    invoices: invoices.map(invoiceOf),
    payments: invoices.flatMap(paymentOf),
  };
}

function customerOf(row: SandboxRow): TrueRecord {
  const dialled = textOf(row['phone_number'])?.replace(/[^\d+]/g, '');
  const phone = row['country'] === 'United Kingdom' ? dialled?.replace(/^0/, '+44') : dialled;
  return {
    externalId: String(row['id']),
    ...setAsideWithout(row['first_name'], row['last_name'], row['email']),
    fields: {
      firstName: textOf(row['first_name']),
      lastName: textOf(row['last_name']),
      email: textOf(row['email']),
      // Without a country code nobody can say which number it is.
      ...(phone?.startsWith('+') && { phone }),
      region: textOf(row['state']) ?? textOf(row['province']),
      active: row['client_status'] === 'Active',
    },
  };
}

/** One billing period of a holder. `plan` is what a merchant maps: many rows have the same. */
function membershipOf(row: SandboxRow): TrueRecord {
  const plan = (row['payment_plan'] ?? {}) as Record<string, SandboxRow | undefined>;
  const cost = (kind: string): number | undefined => minorOf(plan[`${kind}_payment_option`]?.[`${kind}_cost`]);
  const [initialMinor, renewalMinor] = [cost('initial'), cost('renewal')];
  const isRenewal = Boolean(row['renewed_from_membership_id']);
  return {
    externalId: `membership:${String(row['id'])}`,
    fields: {
      name: row['name'],
      kind: 'membership',
      customerExternalId: String(row['client_id']),
      amountMinor: (isRenewal ? renewalMinor : initialMinor) ?? null,
      active: row['is_active'] === true && row['is_deleted'] !== true,
      plan: { name: row['name'], type: row['membership_type'], initialMinor, renewalMinor },
    },
  };
}

interface Invoice {
  row: SandboxRow;
  word: string;
  totalMinor: number | undefined;
  paidMinor: number | undefined;
  balanceMinor: number | undefined;
  refundedMinor: number | undefined;
}

/**
 * The total stays what it was: where a refund has put 0 in its place, what was given back tells it, or the lines do;
 * what is left of it is less than the lines.
 */
function readInvoice(row: SandboxRow): Invoice {
  const word = String(row['invoice_header_status']);
  const charge = minorOf(row['final_charge']);
  const back = row['final_refunded_amount'] === undefined ? undefined : minorOf(row['final_refunded_amount']);
  const lines = rowsOf(row['invoice_details']).map((line) => minorOf(line['final_charge']) ?? NaN);
  const sum = lines.reduce((total, line) => total + line, 0);
  const isLess =
    word === 'Partially Refunded' && charge !== undefined && back ? charge + Math.abs(back) === sum : false;
  const totalMinor = isLess ? sum : word === 'Refunded' && charge === 0 ? (back ? Math.abs(back) : sum) : charge;
  const untouched = word !== 'Refunded' && word !== 'Partially Refunded';
  const told = row['unpaid_amount'] === undefined ? undefined : minorOf(row['unpaid_amount']);
  const settled = ['paid', 'refunded', 'void'].includes(statuses[word] ?? '');
  const balanceMinor = told ?? (settled ? 0 : word === 'Unpaid' ? totalMinor : undefined);
  const owed = balanceMinor === undefined || totalMinor === undefined ? undefined : totalMinor - balanceMinor;
  const refundedMinor =
    back === undefined || Number.isNaN(back)
      ? word === 'Refunded'
        ? totalMinor
        : untouched
          ? 0
          : undefined
      : Math.abs(back);
  return {
    row,
    word,
    totalMinor,
    paidMinor: settled ? totalMinor : owed,
    balanceMinor,
    refundedMinor,
  };
}

function invoiceOf({ row, word, totalMinor, balanceMinor, refundedMinor }: Invoice): TrueRecord {
  const status = statuses[word];
  const createdMs = msOfStamp((row['created'] as SandboxRow | undefined)?.['created_on_datetime']);
  const lines = rowsOf(row['invoice_details']).map((line) => ({
    externalItemId: String(line['product_id']),
    description: line['product'],
    quantity: line['quantity'],
    amountMinor: minorOf(line['final_charge']),
  }));
  return {
    externalId: String(row['id']),
    ...(totalMinor === undefined
      ? { quarantined: 'must' as const }
      : status === undefined && { quarantined: 'may' as const }),
    fields: {
      number: textOf(row['invoice_number']),
      customerExternalId: String(row['client_id']),
      status: status ?? 'unknown',
      ...(status !== undefined && { statusSource: 'provider' }),
      totalMinor,
      ...(balanceMinor !== undefined && { balanceMinor }),
      ...(refundedMinor !== undefined && { refundedMinor }),
      issuedAt: createdMs === null ? null : new Date(createdMs).toISOString(),
      lines,
    },
  };
}

/** Whatever was taken is money: of a part-paid invoice the part. A void one has none, or one that is void. */
function paymentOf({ row, word, totalMinor, paidMinor, refundedMinor }: Invoice): TrueRecord[] {
  const status = statuses[word];
  const ids = { externalId: `invoice:${String(row['id'])}` };
  const fields = { invoiceExternalId: String(row['id']), customerExternalId: String(row['client_id']) };
  if (status === 'void') return [{ ...ids, optional: true, fields: { ...fields, status: 'void' } }];
  if (status === undefined || status === 'open' || totalMinor === undefined || paidMinor === undefined) return [];
  return [
    {
      ...ids,
      fields: {
        ...fields,
        amountMinor: paidMinor,
        ...(refundedMinor !== undefined && { refundedMinor }),
        status: status === 'refunded' ? 'refunded' : 'paid',
      },
    },
  ];
}
