import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database';
import type { Verdict } from '../../platform/outbound';

/** Everything that decides whether and when an integration runs next, read in one statement. */
export interface ExplainFacts {
  readonly now: Date;
  readonly nextDueAt: Date | null;
  readonly toggledOff: boolean | null;
  readonly operatorPaused: boolean | null;
  readonly pauseReason: string | null;
  readonly operatorPausedAt: Date | null;
  readonly toggledOffAt: Date | null;
  readonly breaker: 'closed' | 'open' | 'half_open' | null;
  readonly breakerCause: 'failures' | 'auth' | null;
  readonly breakerOpenedAt: Date | null;
  readonly probeAt: Date | null;
  readonly consecutiveErrors: number | null;
  readonly lastError: string | null;
  readonly lastErrorCode: string | null;
  readonly lastErrorVerdict: Verdict | null;
  readonly lastErrorSince: Date | null;
  readonly runState: 'queued' | 'running' | null;
  readonly runSince: Date | null;
  readonly runNotBefore: Date | null;
  readonly runWaitReason: string | null;
  readonly incidentSince: Date | null;
  readonly incidentRetryAt: Date | null;
  readonly heldRows: number | null;
  readonly heldSince: Date | null;
  /** Records of an account that was connected before are on their way out of the feed. */
  readonly formerSince: Date | null;
  /** Changed-since filters that were tried, and are not used. */
  readonly unusedFilters: readonly { stream: string; state: 'ignored' | 'refused' | 'unproven'; checkedAt: string }[];
  /** By how much the provider's clock is ahead of the database's; null: it is not far off. */
  readonly clockAheadMs: number | null;
  readonly clockOffSince: Date | null;
  /** Resource types of which the last good run found no list at one of the paths. */
  readonly absentLists: readonly string[];
}

@Injectable()
export class ExplainRepository {
  constructor(private readonly database: Database) {}

  async facts(integrationId: string): Promise<ExplainFacts> {
    const rows = await this.database.query<ExplainFacts>(
      `SELECT now() AS now, s.next_due_at AS "nextDueAt", s.toggled_off AS "toggledOff", s.operator_paused AS "operatorPaused",
         s.pause_reason AS "pauseReason", coalesce(s.operator_paused_at, s.updated_at) AS "operatorPausedAt",
         coalesce(s.toggled_off_at, s.updated_at) AS "toggledOffAt", h.breaker, h.breaker_cause AS "breakerCause",
         h.breaker_opened_at AS "breakerOpenedAt", h.probe_at AS "probeAt", h.consecutive_errors AS "consecutiveErrors",
         h.last_error AS "lastError", h.last_error_code AS "lastErrorCode", h.last_error_verdict AS "lastErrorVerdict",
         h.last_error_since AS "lastErrorSince", r.state AS "runState", coalesce(r.started_at, r.created_at) AS "runSince",
         r.not_before AS "runNotBefore", r.wait_reason AS "runWaitReason", b.opened_at AS "incidentSince",
         b.retry_at AS "incidentRetryAt", p.rows AS "heldRows", p.since AS "heldSince",
         (SELECT min(f.since) FROM sync_former_records f WHERE f.integration_id = i.id) AS "formerSince",
         (SELECT coalesce(jsonb_agg(jsonb_build_object('stream', stream, 'state', cursor->'filter'->'state',
             'checkedAt', cursor->'filter'->'checkedAt') ORDER BY stream), '[]')
           FROM sync_cursors WHERE integration_id = i.id AND cursor->'filter'->>'checkedAt' IS NOT NULL
             AND cursor->'filter'->>'state' <> 'honoured') AS "unusedFilters",
         ARRAY(SELECT resource_type FROM (
             SELECT DISTINCT ON (resource_type) resource_type, notes FROM sync_logs
             WHERE integration_id = i.id AND status = 'success' ORDER BY resource_type, created_at DESC) AS newest
           WHERE 'list_absent' = ANY(notes)) AS "absentLists", k.ahead_ms AS "clockAheadMs", k.since AS "clockOffSince"
       FROM integration_view i
       LEFT JOIN sync_schedules s ON s.integration_id = i.id
       LEFT JOIN sync_health h ON h.integration_id = i.id
       LEFT JOIN sync_runs r ON r.integration_id = i.id AND r.lane = 'sync' AND r.state IN ('queued', 'running')
       LEFT JOIN provider_breakers b ON b.provider = i.provider AND b.environment = i.environment AND b.state = 'open'
       LEFT JOIN provider_clock_view k ON k.integration_id = i.id
       LEFT JOIN LATERAL (
         SELECT sum(cardinality(external_ids)) AS rows, min(created_at) AS since FROM sync_deletion_plans
         WHERE integration_id = i.id AND state = 'held') p ON true
       WHERE i.id = $1`,
      [integrationId],
    );
    return rows[0]!;
  }
}
