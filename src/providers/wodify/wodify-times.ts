import { nameIn, partOf, type Row } from '../row';
import { timeIn } from '../zoned-time';

/**
 * When a row was made: instants are UTC, whatever the gym's zone, and `1900-01-01` is Wodify's way to say that it does
 * not know. Lists of clients call the part `created_on`.
 */
export function createdAt(row: Row): Date | null {
  return timeIn(partOf(row, nameIn(row, 'created', 'created_on')), 'created_on_datetime', null);
}

export function updatedAt(row: Row): Date | null {
  return timeIn(partOf(row, nameIn(row, 'updated', 'updated_on')), 'updated_on_datetime', null);
}

/** The same for deciding only: what cannot be read decides nothing. */
export function timeOrNull(read: (row: Row) => Date | null, row: unknown): Date | null {
  try {
    return read(row as Row);
  } catch {
    return null;
  }
}
