import { Injectable } from '@nestjs/common';
import { sqlOf, type Tx } from '../../platform/database';
import type { BreakerState } from '../breaker';
import type { LeasedRun, RunUse } from '../run';
import { RECOVERED } from './health.repository';
import { DELAY_MS, useOf, type HeldIntegration, type QueuedRun } from './run.repository';
import { flagChange } from './schedule.repository';

export type EndedIntegration = Pick<HeldIntegration, 'id' | 'merchantId' | 'environment' | 'provider'>;

export interface SucceededRun {
  readonly integration: EndedIntegration;
  /** Its health as it was. */
  readonly before: Pick<BreakerState, 'failedRuns' | 'breaker'>;
  /** Over all resources of the run. */
  readonly changes: { recordsCreated: number; recordsUpdated: number; recordsDeleted: number };
  /** The run that waited behind it and takes its place. */
  readonly next: QueuedRun | null;
}

type SucceededRow = EndedIntegration &
  SucceededRun['before'] &
  SucceededRun['changes'] & { nextId: string | null; attempt: number; delayMs: number };

/** The end of a run that succeeded: the run, its integration's health and its schedule in one statement. */
@Injectable()
export class RunEndRepository {
  /**
   * Null: the run is not held any more, and nothing is written. A run that begins to wait behind it at this very moment
   * may not be seen: the reconciler takes it up.
   */
  async succeed(tx: Tx, run: LeasedRun, use: RunUse): Promise<SucceededRun | null> {
    // The joins with nothing put health and schedule before the run: whoever claims a probe or a schedule holds the one
    // and looks at the other.
    const [row] = await sqlOf(tx).query<SucceededRow>(
      `WITH current AS MATERIALIZED (
         SELECT id, merchant_id, environment, provider FROM integration_view WHERE id = $3 FOR NO KEY UPDATE),
       held AS MATERIALIZED (
         SELECT r.id, r.integration_id, r.lane, r.kind FROM current, LATERAL (
           SELECT id, integration_id, lane, kind FROM sync_runs WHERE id = $1 AND fence = $2 AND state = 'running'
             AND lease_until > clock_timestamp() AND integration_id = current.id FOR UPDATE) r),
       health AS MATERIALIZED (
         SELECT h.integration_id, h.failed_runs, h.breaker FROM held, LATERAL (
           SELECT integration_id, failed_runs, breaker FROM sync_health
           WHERE integration_id = held.integration_id FOR UPDATE) h),
       recovered AS (
         UPDATE sync_health h SET ${RECOVERED} FROM held, health
         WHERE held.kind = 'sync' AND h.integration_id = health.integration_id RETURNING 1),
       resumed AS (
         UPDATE sync_schedules s SET ${flagChange('breaker_open', 'false')} FROM held
         WHERE held.kind = 'sync' AND s.integration_id = held.integration_id AND s.breaker_open RETURNING 1),
       ended AS (
         UPDATE sync_runs r SET state = 'succeeded', finished_at = now(), lease_owner = NULL, lease_until = NULL,
           ${useOf('$4', '$5')}
         FROM held LEFT JOIN recovered ON true LEFT JOIN resumed ON true WHERE r.id = held.id
         RETURNING r.integration_id, r.lane),
       promoted AS (
         UPDATE sync_runs w SET state = 'queued', due_at = now() FROM ended
         WHERE w.integration_id = ended.integration_id AND w.lane = ended.lane AND w.state = 'waiting'
         RETURNING w.id, w.attempt, w.not_before),
       changes AS (
         SELECT coalesce(sum(records_created), 0)::bigint AS created, coalesce(sum(records_updated), 0)::bigint AS updated,
           coalesce(sum(records_deleted), 0)::bigint AS deleted
         FROM sync_logs WHERE run_id = $1)
       SELECT current.id, current.merchant_id AS "merchantId", current.environment, current.provider,
         coalesce(health.failed_runs, 0) AS "failedRuns", coalesce(health.breaker, 'closed') AS breaker,
         changes.created AS "recordsCreated", changes.updated AS "recordsUpdated", changes.deleted AS "recordsDeleted",
         promoted.id AS "nextId", promoted.attempt, ${DELAY_MS}
       FROM ended, current, changes LEFT JOIN health ON true LEFT JOIN promoted ON true`,
      [run.id, run.fence, run.integrationId, use.calls, use.traceParent],
    );
    if (!row) return null;
    const { id, merchantId, environment, provider, failedRuns, breaker, nextId, attempt, delayMs, ...changes } = row;
    return {
      integration: { id, merchantId, environment, provider },
      before: { failedRuns, breaker },
      changes,
      next: nextId === null ? null : { id: nextId, attempt, delayMs },
    };
  }
}
