import { OnWorkerEvent, Processor, WorkerHost } from '@nestjs/bullmq';
import { Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap, type OnModuleInit } from '@nestjs/common';
import type { Job } from 'bullmq';
import { within } from '../../platform/clock';
import { AppConfig } from '../../platform/config';
import { Drain } from '../../platform/health';
import { RunExecutor } from '../run-executor';
import { RUNS_QUEUE, type RunJob } from '../run.queue';

/**
 * For telling the queue what has become of the jobs in hand: the run rows know it, and a queue that has fallen silent
 * does not listen.
 */
const PARTING_MS = 5_000;

/** Worker roles only: takes jobs off the queue and runs them. */
@Processor(RUNS_QUEUE, {
  autorun: false,
  // the run's own lease is what counts; the queue's lock only decides when a job is looked at again
  lockDuration: 30_000,
  // a store that was away is asked again soon
  runRetryDelay: 2_000,
  maxStalledCount: 100,
})
export class RunProcessor
  extends WorkerHost
  implements OnModuleInit, OnApplicationBootstrap, BeforeApplicationShutdown
{
  private readonly logger = new Logger('worker');
  /** A start that failed before this has no worker to stop. */
  private started = false;

  constructor(
    private readonly executor: RunExecutor,
    private readonly config: AppConfig,
    private readonly drain: Drain,
  ) {
    super();
  }

  onModuleInit(): void {
    // the moment the process is told to stop: no new run is taken, long before the shutdown hooks
    this.drain.onStart(() => this.executor.drain());
  }

  onApplicationBootstrap(): void {
    this.started = true;
    this.worker.concurrency = this.config.workerConcurrency;
    // resolves when the worker closes
    this.worker.run().catch((error: unknown) => this.logger.error({ msg: 'the worker stopped', err: error }));
  }

  /** Waits for the running runs: they commit, yield and end. */
  async beforeApplicationShutdown(): Promise<void> {
    this.executor.drain();
    if (!this.started) return;
    const told = this.worker.pause();
    await this.executor.ended();
    await this.worker.close(!(await within(PARTING_MS, told)));
  }

  async process(job: Job<RunJob>): Promise<void> {
    await this.executor.execute(job.data.runId, job.data.attempt);
  }

  @OnWorkerEvent('error')
  onError(error: Error): void {
    this.logger.warn({ msg: 'worker connection', err: error });
  }
}
