/**
 * INFERRED. PracticeHub documents no way to write payments: these paths and bodies are deduced from what its lists
 * show. They stand in this one file, so that they can be put right in one place once they are known.
 */
import { ListFallsShort, pagesToTheEnd, type ReadAt } from '../bounded-reading';
import { notUnderstood, rowOf } from '../list-rows';
import { fromMinor } from '../money';
import type { OutboundPayment, PaymentPusher, ProviderCall } from '../provider';
import { isRow, optionalId, requiredId, RowProblem, type Row } from '../row';
import { PracticeHubClient } from './practicehub-client';
import { noteFor } from './practicehub-mapping';

const PAYMENTS = '/payments';
const ALLOCATIONS = '/payment_allocations';
const LOGS = '/patient_logs';

/**
 * Creates payments. PracticeHub has no idempotency key: every step has a question that finds out whether it was done
 * already, by our own reference. Filters may be ignored, so each search reads to the end and looks at every row itself.
 * That something is not there is said only of a list that is known to be whole.
 */
export class PracticeHubPaymentPusher implements PaymentPusher {
  async createPayment(call: ProviderCall, payment: OutboundPayment): Promise<{ externalPaymentId: string }> {
    const created = await new PracticeHubClient(call).create(PAYMENTS, {
      patient_id: payment.externalCustomerId,
      amount: fromMinor(payment.amountMinor, payment.currency),
      payment_type_id: payment.externalMethodId,
      note: noteFor(payment.reference),
    });
    return { externalPaymentId: idOf(created) };
  }

  async findByReference(call: ProviderCall, payment: OutboundPayment): Promise<{ externalPaymentId: string } | null> {
    const found = await this.find(call, PAYMENTS, { patient_id: `eq:${payment.externalCustomerId}` }, (row) =>
      carries(row['note'], payment.reference),
    );
    return found === null ? null : { externalPaymentId: idOf(found) };
  }

  async allocate(call: ProviderCall, payment: OutboundPayment, externalPaymentId: string): Promise<void> {
    const body = {
      payment_id: externalPaymentId,
      invoice_id: payment.externalInvoiceId,
      amount: fromMinor(payment.amountMinor, payment.currency),
    };
    await new PracticeHubClient(call).create(ALLOCATIONS, body, { acceptEmpty: true });
  }

  async isAllocated(call: ProviderCall, payment: OutboundPayment, externalPaymentId: string): Promise<boolean> {
    const query = { payment_id: `eq:${externalPaymentId}` };
    const found = await this.find(
      call,
      ALLOCATIONS,
      query,
      (row) => sameId(row, 'payment_id', externalPaymentId) && sameId(row, 'invoice_id', payment.externalInvoiceId),
    );
    return found !== null;
  }

  async writeLog(call: ProviderCall, payment: OutboundPayment, externalPaymentId: string): Promise<void> {
    const amount = `${fromMinor(payment.amountMinor, payment.currency)} ${payment.currency}`;
    const body = {
      patient_id: payment.externalCustomerId,
      type: 'payment',
      sub_type: 'created',
      data: `Payment ${externalPaymentId} of ${amount} for invoice ${payment.externalInvoiceId}. ${noteFor(payment.reference)}`,
    };
    await new PracticeHubClient(call).create(LOGS, body, { acceptEmpty: true });
  }

  async isLogged(call: ProviderCall, payment: OutboundPayment): Promise<boolean> {
    const query = { patient_id: `eq:${payment.externalCustomerId}` };
    const found = await this.find(call, LOGS, query, (row) => carries(row['data'], payment.reference), {
      // an entry that is written twice takes no money
      mayHaveNoList: true,
    });
    return found !== null;
  }

  private async find(
    call: ProviderCall,
    path: string,
    query: Readonly<Record<string, string>>,
    matches: (row: Row) => boolean,
    { mayHaveNoList = false } = {},
  ): Promise<Row | null> {
    const search = async (asked: Readonly<Record<string, string>>): Promise<Row | null> => {
      const readAt = new PracticeHubClient(call).readAt(path, asked);
      return findIn(mayHaveNoList ? readAt : existing(readAt), matches);
    };
    try {
      return await search(query);
    } catch (error) {
      if (!(error instanceof ListFallsShort)) throw error;
      // the count may be of all rows, whatever was asked for: of the whole list it must be right
      return search({});
    }
  }
}

async function findIn(readAt: ReadAt, matches: (row: Row) => boolean): Promise<Row | null> {
  for await (const rows of pagesToTheEnd(readAt)) {
    for (const element of rows) {
      const row = rowOf(element);
      if (isRow(row) && matches(row)) return row;
    }
  }
  return null;
}

/** A list that is said not to exist holds nothing, and shows nothing either. */
function existing(readAt: ReadAt): ReadAt {
  return async (position) => {
    const page = await readAt(position);
    if (page === null) throw notUnderstood('says that it has no such list');
    return page;
  };
}

/** The whole reference: `a-1` must not be found in `a-12`. */
function carries(value: unknown, reference: string): boolean {
  const text = typeof value === 'string' ? value : JSON.stringify(value ?? '');
  const note = noteFor(reference);
  for (let at = text.indexOf(note); at >= 0; at = text.indexOf(note, at + 1)) {
    if (isBetweenWords(text[at - 1]) && isBetweenWords(text[at + note.length])) return true;
  }
  return false;
}

function isBetweenWords(character: string | undefined): boolean {
  return character === undefined || /[\s"\\,;]/.test(character);
}

function sameId(row: Row, path: string, id: string): boolean {
  try {
    return optionalId(row, path) === id;
  } catch {
    return false;
  }
}

function idOf(row: Row | null): string {
  try {
    return requiredId(row ?? {}, 'id');
  } catch (error) {
    if (error instanceof RowProblem) throw notUnderstood('does not show the id of the new row');
    throw error;
  }
}
