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

/** What was read of a resource of the run. */
export interface LogEntry {
  readonly resource: string;
  readonly counts: LogCounts;
  /** When its reading began, by the database's clock; left out: as the entry says. */
  readonly startedAt?: Date;
  readonly notes?: readonly SyncNote[];
  /** To its end. */
  readonly ended?: boolean;
}

/** The entry of a resource ($2 of the run $1), and the one that begins when it ends. */
const ENTRY_AND_NEXT = (next: string): string =>
  `run_id = $1 AND (resource_type = $2 OR resource_type = ${next} AND status IN ('pending', 'syncing'))`;

/** What its column can hold: a run that has come so far is not to fail over a figure. */
const counted = (name: keyof LogCounts): string => `least(l.records_${name} + e.${name}, ${2 ** 31 - 1})`;

/** A resource has several streams: its entry is written once. */
function byResource(entries: readonly LogEntry[]): LogEntry[] {
  const added = new Map<string, LogEntry>();
  for (const entry of entries) {
    const before = added.get(entry.resource);
    const notes = entry.counts.quarantined > 0 ? ['rows_not_understood' as const] : [];
    added.set(entry.resource, {
      resource: entry.resource,
      counts: before ? sumOf(before.counts, entry.counts) : entry.counts,
      startedAt: earlier(before?.startedAt, entry.startedAt),
      notes: [...(before?.notes ?? []), ...(entry.notes ?? []), ...notes],
      ended: before?.ended === true || entry.ended === true,
    });
  }
  return [...added.values()];
}

function earlier(one: Date | undefined, other: Date | undefined): Date | undefined {
  return one && other && one > other ? other : (one ?? other);
}

function sumOf(one: LogCounts, other: LogCounts): LogCounts {
  return {
    fetched: one.fetched + other.fetched,
    created: one.created + other.created,
    updated: one.updated + other.updated,
    unchanged: one.unchanged + other.unchanged,
    deleted: one.deleted + other.deleted,
    quarantined: one.quarantined + other.quarantined,
  };
}

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
    resource: string,
    counts: LogCounts,
    notes: readonly SyncNote[] = [],
  ): Promise<void> {
    await this.addAll(tx, runId, [{ resource, counts, notes }]);
  }

  /** In one statement. `next`: a resource that begins when these have been read. */
  async addAll(tx: Tx, runId: string, entries: readonly LogEntry[], next: string | null = null): Promise<void> {
    const added = byResource(entries);
    tx.afterCommit(() => added.forEach(({ resource, counts }) => this.metrics?.recordsRead(resource, counts)));
    const column = (valueOf: (entry: LogEntry) => unknown): unknown[] => added.map(valueOf);
    await sqlOf(tx).execute(
      `UPDATE sync_logs l SET records_fetched = ${counted('fetched')}, records_created = ${counted('created')},
         records_updated = ${counted('updated')}, records_unchanged = ${counted('unchanged')},
         records_deleted = ${counted('deleted')}, records_quarantined = ${counted('quarantined')},
         notes = CASE WHEN e.notes = '' THEN l.notes ELSE ARRAY(SELECT DISTINCT unnest(l.notes || string_to_array(e.notes, ','))) END,
         status = CASE WHEN e.ended THEN 'success' ELSE 'syncing' END,
         started_at = coalesce(least(l.started_at, e.started_at), now()),
         finished_at = CASE WHEN e.ended THEN now() END
       FROM (SELECT *, false AS begins
             FROM unnest($2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], $9::text[], $10::boolean[], $11::timestamptz[])
               AS added(resource_type, fetched, created, updated, unchanged, deleted, quarantined, notes, ended, started_at)
             UNION ALL SELECT $12::text, 0, 0, 0, 0, 0, 0, '', false, NULL, true) e
       WHERE l.run_id = $1 AND l.resource_type = e.resource_type AND (NOT e.begins OR l.status IN ('pending', 'syncing'))`,
      [
        runId,
        column(({ resource }) => resource),
        column(({ counts }) => counts.fetched),
        column(({ counts }) => counts.created),
        column(({ counts }) => counts.updated),
        column(({ counts }) => counts.unchanged),
        column(({ counts }) => counts.deleted),
        column(({ counts }) => counts.quarantined),
        column(({ notes = [] }) => notes.join(',')),
        column(({ ended = false }) => ended),
        column(({ startedAt = null }) => startedAt),
        next,
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

  /** Whatever of the run was not reached, or was broken off. */
  async skipRest(tx: Tx, runId: string, reason: string): Promise<void> {
    await sqlOf(tx).execute(
      `UPDATE sync_logs SET status = 'skipped', finished_at = now(), error = coalesce(error, $2)
       WHERE run_id = $1 AND status IN ('pending', 'syncing')`,
      [runId, reason],
    );
  }
}
