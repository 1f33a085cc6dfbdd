import type { ListPart, ListRequest } from '../platform/http';
import { ProviderFailure, type JsonElement } from '../platform/outbound';
import { notUnderstood } from './list-rows';
import { receivedRows } from './row';

/** A page of a list that is read outside the sync engine, which bounds its own scans. */
export interface ReadPage {
  readonly rows: readonly JsonElement[];
  /** Where the next page is; null: this was the last one. */
  readonly next: string | null;
  /** How many rows the list has, as the provider says; null or absent: it does not say. */
  readonly total?: number | null;
}
/** null: there is no such list. */
export type ReadAt = (position: string | null) => Promise<ReadPage | null>;

/** Of one answer while a person or a run waits for the whole list. */
export const MAX_PAGE_BYTES = 4 * 1024 * 1024;
/** Of a list that must be read to its end, for example to find out that a payment is not on it. */
const TO_THE_END = { pages: 1_000, rows: 100_000, bytes: 256 * 1024 * 1024 };
/** Of a list that may be cut. */
const CUT = { pages: 50, bytes: 16 * 1024 * 1024 };

/** The provider counts more rows than it listed, or fewer than before: a row may have been on none of the pages. */
export class ListFallsShort extends ProviderFailure {
  constructor() {
    super('contract', 'The provider’s list holds fewer rows than it counts.');
    this.name = 'ListFallsShort';
  }
}

/**
 * Page after page, to the end of the list; a position without a page (`null`) is its end too. Throws a ProviderFailure
 * `contract` where the list has no end within the bounds, a page comes a second time, or rows are missing: what is not
 * on it cannot be told then.
 */
export async function* pagesToTheEnd(readAt: ReadAt): AsyncGenerator<readonly JsonElement[]> {
  const told = new PageDigests();
  let pages = 0;
  let rows = 0;
  let bytes = 0;
  let total = 0;
  let position: string | null = null;
  do {
    const page: ReadPage | null = await readAt(position);
    if (page === null) return;
    told.refuseRepeated(page.rows);
    pages += 1;
    rows += page.rows.length;
    bytes += bytesOf(page.rows);
    yield page.rows;
    const counted = page.total ?? total;
    // a row that was taken off the list has pulled those behind it onto pages that were read
    if (counted < total || (page.next === null && rows < counted)) throw new ListFallsShort();
    total = counted;
    position = page.next;
    if (position !== null && (pages >= TO_THE_END.pages || rows >= TO_THE_END.rows || bytes >= TO_THE_END.bytes)) {
      throw notUnderstood('is a list that does not end');
    }
  } while (position !== null);
}

/**
 * Reads on at `cursor` (the `next` of the part before; null: from the start) until there are `limit` entries, the list
 * ends, or its pages are as many as one call reads. Throws a ProviderFailure `configuration` for a cursor that is none.
 */
export async function partOfList<T>(
  readAt: ReadAt,
  from: ListRequest,
  entryOf: (row: JsonElement) => T,
): Promise<ListPart<T>> {
  const told = new PageDigests();
  const entries: T[] = [];
  let { position, skip } = placeOf(from.cursor);
  let bytes = 0;
  for (let pages = 1; ; pages += 1) {
    const page: ReadPage | null = await readAt(position);
    if (page === null) return { entries, next: null };
    told.refuseRepeated(page.rows);
    bytes += bytesOf(page.rows);
    const room = from.limit - entries.length;
    const rest = page.rows.slice(skip);
    for (const row of rest.slice(0, room)) entries.push(entryOf(row));
    if (rest.length > room) return { entries, next: `${skip + room}@${position ?? ''}` };
    if (page.next === null) return { entries, next: null };
    position = page.next;
    skip = 0;
    const isCut = pages >= CUT.pages || bytes >= CUT.bytes || entries.length >= from.limit;
    if (isCut) return { entries, next: `0@${position}` };
  }
}

/** `<entries of the page that were shown>@<position of the page>`. */
function placeOf(cursor: string | null): { position: string | null; skip: number } {
  const found = /^(\d{1,5})@(.{0,500})$/.exec(cursor ?? '0@');
  if (found === null) throw invalidCursor();
  return { skip: Number(found[1]), position: found[2] === '' ? null : found[2]! };
}

export function invalidCursor(): ProviderFailure {
  return new ProviderFailure('configuration', 'must be a cursor that this endpoint returned', { field: 'cursor' });
}

/** A provider that ignores the page it is asked for gives the same one for ever. */
class PageDigests {
  private readonly seen = new Set<string>();

  refuseRepeated(rows: readonly JsonElement[]): void {
    if (rows.length === 0) return;
    const { digest } = receivedRows(rows);
    if (this.seen.has(digest)) throw notUnderstood('begins again instead of going on');
    this.seen.add(digest);
  }
}

function bytesOf(rows: readonly JsonElement[]): number {
  return rows.reduce((sum, { bytes }) => sum + bytes.length, 0);
}
