import { Injectable, Logger } from '@nestjs/common';
import { Daemon } from '../platform/daemon';
import { RunQueue } from './jobs/run.queue';
import { RunRepository } from './store/run.repository';

/** A run that has waited this long may have lost its job; adding the same job id again does nothing when it has not. */
const OVERDUE_MS = 5_000;
/** Newcomers have gone first long enough: some turns of a worker slot. */
const KEPT_OUT_MS = 60_000;
const BATCH = 500;

/** Heals what a crash between two commits, or the loss of the whole queue, left behind; and says what it healed. */
@Injectable()
export class Reconciler extends Daemon {
  protected readonly name = 'reconciler';
  protected readonly intervalMs = 5_000;
  private readonly logger = new Logger('reconciler');
  /** Since the process started. */
  readonly healed = { freed: 0, promoted: 0, readded: 0 };

  constructor(
    private readonly runs: RunRepository,
    private readonly queue: RunQueue,
  ) {
    super();
  }

  async tick(): Promise<boolean> {
    const freed = await this.runs.freeDead(BATCH);
    const promoted = await this.runs.promoteStranded(BATCH);
    const overdue = await this.runs.overdue(OVERDUE_MS, BATCH);
    await this.queue.add([...freed, ...promoted, ...overdue]);
    await this.queue.raise((await this.runs.overdue(KEPT_OUT_MS, BATCH)).filter(({ attempt }) => attempt > 1));
    this.healed.freed += freed.length;
    this.healed.promoted += promoted.length;
    this.healed.readded += overdue.length;
    if (freed.length + promoted.length > 0) {
      this.logger.warn({ msg: 'healed runs', freed: freed.length, promoted: promoted.length });
    }
    return false;
  }
}
