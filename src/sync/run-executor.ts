import { Injectable, Logger, Optional, type OnModuleInit } from '@nestjs/common';
import { AppConfig } from '../platform/config';
import { Notifications, UnitOfWork } from '../platform/database';
import { HeldLease, leaseOwner } from '../platform/lease';
import { ServiceMetrics } from '../platform/metrics';
import { currentTraceParent, inSpan } from '../platform/tracing';
import { FencedOut, type LeasedRun, type RunUse } from './run';
import { toRunFailure } from './run-failure';
import { type FailedRun, type RunContext, type RunHandler, type RunOutcome } from './run-handler';
import { RunOutcomes } from './run-outcomes';
import { CANCEL_CHANNEL } from './run-requests';
import { RunTimeSlice } from './run-time-slice';
import { RunQueue } from './run.queue';
import { RunRepository, type HeldIntegration } from './store/run.repository';
import { SyncExtensions } from './sync-extensions';
import { WorkerSlots, type RunSlot } from './worker-slots';

/** Renewals per lease: two may be lost before the lease is. */
const RENEWALS_PER_LEASE = 3;
/** Workers that may die in one run, since it last yielded, before the run fails: one may die for another reason. */
const MAX_DEATHS = 3;
class Drained extends Error {}
class Cancelled extends Error {}

/** Takes a run's lease, keeps it alive while the handler works, and records how it ended. */
@Injectable()
export class RunExecutor implements OnModuleInit {
  private readonly logger = new Logger('runs');
  private readonly owner = leaseOwner();
  private readonly running = new Map<string, AbortController>();
  private readonly inHand = new Set<Promise<void>>();
  private readonly slots: WorkerSlots;
  private draining = false;

  constructor(
    private readonly runs: RunRepository,
    private readonly extensions: SyncExtensions,
    private readonly outcomes: RunOutcomes,
    private readonly queue: RunQueue,
    private readonly unitOfWork: UnitOfWork,
    private readonly notifications: Notifications,
    private readonly config: AppConfig,
    @Optional() private readonly metrics?: ServiceMetrics,
  ) {
    this.slots = new WorkerSlots(config.workerConcurrency);
  }

  onModuleInit(): void {
    this.notifications.subscribe(CANCEL_CHANNEL, (runId) => this.running.get(runId)?.abort(new Cancelled()));
  }

  /** Running runs finish their commit and yield; no run starts. */
  drain(): void {
    this.draining = true;
    for (const controller of this.running.values()) controller.abort(new Drained());
  }

  /** Resolves when every run has ended, those without a job included. */
  async ended(): Promise<void> {
    await Promise.allSettled(this.inHand);
  }

  /**
   * The work of one queue job. Ends with the run, or as soon as the run gives up its slot: the queue then has room for
   * the next job, and the lease alone says who has the run. Never throws for what happens to a run: the run row
   * remembers it.
   */
  async execute(runId: string, attempt: number): Promise<void> {
    const slot = await this.slots.take();
    const run = this.executeIn(slot, runId, attempt).finally(() => {
      slot.end();
      this.inHand.delete(run);
    });
    this.inHand.add(run);
    const gaveUp = await Promise.race([run.then(() => false), slot.givenUp.then(() => true)]);
    // nobody else waits for it: its lease lapses, and the reconciler brings it again
    if (gaveUp) run.catch((error: unknown) => this.logger.error({ msg: 'a run was aborted', runId, err: error }));
  }

  private async executeIn(slot: RunSlot, runId: string, attempt: number): Promise<void> {
    if (this.draining) return;
    const lease = new HeldLease(this.config.runLeaseMs);
    const run = await this.runs.lease(runId, attempt, this.owner, this.config.runLeaseMs);
    if (!run) return;
    this.metrics?.runStarted(run);
    const controller = new AbortController();
    this.running.set(run.id, controller);
    const keepAlive = this.keepAlive(run, lease, controller);
    try {
      const attributes = {
        'interlock.run_id': run.id,
        'interlock.run_kind': run.kind,
        'interlock.trigger': run.trigger,
      };
      await inSpan(`run ${run.kind}`, { kind: 'consumer', parent: run.traceParent, attributes }, async (span) => {
        const killer = run.deaths >= MAX_DEATHS;
        const handler = this.extensions.handlerOf(run.kind);
        const count = { calls: 0 };
        const outcome = killer ? this.givenUp(run) : await this.work(run, handler, lease, controller, slot, count);
        await this.recordOutcome(run, outcome, { ...count, traceParent: currentTraceParent() });
        this.metrics?.runEnded(run.kind, outcome);
        span.setAttribute('interlock.result', outcome.kind);
      });
    } catch (error) {
      if (!(error instanceof FencedOut)) throw error;
      this.logger.log({ msg: 'run lost its lease', runId: run.id, integrationId: run.integrationId });
    } finally {
      clearInterval(keepAlive);
      this.running.delete(run.id);
    }
  }

  private async work(
    run: LeasedRun,
    handler: RunHandler,
    lease: HeldLease,
    controller: AbortController,
    slot: RunSlot,
    count: { calls: number },
  ): Promise<RunOutcome> {
    const slice = new RunTimeSlice(() => this.runs.someoneWaits());
    const context: RunContext = {
      run,
      signal: controller.signal,
      assertHeld: () => lease.assertHeld(),
      duringCall: (call) => {
        count.calls++;
        return slot.during(call, controller.signal);
      },
      countPage: () => slice.countPage(),
      shouldYield: () => this.draining || controller.signal.aborted || slice.usedUp(),
    };
    try {
      return await handler.execute(context);
    } catch (error) {
      if (error instanceof FencedOut) throw error;
      if (controller.signal.aborted) {
        const reason: unknown = controller.signal.reason;
        if (reason instanceof Drained) return { kind: 'yielded', reason: 'shutdown' };
        throw new FencedOut();
      }
      const failure = toRunFailure(error);
      if (failure.verdict === 'internal') {
        this.logger.error({ msg: 'run broke off', runId: run.id, integrationId: run.integrationId, err: error });
      }
      return { kind: 'failed', ...failure };
    }
  }

  /** It would kill the next worker, and what else that one has in hand, as it killed those before. */
  private givenUp(run: LeasedRun): RunOutcome {
    this.logger.error({ msg: 'run abandoned: its workers died', runId: run.id, deaths: run.deaths });
    const message = 'Something went wrong on our side: the sync ended without a result several times in a row.';
    return { kind: 'failed', verdict: 'internal', message, asScheduled: true };
  }

  private async recordOutcome(run: LeasedRun, outcome: RunOutcome, use: RunUse): Promise<void> {
    if (outcome.kind === 'succeeded') {
      const next = await this.unitOfWork.run((tx) => this.outcomes.succeed(tx, run, use));
      if (next) await this.queue.add([next]);
      return;
    }
    const { next, integration } = await this.unitOfWork.run(async (tx) => {
      const held = await this.runs.hold(tx, run);
      if (!held) throw new FencedOut();
      const integration = held.current;
      if (outcome.kind === 'yielded') {
        const { notBeforeMs = 0, reason = null } = outcome;
        const requeued = await this.runs.requeue(tx, run, { notBeforeMs, reason }, use);
        // pushes queue behind other runs, and a run that the end of the process broke off has not used its time slice
        const yields = run.kind === 'sync' && outcome.reason === undefined && !this.draining;
        return { integration, next: requeued && { ...requeued, yields } };
      }
      await this.outcomes.record(tx, run, integration, outcome, use);
      return { integration, next: await this.runs.promoteWaiting(tx, run.integrationId, run.lane) };
    });
    if (next) await this.queue.add([next]);
    if (outcome.kind === 'failed') this.logFailure(run, integration, outcome);
  }

  private logFailure(run: LeasedRun, integration: HeldIntegration, outcome: FailedRun): void {
    const { merchantId, environment, provider } = integration;
    const { verdict, code = null, status = null } = outcome;
    const line = { msg: 'run failed', runId: run.id, kind: run.kind, integrationId: integration.id };
    this.logger.warn({ ...line, merchantId, environment, provider, verdict, code, status });
  }

  /** Renews the lease. When it cannot be renewed in time the work is stopped: another worker may take the run over. */
  private keepAlive(run: LeasedRun, lease: HeldLease, controller: AbortController): NodeJS.Timeout {
    const { runLeaseMs } = this.config;
    const renewMs = runLeaseMs / RENEWALS_PER_LEASE;
    return setInterval(() => {
      const granted = lease.renewal();
      this.runs.renew(run, runLeaseMs).then(
        (held) => {
          if (held) granted();
          else controller.abort(new FencedOut());
        },
        (error: unknown) => {
          this.logger.warn({ msg: 'lease not renewed', runId: run.id, err: error });
          if (lease.leftMs < renewMs) controller.abort(new FencedOut());
        },
      );
    }, renewMs);
  }
}
