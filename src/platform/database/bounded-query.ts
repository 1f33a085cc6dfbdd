import type { Sql } from './sql';

/** Of the rows of one answer, as JSON. A list that is read in parts is cut here, whatever its `limit`. */
export const MAX_LIST_BYTES = 4 * 1024 * 1024;

export interface BoundedRows<R> {
  readonly rows: R[];
  /** Rows follow that are not among these: the list was cut. */
  readonly hasMore: boolean;
}

/**
 * A list of unknown length: at most `limit` rows behind the first `offset`, and of these as many as fit into
 * `MAX_LIST_BYTES`, the first in any case. `select` is one SELECT with its ORDER BY; nothing that is cut leaves the
 * database.
 */
export async function boundedQuery<R>(
  sql: Sql,
  select: string,
  values: readonly unknown[],
  { limit, offset }: { readonly limit: number; readonly offset: number },
): Promise<BoundedRows<R>> {
  const [limitAt, offsetAt, bytesAt] = [1, 2, 3].map((place) => `$${values.length + place}::bigint`);
  const rows = await sql.query<R & Record<'#place' | '#found' | '#bytes', number>>(
    `SELECT * FROM (
       SELECT q.*, row_number() OVER () AS "#place", count(*) OVER () AS "#found",
         (sum(octet_length(to_json(q)::text)) OVER (ROWS UNBOUNDED PRECEDING))::float8 AS "#bytes"
       FROM (SELECT * FROM (${select}) AS s LIMIT ${limitAt} + 1 OFFSET ${offsetAt}) AS q) AS b
     WHERE "#place" <= ${limitAt} AND ("#place" = 1 OR "#bytes" <= ${bytesAt}) ORDER BY "#place"`,
    [...values, limit, offset, MAX_LIST_BYTES],
  );
  const found = rows[0]?.['#found'] ?? 0;
  return {
    rows: rows.map(({ '#place': _place, '#found': _found, '#bytes': _bytes, ...row }) => row as R),
    hasMore: found > rows.length,
  };
}
