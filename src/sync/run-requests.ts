import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Notifications, type Tx } from '../platform/database';
import { currentTraceParent, inSpan } from '../platform/tracing';
import type { ResourceType } from '../providers';
import { LANE_OF_KIND, type RunKind, type RunLane, type RunTrigger } from './run';
import { RunQueue } from './run.queue';
import { LogRepository } from './store/log.repository';
import { RunRepository, type LiveRun, type QueuedRun } from './store/run.repository';

/** Tells the worker that holds a run to stop at once; the fence stops it anyway at its next commit. */
export const CANCEL_CHANNEL = 'run_cancel';

export interface RunRequest {
  readonly integrationId: string;
  readonly kind: RunKind;
  readonly trigger: RunTrigger;
  readonly fullResync?: boolean;
  readonly resources?: readonly ResourceType[] | null;
  readonly retryAttempt?: number;
  readonly traceParent?: string | null;
}

/**
 * The only place that creates runs on request: activation, a manual sync, resume, retries, pushes. Precondition: the
 * caller holds the integration's row lock.
 */
@Injectable()
export class RunRequests {
  constructor(
    private readonly runs: RunRepository,
    private readonly logs: LogRepository,
    private readonly queue: RunQueue,
    private readonly notifications: Notifications,
  ) {}

  /** The id of the run that will do the work: a new one, or the live one when that does all that is asked. */
  request(tx: Tx, request: RunRequest): Promise<{ runId: string; created: boolean }> {
    const attributes = { 'interlock.run_kind': request.kind, 'interlock.trigger': request.trigger };
    return inSpan('queue run', { kind: 'producer', attributes }, () => this.find(tx, request));
  }

  private async find(tx: Tx, request: RunRequest): Promise<{ runId: string; created: boolean }> {
    const lane = LANE_OF_KIND[request.kind];
    const live = await this.runs.live(tx, request.integrationId, lane);
    const current = live.find((run) => run.state !== 'waiting');
    if (!current) return this.create(tx, request, lane, 'queued');

    // also one that this request has to wait behind
    if (request.trigger !== 'scheduled') await this.hasten(tx, current.id);
    if (covers(current, request)) return { runId: current.id, created: false };
    const waiting = live.find((run) => run.state === 'waiting');
    if (!waiting) return this.create(tx, request, lane, 'waiting');
    if (!covers(waiting, request)) await this.runs.widen(tx, waiting.id, request);
    return { runId: waiting.id, created: false };
  }

  /**
   * Ends everything live of the integration; running work stops at once where the signal arrives, at its next commit
   * elsewhere.
   */
  async cancelAll(tx: Tx, integrationId: string, lanes: readonly RunLane[] = ['sync', 'push']): Promise<void> {
    for (const runId of await this.runs.cancelAll(tx, integrationId, lanes)) {
      await this.logs.skipRest(tx, runId, 'The run was cancelled.');
      await this.notifications.publish(tx, CANCEL_CHANNEL, runId);
    }
  }

  private async create(tx: Tx, request: RunRequest, lane: RunLane, state: 'queued' | 'waiting') {
    const run = {
      id: randomUUID(),
      integrationId: request.integrationId,
      kind: request.kind,
      lane,
      trigger: request.trigger,
      state,
      fullResync: request.fullResync ?? false,
      resources: request.resources ?? null,
      retryAttempt: request.retryAttempt,
      traceParent: request.traceParent ?? currentTraceParent(),
    } as const;
    const inserted = await this.runs.insert(tx, run);
    // a dispatcher does not take the row lock: it may have inserted a run since `live` was read
    if (!inserted) return this.find(tx, request);
    if (state === 'queued') this.addAfter(tx, { id: run.id, attempt: 1, delayMs: 0 });
    return { runId: run.id, created: true };
  }

  private async hasten(tx: Tx, runId: string): Promise<void> {
    const hastened = await this.runs.hasten(tx, runId);
    if (hastened) this.addAfter(tx, hastened);
  }

  private addAfter(tx: Tx, run: QueuedRun): void {
    tx.afterCommit(async () => {
      await this.queue.add([run]);
    });
  }
}

function covers(
  run: Pick<LiveRun, 'kind' | 'state' | 'fullResync' | 'resources'>,
  request: Pick<RunRequest, 'kind' | 'fullResync' | 'resources'>,
): boolean {
  if (run.kind !== request.kind) return false;
  if (request.fullResync && !run.fullResync) return false;
  if (run.resources === null) return true;
  return request.resources != null && request.resources.every((resource) => run.resources!.includes(resource));
}
