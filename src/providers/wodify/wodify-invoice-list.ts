import { ProviderFailure } from '../../platform/outbound';
import { notUnderstood, rowOf } from '../list-rows';
import { NewestFirst } from '../newest-first';
import type { Page, PageRequest, ProviderCall } from '../provider';
import { receivedRows, type Row } from '../row';
import { WodifyClient, type WodifyPage } from './wodify-client';
import { createdAt, timeOrNull } from './wodify-times';

const PATH = '/financials/invoices';
const SINGLE = 'invoice';
const SORT = { sort: 'desc_created_on_datetime' };

/** A page of the invoice list, newest first; `wanted`: those from the floor on. */
export async function readInvoices(
  call: ProviderCall,
  request: PageRequest,
): Promise<{ wanted: unknown[]; page: Omit<Page, 'rows'> }> {
  const place = placeOf(request.position);
  const { answer, sorted } = await listAt(call, place);
  const cutoff = request.scan === 'incremental' ? (request.since ?? request.floor) : request.floor;
  const rows = answer.rows.map(rowOf);
  const times = rows.map((row) => timeOrNull(createdAt, row));
  const order = place.order.after(times);
  const goesOn = answer.next !== null && !order.hasPassed(cutoff);
  return {
    wanted: rows.filter((_row, index) => !isBefore(times[index] ?? null, request.floor)),
    page: {
      next: goesOn ? `${answer.next}${sorted ? '' : 'u'}:${order}` : null,
      providerTime: answer.providerTime,
      total: null,
      received: receivedRows(answer.rows),
      ...(order.isBroken ? { orderIgnored: true } : {}),
    },
  };
}

/** null: it does not exist. */
export function singleInvoice(call: ProviderCall, id: string): Promise<Row | null> {
  return new WodifyClient(call).one(`${PATH}/${encodeURIComponent(id)}`, SINGLE);
}

/**
 * An invoice that the list has just shown. That there is none by its id says nothing of the invoice: it may be gone
 * since, or there may be no way to ask by id. It must not vanish for that.
 */
export async function listedInvoice(call: ProviderCall, id: string): Promise<Row> {
  const row = await singleInvoice(call, id);
  if (row === null) throw notUnderstood('says that there is no such row, which its list shows');
  return row;
}

/** Nobody lists the field that the order is asked by: where it is refused, the list is read as it comes, to its end. */
async function listAt(call: ProviderCall, { page, sorted }: Place): Promise<{ answer: WodifyPage; sorted: boolean }> {
  const client = new WodifyClient(call);
  const list = (query: Readonly<Record<string, string>>) => client.list(PATH, 'invoices', page, query);
  if (!sorted) return { answer: await list({}), sorted };
  try {
    return { answer: await list(SORT), sorted };
  } catch (error) {
    if (page !== null || !(error instanceof ProviderFailure) || error.verdict !== 'contract') throw error;
    return { answer: await list({}), sorted: false };
  }
}

/** A page (null: the first), the list's order up to it, and whether that was asked for. */
interface Place {
  readonly page: string | null;
  readonly sorted: boolean;
  readonly order: NewestFirst;
}

function placeOf(position: string | null): Place {
  if (position === null) return { page: null, sorted: true, order: NewestFirst.START };
  const [place = '', order = ''] = position.split(':');
  return { page: place.replace(/u$/, ''), sorted: !place.endsWith('u'), order: NewestFirst.parse(order) };
}

function isBefore(time: Date | null, limit: Date | null): boolean {
  return time !== null && limit !== null && time < limit;
}
