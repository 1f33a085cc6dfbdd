import { Injectable } from '@nestjs/common';
import type { Integration } from '../integrations';
import type { Tx } from '../platform/database';
import type { Stream } from '../providers';
import { enabledStreams } from './enabled-streams';
import type { RunLane } from './run';
import { RunOutcomes } from './run-outcomes';
import { RunRequests, type RunRequest } from './run-requests';
import { CursorRepository } from './store/cursor.repository';
import { FormerRecordRepository } from './store/former-record.repository';
import { HealthRepository } from './store/health.repository';
import { QuarantineRepository } from './store/quarantine.repository';
import { ScheduleRepository } from './store/schedule.repository';

/** An outside worker's `syncing` is shown for at most this long. */
const SHOWN_SYNCING_MS = 15 * 60_000;

/**
 * What the lifecycle of an integration asks of the engine. Precondition of every method: the caller holds the
 * integration's row lock.
 */
@Injectable()
export class SyncLifecycle {
  constructor(
    private readonly schedules: ScheduleRepository,
    private readonly health: HealthRepository,
    private readonly cursors: CursorRepository,
    private readonly former: FormerRecordRepository,
    private readonly quarantine: QuarantineRepository,
    private readonly requests: RunRequests,
    private readonly outcomes: RunOutcomes,
  ) {}

  /**
   * Seeds the cursors of the enabled resources, stores the schedule and asks for the first run. Returns the run's id.
   */
  async begin(
    tx: Tx,
    integration: Integration,
    options: { streams: readonly Stream[]; newEpoch: boolean },
  ): Promise<string> {
    const { id, configuration, syncEnabled } = integration;
    await this.health.reset(tx, id);
    if (options.newEpoch) await this.beginEpoch(tx, id);
    await this.cursors.seed(tx, id, enabledStreams(options.streams, configuration));
    await this.schedules.put(tx, id, configuration.syncIntervalMinutes * 60_000, !syncEnabled);
    const { runId } = await this.requests.request(tx, { integrationId: id, kind: 'sync', trigger: 'scheduled' });
    return runId;
  }

  /**
   * Another account behind the credentials: cursors start over, and from now on nobody is shown a record of the old
   * one. The next sync run writes their tombstones (`FormerRecords`): there may be millions.
   */
  async beginEpoch(tx: Tx, integrationId: string): Promise<void> {
    await this.cursors.reset(tx, integrationId);
    await this.former.begin(tx, integrationId);
    await this.quarantine.clear(tx, integrationId);
  }

  /** The id of the run that will do the work: a new one, or the live one when that does all that is asked. */
  requestRun(tx: Tx, request: RunRequest): Promise<{ runId: string; created: boolean }> {
    return this.requests.request(tx, request);
  }

  /** What is queued, waiting or running ends; running work stops at its next commit at the latest. */
  cancelRuns(tx: Tx, integrationId: string, lanes: readonly RunLane[]): Promise<void> {
    return this.requests.cancelAll(tx, integrationId, lanes);
  }

  /** The schedule no longer fires while there is a reason; a run under way goes on. */
  setOperatorPaused(tx: Tx, integrationId: string, reason: string | null): Promise<void> {
    return this.schedules.setOperatorPaused(tx, integrationId, reason);
  }

  /** The schedule ends and so does everything that is queued, waiting or running. */
  async end(tx: Tx, integrationId: string): Promise<void> {
    await this.schedules.remove(tx, integrationId);
    await this.requests.cancelAll(tx, integrationId);
  }

  async setInterval(tx: Tx, integrationId: string, intervalMs: number): Promise<void> {
    await this.schedules.setInterval(tx, integrationId, intervalMs);
  }

  /** Switching on also closes a breaker that failures opened; a rejected credential stays paused. */
  async setEnabled(tx: Tx, integrationId: string, enabled: boolean): Promise<void> {
    await this.schedules.setToggledOff(tx, integrationId, !enabled);
    if (!enabled) return;
    const health = await this.health.lock(tx, integrationId);
    if (health.breaker !== 'closed' && health.cause === 'failures') await this.closeBreaker(tx, integrationId);
  }

  async closeBreaker(tx: Tx, integrationId: string): Promise<void> {
    await this.health.close(tx, integrationId);
    await this.schedules.setBreakerOpen(tx, integrationId, false);
  }

  /**
   * An auth pause ends when the credential changes; a breaker that failures opened is not the credential's business.
   */
  async closeAuthPause(tx: Tx, integrationId: string): Promise<boolean> {
    const health = await this.health.lock(tx, integrationId);
    if (health.cause !== 'auth') return false;
    await this.closeBreaker(tx, integrationId);
    return true;
  }

  async isPaused(tx: Tx, integrationId: string): Promise<boolean> {
    return (await this.health.lock(tx, integrationId)).breaker !== 'closed';
  }

  /** An outside worker's results count like those of our own runs. */
  outsideSucceeded(tx: Tx, integration: Integration): Promise<void> {
    return this.outcomes.recover(tx, integration);
  }

  outsideSyncing(tx: Tx, integrationId: string): Promise<void> {
    return this.health.markOutsideSyncing(tx, integrationId, SHOWN_SYNCING_MS);
  }

  outsideFailed(tx: Tx, integration: Integration, message: string | null): Promise<void> {
    const text = message ?? 'An outside worker reported a failed sync.';
    const failure = { verdict: 'provider_down', code: 'provider_error', message: text, blamed: true } as const;
    return this.outcomes.recordFailure(tx, integration, failure);
  }
}
