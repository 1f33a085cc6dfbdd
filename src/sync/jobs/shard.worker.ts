import { setTimeout as sleep } from 'node:timers/promises';
import { Worker, type Job, type Processor, type WorkerOptions } from 'bullmq';
import { passNoticeOn } from '../../platform/queue';
import type { RunJob } from '../run.queue';
import type { JobRoom } from './job-room';

/**
 * The run's own lease is what counts. The queue's lock only decides when a job is looked at again: one that the store
 * gave to a process that never heard of it, since its connection fell silent, waits for 20 seconds at most.
 */
export const TAKING = {
  autorun: false,
  lockDuration: 10_000,
  stalledInterval: 5_000,
  // a store that was away is asked again soon
  runRetryDelay: 2_000,
  maxStalledCount: 100,
} satisfies Partial<WorkerOptions>;

/** A store that answers and refuses would be asked again at once, and without end. */
const PAUSE_AFTER_REFUSAL_MS = 1_000;
/** A store that has fallen silent is asked without end, and the room meanwhile belongs to the other shards. */
const LONGEST_FETCH_MS = 5_000;

/**
 * Takes jobs off one shard. Beside others it asks for a job only when its process has room for one, in turn with them:
 * what it cannot begin stays in the queue, for other processes.
 */
export class ShardWorker extends Worker<RunJob> {
  /** A job is fetched and not begun. */
  private beginning = false;
  /** The last fetch found none: BullMQ waits for the notice of a job before the next one. */
  private idle = false;

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
    try {
      const job = await (this.room ? this.fetchInto(this.room, token, name) : this.fetch(token, name));
      // BullMQ's own type forgets that there may be none
      return job as Job<RunJob>;
    } catch (error) {
      if (!this.closing) await sleep(PAUSE_AFTER_REFUSAL_MS);
      throw error;
    }
  }

  private async fetchInto(room: JobRoom, token: string, name?: string): Promise<Job<RunJob> | undefined> {
    // BullMQ begins a job only when the fetch after it has ended, so that one may not wait for room
    if (this.beginning) return undefined;
    if (!room.tryEnter()) {
      // a store that refuses it refuses the fetch as well
      if (this.idle) await passNoticeOn(this.backend).catch(() => undefined);
      await room.enter();
    }
    const job = await this.fetchWithin(room, token, name);
    this.beginning = job !== undefined;
    this.idle = job === undefined;
    return job;
  }

  /** Precondition: a place is taken. It is given back where no job comes of it in time. */
  private async fetchWithin(room: JobRoom, token: string, name?: string): Promise<Job<RunJob> | undefined> {
    let inTime = true;
    const timer = setTimeout(() => {
      inTime = false;
      room.leave();
    }, LONGEST_FETCH_MS);
    let job: Job<RunJob> | undefined;
    try {
      job = await this.fetch(token, name);
    } finally {
      clearTimeout(timer);
      if (job && !inTime) room.squeezeIn();
      if (!job && inTime) room.leave();
    }
    return job;
  }

  private async fetch(token: string, name?: string): Promise<Job<RunJob> | undefined> {
    return this.closing || this.paused ? undefined : super.moveToActive(token, name);
  }

  override async processJob(
    job: Job<RunJob>,
    token: string,
    mayFetchNext?: () => boolean,
  ): Promise<void | Job<RunJob>> {
    if (!this.room) return super.processJob(job, token, mayFetchNext);
    this.beginning = false;
    try {
      // the next job in this place may be another shard's
      return await super.processJob(job, token, () => false);
    } finally {
      this.room.leave();
    }
  }
}
