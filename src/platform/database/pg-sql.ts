import pg, { type Pool, type PoolClient, type QueryResult, type QueryResultRow } from 'pg';
import { positional } from './named-values';
import type { Sql, Values } from './sql';
import { statementName } from './statement-names';

const OID_INT8 = 20;

/** Parsers of this application's own connections; the process-wide defaults of node-postgres stay untouched. */
const types = {
  getTypeParser(oid: number, format?: 'text' | 'binary'): (value: string) => unknown {
    if (oid === OID_INT8) return Number;
    return pg.types.getTypeParser(oid, (format ?? 'text') as 'text') as (value: string) => unknown;
  },
};

/**
 * `prepares`: statements with values are kept by the server under their names; else each is parsed and planned anew.
 */
export function sqlOverClient(client: PoolClient | Pool, prepares = false): Sql {
  const run = async (given: string, all: Values): Promise<QueryResult<QueryResultRow>> => {
    const { text, values } = isList(all) ? { text: given, values: all } : positional(given, all);
    // without values a text may hold several statements, which have no plan in common
    const name = prepares && values.length > 0 ? statementName(text) : undefined;
    const query = { text, values: values as unknown[], types: types as never };
    if (name === undefined) return client.query<QueryResultRow>(query);
    try {
      return await client.query<QueryResultRow>({ ...query, name });
    } catch (error) {
      // in a transaction, which is over with this, the unit of work begins again on another connection
      if (!(client instanceof pg.Pool) || !isStalePlan(error)) throw error;
      return client.query<QueryResultRow>(query);
    }
  };
  return {
    async query<R>(text: string, values: Values = []): Promise<R[]> {
      return (await run(text, values)).rows as R[];
    },
    async execute(text: string, values: Values = []): Promise<number> {
      return (await run(text, values)).rowCount ?? 0;
    },
  };
}

function isList(values: Values): values is readonly unknown[] {
  return Array.isArray(values);
}

/** A migration gave a column another type under a plan that the connection keeps for good. */
export function isStalePlan(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === FEATURE_NOT_SUPPORTED;
}

/** What PostgreSQL says of a cached plan whose result type has changed. */
const FEATURE_NOT_SUPPORTED = '0A000';
