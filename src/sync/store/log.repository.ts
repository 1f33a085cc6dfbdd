import { Injectable, Optional } from '@nestjs/common';
import { sqlOf, type Tx } from '../../platform/database';
import type { ErrorCode, NextAction } from '../../platform/errors';
import { ServiceMetrics } from '../../platform/metrics';
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

/** A resource has been read to its end, and the next one of the run begins. */
export interface LogEnd {
  readonly next: string | null;
}

/** The entry of a resource ($2 of the run $1), and the one that begins when it ends. */
const ENTRY_AND_NEXT = (next: string): string =>
  `run_id = $1 AND (resource_type = $2 OR resource_type = ${next} AND status IN ('pending', 'syncing'))`;

/** What its column can hold: a run that has come so far is not to fail over a figure. */
const counted = (column: string, parameter: number): string =>
  `CASE WHEN resource_type = $2 THEN least(${column} + $${parameter}::bigint, ${2 ** 31 - 1}) ELSE ${column} END`;

@Injectable()
export class LogRepository {
  constructor(@Optional() private readonly metrics?: ServiceMetrics) {}

  /** The run's entries, made at its first attempt, which begins with the first of them, and kept over the next ones. */
  async open(tx: Tx, run: LeasedRun, provider: string, resourceTypes: readonly string[]): Promise<RunLogRow[]> {
    const made = await sqlOf(tx).execute(
      `INSERT INTO sync_logs (id, run_id, integration_id, provider, resource_type, status, started_at, job_type, attempt,
         created_at)
       SELECT gen_random_uuid(), $1, $2, $3, r.resource_type, CASE WHEN r.ord = 1 THEN 'syncing' ELSE 'pending' END,
         CASE WHEN r.ord = 1 THEN now() END, $4, $5, now() + r.ord * interval '1 microsecond'
       FROM unnest($6::text[]) WITH ORDINALITY AS r(resource_type, ord)
       ON CONFLICT (run_id, resource_type) DO NOTHING`,
      [run.id, run.integrationId, provider, run.trigger, run.retryAttempt, resourceTypes],
    );
    if (made === resourceTypes.length) {
      return resourceTypes.map((resourceType, index) => ({
        resourceType,
        status: index === 0 ? 'syncing' : 'pending',
        failure: null,
      }));
    }
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
    end: LogEnd | null = null,
  ): Promise<void> {
    const noted = counts.quarantined > 0 ? [...notes, 'rows_not_understood' as const] : notes;
    tx.afterCommit(() => this.metrics?.recordsRead(resourceType, counts));
    await sqlOf(tx).execute(
      `UPDATE sync_logs SET records_fetched = ${counted('records_fetched', 3)}, records_created = ${counted('records_created', 4)},
         records_updated = ${counted('records_updated', 5)}, records_unchanged = ${counted('records_unchanged', 6)},
         records_deleted = ${counted('records_deleted', 7)}, records_quarantined = ${counted('records_quarantined', 8)},
         notes = CASE WHEN resource_type <> $2 OR cardinality($9::text[]) = 0 THEN notes ELSE ARRAY(SELECT DISTINCT unnest(notes || $9::text[])) END,
         status = CASE WHEN resource_type = $2 AND $10 THEN 'success' ELSE 'syncing' END, started_at = coalesce(started_at, now()),
         finished_at = CASE WHEN resource_type = $2 AND $10 THEN now() END
       WHERE ${ENTRY_AND_NEXT('$11')}`,
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
        end !== null,
        end?.next ?? null,
      ],
    );
  }

  async succeed(tx: Tx, runId: string, resourceType: string, next: string | null = null): Promise<void> {
    await sqlOf(tx).execute(
      `UPDATE sync_logs SET status = CASE WHEN resource_type = $2 THEN 'success' ELSE 'syncing' END,
         started_at = coalesce(started_at, now()), finished_at = CASE WHEN resource_type = $2 THEN now() END
       WHERE ${ENTRY_AND_NEXT('$3')}`,
      [runId, resourceType, next],
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

  /** What a run changed, in all resources. */
  async changesIn(
    tx: Tx,
    runId: string,
  ): Promise<{ recordsCreated: number; recordsUpdated: number; recordsDeleted: number }> {
    const rows = await sqlOf(tx).query<{ recordsCreated: number; recordsUpdated: number; recordsDeleted: number }>(
      `SELECT coalesce(sum(records_created), 0)::bigint AS "recordsCreated",
         coalesce(sum(records_updated), 0)::bigint AS "recordsUpdated",
         coalesce(sum(records_deleted), 0)::bigint AS "recordsDeleted"
       FROM sync_logs WHERE run_id = $1`,
      [runId],
    );
    return rows[0]!;
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
