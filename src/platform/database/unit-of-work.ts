import { Injectable, Logger, Optional } from '@nestjs/common';
import type { Pool } from 'pg';
import { DataSource } from 'typeorm';
import { AppConfig } from '../config/app-config';
import { isDatabaseReadOnly } from './database-unavailable';
import { isStalePlan } from './pg-sql';
import { runBeforeCommit, takeAfterCommit, Tx, type AfterCommit } from './tx';

const SERIALIZATION_FAILURE = '40001';
const DEADLOCK_DETECTED = '40P01';
const MAX_ATTEMPTS = 3;

/**
 * Commits the writes of several modules together: `run(tx => …)`, and every writing repository method takes `tx` first.
 */
@Injectable()
export class UnitOfWork {
  private readonly logger = new Logger('database');

  private readonly pool: Pool;
  private readonly prepares: boolean;

  constructor(dataSource: DataSource, @Optional() config?: AppConfig) {
    // TypeORM owns the pool; its PostgreSQL driver exposes it as `master`
    ({ master: this.pool } = dataSource.driver as unknown as { master: Pool });
    // behind a pooler the next transaction may use another connection, which does not have our statement names
    this.prepares = config?.database.pooled === false;
    // a connection that is lost in the moment it is made has no listener yet, which would end the process
    this.pool.on('connect', (client) => client.on('error', () => undefined));
  }

  /** Of statements that are sent by themselves: `read committed`, unless a pooler or the URL sets another. */
  async defaultIsolation(): Promise<string> {
    const { rows } = await this.pool.query<{ transaction_isolation: string }>('SHOW transaction_isolation');
    return rows[0]!.transaction_isolation;
  }

  /**
   * The work may run again after a deadlock, a serialization failure or a stale plan, so it must do nothing but
   * database work.
   */
  async run<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.attempt(work);
      } catch (error) {
        const code = error instanceof Error && 'code' in error ? error.code : undefined;
        const passes = code === SERIALIZATION_FAILURE || code === DEADLOCK_DETECTED || isStalePlan(error);
        if (attempt >= MAX_ATTEMPTS || !passes) throw error;
      }
    }
  }

  private async attempt<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    const { result, callbacks } = await this.transact(work);
    // the connection is back in the pool: a callback that has to wait (the queue is away) must not hold one
    for (const callback of callbacks) {
      try {
        await callback();
      } catch (error) {
        this.logger.error({ msg: 'an after-commit callback failed', err: error });
      }
    }
    return result;
  }

  private async transact<T>(work: (tx: Tx) => Promise<T>): Promise<{ result: T; callbacks: AfterCommit[] }> {
    const client = await this.pool.connect();
    let broken = false;
    const onLost = (): void => void (broken = true);
    client.on('error', onLost);
    try {
      const tx = new Tx(client, this.prepares);
      try {
        // waited for: without a transaction each statement of the work would be kept by itself
        // the level whatever the server's default: locks are taken first, and what is read behind them is what they
        // guard
        await client.query('START TRANSACTION ISOLATION LEVEL READ COMMITTED');
        const result = await work(tx);
        await runBeforeCommit(tx);
        const { command } = await client.query('COMMIT');
        // the work went on after a statement that failed: nothing was kept
        if (command !== 'COMMIT') throw new Error('The transaction had failed before its commit.');
        return { result, callbacks: takeAfterCommit(tx) };
      } catch (error) {
        // another connection may find the server that takes writes now
        broken ||= isStalePlan(error) || isDatabaseReadOnly(error);
        await client.query('ROLLBACK').catch((rollback: unknown) => {
          broken = true;
          this.logger.warn({ msg: 'rollback failed; the connection is dropped', err: rollback });
        });
        throw error;
      }
    } finally {
      client.off('error', onLost);
      client.release(broken);
    }
  }
}
