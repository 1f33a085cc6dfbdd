/**
 * SQL for `store/` folders only (the module graph enforces it). Rows come back as node-postgres makes them, but bigint
 * columns are numbers: every bigint of this schema is a count, a duration or a feed position far below 2^53.
 */
export interface Sql {
  query<R = Record<string, unknown>>(text: string, values?: readonly unknown[]): Promise<R[]>;
  /** Like query, but returns how many rows the statement touched. */
  execute(text: string, values?: readonly unknown[]): Promise<number>;
}
