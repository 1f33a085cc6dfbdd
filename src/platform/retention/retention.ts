import { Injectable, Logger } from '@nestjs/common';
import type { Counter } from 'prom-client';
import { Daemon } from '../daemon';
import { Metrics } from '../metrics';
import { RetentionTasks, type RetentionTask } from './retention-tasks';

const BATCH = 1_000;
/** What one task may do before the others have their turn. */
const MAX_BATCHES = 50;

/** Removes what is past keeping, in bounded batches. Every worker does it; none waits for another. */
@Injectable()
export class Retention extends Daemon {
  protected readonly name = 'retention';
  protected readonly intervalMs = 5 * 60_000;
  /** Every task has its turn, of many batches. */
  protected override readonly tickLimitMs = 30 * 60_000;
  private readonly logger = new Logger('retention');
  private readonly removed: Counter;
  private readonly failures: Counter;

  constructor(
    private readonly tasks: RetentionTasks,
    metrics: Metrics,
  ) {
    super();
    this.removed = metrics.counter('retention_rows_total', 'Rows removed because their retention has passed.', [
      'what',
    ]);
    this.failures = metrics.counter('retention_failures_total', 'Failed removals; they are retried.', ['what']);
  }

  async tick(): Promise<boolean> {
    let more = false;
    for (const task of this.tasks.all()) more = (await this.trim(task)) || more;
    return more;
  }

  /** True: its turn was over before its work. What fails here is no reason not to trim the rest. */
  private async trim(task: RetentionTask): Promise<boolean> {
    const limit = task.batch ?? BATCH;
    try {
      for (let batch = 0; batch < MAX_BATCHES; batch++) {
        if (this.stopped) return false;
        const removed = await task.trim(limit);
        this.removed.inc({ what: task.name }, removed);
        if (removed < limit) return false;
      }
      return true;
    } catch (error) {
      this.failures.inc({ what: task.name });
      this.logger.warn({ msg: 'old rows were not removed', what: task.name, err: error });
      return false;
    }
  }
}
