import type { Account } from './account';
import { mix } from './random';
import type { Selection } from './table';

type Order = Pick<Selection, 'sortKey' | 'descending'>;

/**
 * The order of a list that nobody has sorted, and a key for it. `newest` and `oldest` go by ids, which count up
 * everywhere.
 */
export function rowOrderOf(account: Account, resource: string): { key: string; order: Order } {
  const { rowOrder: key } = account.settings;
  const table = account.table(resource);
  const orders: Record<typeof key, Order> = {
    oldest: {},
    newest: { descending: true },
    scattered: { sortKey: (ordinal) => mix(ordinal, resource) },
    'last-changed': { sortKey: (ordinal) => table.updatedAtMs(ordinal) ?? 0, descending: true },
  };
  return { key, order: orders[key] };
}

/** The number of all rows as a list tells it: a drifting one is one too few, right, and one too many in turn. */
export function toldTotal(account: Account, total: number, page: number): number | undefined {
  const { totals } = account.settings;
  if (totals === 'absent') return undefined;
  return totals === 'drifting' && total > 0 ? total + ((page + 2) % 3) - 1 : total;
}
