import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database';
import type { Position } from '../page-cursor';
import { iso, microsOf, olderThan, positionValues } from './keyset';

export interface TimelineEntry {
  readonly id: string;
  readonly at: string;
  readonly kind: 'run' | 'audit' | 'breaker' | 'schedule';
  readonly details: Record<string, unknown>;
}

export interface DayOfResource {
  readonly day: string;
  readonly resourceType: string;
  readonly created: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly deleted: number;
  readonly quarantined: number;
  readonly failed: number;
}

export interface ResourceTotal {
  readonly resourceType: string;
  readonly live: number;
  readonly deleted: number;
  readonly lastChangeAt: Date | null;
}

/**
 * What happened to one integration, from the tables that know: runs, audit entries, and the events that triggers note.
 */
@Injectable()
export class TimelineRepository {
  constructor(private readonly database: Database) {}

  page(integrationId: string, after: Position | null, limit: number): Promise<(TimelineEntry & { micros: string })[]> {
    const older = (time: string, id: string) => olderThan(time, id, '$2', '$3');
    return this.database.query(
      `SELECT t.id, ${iso('t.at')} AS at, t.kind, t.details, ${microsOf('t.at')} AS micros FROM (
         (SELECT r.id, r.created_at AS at, 'run' AS kind, jsonb_build_object('run', r.kind, 'trigger', r.trigger,
            'state', r.state, 'fullResync', r.full_resync, 'probe', r.probe, 'attempt', r.attempt,
            'startedAt', ${iso('r.started_at')}, 'finishedAt', ${iso('r.finished_at')}, 'waitReason', r.wait_reason,
            'errorCode', r.error_code, 'error', r.error, 'resources', (
              SELECT coalesce(jsonb_agg(jsonb_build_object('resourceType', l.resource_type, 'status', l.status,
                'fetched', l.records_fetched, 'created', l.records_created, 'updated', l.records_updated,
                'unchanged', l.records_unchanged, 'deleted', l.records_deleted, 'quarantined', l.records_quarantined,
                'errorCode', l.error_code, 'error', l.error, 'notes', l.notes, 'nextAction', l.next_action)
                ORDER BY l.created_at, l.id), '[]') FROM sync_log_view l WHERE l.run_id = r.id)) AS details
          FROM sync_run_view r WHERE r.integration_id = $1 AND ${older('r.created_at', 'r.id')}
          ORDER BY r.created_at DESC, r.id DESC LIMIT $4)
         UNION ALL
         (SELECT a.id, a.occurred_at, 'audit', jsonb_build_object('action', a.action, 'actorKind', a.actor_kind,
            'actorId', a.actor_id, 'reason', a.reason, 'requestId', a.request_id, 'details', a.details)
          FROM audit_entry_view a WHERE a.subject_type = 'integration' AND a.subject_id = $1::uuid::text
            AND ${older('a.occurred_at', 'a.id')}
          ORDER BY a.occurred_at DESC, a.id DESC LIMIT $4)
         UNION ALL
         (SELECT e.id, e.occurred_at, e.kind, e.details FROM integration_events e
          WHERE e.integration_id = $1 AND ${older('e.occurred_at', 'e.id')}
          ORDER BY e.occurred_at DESC, e.id DESC LIMIT $4)) t
       ORDER BY t.at DESC, t.id DESC LIMIT $4`,
      [integrationId, ...positionValues(after), limit + 1],
    );
  }

  /** Changes of each resource by day, oldest first; days without a run are left out. */
  changesByDay(integrationId: string, days: number): Promise<DayOfResource[]> {
    return this.database.query<DayOfResource>(
      `SELECT to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day, resource_type AS "resourceType",
         sum(records_created) AS created, sum(records_updated) AS updated,
         sum(records_unchanged) AS unchanged, sum(records_deleted) AS deleted,
         sum(records_quarantined) AS quarantined, count(*) FILTER (WHERE status = 'failed') AS failed
       FROM sync_log_view WHERE integration_id = $1 AND created_at > now() - $2::int * interval '1 day'
       GROUP BY 1, 2 ORDER BY 1, 2`,
      [integrationId, days],
    );
  }

  totals(integrationId: string): Promise<ResourceTotal[]> {
    return this.database.query<ResourceTotal>(
      `SELECT resource_type AS "resourceType", count(*) FILTER (WHERE is_live) AS live,
         count(*) FILTER (WHERE NOT is_live) AS deleted, max(synced_at) AS "lastChangeAt"
       FROM record_view WHERE integration_id = $1 GROUP BY resource_type ORDER BY resource_type`,
      [integrationId],
    );
  }
}
