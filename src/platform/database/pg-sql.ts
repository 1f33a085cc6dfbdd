import pg, { type Pool, type PoolClient, type QueryResultRow } from 'pg';
import type { NamedStatement, Sql } from './sql';

const OID_INT8 = 20;
/** What PostgreSQL says of a cached plan whose result type has changed. */
const FEATURE_NOT_SUPPORTED = '0A000';

/** Parsers of this application's own connections; the process-wide defaults of node-postgres stay untouched. */
const types = {
  getTypeParser(oid: number, format?: 'text' | 'binary'): (value: string) => unknown {
    if (oid === OID_INT8) return Number;
    return pg.types.getTypeParser(oid, (format ?? 'text') as 'text') as (value: string) => unknown;
  },
};

/** `prepares`: named statements are kept by the server; else they are sent like any other. */
export function sqlOverClient(client: PoolClient | Pool, prepares = false): Sql {
  const run = async <R>(
    statement: { readonly text: string; readonly name?: string },
    values: readonly unknown[],
  ): Promise<R[]> => {
    const query = { ...statement, values: values as unknown[], types: types as never };
    const result = await client.query<QueryResultRow>(query);
    return result.rows as R[];
  };
  return {
    async query<R>(statement: string | NamedStatement, values: readonly unknown[] = []): Promise<R[]> {
      if (typeof statement === 'string') return run<R>({ text: statement }, values);
      const { text } = statement;
      if (!prepares) return run<R>({ text }, values);
      try {
        return await run<R>(statement, values);
      } catch (error) {
        // a migration gave a column another type under a plan that this connection keeps for good
        if (!(error instanceof Error && 'code' in error && error.code === FEATURE_NOT_SUPPORTED)) throw error;
        return run<R>({ text }, values);
      }
    },
    async execute(text: string, values: readonly unknown[] = []): Promise<number> {
      const result = await client.query({ text, values: values as unknown[] });
      return result.rowCount ?? 0;
    },
  };
}
