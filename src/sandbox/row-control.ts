import type { Account } from './account';
import { Draw, mix } from './random';
import type { SandboxRow } from './table';

// Rows that were written lie in memory, unlike computed ones.
const mostCreated = 200_000;

/** Which rows a control call means: named ones, or `count` picked ones (1 unless told), of those that equal `where`. */
export interface RowChoice {
  resource: string;
  apiKey?: string;
  ids?: unknown[];
  count?: number;
  where?: SandboxRow;
}

export interface ChangeInput extends RowChoice {
  /** Values to set, of any type; without them a visible change is made up. */
  fields?: SandboxRow;
  /** Fields to take away. */
  unset?: string[];
  /** `false` leaves the row's time of change as it was. */
  touch?: boolean;
}

export interface CreateInput {
  resource: string;
  apiKey?: string;
  count?: number;
  fields?: SandboxRow;
  unset?: string[];
}

/** Numbers the choices and changes of a simulator, so that no two are equal and all are the same the next time. */
type Serial = () => number;

export function changeRows(account: Account, input: ChangeInput, serial: Serial): unknown[] {
  const definition = account.definition(input.resource);
  const ordinals = choose(account, input, serial);
  for (const ordinal of ordinals) {
    const row = structuredClone(account.table(input.resource).getLatest(ordinal) ?? {});
    if (!input.fields && !input.unset) definition.mutate(row, serial());
    if (input.touch !== false) definition.touch(row, account.nowMs(), account);
    put(account, input, ordinal, row);
  }
  return idsOf(account, input.resource, ordinals);
}

export function createRows(account: Account, input: CreateInput): unknown[] {
  const definition = account.definition(input.resource);
  const count = wholeCount(input.count ?? 1);
  if (count > mostCreated) throw new Error(`at most ${mostCreated} rows are created at once`);
  const ordinals: number[] = [];
  for (let left = count; left > 0; left--) {
    const { ordinal, row } = account.table(input.resource).draft();
    definition.birth(row, account.nowMs(), account);
    put(account, input, ordinal, row);
    ordinals.push(ordinal);
  }
  return idsOf(account, input.resource, ordinals);
}

export function deleteRows(account: Account, input: RowChoice, serial: Serial): unknown[] {
  const ordinals = choose(account, input, serial);
  const ids = idsOf(account, input.resource, ordinals);
  const { lateCommitMs } = account.settings;
  for (const ordinal of ordinals) account.table(input.resource).write(ordinal, null, lateCommitMs);
  return ids;
}

export function trueRows(account: Account, { resource, ids, where }: Omit<RowChoice, 'count'>): SandboxRow[] {
  const definition = account.definition(resource);
  const table = account.table(resource);
  const ordinals = ids ? ids.map((id) => definition.ordinalOf(id, account) ?? 0) : table.latestOrdinals();
  const rows: SandboxRow[] = [];
  for (const ordinal of ordinals) {
    const row = table.getLatest(ordinal);
    if (!row) continue;
    const shown = account.show(resource, row);
    if (matches(shown, where)) rows.push(shown);
  }
  return rows;
}

/** Checks a number that came from outside. */
export function wholeCount(value: unknown): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0)
    throw new Error('counts are whole numbers from 0');
  return value;
}

function choose(account: Account, { resource, ids, where, count = 1 }: RowChoice, serial: Serial): number[] {
  const definition = account.definition(resource);
  const table = account.table(resource);
  if (ids) {
    return ids.map((id) => {
      const ordinal = definition.ordinalOf(id, account);
      if (ordinal === undefined || !table.getLatest(ordinal)) throw new Error(`no such row in ${resource}`);
      return ordinal;
    });
  }
  const wanted = wholeCount(count);
  const left = table
    .latestOrdinals()
    .filter((ordinal) => !where || matches(shownRow(account, resource, ordinal), where));
  if (left.length < wanted) throw new Error(`${resource} has only ${left.length} such rows`);
  const draw = new Draw(mix(account.options.seed, 'choose', serial()));
  for (let at = 0; at < wanted; at++) {
    const other = draw.whole(at, left.length - 1);
    [left[at], left[other]] = [left[other] ?? 0, left[at] ?? 0];
  }
  return left.slice(0, wanted);
}

function shownRow(account: Account, resource: string, ordinal: number): SandboxRow {
  return account.show(resource, account.table(resource).getLatest(ordinal) ?? {});
}

function put(
  account: Account,
  input: { resource: string; fields?: SandboxRow; unset?: string[] },
  ordinal: number,
  row: SandboxRow,
): void {
  Object.assign(row, input.fields);
  if (input.fields) account.definition(input.resource).amend?.(row, input.fields);
  for (const name of input.unset ?? []) delete row[name];
  account.table(input.resource).write(ordinal, row, account.settings.lateCommitMs);
}

function idsOf(account: Account, resource: string, ordinals: number[]): unknown[] {
  return ordinals.map((ordinal) => account.table(resource).getLatest(ordinal)?.['id']);
}

function matches(row: SandboxRow, where: SandboxRow | undefined): boolean {
  return Object.entries(where ?? {}).every(([name, value]) => row[name] === value);
}
