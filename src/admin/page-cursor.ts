import { InterlockError } from '../platform/errors';

/** Where a page ended: the row's time in microseconds, as PostgreSQL keeps it, and its id. */
export interface Position {
  readonly micros: string;
  readonly id: string;
}

export interface PageOf<T> {
  readonly data: T[];
  /** null: that was the last page. */
  readonly nextCursor: string | null;
}

const FORM = /^(-?\d{1,16})\.([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/;

export function readPosition(cursor: string | undefined): Position | null {
  if (cursor === undefined || cursor === '') return null;
  const match = FORM.exec(Buffer.from(cursor, 'base64url').toString('latin1'));
  if (!match) throw InterlockError.invalidField('cursor', 'must be the nextCursor of this list');
  return { micros: match[1]!, id: match[2]! };
}

/** The same of a list that is sorted by a text; numbers are padded. */
export interface SortedPosition {
  readonly key: string;
  readonly id: string;
}

const SORTED_FORM = /^(.{0,1000})\.([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/s;

export function readSortedPosition(cursor: string | undefined): SortedPosition | null {
  if (cursor === undefined || cursor === '') return null;
  const match = SORTED_FORM.exec(Buffer.from(cursor, 'base64url').toString());
  if (!match || match[1]!.includes('\0'))
    throw InterlockError.invalidField('cursor', 'must be the nextCursor of this list');
  return { key: match[1]!, id: match[2]! };
}

export function toSortedPage<T extends SortedPosition>(rows: readonly T[], limit: number): PageOf<Omit<T, 'key'>> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    data: shown.map(({ key: _key, ...row }) => row),
    nextCursor: rows.length > limit && last ? Buffer.from(`${last.key}.${last.id}`).toString('base64url') : null,
  };
}

/** Precondition: one row more than the limit was asked for. */
export function toPage<T extends Position>(rows: readonly T[], limit: number): PageOf<Omit<T, 'micros'>> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    data: shown.map(({ micros: _micros, ...row }) => row),
    nextCursor:
      rows.length > limit && last ? Buffer.from(`${last.micros}.${last.id}`, 'latin1').toString('base64url') : null,
  };
}
