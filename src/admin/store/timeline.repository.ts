import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database';
import type { Position } from '../page-cursor';
import { iso, microsOf, olderThan, positionValues } from './keyset';

export interface TimelineEntry {
  readonly id: string;
  readonly at: string;
  readonly kind: 'run' | 'audit' | 'breaker' | 'schedule' | 'deletion_plan' | 'quarantine' | 'endpoint';
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

/** Endpoints of the merchant of an integration, in its environment. */
const ENDPOINTS = `integration_view i JOIN webhook_endpoint_view w ON w.merchant_id = i.merchant_id AND w.environment = i.environment`;

/**
 * What happened to one integration, from the tables that know: runs, audit entries, the events that triggers note, what
 * its scans held back, and the endpoints that its events go to.
 */
@Injectable()
export class TimelineRepository {
  constructor(private readonly database: Database) {}

  page(integrationId: string, after: Position | null, limit: number): Promise<(TimelineEntry & { micros: string })[]> {
    const older = (time: string, id: string) => olderThan(time, id, '$2', '$3');
    return this.database.query(
      `SELECT t.id, ${iso('t.at')} AS at, t.kind, t.details, ${microsOf('t.at')} AS micros FROM (
         (SELECT r.id, r.changed_at AS at, 'run' AS kind, jsonb_build_object('run', r.kind, 'trigger', r.trigger,
            'state', r.state, 'fullResync', r.full_resync, 'probe', r.probe, 'attempt', r.attempt,
            'startedAt', ${iso('r.started_at')}, 'finishedAt', ${iso('r.finished_at')}, 'waitReason', r.wait_reason,
            'errorCode', r.error_code, 'error', r.error, 'resources', (
              SELECT coalesce(jsonb_agg(jsonb_build_object('resourceType', l.resource_type, 'status', l.status,
                'fetched', l.records_fetched, 'created', l.records_created, 'updated', l.records_updated,
                'unchanged', l.records_unchanged, 'deleted', l.records_deleted, 'quarantined', l.records_quarantined,
                'errorCode', l.error_code, 'error', l.error, 'notes', l.notes, 'nextAction', l.next_action)
                ORDER BY l.created_at, l.id), '[]') FROM sync_log_view l WHERE l.run_id = r.id)) AS details
          FROM sync_run_view r WHERE r.integration_id = $1 AND ${older('r.changed_at', 'r.id')}
          ORDER BY r.changed_at DESC, r.id DESC LIMIT $4)
         UNION ALL
         (SELECT a.id, a.occurred_at, 'audit', jsonb_build_object('action', a.action, 'actorKind', a.actor_kind,
            'actorId', a.actor_id, 'reason', a.reason, 'requestId', a.request_id, 'details', a.details)
          FROM audit_entry_view a WHERE a.subject_type = 'integration' AND a.subject_id = $1::uuid::text
            AND ${older('a.occurred_at', 'a.id')}
          ORDER BY a.occurred_at DESC, a.id DESC LIMIT $4)
         UNION ALL
         (SELECT p.id, p.created_at, 'deletion_plan', jsonb_build_object('resourceType', p.resource_type, 'rows', p.rows, 'state', p.state)
          FROM deletion_plan_view p WHERE p.integration_id = $1 AND ${older('p.created_at', 'p.id')}
          ORDER BY p.created_at DESC, p.id DESC LIMIT $4)
         UNION ALL
         -- those of one list that were met first in one commit
         (SELECT q.id, q.first_seen_at, 'quarantine', jsonb_build_object('resourceType', q.resource_type, 'rows', q.rows)
          FROM (SELECT x.resource_type, x.first_seen_at, count(*) AS rows,
                  md5(x.integration_id || '/' || x.resource_type || '/' || x.first_seen_at)::uuid AS id
                FROM quarantine_view x WHERE x.integration_id = $1 GROUP BY x.integration_id, x.resource_type, x.first_seen_at) q
          WHERE ${older('q.first_seen_at', 'q.id')} ORDER BY q.first_seen_at DESC, q.id DESC LIMIT $4)
         UNION ALL
         -- by itself; what somebody switches off or on stands in the audit log
         (SELECT w.id, w.disabled_at, 'endpoint', jsonb_build_object('reason', w.disabled_reason) FROM ${ENDPOINTS}
          WHERE i.id = $1 AND w.disabled_reason IN ('failing', 'gone') AND ${older('w.disabled_at', 'w.id')})
         UNION ALL
         (SELECT a.id, a.occurred_at, 'audit', jsonb_build_object('action', a.action, 'actorKind', a.actor_kind,
            'actorId', a.actor_id, 'reason', a.reason, 'requestId', a.request_id, 'details', a.details)
          FROM ${ENDPOINTS} JOIN audit_entry_view a ON a.subject_type = 'webhook_endpoint' AND a.subject_id = w.id::text
          WHERE i.id = $1 AND a.action IN ('webhook_endpoint.enabled', 'webhook_endpoint.disabled') AND ${older('a.occurred_at', 'a.id')}
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
