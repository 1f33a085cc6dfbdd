import type { Answers } from '../account-reader';
import { cannotTell, shows, type ProviderFact, type Shown } from '../fact';
import type { Row } from '../row';
import { presence, unknownWords } from '../row-facts';
import { pathsOf } from './practicehub-questions';

/** Words of an invoice’s status that are likely; nobody lists them. */
export const PRACTICEHUB_STATUSES = [
  ...['draft', 'open', 'unpaid', 'sent', 'partial', 'overdue'],
  ...['paid', 'void', 'voided', 'cancelled', 'refunded'],
];

const WRITES: Pick<ProviderFact, 'words' | 'certainty' | 'expected' | 'probe'> = {
  words: 'Paths and bodies of what is written are inferred.',
  certainty: 'inferred',
  expected: 'accepted',
  probe: null,
};

function owedShown(seen: Answers): Shown {
  const rows = seen.rows('invoices');
  if (rows.length === 0) return cannotTell('the account shows no invoices');
  const forms = new Set(rows.map(toldOf));
  const counts = ['status', 'balance', 'due'].map((field) => `\`${field}\` ${presence(rows, field).text}`).join(', ');
  return shows(forms.size > 1 ? 'mixed' : [...forms][0]!, counts);
}

function toldOf(row: Row): string {
  const told = ['status', 'balance', 'due'].filter((field) => row[field] !== undefined && row[field] !== null);
  return told.length === 3 ? 'all' : told.length === 0 ? 'absent' : told.join('-');
}

function totalShown(seen: Answers): Shown {
  const rows = seen.rows('invoices');
  const [total, amount] = [presence(rows, 'total').having, presence(rows, 'amount').having];
  if (rows.length === 0) return cannotTell('the account shows no invoices');
  const because = `\`total\` on ${total}, \`amount\` on ${amount} of ${rows.length} rows`;
  return shows(total > 0 && amount > 0 ? 'mixed' : total > 0 ? 'total' : amount > 0 ? 'amount' : 'neither', because);
}

function allocationsShown(seen: Answers): Shown {
  const [path = ''] = pathsOf('payment_allocations', seen.asked.paths);
  const answer = seen.get(`payment_allocations at ${path}`);
  if (answer?.status !== 200) return cannotTell('the account has no list of allocations');
  if (answer.rows.length > 0) return shows('present', `${answer.rows.length} allocations on the first page`);
  return seen.rows('payments').length === 0
    ? cannotTell('the account has no payments')
    : shows('none', 'payments, and no allocation');
}

/** What PracticeHub says of money that is owed and paid. */
export const PRACTICEHUB_INVOICE_FACTS: readonly ProviderFact[] = [
  {
    id: 'invoiceStatus',
    words:
      'One invoice for each visit: no status, no balance, no due date. On some accounts they may exist, and are used where they are.',
    certainty: 'live',
    expected: 'absent',
    adapter:
      'Uses `status`, `balance` and `due` where they are; never sends an invoice of which nobody can say that it is owed.',
    ifWrong: 'Paid visits would count as owed, and would be sent to people who owe nothing.',
    probe: owedShown,
  },
  {
    id: 'unknownWords',
    words: 'Nobody lists the words of an invoice’s status.',
    certainty: 'inferred',
    expected: 'none',
    adapter: 'Puts an invoice with a word that it does not know in quarantine.',
    ifWrong: 'Those invoices are missing until the word is added; the sync log counts them.',
    probe: (seen) => unknownWords(seen.rows('invoices'), 'status', PRACTICEHUB_STATUSES),
  },
  {
    id: 'invoiceTotal',
    words: 'An invoice’s money is `total` (or `amount`).',
    certainty: 'live',
    expected: null,
    adapter: 'Reads `total`, and `amount` where there is none.',
    ifWrong: 'An invoice with neither goes to quarantine.',
    probe: totalShown,
  },
  {
    id: 'allocations',
    words: 'Nothing links a payment to an invoice but an allocation that names it.',
    certainty: 'inferred',
    expected: 'present',
    adapter:
      'Says that an invoice without a status is paid only where allocations that name it come to its total, or where one payment of the same patient, day and amount is there for it and for no other.',
    ifWrong: 'Without allocations more invoices keep the status `unknown`.',
    probe: allocationsShown,
  },
  {
    ...WRITES,
    id: 'paymentWrites',
    adapter: 'Creates a payment with `POST /payments`, once; an unknown outcome is searched for by its reference.',
    ifWrong: 'Payments are not written to the provider: they end as failed, or wait for review.',
  },
  {
    ...WRITES,
    id: 'allocationWrites',
    adapter: 'Allocates a payment with `POST /payment_allocations`.',
    ifWrong: 'The payment stands at the provider without its invoice, and says so.',
  },
  {
    ...WRITES,
    id: 'logWrites',
    adapter: 'Notes a payment with `POST /patient_logs`.',
    ifWrong: 'The payment stands without its note.',
  },
];
