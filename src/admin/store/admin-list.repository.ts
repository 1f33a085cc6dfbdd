import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database';
import { SECRET_OPENED, type AuditFilter } from '../audit-filter';
import type { Position } from '../page-cursor';
import { microsOf, olderThan, positionValues } from './keyset';
import { MERCHANT_FINDING_VALUES, MERCHANT_HAS_FINDING, type MerchantFindingCode } from './merchant-findings';

export interface AdminMerchant {
  readonly id: string;
  readonly name: string;
  readonly defaultCurrency: string;
  readonly createdAt: Date;
  readonly integrations: number;
  readonly activeIntegrations: number;
  readonly apiKeys: number;
}

export interface AuditView {
  readonly id: string;
  readonly at: Date;
  readonly action: string;
  readonly merchantId: string | null;
  readonly merchantName: string | null;
  readonly environment: string | null;
  readonly actorKind: string;
  readonly actorId: string;
  /** Of an API key or an operator. */
  readonly actorName: string | null;
  readonly requestId: string | null;
  readonly subjectType: string;
  readonly subjectId: string;
  /** Of a key, an operator or a merchant; of an integration its provider. */
  readonly subjectName: string | null;
  readonly reason: string | null;
  readonly details: Record<string, unknown>;
}

/** Never the key itself: it is not stored. */
export interface AdminApiKey {
  readonly id: string;
  readonly merchantId: string;
  readonly environment: string;
  readonly name: string;
  readonly displayPrefix: string;
  readonly scopes: readonly string[];
  readonly allowedCidrs: readonly string[] | null;
  readonly rotatedFrom: string | null;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
  readonly lastUsedAt: Date | null;
}

/** Never the token itself: it is stored nowhere. */
export interface AdminToken {
  readonly id: string;
  readonly jti: string;
  readonly subject: string | null;
  readonly roles: readonly string[];
  readonly permissions: readonly string[];
  readonly nodeIds: readonly string[];
  readonly merchantId: string | null;
  readonly environment: string | null;
  readonly createdAt: Date;
  readonly issuedBy: string | null;
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
  readonly revokedBy: string | null;
}

export interface MerchantFilter {
  readonly search?: string;
  readonly id?: string;
  readonly finding?: MerchantFindingCode;
  /** Of what the finding counts. */
  readonly environment?: string;
}

/** A run as it goes: counted from its log while it works. */
export interface ListedRun {
  readonly runId: string;
  readonly integrationId: string;
  readonly merchantName: string | null;
  readonly provider: string;
  readonly environment: string;
  readonly trigger: string;
  readonly state: 'queued' | 'running';
  readonly waitReason: string | null;
  readonly since: Date;
  readonly resourceType: string | null;
  readonly fetched: number;
  readonly changed: number;
  readonly resourcesDone: number;
  readonly resources: number;
}

@Injectable()
export class AdminListRepository {
  constructor(private readonly database: Database) {}

  merchants(
    filter: MerchantFilter,
    after: Position | null,
    limit: number,
  ): Promise<(AdminMerchant & { micros: string })[]> {
    const [afterMicros, afterId] = positionValues(after);
    return this.database.query(
      `SELECT m.id, m.name, m.default_currency AS "defaultCurrency", m.created_at AS "createdAt",
         ${microsOf('m.created_at')} AS micros,
         (SELECT count(*) FROM integration_view i WHERE i.merchant_id = m.id) AS integrations,
         (SELECT count(*) FROM integration_view i WHERE i.merchant_id = m.id AND i.state = 'active') AS "activeIntegrations",
         (SELECT count(*) FROM api_key_view k WHERE k.merchant_id = m.id AND k.revoked_at IS NULL
            AND (k.expires_at IS NULL OR k.expires_at > now())) AS "apiKeys"
       FROM merchant_view m
       WHERE ($search::text IS NULL OR position(lower($search) IN lower(m.name)) > 0 OR m.id::text = lower($search))
         AND ($id::uuid IS NULL OR m.id = $id) AND ($finding::text IS NULL OR ${MERCHANT_HAS_FINDING})
         AND ${olderThan('m.created_at', 'm.id', '$afterMicros', '$afterId')}
       ORDER BY m.created_at DESC, m.id DESC LIMIT $limit`,
      {
        ...{ search: filter.search ?? null, id: filter.id ?? null },
        ...{ finding: filter.finding ?? null, environment: filter.environment ?? null, ...MERCHANT_FINDING_VALUES },
        ...{ afterMicros, afterId, limit: limit + 1 },
      },
    );
  }

  audit(filter: AuditFilter, after: Position | null, limit: number): Promise<(AuditView & { micros: string })[]> {
    const [afterMicros, afterId] = positionValues(after);
    return this.database.query(
      `SELECT a.id, a.occurred_at AS at, a.action, a.merchant_id AS "merchantId", m.name AS "merchantName", a.environment,
         a.actor_kind AS "actorKind", a.actor_id AS "actorId",
         CASE a.actor_kind
           WHEN 'api_key' THEN (SELECT k.name FROM api_key_view k WHERE k.id::text = a.actor_id)
           WHEN 'token' THEN (SELECT o.name FROM operator_view o WHERE o.subject = a.actor_id) END AS "actorName",
         a.request_id AS "requestId", a.subject_type AS "subjectType", a.subject_id AS "subjectId",
         CASE a.subject_type
           WHEN 'integration' THEN (SELECT i.provider FROM integration_view i WHERE i.id::text = a.subject_id)
           WHEN 'api_key' THEN (SELECT k.name FROM api_key_view k WHERE k.id::text = a.subject_id)
           WHEN 'operator' THEN (SELECT o.name FROM operator_view o WHERE o.subject = a.subject_id)
           WHEN 'merchant' THEN (SELECT o.name FROM merchant_view o WHERE o.id::text = a.subject_id) END AS "subjectName",
         a.reason, a.details, ${microsOf('a.occurred_at')} AS micros
       FROM audit_entry_view a LEFT JOIN merchant_view m ON m.id = a.merchant_id
       WHERE ($merchantId::uuid IS NULL OR a.merchant_id = $merchantId) AND ($actorId::text IS NULL OR a.actor_id = $actorId)
         AND ($action::text IS NULL OR starts_with(a.action, $action)) AND ($subjectType::text IS NULL OR a.subject_type = $subjectType)
         AND ($subjectId::text IS NULL OR a.subject_id = $subjectId) AND ($from::timestamptz IS NULL OR a.occurred_at >= $from)
         AND ($to::timestamptz IS NULL OR a.occurred_at < $to) AND ($withOpenings::boolean OR a.action <> $opening)
         AND ${olderThan('a.occurred_at', 'a.id', '$afterMicros', '$afterId')}
       ORDER BY a.occurred_at DESC, a.id DESC LIMIT $limit`,
      {
        merchantId: filter.merchantId ?? null,
        actorId: filter.actorId ?? null,
        action: filter.action ?? null,
        subjectType: filter.subjectType ?? null,
        subjectId: filter.subjectId ?? null,
        from: filter.from ?? null,
        to: filter.to ?? null,
        opening: SECRET_OPENED,
        withOpenings: filter.openings !== 'folded',
        afterMicros,
        afterId,
        limit: limit + 1,
      },
    );
  }

  apiKeys(merchantId: string, after: Position | null, limit: number): Promise<(AdminApiKey & { micros: string })[]> {
    return this.database.query(
      `SELECT k.id, k.merchant_id AS "merchantId", k.environment, k.name, k.display_prefix AS "displayPrefix", k.scopes,
         k.allowed_cidrs AS "allowedCidrs", k.rotated_from AS "rotatedFrom", k.created_at AS "createdAt", k.expires_at AS "expiresAt",
         k.revoked_at AS "revokedAt", k.last_used_at AS "lastUsedAt", ${microsOf('k.created_at')} AS micros
       FROM api_key_view k WHERE k.merchant_id = $1 AND ${olderThan('k.created_at', 'k.id', '$2', '$3')}
       ORDER BY k.created_at DESC, k.id DESC LIMIT $4`,
      [merchantId, ...positionValues(after), limit + 1],
    );
  }

  tokens(after: Position | null, limit: number): Promise<(AdminToken & { micros: string })[]> {
    return this.database.query(
      `SELECT t.id, t.jti, t.subject, t.roles, t.permissions, t.node_ids AS "nodeIds", t.merchant_id AS "merchantId",
         t.environment, t.created_at AS "createdAt", t.issued_by AS "issuedBy", t.expires_at AS "expiresAt",
         t.revoked_at AS "revokedAt", t.revoked_by AS "revokedBy", ${microsOf('t.created_at')} AS micros
       FROM access_token_view t WHERE ${olderThan('t.created_at', 't.id', '$1', '$2')}
       ORDER BY t.created_at DESC, t.id DESC LIMIT $3`,
      [...positionValues(after), limit + 1],
    );
  }

  async liveRuns(limit: number): Promise<ListedRun[]> {
    return this.database.query<ListedRun>(
      `SELECT r.id AS "runId", r.integration_id AS "integrationId", m.name AS "merchantName", i.provider, i.environment,
         r.trigger, r.state, r.wait_reason AS "waitReason", coalesce(r.started_at, r.created_at) AS since,
         l.current AS "resourceType", coalesce(l.fetched, 0) AS fetched, coalesce(l.changed, 0) AS changed,
         coalesce(l.done, 0) AS "resourcesDone", coalesce(l.total, 0) AS resources
       FROM sync_run_view r JOIN integration_view i ON i.id = r.integration_id LEFT JOIN merchant_view m ON m.id = i.merchant_id
       LEFT JOIN LATERAL (
         SELECT sum(records_fetched) AS fetched, sum(records_created::float8 + records_updated + records_deleted) AS changed,
           count(*) AS total, count(*) FILTER (WHERE status IN ('success', 'failed', 'skipped')) AS done,
           min(resource_type) FILTER (WHERE status = 'syncing') AS current
         FROM sync_log_view WHERE run_id = r.id) l ON true
       WHERE r.state IN ('queued', 'running') ORDER BY (r.state = 'running') DESC, since, r.id LIMIT $1`,
      [limit],
    );
  }
}
