import type { Position } from '../page-cursor';

/** A time as whole microseconds: a JavaScript Date would lose three digits, and a page boundary with them. */
export const microsOf = (column: string): string => `(extract(epoch FROM ${column}) * 1000000)::bigint::text`;

/** Rows after a position, newest first; both parameters null: from the start. */
export const olderThan = (time: string, id: string, micros: string, after: string): string =>
  `(${micros}::bigint IS NULL OR (${time}, ${id}) < (timestamptz 'epoch' + ${micros}::bigint * interval '1 microsecond', ${after}::uuid))`;

export const positionValues = (position: Position | null): [string | null, string | null] => [
  position?.micros ?? null,
  position?.id ?? null,
];

export const iso = (column: string): string => `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
