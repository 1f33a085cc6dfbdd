import type { Account, ResourceDefinition } from '../account';
import { changedAtMs, createdAtMs } from '../spread';
import type { Row } from '../table';

/** What differs between PracticeHub's resources. */
export interface PracticeHubRows {
  /** The row without the times that every resource has. */
  make(account: Account, ordinal: number): Row;
  /** A change that integrations read; `serial` makes it differ from the last one. */
  mutate(row: Row, serial: number): void;
  /** How many computed rows there are, where it follows from other resources. */
  size?(account: Account): number;
}

/** PracticeHub counts ids from 1 in every resource, so an id is the row's ordinal. */
export function practiceHubResource(resource: string, rows: PracticeHubRows): ResourceDefinition {
  return {
    source: (account) => ({
      size: rows.size?.(account) ?? account.size(resource),
      row: (ordinal) => {
        const updatedAtMs = changedAtMs(account, resource, ordinal);
        return {
          id: ordinal,
          ...rows.make(account, ordinal),
          created: account.times.format(createdAtMs(account, resource, ordinal)),
          ...(updatedAtMs !== null && { updated: account.times.format(updatedAtMs) }),
        };
      },
      updatedAtMs: (ordinal) => changedAtMs(account, resource, ordinal),
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
    ordinalOf: (id) => (/^[1-9]\d{0,9}$/.test(String(id)) ? Number(id) : undefined),
  };
}
