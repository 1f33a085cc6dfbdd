import type { Account } from '../account';
import { rowOrderOf } from '../row-order';
import type { Selection } from '../table';
import { fieldOf, searchKind, sortKind, type FieldKind } from './wodify-fields';
import { parseWodifyQuery, WodifyQueryError, type WodifyCondition, type WodifyValue } from './wodify-query';
import { wodifyVariant } from './wodify-variants';

type Value = string | number | boolean | null;
type Test = (value: unknown) => boolean;

const valueCounts: Record<string, [least: number, most: number]> = {
  between: [2, 2],
  in: [1, Infinity],
  not_in: [1, Infinity],
  is_null: [0, 0],
  not_null: [0, 0],
};
const textOnly = ['contains', 'starts_with', 'ends_with'];
const changed = 'updated_on_datetime';

/** The rows that a call asks for with `q` and `sort`; a question that makes no sense is refused. */
export function wodifySelection(
  account: Account,
  resource: string,
  ask: { q: string | null; sort: string | null },
): Selection {
  const table = account.table(resource);
  const conditions = ask.q === null ? [] : parseWodifyQuery(ask.q);
  const used = conditions.filter((condition) => isUsed(account, resource, condition));
  const tests = used.map((condition) => {
    const test = testOf(account, resource, condition);
    if (condition.field === changed) return (ordinal: number) => test(table.updatedAtMs(ordinal));
    return (ordinal: number) => test(fieldOf(table.get(ordinal), condition.field));
  });
  const { key, order } = orderOf(account, resource, ask.sort);
  return {
    key: JSON.stringify([key, account.settings.updatedFilter, used]),
    accepts: (ordinal) => tests.every((test) => test(ordinal)),
    ...order,
  };
}

/** Whether a condition counts; one that the account refuses throws. */
function isUsed(account: Account, resource: string, { field }: WodifyCondition): boolean {
  const { ignoredFilters, updatedFilter } = account.settings;
  if (ignoredFilters.includes(field)) return false;
  const refused = field === changed ? updatedFilter === 'refused' : searchKind(resource, field) === undefined;
  const ignored =
    field === changed ? updatedFilter === 'ignored' : wodifyVariant(account, 'unsearchable') === 'ignored';
  if (!refused) return field !== changed || !ignored;
  if (field !== changed && ignored) return false;
  throw new WodifyQueryError(`${field} is not a searchable field of ${resource}`);
}

function orderOf(account: Account, resource: string, sort: string | null): ReturnType<typeof rowOrderOf> {
  const how = wodifyVariant(account, 'sort');
  if (sort === null || how === 'ignored') return rowOrderOf(account, resource);
  const [, descending, field = ''] = /^(desc_)?(\w+)$/.exec(sort) ?? [];
  const kind = sortKind(resource, field);
  if (how === 'refused' || !kind) throw new WodifyQueryError(`cannot sort ${resource} by ${sort}`);
  const table = account.table(resource);
  const sortKey = (ordinal: number): string | number => sortKeyOf(comparable(fieldOf(table.get(ordinal), field), kind));
  // Ordinals are ids.
  return { key: sort, order: { descending: descending !== undefined, ...(field !== 'id' && { sortKey }) } };
}

function testOf(account: Account, resource: string, condition: WodifyCondition): Test {
  const { field, operation, values } = condition;
  const kind = searchKind(resource, field);
  // Clients alone have the field; where it is ignored nobody comes here.
  if (!kind) throw new WodifyQueryError(`${field} is not a searchable field of ${resource}`);
  const [least, most] = valueCounts[operation] ?? [1, 1];
  if (values.length < least || values.length > most) throw new WodifyQueryError(`${operation} takes other values`);
  if (textOnly.includes(operation) && kind !== 'text') throw new WodifyQueryError(`${operation} is for texts`);
  if (kind === 'date' && values.some(({ quoted }) => quoted)) {
    const quotes = wodifyVariant(account, 'quotedDates');
    if (quotes === 'refused') throw new WodifyQueryError(`${field} takes a date without quotes`);
    if (quotes === 'nothing') return () => false;
  }
  const bounds = values.map((value) => boundOf(field, kind, value));
  const asked = field === changed && account.settings.updatedFilter === 'equality' ? 'eq' : operation;
  const test = testsFor(bounds)[asked];
  if (!test) throw new WodifyQueryError(`${operation} is no operation`);
  return (value) => test(comparable(value, kind));
}

function boundOf(field: string, kind: FieldKind, { text, quoted }: WodifyValue): Value {
  if (kind === 'text' && !quoted) throw new WodifyQueryError(`${field} needs a quoted text`);
  const bound = kind !== 'text' && quoted && kind !== 'date' ? null : comparable(text, kind);
  if (bound === null) throw new WodifyQueryError(`${text} is no value for ${field}`);
  return bound;
}

function testsFor(bounds: Value[]): Record<string, ((value: Value) => boolean) | undefined> {
  const [first = '', second = ''] = bounds as (string | number | boolean)[];
  const part = String(first);
  const told =
    (test: (value: string | number | boolean) => boolean) =>
    (value: Value): boolean =>
      value !== null && test(value);
  return Object.assign(Object.create(null) as object, {
    eq: (value: Value) => value === first,
    neq: (value: Value) => value !== first,
    lt: told((value) => value < first),
    lte: told((value) => value <= first),
    gt: told((value) => value > first),
    gte: told((value) => value >= first),
    between: told((value) => value >= first && value <= second),
    in: (value: Value) => bounds.includes(value),
    not_in: (value: Value) => !bounds.includes(value),
    is_null: (value: Value) => value === null,
    not_null: (value: Value) => value !== null,
    contains: told((value) => String(value).includes(part)),
    starts_with: told((value) => String(value).startsWith(part)),
    ends_with: told((value) => String(value).endsWith(part)),
  });
}

const dateShape = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d(?:\.\d{1,7})?(?:Z|[+-]\d\d:?\d\d)?)?$/;

/** A row's or a question's value in a form that compares; `null` when there is none. Times without a zone are UTC. */
function comparable(value: unknown, kind: FieldKind): Value {
  if (value === null || value === undefined) return null;
  if (kind === 'text') return String(value).toLowerCase();
  if (kind === 'boolean') return String(value) === 'true' ? true : String(value) === 'false' ? false : null;
  if (typeof value === 'number') return value;
  const text = String(value);
  if (kind === 'date' && !dateShape.test(text)) return null;
  const bare = text.includes('T') && !/(?:Z|[+-]\d\d:?\d\d)$/.test(text);
  const number = kind === 'date' ? Date.parse(bare ? `${text}Z` : text) : Number(text);
  return text === '' || Number.isNaN(number) ? null : number;
}

function sortKeyOf(value: Value): string | number {
  return typeof value === 'boolean' ? Number(value) : (value ?? '');
}
