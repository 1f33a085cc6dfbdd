import type { Account } from '../account';
import type { SimulatorSettings } from '../settings';
import type { Row, Selection } from '../table';
import { parseWodifyQuery, type WodifyCondition, WodifyQueryError } from './wodify-query';

type Kind = 'text' | 'number' | 'boolean' | 'date';
type Value = string | number | boolean | null;

const fields: Record<string, Record<string, Kind>> = {
  clients: {
    id: 'number',
    first_name: 'text',
    last_name: 'text',
    email: 'text',
    phone_number: 'text',
    client_status: 'text',
    location_id: 'number',
    created_on_datetime: 'date',
    updated_on_datetime: 'date',
  },
  memberships: {
    id: 'number',
    client_id: 'number',
    name: 'text',
    membership_type: 'text',
    is_active: 'boolean',
    is_deleted: 'boolean',
    start_date: 'date',
    end_date: 'date',
    expiration_date: 'date',
  },
  invoices: {
    id: 'number',
    invoice_number: 'text',
    client_id: 'number',
    invoice_header_status_id: 'number',
    invoice_header_status: 'text',
    payment_due: 'date',
    paid_on_date: 'date',
    final_charge: 'number',
    created_on_datetime: 'date',
  },
  locations: { id: 'number', name: 'text' },
};

const valueCounts: Record<string, [least: number, most: number]> = {
  between: [2, 2],
  in: [1, Infinity],
  not_in: [1, Infinity],
  is_null: [0, 0],
  not_null: [0, 0],
};
const textOnly = ['contains', 'starts_with', 'ends_with'];

/** The rows that a call asks for with `q` and `sort`; a question that makes no sense is refused, not ignored. */
export function wodifySelection(
  account: Account,
  resource: string,
  ask: { q: string | null; sort: string | null },
  settings: SimulatorSettings,
): Selection {
  const table = account.table(resource);
  const conditions = ask.q === null ? [] : parseWodifyQuery(ask.q);
  const used = conditions.filter(
    ({ field }) =>
      !settings.ignoredFilters.includes(field) &&
      !(field === 'updated_on_datetime' && settings.updatedFilter === 'off'),
  );
  const tests = used.map((condition) => {
    const test = testOf(condition, kindOf(resource, condition.field));
    if (condition.field !== 'updated_on_datetime')
      return (ordinal: number) => test(valueOf(table.get(ordinal), condition.field));
    return (ordinal: number) => test(table.updatedAtMs(ordinal));
  });
  const found = /^(desc_)?(\w+)$/.exec(ask.sort ?? 'id');
  if (!found) throw new WodifyQueryError('cannot read sort');
  const [, descending, sortField = ''] = found;
  const sortKind = kindOf(resource, sortField);
  return {
    key: `${JSON.stringify(used)} ${ask.sort ?? ''}`,
    accepts: (ordinal) => tests.every((test) => test(ordinal)),
    descending: descending !== undefined,
    // Ordinals are ids.
    ...(sortField !== 'id' && {
      sortKey: (ordinal: number) => sortKeyOf(comparable(valueOf(table.get(ordinal), sortField), sortKind)),
    }),
  };
}

function kindOf(resource: string, field: string): Kind {
  const known = fields[resource];
  const kind = known && Object.hasOwn(known, field) ? known[field] : undefined;
  if (!kind) throw new WodifyQueryError(`${field} is not a field of ${resource}`);
  return kind;
}

function valueOf(row: Row | undefined, field: string): unknown {
  if (field === 'created_on_datetime') return (row?.['created'] as Row | undefined)?.[field];
  if (field === 'updated_on_datetime') return (row?.['updated'] as Row | undefined)?.[field];
  return row?.[field];
}

function testOf({ field, operation, values }: WodifyCondition, kind: Kind): (value: unknown) => boolean {
  const [least, most] = valueCounts[operation] ?? [1, 1];
  if (values.length < least || values.length > most) throw new WodifyQueryError(`${operation} takes other values`);
  if (kind === 'text' && values.some(({ quoted }) => !quoted))
    throw new WodifyQueryError(`${field} needs a quoted text`);
  if (textOnly.includes(operation) && kind !== 'text') throw new WodifyQueryError(`${operation} is for texts`);
  const bounds = values.map(({ text }) => {
    const bound = comparable(text, kind);
    if (bound === null) throw new WodifyQueryError(`${text} is no value for ${field}`);
    return bound;
  });
  const [first = '', second = ''] = bounds;
  const part = String(first).toLowerCase();
  const tests: Record<string, (value: Value) => boolean> = {
    eq: (value) => value === first,
    neq: (value) => value !== first,
    lt: (value) => value !== null && value < first,
    lte: (value) => value !== null && value <= first,
    gt: (value) => value !== null && value > first,
    gte: (value) => value !== null && value >= first,
    between: (value) => value !== null && value >= first && value <= second,
    in: (value) => bounds.includes(value as never),
    not_in: (value) => !bounds.includes(value as never),
    is_null: (value) => value === null,
    not_null: (value) => value !== null,
    contains: (value) =>
      String(value ?? '')
        .toLowerCase()
        .includes(part),
    starts_with: (value) =>
      String(value ?? '')
        .toLowerCase()
        .startsWith(part),
    ends_with: (value) =>
      String(value ?? '')
        .toLowerCase()
        .endsWith(part),
  };
  const test = Object.hasOwn(tests, operation) ? tests[operation] : undefined;
  if (!test) throw new WodifyQueryError(`${operation} is no operation`);
  return (value) => test(comparable(value, kind));
}

/** A row's or a question's value in a form that compares; `null` when there is none. */
function comparable(value: unknown, kind: Kind): Value {
  if (value === null || value === undefined) return null;
  if (kind === 'text') return String(value).toLowerCase();
  if (kind === 'boolean') return String(value) === 'true' ? true : String(value) === 'false' ? false : null;
  if (typeof value === 'number') return value;
  const text = String(value);
  const number =
    kind === 'date'
      ? Date.parse(/[T ]/.test(text) && !/Z|[+-]\d\d:?\d\d$/.test(text) ? `${text}Z` : text)
      : Number(text);
  return text === '' || Number.isNaN(number) ? null : number;
}

function sortKeyOf(value: Value): string | number {
  if (typeof value === 'boolean') return Number(value);
  return value ?? '';
}
