import type { Answers } from '../account-reader';
import { cannotTell, shows, type ProviderFact, type Shown } from '../fact';
import { isRow, type Row } from '../row';
import { presence, unknownWords } from '../row-facts';
import { scalarNumber } from '../scalar';
import { isFailure } from './wodify-questions';

export const WODIFY_STATUSES = [
  ...['Paid', 'Unpaid', 'Partially Paid', 'Partially Refunded', 'Refunded', 'Voided', 'Deleted'],
];

function withStatus(seen: Answers, status: string): readonly Row[] {
  const rows = [...seen.rows('invoices'), ...seen.rows(`invoices ${status}`)];
  return rows.filter((row) => row['invoice_header_status'] === status);
}

function statusesShown(seen: Answers): Shown {
  const known = WODIFY_STATUSES.filter((status) => withStatus(seen, status).length > 0);
  if (known.length === 0) return cannotTell('no invoice has a known status');
  const because = `seen: ${known.join(', ')}`;
  if (known.includes('Deleted')) return shows('all', because);
  return shows(
    known.every((status) => status === 'Paid' || status === 'Unpaid') ? 'paid-and-unpaid' : 'no-deleted',
    because,
  );
}

function amountsShown(seen: Answers): Shown {
  const rows = seen.rows('invoices');
  if (rows.length === 0) return cannotTell('the account shows no invoices');
  const names = ['paid_amount', 'unpaid_amount', 'final_refunded_amount'];
  const counts = names.map((name) => presence(rows, name));
  const because = names.map((name, at) => `\`${name}\` ${counts[at]!.text}`).join(', ');
  const [paid, unpaid, refunded] = counts.map(({ having }) => having > 0);
  if (paid && unpaid && refunded) return shows('present', because);
  return shows(
    unpaid && !paid && !refunded ? 'unpaid-only' : !paid && !unpaid && !refunded ? 'absent' : 'some',
    because,
  );
}

function refundedShown(seen: Answers): Shown {
  const charges = withStatus(seen, 'Refunded').map((row) => scalarNumber(row['final_charge']));
  if (charges.length === 0) return cannotTell('the account shows no refunded invoice');
  const zeros = charges.filter((charge) => charge === 0).length;
  const because = `\`final_charge\` is 0 on ${zeros} of ${charges.length} refunded invoices`;
  return shows(zeros === 0 ? 'kept' : zeros === charges.length ? 'zero' : 'mixed', because);
}

function partShown(seen: Answers): Shown {
  const body = seen.get('invoice refunded in part')?.body;
  const row = isRow(body) && isRow(body['invoice']) ? body['invoice'] : body;
  if (!isRow(row) || !Array.isArray(row['invoice_details']))
    return cannotTell('the account shows no partially refunded invoice with its lines');
  const sum = row['invoice_details'].reduce(
    (total, line) => total + (isRow(line) ? scalarNumber(line['final_charge']) : NaN),
    0,
  );
  const [charged, back] = [scalarNumber(row['final_charge']), Math.abs(scalarNumber(row['final_refunded_amount']))];
  if (near(sum, charged)) return shows('kept', '`final_charge` is the sum of the lines');
  return near(sum, charged + back)
    ? shows('less', '`final_charge` is the sum of the lines less what was given back')
    : cannotTell('`final_charge` is neither the sum of the lines nor what is left of it');
}

/** Amounts in major units: closer than any minor unit. */
function near(one: number, other: number): boolean {
  return Math.abs(one - other) < 0.0005;
}

function signShown(seen: Answers): Shown {
  const amounts = [...seen.rows('invoices'), ...seen.rows('invoices Refunded')]
    .map((row) => scalarNumber(row['final_refunded_amount']))
    .filter((amount) => amount !== 0 && !Number.isNaN(amount));
  if (amounts.length === 0) return cannotTell('no invoice tells a refund');
  const negative = amounts.filter((amount) => amount < 0).length;
  return shows(
    negative === amounts.length ? 'negative' : negative === 0 ? 'positive' : 'both',
    `${negative} of ${amounts.length} amounts are negative`,
  );
}

function linesShown(seen: Answers): Shown {
  const single = seen.get('invoice');
  const listed = seen.rows('invoices');
  if (
    single === undefined ||
    single.status === null ||
    isFailure(single) ||
    !isRow(single.body) ||
    listed.length === 0
  ) {
    return cannotTell('no single invoice was answered');
  }
  const row = isRow(single.body['invoice']) ? single.body['invoice'] : single.body;
  const [onList, onSingle] = [presence(listed, 'invoice_details').having > 0, row['invoice_details'] !== undefined];
  const value = onSingle ? (onList ? 'list-and-single' : 'single-only') : onList ? 'list-only' : 'nowhere';
  return shows(
    value,
    `\`invoice_details\` on the list: ${onList ? 'yes' : 'no'}, on the single invoice: ${onSingle ? 'yes' : 'no'}`,
  );
}

/** What Wodify says of invoices. */
export const WODIFY_INVOICE_FACTS: readonly ProviderFact[] = [
  {
    id: 'invoiceStatuses',
    words: '`invoice_header_status`: Paid, Unpaid, Partially Paid, Partially Refunded, Refunded, Voided, Deleted.',
    certainty: 'live',
    expected: 'all',
    adapter: 'Knows all seven; `Deleted` is void.',
    ifWrong: 'Words that an account does not use do no harm.',
    probe: statusesShown,
  },
  {
    id: 'unknownWords',
    words: 'A status that the facts do not list may appear.',
    certainty: 'inferred',
    expected: 'none',
    adapter: 'Puts an invoice with a word that it does not know in quarantine.',
    ifWrong: 'Those invoices and their payments are missing until the word is added; the sync log counts them.',
    probe: (seen) => unknownWords(seen.rows('invoices'), 'invoice_header_status', WODIFY_STATUSES),
  },
  {
    id: 'amounts',
    words:
      'Invoices carry `paid_amount`, `unpaid_amount` and `final_refunded_amount`; the balance is `unpaid_amount` where given.',
    certainty: 'live',
    expected: 'present',
    adapter: 'Takes the balance from `unpaid_amount`; where nothing says it, says no balance for a part payment.',
    ifWrong: 'Part payments and part refunds are not told as amounts.',
    probe: amountsShown,
  },
  {
    id: 'refundedCharge',
    words: 'On a Refunded invoice `final_charge` can be 0 and `final_refunded_amount` −364.',
    certainty: 'live',
    expected: null,
    adapter: 'Keeps the invoice’s total and the payment’s amount; the refund is an amount of its own.',
    ifWrong: 'Invoices and payments would lose their amounts when they are refunded.',
    probe: refundedShown,
  },
  {
    id: 'partialRefund',
    words: 'A partial refund shows in `final_refunded_amount`; nobody shows what `final_charge` is then.',
    certainty: 'inferred',
    expected: 'kept',
    adapter:
      'Takes the sum of the lines, or what was paid, for the total where it is the charge and the refund together; asks for the single invoice where the list does not tell.',
    ifWrong: 'An account whose lines change too would show an invoice with what is left as its total.',
    probe: partShown,
  },
  {
    id: 'refundSign',
    words: '`final_refunded_amount` is negative.',
    certainty: 'live',
    expected: 'negative',
    notSimulated: true,
    adapter: 'Takes its amount without the sign.',
    ifWrong: 'Nothing: a refund has no other direction.',
    probe: signShown,
  },
  {
    id: 'invoiceLines',
    words: 'Lines (`invoice_details`) are on the single GET only.',
    certainty: 'live',
    expected: 'single-only',
    notSimulated: true,
    adapter: 'Asks for each new or changed invoice once, within 5 requests a second.',
    ifWrong: 'Lines on the list would save those calls; lines nowhere leave invoices without them.',
    probe: linesShown,
  },
];
