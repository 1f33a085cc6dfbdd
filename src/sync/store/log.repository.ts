import { Injectable, Optional } from '@nestjs/common';
import { ServiceMetrics } from '../../platform/metrics';
import { sqlOf, type Tx } from '../../platform/database';
import type { ErrorCode, NextAction } from '../../platform/errors';
import type { Verdict } from '../../platform/outbound';
import type { LeasedRun } from '../run';
import type { SyncNote } from '../sync-notes';

export interface LogCounts {
  fetched: number;
  created: number;
  updated: number;
  unchanged: number;
  deleted: number;
  quarantined: number;
}

export interface RunLogRow {
  readonly resourceType: string;
  readonly status: 'pending' | 'syncing' | 'success' | 'failed' | 'skipped';
  /** Of a failed entry. */
  readonly failure: { code: ErrorCode; verdict: Verdict; message: string; nextAction: NextAction } | null;
}

/** What its column can hold: a run that has come so far is not to fail over a figure. */
const atMost = (count: string): string => `least(${count}, ${2 ** 31 - 1})`;

@Injectable()
export class LogRepository {
  constructor(@Optional() private readonly metrics?: ServiceMetrics) {}

  /** The run's entries, made at its first attempt and kept over the next ones. */
  async open(tx: Tx, run: LeasedRun, provider: string, resourceTypes: readonly string[]): Promise<RunLogRow[]> {
    await sqlOf(tx).execute(
      `INSERT INTO sync_logs (id, run_id, integration_id, provider, resource_type, status, job_type, attempt, created_at)
       SELECT gen_random_uuid(), $1, $2, $3, r.resource_type, 'pending', $4, $5, now() + r.ord * interval '1 microsecond'
       FROM unnest($6::text[]) WITH ORDINALITY AS r(resource_type, ord)
       ON CONFLICT (run_id, resource_type) DO NOTHING`,
      [run.id, run.integrationId, provider, run.trigger, run.retryAttempt, resourceTypes],
    );
    return sqlOf(tx).query<RunLogRow>(
      `SELECT resource_type AS "resourceType", status,
         CASE WHEN status = 'failed' THEN jsonb_build_object('code', error_code, 'verdict', error_verdict, 'message', error,
           'nextAction', next_action) END AS failure
       FROM sync_logs WHERE run_id = $1 ORDER BY created_at`,
      [run.id],
    );
  }

  async start(tx: Tx, runId: string, resourceType: string): Promise<void> {
    await sqlOf(tx).execute(
      `UPDATE sync_logs SET status = 'syncing', started_at = coalesce(started_at, now())
       WHERE run_id = $1 AND resource_type = $2 AND status IN ('pending', 'syncing')`,
      [runId, resourceType],
    );
  }

  async add(
    tx: Tx,
    runId: string,
    resourceType: string,
    counts: LogCounts,
    notes: readonly SyncNote[] = [],
  ): Promise<void> {
    const noted = counts.quarantined > 0 ? [...notes, 'rows_not_understood' as const] : notes;
    tx.afterCommit(() => this.metrics?.recordsRead(resourceType, counts));
    await sqlOf(tx).execute(
      `UPDATE sync_logs SET records_fetched = ${atMost(`records_fetched + $3::bigint`)}, records_created = ${atMost(`records_created + $4::bigint`)},
         records_updated = ${atMost(`records_updated + $5::bigint`)}, records_unchanged = ${atMost(`records_unchanged + $6::bigint`)},
         records_deleted = ${atMost(`records_deleted + $7::bigint`)}, records_quarantined = ${atMost(`records_quarantined + $8::bigint`)},
         notes = CASE WHEN cardinality($9::text[]) = 0 THEN notes ELSE ARRAY(SELECT DISTINCT unnest(notes || $9::text[])) END,
         status = 'syncing', started_at = coalesce(started_at, now())
       WHERE run_id = $1 AND resource_type = $2`,
      [
        runId,
        resourceType,
        counts.fetched,
        counts.created,
        counts.updated,
        counts.unchanged,
        counts.deleted,
        counts.quarantined,
        noted,
      ],
    );
  }

  async succeed(tx: Tx, runId: string, resourceType: string): Promise<void> {
    await sqlOf(tx).execute(
      `UPDATE sync_logs SET status = 'success', started_at = coalesce(started_at, now()), finished_at = now()
       WHERE run_id = $1 AND resource_type = $2`,
      [runId, resourceType],
    );
  }

  async fail(
    tx: Tx,
    runId: string,
    resourceType: string,
    failure: { code: string; verdict: Verdict; message: string; nextAction: string },
  ): Promise<void> {
    await sqlOf(tx).execute(
      `UPDATE sync_logs SET status = 'failed', started_at = coalesce(started_at, now()), finished_at = now(), error_code = $3,
         error_verdict = $4, error = $5, next_action = $6
       WHERE run_id = $1 AND resource_type = $2`,
      [runId, resourceType, failure.code, failure.verdict, failure.message, failure.nextAction],
    );
  }

  /** Whatever of the run was not reached, or was broken off. */
  async skipRest(tx: Tx, runId: string, reason: string): Promise<void> {
    await sqlOf(tx).execute(
      `UPDATE sync_logs SET status = 'skipped', finished_at = now(), error = coalesce(error, $2)
       WHERE run_id = $1 AND status IN ('pending', 'syncing')`,
      [runId, reason],
    );
  }
}
