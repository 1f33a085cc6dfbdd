import type { Account } from '../account';
import { LocalTime } from '../local-time';
import { rowOrderOf } from '../row-order';
import type { SimulatorSettings } from '../settings';
import type { SandboxRow, Selection } from '../table';
import { practicehubVariant } from './practicehub-variants';

/** A filter that this account refuses. */
export class RefusedFilterError extends Error {}

type Test = (value: unknown) => boolean;

interface Condition {
  key: string;
  accepts(ordinal: number): boolean;
}

const notFilters = ['page', 'page_size'];

/**
 * The rows that a list call asks for. Any attribute is a filter; one that is invalid is ignored, and everything is
 * listed.
 */
export function selectionFor(
  account: Account,
  resource: string,
  query: URLSearchParams,
  settings: SimulatorSettings,
): Selection {
  const conditions: Condition[] = [];
  for (const [column, asked] of query) {
    if (notFilters.includes(column) || settings.ignoredFilters.includes(column)) continue;
    const condition =
      column === 'updated'
        ? updatedCondition(account, resource, asked)
        : column === 'created'
          ? createdCondition(account, resource, asked)
          : columnCondition(account, resource, column, asked);
    if (condition) conditions.push(condition);
  }
  const hidden = resource === 'payment_allocations' && practicehubVariant(account, 'allocations') === 'none';
  const computed = account.definition(resource).source(account).size;
  const { key, order } = rowOrderOf(account, resource);
  return {
    key: [key, hidden, ...conditions.map((condition) => condition.key)].join('&'),
    accepts: (ordinal) =>
      !(hidden && ordinal <= computed) && conditions.every((condition) => condition.accepts(ordinal)),
    ...order,
  };
}

function columnCondition(account: Account, resource: string, column: string, asked: string): Condition | undefined {
  if (column === 'note' && practicehubVariant(account, 'noteFilter') === 'ignored') return undefined;
  const test = testFor(account, asked);
  const table = account.table(resource);
  return test && { key: `${column}=${asked}`, accepts: (ordinal) => test(cell(table.get(ordinal), column)) };
}

function createdCondition(account: Account, resource: string, asked: string): Condition | undefined {
  const filter = practicehubVariant(account, 'createdFilter');
  if (filter === 'refused') throw new RefusedFilterError('created cannot be filtered');
  if (filter === 'ignored') return undefined;
  if (filter === 'honoured') return columnCondition(account, resource, 'created', asked);
  return columnCondition(account, resource, 'created', asked.replace(/^[a-z-]+:([^,]*).*$/s, 'eq:$1'));
}

/** What is no value of its own cannot be asked for. */
function cell(row: SandboxRow | undefined, column: string): unknown {
  const value = row && Object.hasOwn(row, column) ? row[column] : undefined;
  return typeof value === 'object' ? null : value;
}

function updatedCondition(account: Account, resource: string, asked: string): Condition | undefined {
  const found = grammar.exec(asked);
  const filter = found ? account.settings.updatedFilter : bare[practicehubVariant(account, 'bareUpdated')];
  if (filter === 'refused') throw new RefusedFilterError('updated cannot be filtered');
  if (filter === 'ignored') return undefined;
  const since = found ? asked : `gte:${inZone(account, asked)}`;
  const test = filter === 'equality' ? equals(account, asked) : testFor(account, since);
  const table = account.table(resource);
  return test && { key: `updated=${filter}${asked}`, accepts: (ordinal) => test(table.updatedAtMs(ordinal)) };
}

const bare = { ignored: 'ignored', equality: 'equality', since: 'honoured', refused: 'refused' } as const;

const utc = new LocalTime();

/** In which zone a filter's time is read. */
function filterTimes(account: Account): LocalTime {
  return practicehubVariant(account, 'filterZone') === 'UTC' ? utc : account.times;
}

/** The grammar read as if every operation were `eq`. */
function equals(account: Account, asked: string): Test | undefined {
  const wanted = account.times.parse(asked.replace(/^[a-z-]+:/, ''));
  return wanted === null ? undefined : (value) => value === wanted;
}

function inZone(account: Account, asked: string): string {
  const ms = account.times.parse(asked);
  return ms === null ? asked : account.times.format(ms);
}

const grammar = /^(eq|ne|gt|gte|lt|lte|null|not-null|like|in|not-in|between)(?::(.*))?$/s;
const time = /^\d{4}-\d\d-\d\d(?: \d\d:\d\d:\d\d)?$/;

function testFor(account: Account, asked: string): Test | undefined {
  const [, operation = '', text] = grammar.exec(asked) ?? [];
  if (operation === 'null') return (value) => value === null || value === undefined;
  if (operation === 'not-null') return (value) => value !== null && value !== undefined;
  if (text === undefined || operation === '') return undefined;
  const several = operation === 'between' || operation === 'in' || operation === 'not-in';
  const bounds = (several ? text.split(',') : [text]).map((bound) => comparerFor(account, bound));
  const [one, two, three] = bounds;
  // A time in any other form than the guide's is no valid value.
  if (bounds.includes(undefined) || !one) return undefined;
  const known = bounds as ((value: unknown) => number)[];
  switch (operation) {
    case 'between':
      return two && !three ? (value) => one(value) >= 0 && two(value) <= 0 : undefined;
    case 'in':
      return (value) => known.some((compare) => compare(value) === 0);
    case 'not-in':
      return (value) => known.every((compare) => compare(value) !== 0);
    case 'like':
      return likeTest(text);
    default:
      return byOrder[operation]?.(one);
  }
}

const byOrder: Record<string, (compare: (value: unknown) => number) => Test> = {
  eq: (compare) => (value) => compare(value) === 0,
  ne: (compare) => (value) => compare(value) !== 0,
  gt: (compare) => (value) => compare(value) > 0,
  gte: (compare) => (value) => compare(value) >= 0,
  lt: (compare) => (value) => compare(value) < 0,
  lte: (compare) => (value) => compare(value) <= 0,
};

/** `%` stands for anything; a text without it is looked for anywhere. */
function likeTest(text: string): Test {
  const parts = (text.includes('%') ? text : `%${text}%`).toLowerCase().split('%');
  return (value) => {
    if (value === null || value === undefined) return false;
    let rest = String(value).toLowerCase();
    const [first = '', ...others] = parts;
    if (!rest.startsWith(first)) return false;
    rest = rest.slice(first.length);
    for (const [at, part] of others.entries()) {
      const found =
        at === others.length - 1 ? (rest.endsWith(part) ? rest.length - part.length : -1) : rest.indexOf(part);
      if (found < 0) return false;
      rest = rest.slice(found + part.length);
    }
    return true;
  };
}

/** Tells on which side of the bound a value lies: times as instants, numbers as numbers, texts as texts. */
function comparerFor(account: Account, bound: string): ((value: unknown) => number) | undefined {
  if (/^\d{4}-\d\d-\d\d./.test(bound) && !time.test(bound)) return undefined;
  const boundMs = time.test(bound) ? filterTimes(account).parse(bound) : null;
  const boundNumber = bound.trim() === '' ? NaN : Number(bound);
  return (value) => {
    if (value === null || value === undefined) return NaN;
    if (boundMs !== null) {
      const valueMs = typeof value === 'number' ? value : account.times.parse(value);
      return valueMs === null ? NaN : valueMs - boundMs;
    }
    if (!Number.isNaN(boundNumber)) return Number(value) - boundNumber;
    const text = String(value);
    return text < bound ? -1 : text > bound ? 1 : 0;
  };
}
