import { setTimeout as sleep } from 'node:timers/promises';
import { Worker, type Job, type Processor, type WorkerOptions } from 'bullmq';
import type { RunJob } from '../run.queue';
import type { JobRoom } from './job-room';

/** A store that answers and refuses would be asked again at once, and without end. */
const PAUSE_AFTER_REFUSAL_MS = 1_000;

/**
 * Takes jobs off one shard. Beside others it asks for a job only when its process has room for one, in turn with them:
 * what it cannot begin stays in the queue, for other processes.
 */
export class ShardWorker extends Worker<RunJob> {
  constructor(
    name: string,
    process: Processor<RunJob>,
    options: WorkerOptions,
    /** null: it is alone, and its own concurrency is all the room there is. */
    private readonly room: JobRoom | null,
  ) {
    super(name, process, options);
  }

  protected override async moveToActive(token: string, name?: string): Promise<Job<RunJob>> {
    await this.room?.enter();
    let job: Job<RunJob> | undefined;
    try {
      if (!this.closing && !this.paused) job = await super.moveToActive(token, name);
    } catch (error) {
      if (!this.closing) await sleep(PAUSE_AFTER_REFUSAL_MS);
      throw error;
    } finally {
      if (!job) this.room?.leave();
    }
    // BullMQ's own type forgets that there may be none
    return job as Job<RunJob>;
  }

  override async processJob(
    job: Job<RunJob>,
    token: string,
    mayFetchNext?: () => boolean,
  ): Promise<void | Job<RunJob>> {
    if (!this.room) return super.processJob(job, token, mayFetchNext);
    try {
      // the next job in this place may be another shard's
      return await super.processJob(job, token, () => false);
    } finally {
      this.room.leave();
    }
  }
}
