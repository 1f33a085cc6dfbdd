import { notUnderstood } from '../list-rows';
import { currencyCode } from '../money';
import type { GoodRow, Page, PageRequest, ProviderCall, Stream } from '../provider';
import type { PaymentRecord } from '../records';
import { NewestFirst } from '../newest-first';
import { FIRST_PAGE, fittingPage } from '../page-size';
import { isRow, mapRows, receivedRows, optionalId, requiredId, RowProblem, text, wholeNumber, type Row } from '../row';
import { parseTime, timeIn } from '../zoned-time';
import { TerminalClient, type TerminalPage } from './terminal-client';

/** A payment is final 3 minutes after it was requested; an hour leaves room for clocks and late writes. */
const MUTABLE_WINDOW_DAYS = 1 / 24;

const STATUS_OF_TYPE: Readonly<Record<string, string>> = { sale: 'paid', refund: 'refunded', void: 'void' };

/** Card payments, newest first. Only approved ones are money; the others are attempts and are left out. */
export class TerminalPaymentStream implements Stream {
  readonly key = 'payments';
  readonly resource = 'payments';
  readonly enabledBy = 'syncInvoices';
  readonly incremental = 'newest_first';
  /** A payment is never taken off the list, and there is no way to ask for one. */
  readonly detectsDeletions = false;
  readonly mappingVersion = 1;
  readonly mutableWindowDays = MUTABLE_WINDOW_DAYS;

  async fetchPage(call: ProviderCall, request: PageRequest): Promise<Page> {
    const { floor } = request;
    const [position, before] = placeOf(request.position);
    const { answer, page } = await fittingPage(FIRST_PAGE, ({ size }) =>
      new TerminalClient(call).list('/terminal-payments', {
        limit: String(size),
        ...(position === null ? {} : { starting_after: position }),
      }),
    );
    const last = lastId(answer, position, page.size);
    const cutoff = request.scan === 'incremental' ? (request.since ?? floor) : floor;
    const wanted = answer.rows.filter((row) => !isBefore(createdAt(row), floor));
    const order = before.after(answer.rows.map(createdAt));
    return {
      rows: mapRows(wanted, (row) => requiredId(row, 'id'), mapPayment),
      next: last === null || order.hasPassed(cutoff) ? null : `${order}:${last}`,
      providerTime: answer.providerTime,
      total: null,
      received: receivedRows(answer.rows),
      ...(order.isBroken ? { orderIgnored: true } : {}),
    };
  }
}

/** The id that the page starts behind, and the list's order up to it. */
function placeOf(position: string | null): [startingAfter: string | null, order: NewestFirst] {
  if (position === null) return [null, NewestFirst.START];
  const [, order, id] = /^([^:]*):(.*)$/s.exec(position) ?? [];
  return [id ?? null, NewestFirst.parse(order ?? '')];
}

/** Where the next page starts; null: this was the last one. Without `has_more`, a short page is the end. */
function lastId({ rows, hasMore }: TerminalPage, position: string | null, size: number): string | null {
  if (rows.length === 0) {
    if (hasMore === true) throw notUnderstood('promises more rows and gives none');
    return null;
  }
  // a provider that ignores `starting_after` would give its first page for ever
  if (position !== null && rows.some((row) => isRow(row) && row['id'] === position)) {
    throw notUnderstood('begins again instead of going on');
  }
  if (!(hasMore ?? rows.length >= size)) return null;
  const last = rows.at(-1);
  try {
    return requiredId(isRow(last) ? last : {}, 'id');
  } catch {
    throw notUnderstood('ends with a row that has no id');
  }
}

function mapPayment(row: Row): Omit<GoodRow, 'externalId'> | null {
  const outcome = text(row, 'status', 64)?.toLowerCase();
  if (outcome === undefined) throw new RowProblem('status', 'is missing');
  if (outcome !== 'approved') return null;
  const type = text(row, 'type', 64)?.toLowerCase() ?? '';
  const status = Object.hasOwn(STATUS_OF_TYPE, type) ? STATUS_OF_TYPE[type] : undefined;
  if (status === undefined) throw new RowProblem('type', 'is not a known type');
  const completedAt = timeIn(row, 'completed_at', null);
  const paidAt = completedAt ?? timeIn(row, 'created_at', null);
  const record: PaymentRecord = {
    invoiceExternalId: optionalId(row, 'invoice_id'),
    customerExternalId: null,
    amountMinor: amountOf(row),
    currency: currencyCode(row['currency'], 'currency'),
    method: 'card',
    paidAt: paidAt?.toISOString() ?? null,
    status,
    origin: 'provider',
    // four digits, whatever else the provider leaves unmasked
    cardLast4: /(\d{4})\D*$/.exec(text(row, 'masked_pan', 64) ?? '')?.[1] ?? null,
    cardScheme: text(row, 'card_scheme', 64),
  };
  return { record, sourceUpdatedAt: completedAt, store: 'always', digest: null };
}

function amountOf(row: Row): number {
  const amount = wholeNumber(row, 'amount_minor');
  if (amount === null) throw new RowProblem('amount_minor', 'is missing');
  return amount;
}

function createdAt(row: unknown): Date | null {
  try {
    return isRow(row) ? parseTime(row['created_at'], null, 'created_at') : null;
  } catch {
    return null;
  }
}

function isBefore(time: Date | null, limit: Date | null): boolean {
  return time !== null && limit !== null && time < limit;
}
