import pg, { type Pool, type PoolClient, type QueryResultRow } from 'pg';
import type { Sql } from './sql';

const OID_INT8 = 20;

/** Parsers of this application's own connections; the process-wide defaults of node-postgres stay untouched. */
const types = {
  getTypeParser(oid: number, format?: 'text' | 'binary'): (value: string) => unknown {
    if (oid === OID_INT8) return Number;
    return pg.types.getTypeParser(oid, (format ?? 'text') as 'text') as (value: string) => unknown;
  },
};

export function sqlOverClient(client: PoolClient | Pool): Sql {
  return {
    async query<R>(text: string, values: readonly unknown[] = []): Promise<R[]> {
      const result = await client.query<QueryResultRow>({ text, values: values as unknown[], types: types as never });
      return result.rows as R[];
    },
    async execute(text: string, values: readonly unknown[] = []): Promise<number> {
      const result = await client.query({ text, values: values as unknown[] });
      return result.rowCount ?? 0;
    },
  };
}
