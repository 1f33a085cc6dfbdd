import { notUnderstood } from '../list-rows';
import { rowAmount } from '../money';
import {
  isBadRow,
  type FetchedRow,
  type FollowedRow,
  type Page,
  type PageRequest,
  type ProviderCall,
  type Stream,
} from '../provider';
import type { InvoiceRecord } from '../records';
import { digestSeed, isRow, listedDigest, mapRows, requiredId } from '../row';
import { RowCalls } from '../row-calls';
import { listedInvoice, readInvoices, singleInvoice } from './wodify-invoice-list';
import { mapInvoicePayment, mapWodifyInvoice, needsLines } from './wodify-invoices';
import { WODIFY_MAPPING_VERSION } from './wodify-mapping';

/** Updates of invoices are not announced: a window is read again and again, in which they still change. */
const MUTABLE_WINDOW_DAYS = 45;
const INVOICES = 'invoices';
const PAYMENTS = 'invoice_payments';

/** What both streams over the invoice list share: newest first, down to a cutoff. */
abstract class WodifyInvoiceList {
  readonly enabledBy = 'syncInvoices';
  readonly incremental = 'newest_first';
  readonly detectsDeletions = true;
  readonly mutableWindowDays = MUTABLE_WINDOW_DAYS;
  readonly zonelessTimes = true;
  readonly mappingVersion = WODIFY_MAPPING_VERSION;
}

/**
 * Invoices. Their lines stand on the single invoice only, so that each new or changed one costs a call: the digests
 * save the others.
 */
export class WodifyInvoiceStream extends WodifyInvoiceList implements Stream {
  readonly key = INVOICES;
  readonly resource = 'invoices';

  async fetchPage(call: ProviderCall, request: PageRequest): Promise<Page> {
    const { wanted, page } = await readInvoices(call, request);
    const seed = digestSeed(WODIFY_MAPPING_VERSION, call.settings);
    const listed = wanted.map((row) => ({ row, id: idOrNull(row), digest: listedDigest(JSON.stringify(row), seed) }));
    const stored = await request.asStored(listed.map(({ id, digest }) => ({ externalId: id ?? '', digest })));
    const unchanged: string[] = [];
    const rows: FetchedRow[] = [];
    const calls = new RowCalls(() => readInvoices(call, request));
    for (const [index, { row, id, digest }] of listed.entries()) {
      if (id !== null && stored[index]) unchanged.push(id);
      else rows.push(...(await this.detailed(call, calls, row, id, digest)));
    }
    return { ...page, rows, unchanged };
  }

  async fetchOne(call: ProviderCall, externalId: string): Promise<FetchedRow | 'gone'> {
    const row = await singleInvoice(call, externalId);
    // the digest is that of the list's row, which is not known here: the next scan reads the invoice once more
    return row === null ? 'gone' : sameRow(mapAll(call, row, null), externalId);
  }

  /** An invoice with the payment that it stands for: once it is paid nothing asks for it again. */
  async followUp(call: ProviderCall, externalId: string): Promise<readonly FollowedRow[]> {
    const row = await singleInvoice(call, externalId);
    if (row === null) return [];
    const payments = mapPayments(call, [row]);
    return [
      { stream: INVOICES, row: sameRow(mapAll(call, row, null), externalId) },
      ...payments.map((payment) => ({ stream: PAYMENTS, row: payment })),
    ];
  }

  private async detailed(
    call: ProviderCall,
    calls: RowCalls,
    listed: unknown,
    id: string | null,
    digest: string,
  ): Promise<FetchedRow[]> {
    if (id === null) return mapAll(call, listed, null);
    const detailed = await calls.ask(id, listed, async () => {
      const row = await listedInvoice(call, id);
      return sameRow(mapAll(call, row, digest), id);
    });
    if (isBadRow(detailed)) return [detailed];
    const [asListed] = mapAll(call, listed, null);
    // a single invoice that is behind its list is asked for again by the next scan
    return [contradicts(detailed, asListed!, !lacksLines(listed)) ? { ...detailed, digest: null } : detailed];
  }
}

/** The payments that invoices stand for; nearly always the list says enough. */
export class WodifyPaymentStream extends WodifyInvoiceList implements Stream {
  readonly key = PAYMENTS;
  readonly resource = 'payments';
  /** By when the invoice was made; a payment carries when it was paid. */
  readonly cutByAnotherTime = true;

  async fetchPage(call: ProviderCall, request: PageRequest): Promise<Page> {
    const { wanted, page } = await readInvoices(call, request);
    const told = wanted.filter((row) => idOrNull(row) === null || !lacksLines(row));
    const seed = digestSeed(WODIFY_MAPPING_VERSION, call.settings);
    const untold = wanted.flatMap((row) => {
      const id = idOrNull(row);
      if (id === null || !lacksLines(row)) return [];
      return [{ row, id, externalId: `invoice:${id}`, digest: listedDigest(JSON.stringify(row), seed) }];
    });
    const stored = untold.length === 0 ? [] : await request.asStored(untold);
    const asked: FetchedRow[] = [];
    const calls = new RowCalls(() => readInvoices(call, request));
    for (const { row, id, externalId, digest } of untold.filter((_one, index) => !stored[index])) {
      const single = await calls.ask(externalId, row, () => listedInvoice(call, id));
      asked.push(...(isBadRow(single) ? [single] : withDigest(mapPayments(call, [single]), digest)));
    }
    const unchanged = untold.flatMap(({ externalId }, index) => (stored[index] ? [externalId] : []));
    return { ...page, rows: [...mapPayments(call, told), ...asked], unchanged };
  }

  async fetchOne(call: ProviderCall, externalId: string): Promise<FetchedRow | 'gone'> {
    const row = await singleInvoice(call, externalId.replace(/^invoice:/, ''));
    const [fetched] = row === null ? [] : mapPayments(call, [row]);
    // an invoice that is owed again carries no payment
    return fetched === undefined ? 'gone' : sameRow([fetched], externalId);
  }
}

function mapAll(call: ProviderCall, row: unknown, digest: string | null): FetchedRow[] {
  return mapRows(
    [row],
    (one) => requiredId(one, 'id'),
    (one) => ({ ...mapWodifyInvoice(one, call.settings), digest }),
    (one) => rowAmount(one, call.settings.currency, 'final_charge'),
  );
}

function mapPayments(call: ProviderCall, rows: readonly unknown[]): FetchedRow[] {
  return mapRows(
    rows,
    (row) => `invoice:${requiredId(row, 'id')}`,
    (row, externalId) => mapInvoicePayment(row, externalId.replace(/^invoice:/, ''), call.settings),
    (row) => rowAmount(row, call.settings.currency, 'paid_amount'),
  );
}

function sameRow(rows: readonly FetchedRow[], externalId: string): FetchedRow {
  const [row] = rows;
  if (row === undefined || (row.externalId !== null && row.externalId !== externalId)) {
    throw notUnderstood('shows another row than the one asked for');
  }
  return row;
}

/** `told`: the list's row says what the invoice was made out for. */
function contradicts(detailed: FetchedRow, asListed: FetchedRow, told: boolean): boolean {
  if (isBadRow(detailed) || isBadRow(asListed)) return false;
  const [one, other] = [detailed.record as InvoiceRecord, asListed.record as InvoiceRecord];
  const [oneTime, otherTime] = [detailed.sourceUpdatedAt?.getTime(), asListed.sourceUpdatedAt?.getTime()];
  return (
    one.status !== other.status ||
    one.balanceMinor !== other.balanceMinor ||
    (told && (one.totalMinor !== other.totalMinor || one.refundedMinor !== other.refundedMinor)) ||
    (oneTime !== undefined && otherTime !== undefined && oneTime !== otherTime)
  );
}

function withDigest(rows: readonly FetchedRow[], digest: string): FetchedRow[] {
  return rows.map((row) => (isBadRow(row) ? row : { ...row, digest }));
}

function lacksLines(row: unknown): boolean {
  try {
    return isRow(row) && needsLines(row);
  } catch {
    return false;
  }
}

function idOrNull(row: unknown): string | null {
  try {
    return isRow(row) ? requiredId(row, 'id') : null;
  } catch {
    return null;
  }
}
