import type { Account } from '../account';
import { rowOrderOf } from '../row-order';
import type { SandboxRow } from '../table';
import { filterStatuses, paymentTypes, standaloneStatuses } from './terminal-payment-rows';
import { terminalVariant } from './terminal-variants';

const defaultLimit = 20;
const largestLimit = 100;

/** Why a list call is refused. */
export class BadQuestionError extends Error {}

/**
 * One page of payments. Filters see them as they are at this moment, which no kept answer could: so rows are looked
 * through.
 */
export function pageOf(account: Account, query: URLSearchParams): object {
  const wanted = wantedBy(account, query);
  const limit = limitOf(account, query);
  const table = account.table('payments');
  const { key, order } = rowOrderOf(account, 'payments');
  const ordinals = table.select({ key, accepts: () => true, ...order });
  const { from, skip } = startOf(account, query, ordinals);
  const matching = (start: number, most: number): SandboxRow[] => {
    const rows: SandboxRow[] = [];
    for (let at = start; at < ordinals.length && rows.length < most; at++) {
      const row = account.show('payments', table.get(ordinals[at] ?? 0) ?? {});
      if (wanted.every(([name, value]) => row[name] === value)) rows.push(row);
    }
    return rows;
  };
  const found = matching(from, skip + limit + 1).slice(skip);
  const data = found.slice(0, limit);
  const total = (): number => (wanted.length === 0 ? ordinals.length : matching(0, Infinity).length);
  const count = countOf(account, data.length, skip / limit, total);
  return {
    data,
    ...(terminalVariant(account, 'hasMore') === 'present' && { has_more: found.length > limit }),
    meta: { ...(count !== undefined && { count }), limit },
  };
}

function wantedBy(account: Account, query: URLSearchParams): [name: string, value: string][] {
  const filter = terminalVariant(account, 'statusFilter');
  const known = filter === 'nine' ? [...filterStatuses, ...standaloneStatuses] : filterStatuses;
  const wanted: [string, string][] = [];
  for (const name of ['status', 'type', 'device_id']) {
    const value = query.get(name);
    if (value === null || (name === 'status' && filter === 'ignored')) continue;
    const values = name === 'status' ? known : name === 'type' ? paymentTypes : [value];
    if (!values.includes(value)) throw new BadQuestionError(`${name} has no such value`);
    wanted.push([name, value]);
  }
  return wanted;
}

function limitOf(account: Account, query: URLSearchParams): number {
  const limit = Number(query.get('limit') ?? defaultLimit);
  const most = terminalVariant(account, 'limit') === 'refused' ? largestLimit : Infinity;
  if (!Number.isInteger(limit) || limit < 1 || limit > most) {
    throw new BadQuestionError(`limit must be a number from 1 to ${largestLimit}`);
  }
  return Math.min(limit, largestLimit, account.settings.pageCap);
}

/**
 * Where the page begins: after a row, or so many matching rows further on. The way that the account does not know it
 * ignores.
 */
function startOf(
  account: Account,
  query: URLSearchParams,
  ordinals: readonly number[],
): { from: number; skip: number } {
  const paging = terminalVariant(account, 'paging');
  const cursor = paging === 'offset' ? null : query.get('starting_after');
  const skip = paging === 'starting_after' ? 0 : Number(query.get('offset') ?? 0);
  if (!Number.isInteger(skip) || skip < 0) throw new BadQuestionError('offset must be a number from 0');
  if (cursor === null) return { from: 0, skip };
  const after = account.definition('payments').ordinalOf(cursor, account);
  if (after === undefined || after > account.table('payments').highest) {
    throw new BadQuestionError('starting_after names no payment');
  }
  // A payment that is gone keeps its place among those that are sorted by it.
  const newest = account.settings.rowOrder === 'newest' ? ordinals.findIndex((ordinal) => ordinal < after) : -1;
  if (newest >= 0) return { from: newest, skip };
  const at = ordinals.indexOf(after);
  return { from: at < 0 ? ordinals.length : at + 1, skip };
}

function countOf(account: Account, onPage: number, page: number, total: () => number): number | undefined {
  const told = terminalVariant(account, 'metaCount');
  if (told === 'absent') return undefined;
  if (told === 'page') return onPage;
  return told === 'total' ? total() : Math.max(0, total() + ((Math.floor(page) + 2) % 3) - 1);
}
