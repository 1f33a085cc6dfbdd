/**
 * A text, a number or a truth of foreign JSON, as text; null: it is none of them. `String` and `Number` of an object
 * ask its own `toString`, which may be anything: then they throw.
 */
export function scalarText(value: unknown): string | null {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? `${value}` : null;
}

/** NaN: it is no number. */
export function scalarNumber(value: unknown): number {
  return Number(scalarText(value) ?? Number.NaN);
}
