import { Injectable } from '@nestjs/common';
import { sqlOf, type Tx } from '../../platform/database';
import type { Verdict } from '../../platform/outbound';
import type { BreakerChange, BreakerState } from '../breaker';

/** What a success does: the count is zero again and the breaker closed. */
export const RECOVERED = `consecutive_errors = 0, failed_runs = 0, breaker = 'closed', breaker_cause = NULL, breaker_opened_at = NULL,
         probe_at = NULL, last_sync_at = now(), last_error = NULL, last_error_code = NULL, last_error_verdict = NULL,
         last_error_since = NULL, outside_syncing_until = NULL, updated_at = now()`;

@Injectable()
export class HealthRepository {
  /** First activation makes the row; a later one clears what the contract says it clears. */
  async reset(tx: Tx, integrationId: string): Promise<void> {
    await sqlOf(tx).execute(
      `INSERT INTO sync_health (integration_id) VALUES ($1)
       ON CONFLICT (integration_id) DO UPDATE SET consecutive_errors = 0, failed_runs = 0, breaker = 'closed', breaker_cause = NULL,
         breaker_opened_at = NULL, probe_at = NULL, last_sync_at = NULL, last_error_at = NULL, last_error = NULL,
         last_error_code = NULL, last_error_verdict = NULL, last_error_since = NULL, outside_syncing_until = NULL,
         updated_at = now()`,
      [integrationId],
    );
  }

  async lock(tx: Tx, integrationId: string): Promise<BreakerState> {
    const rows = await sqlOf(tx).query<BreakerState>(
      `SELECT consecutive_errors AS "consecutiveErrors", failed_runs AS "failedRuns", breaker, breaker_cause AS cause
       FROM sync_health WHERE integration_id = $1 FOR UPDATE`,
      [integrationId],
    );
    return rows[0] ?? { consecutiveErrors: 0, failedRuns: 0, breaker: 'closed', cause: null };
  }

  async succeed(tx: Tx, integrationId: string): Promise<void> {
    await sqlOf(tx).execute(`UPDATE sync_health SET ${RECOVERED} WHERE integration_id = $1`, [integrationId]);
  }

  /** A person, or a first good page, closed the breaker; how the last run failed stays readable. */
  async close(tx: Tx, integrationId: string): Promise<void> {
    await sqlOf(tx).execute(
      `UPDATE sync_health SET consecutive_errors = 0, failed_runs = 0, breaker = 'closed', breaker_cause = NULL, breaker_opened_at = NULL,
         probe_at = NULL, updated_at = now()
       WHERE integration_id = $1`,
      [integrationId],
    );
  }

  async fail(
    tx: Tx,
    integrationId: string,
    change: BreakerChange,
    failure: { verdict: Verdict; code: string; message: string },
  ): Promise<void> {
    await sqlOf(tx).execute(
      `UPDATE sync_health SET consecutive_errors = $2, failed_runs = failed_runs + 1, breaker = $3, breaker_cause = $4,
         breaker_opened_at = CASE WHEN $3 = 'open' THEN coalesce(breaker_opened_at, now()) END,
         probe_at = CASE WHEN $9 THEN probe_at WHEN $5::bigint IS NOT NULL THEN now() + $5::bigint * interval '1 millisecond' END,
         last_error_at = now(), last_error = $6, last_error_code = $7, last_error_verdict = $8,
         last_error_since = coalesce(last_error_since, now()), outside_syncing_until = NULL, updated_at = now()
       WHERE integration_id = $1`,
      [
        integrationId,
        change.consecutiveErrors,
        change.breaker,
        change.cause,
        change.probeInMs === 'kept' ? null : change.probeInMs,
        failure.message,
        failure.code,
        failure.verdict,
        change.probeInMs === 'kept',
      ],
    );
  }

  async markOutsideSyncing(tx: Tx, integrationId: string, forMs: number): Promise<void> {
    await sqlOf(tx).execute(
      `UPDATE sync_health SET outside_syncing_until = now() + $2 * interval '1 millisecond', updated_at = now()
       WHERE integration_id = $1`,
      [integrationId, forMs],
    );
  }
}
