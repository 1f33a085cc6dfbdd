import type { ManifestFilter, ManifestPaging, ManifestTimes, StreamManifest } from '../manifest';
import { putAt, type SimulatedRow } from './simulated-rows';
import { merchantClock } from './simulated-values';

/** A question that the provider does not understand, and the member of a stream that says how it is asked. */
export class RefusedQuestion extends Error {
  constructor(
    message: string,
    readonly member: readonly string[],
  ) {
    super(message);
  }
}

/** What a list is asked for. */
export interface ListQuestion {
  readonly query: URLSearchParams;
  /** Of the list, for links to its next page. */
  readonly address: string;
}

/** How the provider behaves today. */
export interface ListBehaviour {
  /** Rows of a page at most, whatever is asked for; null: the size that is asked for. */
  readonly pageCap: number | null;
  /** The next page is this one again. */
  readonly repeats: boolean;
  /** There is always more, and none of it comes. */
  readonly endless: boolean;
}

export const USUAL_BEHAVIOUR: ListBehaviour = { pageCap: null, repeats: false, endless: false };

/** Of providers that are not asked for a size. */
const USUAL_SIZE = 100;
const LINK_PARAMETER = 'simulated_from';
const DAY_MS = 86_400_000;

/** The parameters that a list knows, beside those of the manifest's `query`. */
export function parametersOf({ paging, changedSince }: StreamManifest): string[] {
  const own =
    paging.by === 'none' ? [] : [paging.sizeParameter, paging.by === 'link' ? LINK_PARAMETER : paging.parameter];
  return [...own, changedSince?.parameter].filter((name) => name !== undefined);
}

/** A page of a list, as the manifest says that it comes. Throws RefusedQuestion. */
export function answeredList(
  stream: StreamManifest,
  times: ManifestTimes,
  all: readonly SimulatedRow[],
  { query, address }: ListQuestion,
  behaviour: ListBehaviour,
): object {
  const { paging, changedSince } = stream;
  const filter = changedSince && filterOf(changedSince, times, query.getAll(changedSince.parameter));
  const wanted = filter ? all.filter(filter) : all;
  const size = sizeOf(paging, query, behaviour);
  const asked = beginningOf(paging, wanted, query, size);
  const from = behaviour.repeats ? 0 : behaviour.endless && asked > 0 ? wanted.length : asked;
  const rows = wanted.slice(from, from + size);
  const goesOn = behaviour.repeats || behaviour.endless || from + size < wanted.length;
  const at = behaviour.repeats || behaviour.endless ? asked + size : from + size;
  return bodyOf(stream, rows, {
    more: goesOn,
    total: behaviour.repeats || behaviour.endless ? 1_000_000 : wanted.length,
    next: goesOn ? nextOf(paging, at, query, address) : null,
  });
}

interface ListEnd {
  readonly more: boolean;
  readonly total: number;
  readonly next: string | null;
}

function bodyOf(
  { rows: member, rowsOptional, paging }: StreamManifest,
  rows: readonly SimulatedRow[],
  end: ListEnd,
): object {
  const told = rows.map(({ row }) => row);
  if (member === '$') return told;
  const body = {};
  if (told.length > 0 || rowsOptional !== true) putAt(body, member, told);
  if (paging.by === 'none') return body;
  if (paging.more !== undefined) putAt(body, paging.more, end.more);
  if (paging.total !== undefined) putAt(body, paging.total, end.total);
  if (paging.next !== undefined) putAt(body, paging.next, end.next);
  return body;
}

function nextOf(paging: ManifestPaging, at: number, query: URLSearchParams, address: string): string {
  if (paging.by === 'cursor') return cursorAt(at);
  const next = new URLSearchParams(query);
  next.set(paging.by === 'link' ? LINK_PARAMETER : 'simulated_link', String(at));
  return `${address}?${next.toString()}`;
}

function cursorAt(at: number): string {
  return Buffer.from(`row ${at}`).toString('base64url');
}

function sizeOf(paging: ManifestPaging, query: URLSearchParams, { pageCap }: ListBehaviour): number {
  if (paging.by === 'none') return Infinity;
  const largest = Math.min(paging.size ?? USUAL_SIZE, pageCap ?? Infinity);
  if (paging.sizeParameter === undefined) return largest;
  const asked = query.get(paging.sizeParameter);
  if (asked === null) return Math.min(largest, 20);
  if (!/^[1-9]\d*$/.test(asked)) throw new RefusedQuestion('the size of a page is no number', ['paging', 'size']);
  return Math.min(largest, Number(asked));
}

function beginningOf(
  paging: ManifestPaging,
  rows: readonly SimulatedRow[],
  query: URLSearchParams,
  size: number,
): number {
  if (paging.by === 'none') return 0;
  const given = query.get(paging.by === 'link' ? LINK_PARAMETER : paging.parameter);
  if (given === null) return 0;
  if (paging.by === 'after') {
    const at = rows.findIndex(({ id }) => id === given);
    if (at < 0) throw new RefusedQuestion(`there is no row ${given} to go on after`, ['paging', 'parameter']);
    return at + 1;
  }
  if (paging.by === 'cursor') {
    const at = /^row (\d+)$/.exec(Buffer.from(given, 'base64url').toString())?.[1];
    if (at === undefined) throw new RefusedQuestion('the cursor is not one that was given', ['paging', 'next']);
    return Number(at);
  }
  const number = /^\d{1,9}$/.test(given) ? Number(given) : -1;
  const first = paging.by === 'page' ? (paging.first ?? 1) : 0;
  if (number < first) throw new RefusedQuestion(`there is no page ${given}`, ['paging']);
  return paging.by === 'page' ? (number - first) * size : number;
}

type Keeps = (row: SimulatedRow) => boolean;

/** By the form that the manifest declares; null: there is no filter in the question. */
function filterOf(
  { parameter, value = '{since}', form = 'iso' }: ManifestFilter,
  times: ManifestTimes,
  given: readonly string[],
): Keeps | null {
  if (given.length === 0) return null;
  const [before = '', behind = ''] = value.split('{since}');
  const text = given.find((each) => each.startsWith(before) && each.endsWith(behind));
  const since = text?.slice(before.length, text.length - behind.length) ?? '';
  const refused = new RefusedQuestion(`${parameter} is not in the form ${form}: ${given.join()}`, ['changedSince']);
  // `>` and `gt` leave out what has the very stamp
  const isStrict = />$/.test(before) || /(?:\b|_)gt\]?$/.test(parameter);
  const from =
    (ms: number): Keeps =>
    ({ updatedMs }) =>
      isStrict ? updatedMs > ms : updatedMs >= ms;
  if (form === 'wall') {
    if (!/^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/.test(since)) throw refused;
    const clock =
      times.zone === 'merchant'
        ? merchantClock
        : (ms: number) => new Date(ms).toISOString().slice(0, 19).replace('T', ' ');
    return ({ updatedMs }) => (isStrict ? clock(updatedMs) > since : clock(updatedMs) >= since);
  }
  if (form === 'unix') {
    if (!/^\d{9,11}$/.test(since)) throw refused;
    return from(Number(since) * 1_000);
  }
  const isForm = form === 'date' ? /^\d{4}-\d{2}-\d{2}$/ : /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/;
  if (!isForm.test(since)) throw refused;
  // on or after the day, and behind it where the filter is strict
  return from(Date.parse(since) + (form === 'date' && isStrict ? DAY_MS : 0));
}
