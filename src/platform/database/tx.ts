import type { PoolClient } from 'pg';
import { sqlOverClient } from './pg-sql';
import type { Sql } from './sql';

const INTERNAL = Symbol('transaction');

export type AfterCommit = () => void | Promise<void>;

interface TxInternals {
  readonly sql: Sql;
  readonly afterCommit: AfterCommit[];
}

/** An open transaction, opaque to services: they pass it on, and only `store/` code can look inside. */
export class Tx {
  readonly [INTERNAL]: TxInternals;

  constructor(client: PoolClient, prepares = false) {
    this[INTERNAL] = { sql: sqlOverClient(client, prepares), afterCommit: [] };
  }

  /**
   * Runs once the transaction has committed, in order; never when it rolls back. Failures are the callback's own to
   * handle.
   */
  afterCommit(work: AfterCommit): void {
    this[INTERNAL].afterCommit.push(work);
  }
}

/** For `store/` only. */
export function sqlOf(tx: Tx): Sql {
  return tx[INTERNAL].sql;
}

/** For the UnitOfWork only. */
export function takeAfterCommit(tx: Tx): AfterCommit[] {
  return tx[INTERNAL].afterCommit.splice(0);
}
