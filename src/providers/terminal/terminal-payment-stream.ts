import { notUnderstood } from '../list-rows';
import { NewestFirst } from '../newest-first';
import { FIRST_PAGE, fittingPage } from '../page-size';
import {
  isBadRow,
  type FetchedRow,
  type FollowedRow,
  type Page,
  type PageRequest,
  type ProviderCall,
  type Stream,
} from '../provider';
import { isRow, mapRows, receivedRows, requiredId, rowDigest } from '../row';
import { RowCalls } from '../row-calls';
import { parseTime } from '../zoned-time';
import { TerminalClient, type TerminalPage } from './terminal-client';
import { isRunning, mapTerminalPayment, terminalAmount } from './terminal-payments';

const PATH = '/terminal-payments';
/** A payment is final 3 minutes after it was requested; an hour leaves room for clocks and late writes. */
const MUTABLE_WINDOW_DAYS = 1 / 24;
/**
 * The next scans may not reach back to a payment of this age: one that is still running then is asked for by its id.
 */
const EDGE_MS = 30 * 60_000;

/** Card payments, newest first. Only approved ones are money; the others are attempts and are left out. */
export class TerminalPaymentStream implements Stream {
  readonly key = 'payments';
  readonly resource = 'payments';
  readonly enabledBy = 'syncInvoices';
  readonly incremental = 'newest_first';
  /** A payment is never taken off the list. */
  readonly detectsDeletions = false;
  readonly mappingVersion = 2;
  readonly mutableWindowDays = MUTABLE_WINDOW_DAYS;

  async fetchPage(call: ProviderCall, request: PageRequest): Promise<Page> {
    const { floor } = request;
    const place = placeOf(request.position);
    const client = new TerminalClient(call);
    const { answer: found, page: asked } = await fittingPage(FIRST_PAGE, ({ size }) => read(client, place, size));
    const { answer, byOffset } = found;
    const cutoff = request.scan === 'incremental' ? (request.since ?? floor) : floor;
    const wanted = answer.rows.filter((row) => !isBefore(createdAt(row), floor));
    const order = place.order.after(answer.rows.map(createdAt));
    const seen = place.seen + answer.rows.length;
    const goesOn = hasMore(answer, asked.size) && !order.hasPassed(cutoff);
    return {
      rows: await payments(client, wanted, answer.providerTime ?? new Date()),
      next: goesOn ? `${order}:${seen}:${byOffset ? '' : lastId(answer)}` : null,
      providerTime: answer.providerTime,
      total: null,
      received: receivedRows(answer.rows),
      ...(order.isBroken ? { orderIgnored: true } : {}),
    };
  }

  async fetchOne(call: ProviderCall, externalId: string): Promise<FetchedRow | 'gone'> {
    const row = await new TerminalClient(call).one(`${PATH}/${encodeURIComponent(externalId)}`);
    if (row === null) return 'gone';
    const [fetched] = isRunning(row) ? [notFinal(externalId, row)] : mapAll([row]);
    // an attempt that took no money is no payment
    if (fetched === undefined) return 'gone';
    if (fetched.externalId !== externalId) throw notUnderstood('shows another row than the one asked for');
    return fetched;
  }

  async followUp(call: ProviderCall, externalId: string): Promise<readonly FollowedRow[]> {
    const row = await this.fetchOne(call, externalId);
    return row === 'gone' ? [] : [{ stream: this.key, row }];
  }
}

/** Where a page begins: behind a row, or behind so many rows where the list knows no other way. */
interface Place {
  readonly order: NewestFirst;
  readonly seen: number;
  /** null: by the number of rows. */
  readonly after: string | null;
}

function placeOf(position: string | null): Place {
  if (position === null) return { order: NewestFirst.START, seen: 0, after: null };
  const [, order = '', seen, id = ''] = /^([^:]*):(\d{1,12}):(.*)$/s.exec(position) ?? [];
  return { order: NewestFirst.parse(order), seen: Number(seen ?? 0), after: id === '' ? null : id };
}

/** Of the two ways of paging that its pages describe a list may know one: it begins again with the other. */
async function read(
  client: TerminalClient,
  place: Place,
  size: number,
): Promise<{ answer: TerminalPage; byOffset: boolean }> {
  const { after, seen } = place;
  const limit = { limit: String(size) };
  const byOffset = () => client.list(PATH, { ...limit, offset: String(seen) });
  if (after === null) return { answer: await (seen === 0 ? client.list(PATH, limit) : byOffset()), byOffset: seen > 0 };
  const answer = await client.list(PATH, { ...limit, starting_after: after });
  if (!answer.rows.some((row) => isRow(row) && row['id'] === after)) return { answer, byOffset: false };
  const further = await byOffset();
  if (receivedRows(further.rows).digest === receivedRows(answer.rows).digest) {
    throw notUnderstood('begins again instead of going on');
  }
  return { answer: further, byOffset: true };
}

/** Without `has_more` a page that is shorter than it may be is the last one. */
function hasMore({ rows, hasMore: said, limit }: TerminalPage, size: number): boolean {
  if (rows.length === 0 && said === true) throw notUnderstood('promises more rows and gives none');
  if (rows.length === 0) return false;
  const most = limit !== null && limit > 0 && limit < size ? limit : size;
  return said ?? rows.length >= most;
}

function lastId({ rows }: TerminalPage): string {
  const last = rows.at(-1);
  try {
    return requiredId(isRow(last) ? last : {}, 'id');
  } catch {
    throw notUnderstood('ends with a row that has no id');
  }
}

/** Rows as payments. One that should be final by now, and is not in the list, may be on its own. */
async function payments(client: TerminalClient, rows: readonly unknown[], now: Date): Promise<FetchedRow[]> {
  const fetched = mapAll(rows);
  const edge = new Date(now.getTime() - EDGE_MS);
  const late = rows.filter((row) => isRow(row) && isRunning(row) && isBefore(createdAt(row), edge));
  const calls = new RowCalls(() => client.list(PATH, { limit: '1' }));
  for (const listed of late) {
    const [id] = idsOf(listed);
    if (id === undefined) continue;
    const single = await calls.ask(id, listed, async () => client.one(`${PATH}/${encodeURIComponent(id)}`));
    if (single !== null && isBadRow(single)) fetched.push(single);
    else fetched.push(...(single === null || isRunning(single) ? [notFinal(id, listed)] : mapAll([single])));
  }
  return fetched;
}

function mapAll(rows: readonly unknown[]): FetchedRow[] {
  return mapRows(rows, (row) => requiredId(row, 'id'), mapTerminalPayment, terminalAmount);
}

function idsOf(row: unknown): string[] {
  try {
    return isRow(row) ? [requiredId(row, 'id')] : [];
  } catch {
    return [];
  }
}

function notFinal(externalId: string, row: unknown): FetchedRow {
  return { externalId, reason: 'is not final yet', path: 'status', rowDigest: rowDigest(row) };
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
