import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database';
import type { SYNC_WORDS } from '../../sync';
import type { Position } from '../page-cursor';
import { iso, microsOf, olderThan, positionValues } from './keyset';
import { RUN_IS_OVERDUE } from './overdue-runs';

export const RUN_STATES = ['waiting', 'queued', 'running', 'succeeded', 'failed', 'cancelled'] as const;
export const RUN_KINDS = ['sync', 'push', 'erase'] as const;

export interface AdminRun {
  readonly id: string;
  readonly integrationId: string;
  readonly merchantId: string;
  readonly merchantName: string | null;
  readonly provider: string;
  readonly environment: string;
  readonly kind: (typeof RUN_KINDS)[number];
  readonly trigger: string;
  readonly state: (typeof RUN_STATES)[number];
  readonly fullResync: boolean;
  readonly probe: boolean;
  readonly attempt: number;
  /** Workers that ended while they held it, since it last yielded. */
  readonly deaths: number;
  /** Of the provider, by attempts that ended in order. */
  readonly calls: number;
  readonly waitReason: string | null;
  readonly notBefore: Date | null;
  readonly errorCode: string | null;
  readonly error: string | null;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
  /** The last of these three: lists are read by it. */
  readonly changedAt: Date;
  readonly fetched: number;
  readonly changed: number;
  readonly quarantined: number;
}

/** One stream's part of a run, as its log tells. */
export interface RunStream {
  readonly resourceType: string;
  readonly status: string;
  readonly attempt: number;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  readonly fetched: number;
  readonly created: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly deleted: number;
  readonly quarantined: number;
  readonly errorCode: string | null;
  readonly error: string | null;
  readonly notes: readonly (typeof SYNC_WORDS.notes)[number][];
  readonly nextAction: string | null;
}

export interface AdminRunDetails extends AdminRun {
  /** null: traces were off when it began. */
  readonly traceId: string | null;
  readonly streams: readonly RunStream[];
  /** Rows that it was the last to find unreadable, and are in quarantine still. */
  readonly quarantinedNow: number;
  /** Deletion plans that its scans made. */
  readonly planIds: readonly string[];
}

export interface RunFilter {
  readonly state?: string;
  /** `true`: those that have not ended. */
  readonly live?: boolean;
  /** `true`: those that are due, and nobody works on. */
  readonly overdue?: boolean;
  readonly kind?: string;
  readonly errorCode?: string;
  readonly provider?: string;
  readonly environment?: string;
  readonly merchantId?: string;
  readonly integrationId?: string;
  readonly finishedFrom?: Date;
  readonly finishedTo?: Date;
}

const COLUMNS = `r.id, r.integration_id AS "integrationId", i.merchant_id AS "merchantId", m.name AS "merchantName", i.provider, i.environment,
  r.kind, r.trigger, r.state, r.full_resync AS "fullResync", r.probe, r.attempt, r.deaths, r.calls, r.wait_reason AS "waitReason",
  r.not_before AS "notBefore", r.error_code AS "errorCode", r.error, r.created_at AS "createdAt", r.started_at AS "startedAt",
  r.finished_at AS "finishedAt", r.changed_at AS "changedAt", l.fetched, l.changed, l.quarantined`;
const SOURCE = `JOIN integration_view i ON i.id = r.integration_id LEFT JOIN merchant_view m ON m.id = i.merchant_id
  CROSS JOIN LATERAL (
    SELECT coalesce(sum(records_fetched), 0) AS fetched, coalesce(sum(records_quarantined), 0) AS quarantined,
      coalesce(sum(records_created::float8 + records_updated + records_deleted), 0) AS changed
    FROM sync_log_view WHERE run_id = r.id) l`;

/** The runs of all merchants. */
@Injectable()
export class RunListRepository {
  constructor(private readonly database: Database) {}

  page(filter: RunFilter, after: Position | null, limit: number): Promise<(AdminRun & { micros: string })[]> {
    const [afterMicros, afterId] = positionValues(after);
    return this.database.query(
      `SELECT ${COLUMNS}, ${microsOf('r.changed_at')} AS micros
       FROM (SELECT r.* FROM sync_run_view r JOIN integration_view i ON i.id = r.integration_id
             WHERE ($state::text IS NULL OR r.state = $state) AND ($kind::text IS NULL OR r.kind = $kind)
               AND ($live::boolean IS NULL OR (r.state IN ('waiting', 'queued', 'running')) = $live)
               AND ($overdue::boolean IS NULL OR (${RUN_IS_OVERDUE}) = $overdue)
               AND ($errorCode::text IS NULL OR coalesce(r.error_code, 'internal_error') = $errorCode AND r.state = 'failed')
               AND ($provider::text IS NULL OR i.provider = $provider) AND ($environment::text IS NULL OR i.environment = $environment)
               AND ($merchantId::uuid IS NULL OR i.merchant_id = $merchantId) AND ($integrationId::uuid IS NULL OR i.id = $integrationId)
               AND ($finishedFrom::timestamptz IS NULL OR r.finished_at >= $finishedFrom)
               AND ($finishedTo::timestamptz IS NULL OR r.finished_at < $finishedTo)
               AND ${olderThan('r.changed_at', 'r.id', '$afterMicros', '$afterId')}
             ORDER BY r.changed_at DESC, r.id DESC LIMIT $limit) r
       ${SOURCE} ORDER BY r.changed_at DESC, r.id DESC`,
      {
        state: filter.state ?? null,
        live: filter.live ?? null,
        overdue: filter.overdue ?? null,
        kind: filter.kind ?? null,
        errorCode: filter.errorCode ?? null,
        provider: filter.provider ?? null,
        environment: filter.environment ?? null,
        merchantId: filter.merchantId ?? null,
        integrationId: filter.integrationId ?? null,
        finishedFrom: filter.finishedFrom ?? null,
        finishedTo: filter.finishedTo ?? null,
        afterMicros,
        afterId,
        limit: limit + 1,
      },
    );
  }

  async find(id: string): Promise<AdminRunDetails | null> {
    const rows = await this.database.query<AdminRunDetails>(
      `SELECT ${COLUMNS}, r.trace_id AS "traceId",
         (SELECT coalesce(jsonb_agg(jsonb_build_object('resourceType', s.resource_type, 'status', s.status, 'attempt', s.attempt,
            'startedAt', ${iso('s.started_at')}, 'finishedAt', ${iso('s.finished_at')}, 'fetched', s.records_fetched,
            'created', s.records_created, 'updated', s.records_updated, 'unchanged', s.records_unchanged,
            'deleted', s.records_deleted, 'quarantined', s.records_quarantined, 'errorCode', s.error_code, 'error', s.error,
            'notes', s.notes, 'nextAction', s.next_action) ORDER BY s.created_at, s.id), '[]')
          FROM sync_log_view s WHERE s.run_id = r.id) AS streams,
         (SELECT count(*) FROM quarantine_view q WHERE q.integration_id = r.integration_id AND q.run_id = r.id) AS "quarantinedNow",
         ARRAY(SELECT p.id FROM deletion_plan_view p WHERE p.integration_id = r.integration_id AND p.run_id = r.id ORDER BY p.created_at)
           AS "planIds"
       FROM sync_run_view r ${SOURCE} WHERE r.id = $1`,
      [id],
    );
    return rows[0] ?? null;
  }
}
