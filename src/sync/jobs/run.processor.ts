import {
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
  type OnModuleInit,
} from '@nestjs/common';
import type { Job, WorkerOptions } from 'bullmq';
import { within } from '../../platform/clock';
import { AppConfig } from '../../platform/config';
import { Drain } from '../../platform/health';
import { queueConnection, queueShards } from '../../platform/queue';
import { RunExecutor } from '../run-executor';
import { RUNS_QUEUE, type RunJob } from '../run.queue';
import { JobRoom } from './job-room';
import { ShardWorker, TAKING } from './shard.worker';

/**
 * For telling the queue what has become of the jobs in hand: the run rows know it, and a queue that has fallen silent
 * does not listen.
 */
const PARTING_MS = 5_000;

/** Worker roles only: takes jobs off the queues and runs them. */
@Injectable()
export class RunProcessor implements OnModuleInit, OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('worker');
  /** Empty where a start failed before there were any. */
  private workers: readonly ShardWorker[] = [];

  constructor(
    private readonly executor: RunExecutor,
    private readonly config: AppConfig,
    private readonly drain: Drain,
  ) {}

  onModuleInit(): void {
    // the moment the process is told to stop: no new run is taken, long before the shutdown hooks
    this.drain.onStart(() => this.executor.drain());
  }

  onApplicationBootstrap(): void {
    const { workerConcurrency: concurrency } = this.config;
    const shards = queueShards(RUNS_QUEUE, this.config);
    const room = shards.length === 1 ? null : new JobRoom(concurrency);
    const connection = queueConnection(this.config) as WorkerOptions['connection'];
    this.workers = shards.map(({ name, prefix }) => {
      const run = (job: Job<RunJob>) => this.executor.execute(job.data.runId, job.data.attempt);
      const worker = new ShardWorker(name, run, { ...TAKING, connection, prefix, concurrency }, room);
      worker.on('error', (error) => this.logger.warn({ msg: 'worker connection', queue: name, err: error }));
      // resolves when the worker closes
      worker.run().catch((error: unknown) => this.logger.error({ msg: 'the worker stopped', queue: name, err: error }));
      return worker;
    });
  }

  /** Waits for the running runs: they commit, yield and end. */
  async beforeApplicationShutdown(): Promise<void> {
    this.executor.drain();
    const told = this.workers.map((worker) => worker.pause());
    await this.executor.ended();
    await Promise.all(
      this.workers.map(async (worker, index) => worker.close(!(await within(PARTING_MS, told[index]!)))),
    );
  }
}
