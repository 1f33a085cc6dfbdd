import { Logger, type OnModuleInit } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { groupedBy } from '../platform/collections';
import { shardOf } from '../platform/queue';
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

interface Shard {
  readonly queue: Queue<RunJob>;
  /** Adds that its store has not answered yet, beyond their time. */
  hanging: number;
}

/** The queues that the jobs of runs are spread over. */
export class RunQueue implements OnModuleInit {
  private readonly logger = new Logger('queue');
  private readonly shards: readonly Shard[];

  constructor(queues: readonly Queue<RunJob>[]) {
    this.shards = queues.map((queue) => ({ queue, hanging: 0 }));
  }

  onModuleInit(): void {
    // without a listener a lost connection would end the process
    for (const { queue } of this.shards) {
      queue.on('error', (error) => this.logger.warn({ msg: 'queue connection', queue: queue.name, err: error }));
    }
  }

  /**
   * Adds the jobs of committed runs. Precondition: the run's row is committed. An id that exists already adds nothing,
   * so it is safe to add twice. A queue that is away loses nothing, and holds nobody up for long: the reconciler adds
   * what is missing. False: not all of them were added.
   */
  async add(runs: readonly NewJob[]): Promise<boolean> {
    const byShard = groupedBy(runs, (run) => this.shardOf(run));
    const added = await Promise.all([...byShard].map(([shard, its]) => this.addTo(shard, its)));
    return added.every(Boolean);
  }

  private async addTo(shard: Shard, runs: readonly NewJob[]): Promise<boolean> {
    // the clients wait for a lost store without end: what is added meanwhile would only pile up behind the first
    if (shard.hanging > 0) return false;
    try {
      await this.inTime(shard, shard.queue.addBulk(runs.map(jobOf)));
      return true;
    } catch (error) {
      const line = { msg: 'jobs were not added; the reconciler will add them', queue: shard.queue.name };
      this.logger.warn({ ...line, count: runs.length, err: error });
      return false;
    }
  }

  /** How many jobs it holds, in whatever state. Throws when its store cannot be reached. */
  async size(): Promise<number> {
    const counts = await Promise.all(
      this.shards.map((shard) =>
        this.inTime(shard, shard.queue.getJobCounts('waiting', 'delayed', 'prioritized', 'active')),
      ),
    );
    return counts.flatMap(Object.values<number>).reduce((sum, count) => sum + count, 0);
  }

  /** Gives up the low priority of runs that have waited too long: from now on they stand among the newcomers. */
  async raise(runs: readonly QueuedRun[]): Promise<void> {
    const away = new Set<Shard>();
    for (const run of runs) {
      const shard = this.shardOf(run);
      if (away.has(shard) || shard.hanging > 0) continue;
      try {
        const job = await this.inTime(shard, shard.queue.getJob(jobIdOf(run)));
        if (job && job.priority > 0) await this.inTime(shard, job.changePriority({ priority: 0 }));
      } catch (error) {
        // begun meanwhile, or the queue is away: its others are tried at the next tick
        away.add(shard);
        this.logger.warn({ msg: 'the priority of a job was not raised', runId: run.id, err: error });
      }
    }
  }

  private shardOf(run: Pick<QueuedRun, 'id'>): Shard {
    return this.shards[shardOf(run.id, this.shards.length)]!;
  }

  private async inTime<T>(shard: Shard, adding: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        shard.hanging++;
        // the answer may still come, good or bad
        void adding.catch(() => undefined).finally(() => shard.hanging--);
        reject(new Error(`the queue did not answer within ${ADD_TIMEOUT_MS} ms`));
      }, ADD_TIMEOUT_MS);
    });
    try {
      return await Promise.race([adding, tooLate]);
    } finally {
      clearTimeout(timer);
    }
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
