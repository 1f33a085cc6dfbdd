import { ProviderFailure, showsSent } from '../../platform/outbound';
import { saysCount, saysMore, saysNext } from '../list-end';
import { notUnderstood } from '../list-rows';
import { isRow, optionalId } from '../row';
import { isBelow } from './below-base';
import type { ManifestPageEnd, ManifestPaging, StreamManifest } from './manifest';
import type { ListAnswer } from './manifest-client';
import { pathIn } from './row-path';

const USUAL_SIZE = 100;
/** A position is stored with the scan, and is 500 characters at most. */
const MAX_PLACE = 400;

/** Where a page begins. */
export interface PlaceInList {
  /** Rows of the pages before it. */
  readonly seen: number;
  /** A page number, an offset, an id, a cursor or a path; null: the first page. */
  readonly at: string | null;
}

/** Where a list is asked for. */
export interface ListAddress {
  readonly baseUrl: string;
  /** The parameter that the key is sent as; null: it is sent otherwise. */
  readonly keyParameter: string | null;
}

export const START: PlaceInList = { seen: 0, at: null };

/** The query that asks for the page, or the place itself where pages are links. */
export function queryOf(paging: ManifestPaging, { seen, at }: PlaceInList): Record<string, string> {
  if (paging.by === 'none' || paging.by === 'link') return sizeOf(paging);
  if (paging.by === 'page') return { ...sizeOf(paging), [paging.parameter]: at ?? String(paging.first ?? 1) };
  if (paging.by === 'offset') return { ...sizeOf(paging), [paging.parameter]: String(seen) };
  return { ...sizeOf(paging), ...(at === null ? {} : { [paging.parameter]: at }) };
}

function sizeOf(paging: ManifestPaging): Record<string, string> {
  if (paging.by === 'none' || paging.sizeParameter === undefined) return {};
  return { [paging.sizeParameter]: String(paging.size ?? USUAL_SIZE) };
}

/**
 * The page behind this one; null: the provider says, in the form that the manifest names, that this was the last. Where
 * it names none, a page that is shorter than asked for is the last.
 */
export function placeAfter(
  { paging, id }: Pick<StreamManifest, 'paging' | 'id'>,
  place: PlaceInList,
  answer: ListAnswer,
  from: ListAddress,
): PlaceInList | null {
  if (paging.by === 'none') return null;
  const seen = place.seen + answer.rows.length;
  if (paging.by === 'cursor' || paging.by === 'link') {
    const next = pathIn(answer.body, paging.next);
    if (!saysNext(next, paging.next)) return null;
    const at = paging.by === 'link' ? linkedPlace(next, from) : next;
    if (at.length > MAX_PLACE) throw notUnderstood(`has a ${paging.next} of more than ${MAX_PLACE} characters`);
    return { seen, at: withoutSecret(at, answer, paging.next) };
  }
  if (!goesOn(paging, answer, seen)) return null;
  if (paging.by === 'page') return { seen, at: String(Number(place.at ?? paging.first ?? 1) + 1) };
  return { seen, at: paging.by === 'offset' ? String(seen) : withoutSecret(lastId(answer.rows, id), answer, id) };
}

/** Places are stored in clear, and told to operators. */
function withoutSecret(at: string, { secrets }: ListAnswer, path: string): string {
  if (showsSent(at, secrets)) throw notUnderstood(`has a ${path} that holds a secret of the credentials`);
  return at;
}

function goesOn(end: ManifestPageEnd, { rows, body }: ListAnswer, seen: number): boolean {
  const more = end.more === undefined ? null : saysMore(pathIn(body, end.more), end.more);
  if (more === true && rows.length === 0) throw notUnderstood('promises more rows and gives none');
  if (more !== null) return more;
  if (end.next !== undefined && saysNext(pathIn(body, end.next), end.next)) return rows.length > 0;
  if (rows.length === 0) return false;
  const total = totalIn(end, body);
  if (total !== null) return seen < total;
  if (end.next !== undefined && isRow(body) && pathIn(body, end.next) !== undefined) return false;
  return rows.length >= (end.size ?? USUAL_SIZE);
}

export function totalIn(paging: Pick<ManifestPageEnd, 'total'>, body: unknown): number | null {
  return paging.total === undefined ? null : saysCount(pathIn(body, paging.total), paging.total);
}

/** A link leads on below the base URL, or nowhere. The key that it repeats is sent again with the next call. */
function linkedPlace(link: string, { baseUrl, keyParameter }: ListAddress): string {
  const base = `${baseUrl}/`;
  const url = URL.canParse(link, base) ? new URL(link, base) : null;
  if (url === null || !isBelow(url, baseUrl)) throw notUnderstood('has a link to the next page that leads elsewhere');
  if (keyParameter !== null && url.searchParams.has(keyParameter)) url.searchParams.delete(keyParameter);
  return url.pathname.slice(new URL(baseUrl).pathname.replace(/\/+$/, '').length) + url.search;
}

function lastId(rows: readonly unknown[], path: string): string {
  const last = rows.at(-1);
  try {
    const id = optionalId({ id: pathIn(last, path) }, 'id');
    if (id !== null) return id;
  } catch {
    // told below
  }
  throw notUnderstood('ends with a row that has no id');
}

export function parsePlace(text: string): PlaceInList {
  const found = /^(\d{1,12}):(.*)$/s.exec(text);
  if (found === null) throw new ProviderFailure('internal', 'The position of the scan cannot be read.');
  return { seen: Number(found[1]), at: found[2] === '' ? null : found[2]! };
}

export function textOfPlace({ seen, at }: PlaceInList): string {
  return `${seen}:${at ?? ''}`;
}
