import { ProviderFailure } from '../../platform/outbound';
import { notUnderstood, rowOf } from '../list-rows';
import { type FetchedRow, isBadRow, type Page, type PageRequest, type ProviderCall, type Stream } from '../provider';
import type { InvoiceRecord } from '../records';
import { digestOf, digestSeed, isRow, listedDigest, mapRows, requiredId, type Row } from '../row';
import { WodifyClient } from './wodify-client';
import { MAPPING_VERSION, mapInvoice, mapInvoicePayment } from './wodify-invoices';
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

  protected async read(
    call: ProviderCall,
    request: PageRequest,
  ): Promise<{ wanted: unknown[]; page: Omit<Page, 'rows'> }> {
    const number = request.position === null ? 1 : Number(request.position);
    const answer = await new WodifyClient(call).list(PATH, 'invoices', number, { sort: 'desc_created_on_datetime' });
    const cutoff = request.scan === 'incremental' ? (request.since ?? request.floor) : request.floor;
    const zone = call.settings.timezone;
    const rows = answer.rows.map(rowOf);
    const times = rows.map((row) => timeOrNull(createdAt, row, zone));
    // without the order that was asked for, an old row says nothing about those behind it
    const inOrder = descending(times);
    const wanted = rows.filter((_row, index) => !isBefore(times[index] ?? null, request.floor));
    return {
      wanted,
      page: {
        next: goesOn(answer.hasMore, inOrder, times, cutoff) ? String(number + 1) : null,
        providerTime: answer.providerTime,
        total: null,
        ...(inOrder ? {} : { filterIgnored: true }),
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
    const refused: ProviderFailure[] = [];
    for (const [index, { row, id, digest }] of listed.entries()) {
      if (id !== null && stored[index]) {
        unchanged.push(id);
        continue;
      }
      try {
        rows.push(...(await this.detailed(call, row, id, digest)));
      } catch (error) {
        if (!(error instanceof ProviderFailure) || error.verdict !== 'contract') throw error;
        refused.push(error);
        const reason = 'its single answer cannot be understood';
        rows.push({ externalId: id, reason, path: '$', rowDigest: digestOf(row) });
      }
    }
    // one odd invoice stops no other; where none can be read, it is not the invoices
    if (refused.length > 1 && refused.length === rows.length) throw refused[0]!;
    return { ...page, rows, unchanged };
  }

  async fetchOne(call: ProviderCall, externalId: string): Promise<FetchedRow | 'gone'> {
    const row = await this.single(call, externalId);
    // the digest is that of the list's row, which is not known here: the next scan reads the invoice once more
    return row === null ? 'gone' : sameRow(mapAll(call, row, null), externalId);
  }

  private async detailed(
    call: ProviderCall,
    listed: unknown,
    id: string | null,
    digest: string,
  ): Promise<FetchedRow[]> {
    if (id === null) return mapAll(call, listed, null);
    const row = await this.single(call, id);
    // gone between the list and the call: the next scan will not list it
    if (row === null) return [];
    const detailed = sameRow(mapAll(call, row, digest), id);
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

function goesOn(hasMore: boolean, inOrder: boolean, times: readonly (Date | null)[], cutoff: Date | null): boolean {
  if (!hasMore) return false;
  const last = times.findLast((time) => time !== null) ?? null;
  return !(inOrder && isBefore(last, cutoff));
}

function isBefore(time: Date | null, limit: Date | null): boolean {
  return time !== null && limit !== null && time < limit;
}

function descending(times: readonly (Date | null)[]): boolean {
  const known = times.filter((time) => time !== null);
  return known.every((time, index) => index === 0 || time <= known[index - 1]!);
}
