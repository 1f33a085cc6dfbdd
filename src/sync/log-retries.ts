import { Injectable } from '@nestjs/common';
import { AuditLog } from '../audit';
import { IdempotentEffects } from '../idempotency';
import { integrationEvent, IntegrationRepository, type Integration, type IntegrationKey } from '../integrations';
import { UnitOfWork, type Tx } from '../platform/database';
import { InterlockError, RETRYABLE_CODES, type ErrorCode } from '../platform/errors';
import { RESOURCE_TYPES, type ResourceType } from '../providers';
import { RunRequests } from './run-requests';
import { HealthRepository } from './store/health.repository';
import { LogQueryRepository, type SyncLog } from './store/log-query.repository';
import { LogRetryRepository, type FailedEntry } from './store/log-retry.repository';
import { RunRepository } from './store/run.repository';
import { SyncExtensions } from './sync-extensions';

export interface BatchRetry {
  readonly integrationId: string;
  readonly resourceType: string | null;
  readonly limit: number;
  /** Leaves out entries that failed later. */
  readonly failedUntil?: Date;
}

/** Gives failed log entries another attempt, under the integration's row lock. */
@Injectable()
export class LogRetries {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly integrations: IntegrationRepository,
    private readonly requests: RunRequests,
    private readonly runs: RunRepository,
    private readonly health: HealthRepository,
    private readonly logQueries: LogQueryRepository,
    private readonly retries: LogRetryRepository,
    private readonly extensions: SyncExtensions,
    private readonly audit: AuditLog,
    private readonly effects: IdempotentEffects,
  ) {}

  /** The id of the run that does it. */
  async retry(key: IntegrationKey, logId: string): Promise<string> {
    return this.effects.once((keep) =>
      this.unitOfWork.run(async (tx) => {
        const integration = await this.integrations.lockByKey(tx, key);
        const log = integration && (await this.logQueries.read(tx, integration.id, logId));
        if (!log) throw new InterlockError('not_found');
        if (integration.state !== 'active') throw new InterlockError('not_active');
        await this.refuseUnlessRetryable(tx, log);
        if (await this.isPaused(tx, integration)) throw new InterlockError('sync_paused');
        const runId = await this.requestRun(tx, integration, 'single_retry', [log]);
        await this.record(tx, integration, 'sync_log.retried', { logId, runId });
        return keep(tx, runId);
      }),
    );
  }

  /** Batches retry each entry once, and none while the breaker is open. `also`: last in the same transaction. */
  async retryBatch(
    key: IntegrationKey,
    batch: BatchRetry,
    also?: (tx: Tx, counted: { queued: number; skipped: number }) => Promise<void>,
  ): Promise<{ queued: number; skipped: number }> {
    return this.effects.once((keep) =>
      this.unitOfWork.run(async (tx) => {
        const integration = await this.integrations.lockByKey(tx, key);
        if (integration?.id !== batch.integrationId.toLowerCase()) throw new InterlockError('not_found');
        if (integration.state !== 'active') throw new InterlockError('not_active');
        const failed = await this.retries.countFailed(tx, integration.id, batch.resourceType);
        const entries = (await this.isPaused(tx, integration)) ? [] : await this.candidates(tx, integration.id, batch);
        const [pushes, syncs] = [entries.filter(isPush), entries.filter((entry) => !isPush(entry))];
        for (const group of [syncs, pushes]) {
          if (group.length === 0) continue;
          const runId = await this.requestRun(tx, integration, 'batch_retry', group);
          await this.record(tx, integration, 'sync_logs.batch_retried', { runId, entries: group.length });
        }
        const counted = { queued: entries.length, skipped: failed - entries.length };
        await also?.(tx, counted);
        return keep(tx, counted);
      }),
    );
  }

  /** Not the entries of payments that are held, or have gone on since: a retry of theirs would push nothing. */
  private async candidates(tx: Tx, integrationId: string, batch: BatchRetry): Promise<FailedEntry[]> {
    for (const except: string[] = []; ;) {
      const entries = await this.retries.candidates(tx, integrationId, {
        ...batch,
        retryableCodes: RETRYABLE_CODES,
        except,
      });
      const pushes = entries.filter(isPush);
      const open = await this.extensions.runsWithOpenPushes(
        tx,
        pushes.map(({ jobId }) => jobId),
      );
      const closed = pushes.filter(({ jobId }) => !open.has(jobId));
      if (closed.length === 0) return entries;
      except.push(...closed.map(({ id }) => id));
    }
  }

  private async refuseUnlessRetryable(tx: Tx, log: SyncLog): Promise<void> {
    const refuse = (message: string, nextAction?: InterlockError['nextAction']): never => {
      throw new InterlockError('invalid_request', { message, nextAction });
    };
    if (log.status !== 'failed') refuse(`Only a failed entry can be retried; this one is ${log.status}.`);
    if (!RETRYABLE_CODES.includes(log.errorCode as ErrorCode)) {
      refuse(
        'This failure is permanent: a retry would fail again until its cause is fixed.',
        log.nextAction ?? undefined,
      );
    }
    // a live run would count as its own retry, and would not read the resource again
    const live = await this.runs.live(tx, log.integrationId, isPush(log) ? 'push' : 'sync');
    if (live.some((run) => run.id === log.jobId)) {
      refuse('The run of this entry has not ended yet; retry when it has.', 'wait');
    }
  }

  private async isPaused(tx: Tx, integration: Integration): Promise<boolean> {
    return (await this.health.lock(tx, integration.id)).breaker !== 'closed';
  }

  /** One run reads every resource of the entries once, however many entries failed on it. */
  private async requestRun(
    tx: Tx,
    integration: Integration,
    trigger: 'single_retry' | 'batch_retry',
    entries: readonly FailedEntry[],
  ): Promise<string> {
    const failedTypes = new Set(entries.map((entry) => entry.resourceType));
    const resources = RESOURCE_TYPES.filter((type): type is ResourceType => failedTypes.has(type));
    const { runId } = await this.requests.request(tx, {
      integrationId: integration.id,
      kind: entries.some(isPush) ? 'push' : 'sync',
      trigger,
      resources: resources.length > 0 ? resources : null,
      retryAttempt: Math.max(...entries.map((entry) => entry.attempt)) + 1,
    });
    await this.retries.remember(
      tx,
      entries.map((entry) => entry.id),
      runId,
    );
    return runId;
  }

  private async record(tx: Tx, integration: Integration, action: string, details: Record<string, unknown>) {
    await this.audit.record(tx, integrationEvent(integration, action, { details }));
  }
}

/** Pushes are runs of their own kind and lane. */
function isPush(entry: Pick<FailedEntry, 'resourceType'>): boolean {
  return entry.resourceType === 'payment_pushes';
}
