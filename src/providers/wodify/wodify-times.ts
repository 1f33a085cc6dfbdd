import { partOf, type Row } from '../row';
import { timeIn } from '../zoned-time';

/** When a row was made; `1900-01-01` is Wodify's way to say that it does not know. */
export function createdAt(row: Row, zone: string | null): Date | null {
  return timeIn(partOf(row, 'created'), 'created_on_datetime', zone);
}

export function updatedAt(row: Row, zone: string | null): Date | null {
  return timeIn(partOf(row, 'updated'), 'updated_on_datetime', zone);
}

/** The same for deciding only: what cannot be read decides nothing. */
export function timeOrNull(
  read: (row: Row, zone: string | null) => Date | null,
  row: unknown,
  zone: string | null,
): Date | null {
  try {
    return read(row as Row, zone);
  } catch {
    return null;
  }
}
