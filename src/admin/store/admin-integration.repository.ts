import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database';
import { isUuid, type Environment } from '../../platform/http';
import type { ProviderId } from '../../providers';
import type { SYNC_WORDS } from '../../sync';
import type { Position } from '../page-cursor';
import { microsOf, olderThan, positionValues } from './keyset';

/** An integration as the team sees it. Nothing of a credential but its hint. */
export interface AdminIntegration {
  readonly id: string;
  readonly merchantId: string;
  readonly merchantName: string | null;
  readonly environment: Environment;
  readonly provider: ProviderId;
  readonly state: 'active' | 'inactive';
  readonly status: (typeof SYNC_WORDS.statuses)[number];
  /** null while it is not active. */
  readonly health: (typeof SYNC_WORDS.healths)[number] | null;
  readonly operatorPaused: boolean;
  readonly pauseReason: string | null;
  readonly toggledOff: boolean;
  readonly breaker: 'closed' | 'open' | 'half_open';
  readonly breakerCause: 'failures' | 'auth' | null;
  readonly breakerOpenedAt: Date | null;
  readonly probeAt: Date | null;
  readonly consecutiveErrors: number;
  readonly lastSyncAt: Date | null;
  readonly lastErrorAt: Date | null;
  readonly lastError: string | null;
  readonly lastErrorCode: string | null;
  readonly lastErrorSince: Date | null;
  readonly intervalMinutes: number | null;
  readonly nextDueAt: Date | null;
  /** How far the last good sync lies behind its interval; null while it is not active. */
  readonly latenessMs: number | null;
  readonly createdAt: Date;
  readonly configuration: Record<string, unknown>;
}

export interface IntegrationFilter {
  readonly provider?: string;
  readonly environment?: string;
  readonly state?: string;
  readonly status?: string;
  readonly health?: string;
  readonly errorCode?: string;
  readonly lateByMinutes?: number;
  readonly operatorPaused?: boolean;
  readonly merchantId?: string;
  readonly integrationId?: string;
  /** Part of a merchant's name, or the id of a merchant or integration. */
  readonly search?: string;
}

export interface RetryCandidate {
  readonly id: string;
  readonly merchantId: string;
  readonly merchantName: string | null;
  readonly environment: Environment;
  readonly provider: ProviderId;
  readonly breaker: 'closed' | 'open' | 'half_open';
  readonly breakerCause: 'failures' | 'auth' | null;
  /** Failed entries of the log. */
  readonly failed: number;
  /** Of those: passing failures that no batch has retried yet. */
  readonly retryable: number;
}

/** With the merchant's name; health only while it is active. For other queries of this folder. */
export const INTEGRATION_VIEW = `(
  SELECT i.id, i.merchant_id, m.name AS merchant_name, i.environment, i.provider, i.state, i.created_at, i.configuration, i.status,
    CASE WHEN i.state = 'active' THEN i.health END AS health, i.operator_paused, i.pause_reason, i.toggled_off, i.breaker,
    i.breaker_cause, i.breaker_opened_at, i.probe_at, i.consecutive_errors, i.last_sync_at, i.last_error_at, i.last_error,
    i.last_error_code, i.last_error_since, i.interval_ms, CASE WHEN i.fires THEN i.next_due_at END AS next_due_at, i.lateness_ms
  FROM integration_status_view i LEFT JOIN merchant_view m ON m.id = i.merchant_id)`;

const COLUMNS = `v.id, v.merchant_id AS "merchantId", v.merchant_name AS "merchantName", v.environment, v.provider, v.state,
  v.status, v.health, v.operator_paused AS "operatorPaused", v.pause_reason AS "pauseReason", v.toggled_off AS "toggledOff",
  v.breaker, v.breaker_cause AS "breakerCause", v.breaker_opened_at AS "breakerOpenedAt", v.probe_at AS "probeAt",
  v.consecutive_errors AS "consecutiveErrors", v.last_sync_at AS "lastSyncAt", v.last_error_at AS "lastErrorAt",
  v.last_error AS "lastError", v.last_error_code AS "lastErrorCode", v.last_error_since AS "lastErrorSince",
  v.interval_ms / 60000 AS "intervalMinutes", v.next_due_at AS "nextDueAt", v.lateness_ms AS "latenessMs",
  v.created_at AS "createdAt", v.configuration`;

/** Takes `filterValues`. */
const INTEGRATION_FILTER = `($provider::text IS NULL OR v.provider = $provider) AND ($environment::text IS NULL OR v.environment = $environment)
  AND ($state::text IS NULL OR v.state = $state) AND ($status::text IS NULL OR v.status = $status)
  AND ($health::text IS NULL OR v.health = $health) AND ($errorCode::text IS NULL OR v.last_error_code = $errorCode)
  AND ($lateByMinutes::bigint IS NULL OR v.lateness_ms >= $lateByMinutes::bigint * 60000) AND ($operatorPaused::boolean IS NULL OR v.operator_paused = $operatorPaused)
  AND ($merchantId::uuid IS NULL OR v.merchant_id = $merchantId) AND ($integrationId::uuid IS NULL OR v.id = $integrationId)
  AND ($search::text IS NULL OR position(lower($search) IN lower(v.merchant_name)) > 0
    OR $searchedId::uuid IS NOT NULL AND $searchedId::uuid IN (v.merchant_id, v.id))`;

function filterValues(filter: IntegrationFilter) {
  const { search } = filter;
  return {
    provider: filter.provider ?? null,
    environment: filter.environment ?? null,
    state: filter.state ?? null,
    status: filter.status ?? null,
    health: filter.health ?? null,
    errorCode: filter.errorCode ?? null,
    lateByMinutes: filter.lateByMinutes ?? null,
    operatorPaused: filter.operatorPaused ?? null,
    merchantId: filter.merchantId ?? null,
    integrationId: filter.integrationId ?? null,
    search: search ?? null,
    searchedId: isUuid(search) ? search : null,
  };
}

@Injectable()
export class AdminIntegrationRepository {
  constructor(private readonly database: Database) {}

  async page(
    filter: IntegrationFilter,
    after: Position | null,
    limit: number,
  ): Promise<(AdminIntegration & { micros: string })[]> {
    const [afterMicros, afterId] = positionValues(after);
    return this.database.query(
      `SELECT ${COLUMNS}, ${microsOf('v.created_at')} AS micros FROM ${INTEGRATION_VIEW} v
       WHERE ${INTEGRATION_FILTER} AND ${olderThan('v.created_at', 'v.id', '$afterMicros', '$afterId')}
       ORDER BY v.created_at DESC, v.id DESC LIMIT $limit`,
      { ...filterValues(filter), afterMicros, afterId, limit: limit + 1 },
    );
  }

  async find(id: string): Promise<AdminIntegration | null> {
    const rows = await this.database.query<AdminIntegration>(
      `SELECT ${COLUMNS} FROM ${INTEGRATION_VIEW} v WHERE v.id = $1`,
      [id],
    );
    return rows[0] ?? null;
  }

  /** What most needs a person, worst first: what is paused, then what fails, then what is late. */
  async needingAttention(limit: number): Promise<AdminIntegration[]> {
    return this.database.query<AdminIntegration>(
      `SELECT ${COLUMNS} FROM ${INTEGRATION_VIEW} v
       WHERE v.state = 'active' AND (v.health <> 'healthy' OR v.operator_paused
         OR v.lateness_ms > greatest(v.interval_ms, 900000) AND NOT v.toggled_off)
       ORDER BY (v.health = 'paused') DESC, (v.health = 'degraded') DESC,
         coalesce(v.breaker_opened_at, v.last_error_since, v.last_sync_at, v.created_at), v.id
       LIMIT $1`,
      [limit],
    );
  }

  /** Active integrations with failed entries, oldest id first so that two calls meet them in one order. */
  retryCandidates(
    filter: IntegrationFilter,
    options: { resourceType: string | null; retryableCodes: readonly string[]; limit: number },
  ): Promise<RetryCandidate[]> {
    return this.database.query<RetryCandidate>(
      `SELECT v.id, v.merchant_id AS "merchantId", v.merchant_name AS "merchantName", v.environment, v.provider, v.breaker,
         v.breaker_cause AS "breakerCause", l.failed, l.retryable
       FROM ${INTEGRATION_VIEW} v
       JOIN LATERAL (
         SELECT count(*) AS failed, count(*) FILTER (WHERE l.may_be_retried AND l.error_code = ANY($retryableCodes::text[])) AS retryable
         FROM sync_log_view l
         WHERE l.integration_id = v.id AND l.status = 'failed' AND ($resourceType::text IS NULL OR l.resource_type = $resourceType)) l ON l.failed > 0
       WHERE ${INTEGRATION_FILTER} AND v.state = 'active' ORDER BY v.id LIMIT $limit`,
      { ...filterValues(filter), ...options },
    );
  }
}
