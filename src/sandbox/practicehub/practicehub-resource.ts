import type { Account, ResourceDefinition } from '../account';
import { changedAtMs, createdAtMs } from '../spread';
import type { SandboxRow } from '../table';
import { practicehubVariant } from './practicehub-variants';

/** What differs between PracticeHub's resources. */
export interface PracticeHubRows {
  /** The row without the times that every resource has. */
  make(account: Account, ordinal: number): SandboxRow;
  /** A change that integrations read; `serial` makes it differ from the last one. */
  mutate(row: SandboxRow, serial: number): void;
  /** How many computed rows there are, where it follows from other resources. */
  size?(account: Account): number;
  /** When the row was created, where it follows from other rows. */
  createdMs?(account: Account, ordinal: number): number;
}

/** PracticeHub counts ids from 1 in every resource, so an id is the row's ordinal. */
export function practiceHubResource(resource: string, rows: PracticeHubRows): ResourceDefinition {
  const createdMs = (account: Account, ordinal: number): number =>
    rows.createdMs?.(account, ordinal) ?? createdAtMs(account, resource, ordinal);
  const updatedMs = (account: Account, ordinal: number): number | null => {
    const changed = changedAtMs(account, resource, ordinal);
    const created = createdMs(account, ordinal);
    if (changed === null) return practicehubVariant(account, 'updatedOnRows') === 'mostly' ? null : created;
    return Math.max(changed, created);
  };
  return {
    source: (account) => ({
      size: rows.size?.(account) ?? account.size(resource),
      row: (ordinal) => {
        const updatedAtMs = updatedMs(account, ordinal);
        return {
          id: ordinal,
          ...rows.make(account, ordinal),
          created: account.times.format(createdMs(account, ordinal)),
          ...(updatedAtMs !== null && { updated: account.times.format(updatedAtMs) }),
        };
      },
      updatedAtMs: (ordinal) => updatedMs(account, ordinal),
      readUpdatedAtMs: (row) => account.times.parse(row['updated']),
    }),
    touch: (row, atMs, account) => {
      row['updated'] = account.times.format(atMs);
    },
    birth: (row, atMs, account) => {
      row['created'] = account.times.format(atMs);
      row['updated'] = account.times.format(atMs);
    },
    mutate: (row, serial) => rows.mutate(row, serial),
    present: (row, account) => withIdsOf(account, withoutUpdated(account, row)),
    ordinalOf: (id) => (/^[1-9]\d{0,9}$/.test(String(id)) ? Number(id) : undefined),
  };
}

/** The column is there all the same: a filter for it may work. */
function withoutUpdated(account: Account, row: SandboxRow): SandboxRow {
  if (practicehubVariant(account, 'updatedOnRows') !== 'never') return row;
  const { updated: _updated, ...rest } = row;
  return rest;
}

function withIdsOf(account: Account, row: SandboxRow): SandboxRow {
  const form = practicehubVariant(account, 'ids');
  if (form === 'live') return row;
  const formed: SandboxRow = { ...row };
  for (const [name, value] of Object.entries(row)) {
    if (name !== 'id' && !name.endsWith('_id')) continue;
    if (form === 'strings' && typeof value === 'number') formed[name] = String(value);
    if (form === 'numbers' && typeof value === 'string' && /^\d+$/.test(value)) formed[name] = Number(value);
  }
  return formed;
}
