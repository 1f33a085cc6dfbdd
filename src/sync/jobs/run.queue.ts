import { InjectQueue } from '@nestjs/bullmq';
import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import type { Queue } from 'bullmq';
import type { QueuedRun } from '../store/run.repository';

export const RUNS_QUEUE = 'runs';

/** Ids only: a job can be lost, doubled or read by anyone who reads the queue. The run row is the memory. */
export interface RunJob {
  readonly runId: string;
  readonly attempt: number;
}

@Injectable()
export class RunQueue implements OnModuleInit {
  private readonly logger = new Logger('queue');

  constructor(@InjectQueue(RUNS_QUEUE) private readonly queue: Queue<RunJob>) {}

  onModuleInit(): void {
    // without a listener a lost connection would end the process
    this.queue.on('error', (error) => this.logger.warn({ msg: 'queue connection', err: error }));
  }

  /**
   * Adds the jobs of committed runs. Precondition: the run's row is committed. An id that exists already adds nothing, so it
   * is safe to add twice. A queue that is away loses nothing: the reconciler adds what is missing.
   */
  async add(runs: readonly QueuedRun[]): Promise<void> {
    if (runs.length === 0) return;
    try {
      await this.queue.addBulk(
        runs.map((run) => ({
          name: 'run',
          data: { runId: run.id, attempt: run.attempt },
          opts: {
            jobId: `${run.id}-${run.attempt}`,
            delay: run.delayMs,
            removeOnComplete: true,
            removeOnFail: true,
          },
        })),
      );
    } catch (error) {
      this.logger.warn({ msg: 'jobs were not added; the reconciler will add them', count: runs.length, err: error });
    }
  }

  /** Throws when the queue's store cannot be reached. */
  async ping(): Promise<void> {
    await this.queue.getJobCounts('active');
  }
}
