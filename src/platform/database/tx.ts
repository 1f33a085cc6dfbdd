import type { PoolClient } from 'pg';
import { sqlOverClient } from './pg-sql';
import type { Sql } from './sql';

const INTERNAL = Symbol('transaction');

export type AfterCommit = () => void | Promise<void>;
export type BeforeCommit = () => Promise<void>;

interface TxInternals {
  readonly sql: Sql;
  readonly beforeCommit: BeforeCommit[];
  readonly afterCommit: AfterCommit[];
}

/** An open transaction, opaque to services: they pass it on, and only `store/` code can look inside. */
export class Tx {
  readonly [INTERNAL]: TxInternals;

  constructor(client: PoolClient, prepares = false) {
    this[INTERNAL] = { sql: sqlOverClient(client, prepares), beforeCommit: [], afterCommit: [] };
  }

  /**
   * Runs as the transaction's last statements, in order: for locks that must be taken behind all others. A failure
   * rolls back.
   */
  beforeCommit(work: BeforeCommit): void {
    this[INTERNAL].beforeCommit.push(work);
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
export async function runBeforeCommit(tx: Tx): Promise<void> {
  for (const work of tx[INTERNAL].beforeCommit.splice(0)) await work();
}

/** For the UnitOfWork only. */
export function takeAfterCommit(tx: Tx): AfterCommit[] {
  return tx[INTERNAL].afterCommit.splice(0);
}
