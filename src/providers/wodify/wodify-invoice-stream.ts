import { notUnderstood, rowOf } from '../list-rows';
import { type FetchedRow, isBadRow, type Page, type PageRequest, type ProviderCall, type Stream } from '../provider';
import type { InvoiceRecord } from '../records';
import { NewestFirst } from '../newest-first';
import { RowCalls } from '../row-calls';
import { digestSeed, isRow, listedDigest, mapRows, receivedRows, requiredId, type Row } from '../row';
import { WodifyClient } from './wodify-client';
import { mapInvoice, mapInvoicePayment } from './wodify-invoices';
import { MAPPING_VERSION } from './wodify-mapping';
import { createdAt, timeOrNull } from './wodify-times';

const PATH = '/financials/invoices';
const SINGLE = 'invoice';
/** Updates of invoices are not announced: a window is read again and again, in which they still change. */
const MUTABLE_WINDOW_DAYS = 45;

/** What both streams over the invoice list share: newest first, down to a cutoff. */
abstract class WodifyInvoiceList {
  readonly enabledBy = 'syncInvoices';
  readonly incremental = 'newest_first';
  readonly detectsDeletions = true;
  readonly mutableWindowDays = MUTABLE_WINDOW_DAYS;
  readonly zonelessTimes = true;
  readonly mappingVersion = MAPPING_VERSION;

  protected async read(
    call: ProviderCall,
    request: PageRequest,
  ): Promise<{ wanted: unknown[]; page: Omit<Page, 'rows'> }> {
    const [place, before] = placeOf(request.position);
    const answer = await new WodifyClient(call).list(PATH, 'invoices', place, { sort: 'desc_created_on_datetime' });
    const cutoff = request.scan === 'incremental' ? (request.since ?? request.floor) : request.floor;
    const zone = call.settings.timezone;
    const rows = answer.rows.map(rowOf);
    const times = rows.map((row) => timeOrNull(createdAt, row, zone));
    const order = before.after(times);
    const wanted = rows.filter((_row, index) => !isBefore(times[index] ?? null, request.floor));
    return {
      wanted,
      page: {
        next: answer.next !== null && !order.hasPassed(cutoff) ? `${answer.next}:${order}` : null,
        providerTime: answer.providerTime,
        total: null,
        received: receivedRows(answer.rows),
        ...(order.isBroken ? { orderIgnored: true } : {}),
      },
    };
  }

  protected single(call: ProviderCall, id: string): Promise<Row | null> {
    return new WodifyClient(call).one(`${PATH}/${encodeURIComponent(id)}`, SINGLE);
  }
}

/** Invoices. Their lines stand on the single invoice only, so that each new or changed one costs a call: the digests save the others. */
export class WodifyInvoiceStream extends WodifyInvoiceList implements Stream {
  readonly key = 'invoices';
  readonly resource = 'invoices';

  async fetchPage(call: ProviderCall, request: PageRequest): Promise<Page> {
    const { wanted, page } = await this.read(call, request);
    const seed = digestSeed(MAPPING_VERSION, call.settings);
    const listed = wanted.map((row) => ({ row, id: idOrNull(row), digest: listedDigest(JSON.stringify(row), seed) }));
    const stored = await request.asStored(listed.map(({ id, digest }) => ({ externalId: id ?? '', digest })));
    const unchanged: string[] = [];
    const rows: FetchedRow[] = [];
    const calls = new RowCalls();
    for (const [index, { row, id, digest }] of listed.entries()) {
      if (id !== null && stored[index]) unchanged.push(id);
      else rows.push(...(await this.detailed(call, calls, row, id, digest)));
    }
    return { ...page, rows, unchanged };
  }

  async fetchOne(call: ProviderCall, externalId: string): Promise<FetchedRow | 'gone'> {
    const row = await this.single(call, externalId);
    // the digest is that of the list's row, which is not known here: the next scan reads the invoice once more
    return row === null ? 'gone' : sameRow(mapAll(call, row, null), externalId);
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
      const row = await this.single(call, id);
      return row === null ? null : sameRow(mapAll(call, row, digest), id);
    });
    // gone between the list and the call: the next scan will not list it
    if (detailed === null) return [];
    if (isBadRow(detailed)) return [detailed];
    const [asListed] = mapAll(call, listed, null);
    // a single invoice that is behind its list is asked for again by the next scan
    return [contradicts(detailed, asListed!) ? { ...detailed, digest: null } : detailed];
  }
}

/** The payments that paid invoices stand for; the list says enough. */
export class WodifyPaymentStream extends WodifyInvoiceList implements Stream {
  readonly key = 'invoice_payments';
  readonly resource = 'payments';

  async fetchPage(call: ProviderCall, request: PageRequest): Promise<Page> {
    const { wanted, page } = await this.read(call, request);
    return { ...page, rows: this.mapAll(call, wanted) };
  }

  async fetchOne(call: ProviderCall, externalId: string): Promise<FetchedRow | 'gone'> {
    const row = await this.single(call, externalId.replace(/^invoice:/, ''));
    const [fetched] = row === null ? [] : this.mapAll(call, [row]);
    // an invoice that is owed again carries no payment
    return fetched === undefined ? 'gone' : sameRow([fetched], externalId);
  }

  private mapAll(call: ProviderCall, rows: readonly unknown[]): FetchedRow[] {
    return mapRows(
      rows,
      (row) => `invoice:${requiredId(row, 'id')}`,
      (row, externalId) => mapInvoicePayment(row, externalId.replace(/^invoice:/, ''), call.settings),
    );
  }
}

function mapAll(call: ProviderCall, row: unknown, digest: string | null): FetchedRow[] {
  return mapRows(
    [row],
    (one) => requiredId(one, 'id'),
    (one) => ({ ...mapInvoice(one, call.settings), digest }),
  );
}

function sameRow(rows: readonly FetchedRow[], externalId: string): FetchedRow {
  const [row] = rows;
  if (row === undefined || (row.externalId !== null && row.externalId !== externalId)) {
    throw notUnderstood('shows another row than the one asked for');
  }
  return row;
}

function contradicts(detailed: FetchedRow, asListed: FetchedRow): boolean {
  if (isBadRow(detailed) || isBadRow(asListed)) return false;
  const [one, other] = [detailed.record as InvoiceRecord, asListed.record as InvoiceRecord];
  const [oneTime, otherTime] = [detailed.sourceUpdatedAt?.getTime(), asListed.sourceUpdatedAt?.getTime()];
  return (
    one.status !== other.status ||
    one.totalMinor !== other.totalMinor ||
    (oneTime !== undefined && otherTime !== undefined && oneTime !== otherTime)
  );
}

function idOrNull(row: unknown): string | null {
  try {
    return isRow(row) ? requiredId(row, 'id') : null;
  } catch {
    return null;
  }
}

/** A page, and the list's order up to it. */
function placeOf(position: string | null): [page: string | null, order: NewestFirst] {
  if (position === null) return [null, NewestFirst.START];
  const [page, order = ''] = position.split(':');
  return [page!, NewestFirst.parse(order)];
}

function isBefore(time: Date | null, limit: Date | null): boolean {
  return time !== null && limit !== null && time < limit;
}
