import type { Account } from '../account';
import type { SimulatorSettings } from '../settings';
import type { Selection } from '../table';

/** Columns that can be asked for. A payment's `note` is none of them, nor is anything in a patient's file. */
const columns: Record<string, readonly string[]> = {
  patients: ['patient_number', 'first_name', 'last_name', 'email', 'active'],
  invoices: ['patient_id', 'appointment_id', 'status', 'due_date', 'invoice_number'],
  payments: ['patient_id', 'payment_type_id'],
  payment_allocations: ['payment_id', 'invoice_id'],
  payment_methods: ['active', 'name'],
  services: ['active', 'name'],
  products: ['active', 'name'],
  packages: ['active', 'name'],
  patient_packages: ['active', 'package_type', 'patient_id'],
  appointments: ['patient_id', 'practitioner_id', 'start', 'end'],
};
const everywhere = ['id', 'created', 'updated'];

type Test = (value: unknown) => boolean;

interface Condition {
  key: string;
  accepts(ordinal: number): boolean;
}

/** The rows that a list call asks for. What PracticeHub does not understand it ignores, and lists everything. */
export function selectionFor(
  account: Account,
  resource: string,
  query: URLSearchParams,
  settings: SimulatorSettings,
): Selection {
  const conditions: Condition[] = [];
  for (const [column, asked] of query) {
    if (settings.ignoredFilters.includes(column)) continue;
    if (column === 'updated' && settings.updatedFilter === 'off') continue;
    if (!everywhere.includes(column) && !columns[resource]?.includes(column)) continue;
    const condition = conditionFor(account, resource, column, asked);
    if (condition) conditions.push(condition);
  }
  return {
    key: conditions.map((condition) => condition.key).join('&'),
    accepts: (ordinal) => conditions.every((condition) => condition.accepts(ordinal)),
  };
}

function conditionFor(account: Account, resource: string, column: string, asked: string): Condition | undefined {
  const table = account.table(resource);
  const key = `${column}=${asked}`;
  if (column === 'updated') {
    const test = changedSince(account, asked) ?? testFor(account, asked);
    return test && { key, accepts: (ordinal) => test(table.updatedAtMs(ordinal)) };
  }
  const test = testFor(account, asked);
  return test && { key, accepts: (ordinal) => test(table.get(ordinal)?.[column]) };
}

/** `updated=<ISO time>`: a row that does not say when it changed is not among the answers. */
function changedSince(account: Account, asked: string): Test | undefined {
  const sinceMs = account.times.parse(asked);
  return sinceMs === null ? undefined : (value) => typeof value === 'number' && value >= sinceMs;
}

function testFor(account: Account, asked: string): Test | undefined {
  const found = /^(eq|gt|gte|lt|lte|between):(.*)$/s.exec(asked);
  if (!found) return undefined;
  const [, operation, text = ''] = found;
  const compare = (bound: string) => comparerFor(account, bound);
  if (operation === 'between') {
    const [from, to, more] = text.split(',');
    if (from === undefined || to === undefined || more !== undefined) return undefined;
    const [low, high] = [compare(from), compare(to)];
    return (value) => low(value) >= 0 && high(value) <= 0;
  }
  const one = compare(text);
  const tests: Record<string, Test> = {
    eq: (value) => one(value) === 0,
    gt: (value) => one(value) > 0,
    gte: (value) => one(value) >= 0,
    lt: (value) => one(value) < 0,
    lte: (value) => one(value) <= 0,
  };
  return operation === undefined ? undefined : tests[operation];
}

/** Tells on which side of the bound a value lies: times as instants, numbers as numbers, texts as texts. */
function comparerFor(account: Account, bound: string): (value: unknown) => number {
  const boundMs = account.times.parse(bound);
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
