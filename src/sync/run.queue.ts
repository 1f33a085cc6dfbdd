import { InjectQueue } from '@nestjs/bullmq';
import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import type { Queue } from 'bullmq';
import type { QueuedRun } from './store/run.repository';

export const RUNS_QUEUE = 'runs';

/** Longer than a healthy store ever takes; whoever asked for the run gets an answer after that at the latest. */
const ADD_TIMEOUT_MS = 2_000;

/** BullMQ takes jobs without a priority first. */
const YIELDING = 1;

/** Ids only: a job can be lost, doubled or read by anyone who reads the queue. The run row is the memory. */
export interface RunJob {
  readonly runId: string;
  readonly attempt: number;
}

interface NewJob extends QueuedRun {
  /** It has had turns already and goes behind the runs that have had none. */
  readonly yields?: boolean;
}

@Injectable()
export class RunQueue implements OnModuleInit {
  private readonly logger = new Logger('queue');
  /** Adds that the queue's store has not answered yet, beyond their time. */
  private hanging = 0;

  constructor(@InjectQueue(RUNS_QUEUE) private readonly queue: Queue<RunJob>) {}

  onModuleInit(): void {
    // without a listener a lost connection would end the process
    this.queue.on('error', (error) => this.logger.warn({ msg: 'queue connection', err: error }));
  }

  /**
   * Adds the jobs of committed runs. Precondition: the run's row is committed. An id that exists already adds nothing,
   * so it is safe to add twice. A queue that is away loses nothing, and holds nobody up for long: the reconciler adds
   * what is missing. False: they were not added.
   */
  async add(runs: readonly NewJob[]): Promise<boolean> {
    if (runs.length === 0) return true;
    // the clients wait for a lost store without end: what is added meanwhile would only pile up behind the first
    if (this.hanging > 0) return false;
    try {
      await this.inTime(this.queue.addBulk(runs.map(jobOf)));
      return true;
    } catch (error) {
      this.logger.warn({ msg: 'jobs were not added; the reconciler will add them', count: runs.length, err: error });
      return false;
    }
  }

  /** How many jobs it holds, in whatever state. Throws when its store cannot be reached. */
  async size(): Promise<number> {
    const counts = await this.inTime(this.queue.getJobCounts('waiting', 'delayed', 'prioritized', 'active'));
    return Object.values(counts).reduce((sum, count) => sum + count, 0);
  }

  /** Gives up the low priority of runs that have waited too long: from now on they stand among the newcomers. */
  async raise(runs: readonly QueuedRun[]): Promise<void> {
    for (const run of runs) {
      try {
        const job = await this.queue.getJob(jobIdOf(run));
        if (job && job.priority > 0) await job.changePriority({ priority: 0 });
      } catch (error) {
        // begun meanwhile, or the queue is away
        this.logger.warn({ msg: 'the priority of a job was not raised', runId: run.id, err: error });
      }
    }
  }

  private async inTime<T>(adding: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        this.hanging++;
        // the answer may still come, good or bad
        void adding.catch(() => undefined).finally(() => this.hanging--);
        reject(new Error(`the queue did not answer within ${ADD_TIMEOUT_MS} ms`));
      }, ADD_TIMEOUT_MS);
    });
    try {
      return await Promise.race([adding, tooLate]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Throws when the queue's store cannot be reached. */
  async ping(): Promise<void> {
    await this.queue.getJobCounts('active');
  }
}

/**
 * The next time slice of a long run has a lower priority than a run that has had none, which so need not wait for a
 * slice of every import that is under way. Newcomers without end do not keep it out: see `raise`.
 */
function jobOf(run: NewJob) {
  return {
    name: 'run',
    data: { runId: run.id, attempt: run.attempt },
    opts: {
      jobId: jobIdOf(run),
      delay: run.delayMs,
      removeOnComplete: true,
      removeOnFail: true,
      ...(run.yields ? { priority: YIELDING } : {}),
    },
  };
}

function jobIdOf({ id, attempt }: Pick<QueuedRun, 'id' | 'attempt'>): string {
  return `${id}-${attempt}`;
}
