import { Injectable, Logger } from '@nestjs/common';
import type { PoolClient } from 'pg';
import { DataSource } from 'typeorm';
import { type AfterCommit, takeAfterCommit, Tx } from './tx';

const SERIALIZATION_FAILURE = '40001';
const DEADLOCK_DETECTED = '40P01';
const MAX_ATTEMPTS = 3;

/** Commits the writes of several modules together: `run(tx => …)`, and every writing repository method takes `tx` first. */
@Injectable()
export class UnitOfWork {
  private readonly logger = new Logger('database');

  constructor(private readonly dataSource: DataSource) {}

  /** The work may run again after a deadlock or serialization failure, so it must do nothing but database work. */
  async run<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.attempt(work);
      } catch (error) {
        const code = error instanceof Error && 'code' in error ? error.code : undefined;
        if (attempt >= MAX_ATTEMPTS || (code !== SERIALIZATION_FAILURE && code !== DEADLOCK_DETECTED)) throw error;
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
    const runner = this.dataSource.createQueryRunner();
    try {
      const client = (await runner.connect()) as PoolClient;
      await runner.startTransaction();
      const tx = new Tx(runner.manager, client);
      try {
        const result = await work(tx);
        await runner.commitTransaction();
        return { result, callbacks: takeAfterCommit(tx) };
      } catch (error) {
        await runner.rollbackTransaction().catch((rollback: unknown) => {
          this.logger.warn({ msg: 'rollback failed; the connection is dropped', err: rollback });
        });
        throw error;
      }
    } finally {
      await runner.release();
    }
  }
}
