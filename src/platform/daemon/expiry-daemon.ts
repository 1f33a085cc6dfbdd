import type { Tx, UnitOfWork } from '../database';
import { Daemon } from './daemon';

const BATCH = 100;

/** Every minute, does what is due for rows whose time has come: a batch in each transaction, until none is left. */
export abstract class ExpiryDaemon extends Daemon {
  protected readonly intervalMs = 60_000;

  constructor(private readonly unitOfWork: UnitOfWork) {
    super();
  }

  /** Takes at most so many rows, so that no other process takes them, and returns how many. */
  protected abstract take(tx: Tx, limit: number): Promise<number>;

  async tick(): Promise<boolean> {
    return (await this.unitOfWork.run((tx) => this.take(tx, BATCH))) === BATCH;
  }
}
