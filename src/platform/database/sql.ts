import type { NamedValues } from './named-values';

/**
 * SQL for `store/` folders only (the module graph enforces it). Rows come back as node-postgres makes them, but bigint
 * columns are numbers: every bigint of this schema is a count, a duration or a feed position far below 2^53.
 */
export interface Sql {
  query<R = Record<string, unknown>>(text: string, values?: Values): Promise<R[]>;
  /** Like query, but returns how many rows the statement touched. */
  execute(text: string, values?: Values): Promise<number>;
}

/** Of `$1`, `$2`, …; or by name, where a text is put together from parts: `$merchantId`. */
export type Values = readonly unknown[] | NamedValues;
