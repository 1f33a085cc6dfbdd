import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database';
import { isUuid, type Environment } from '../../platform/http';
import type { ProviderId } from '../../providers';
import type { SYNC_WORDS } from '../../sync';
import type { Condition } from '../conditions';
import type { ViewScope } from '../finding-facts';
import type { FindingCode } from '../finding-kinds';
import type { Position, SortedPosition } from '../page-cursor';
import { ATTENTION, ATTENTION_ORDER, ATTENTION_ROWS } from './attention';
import { failedOfOutage, hasFinding, type IntegrationFindingCode } from './integration-findings';
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
  readonly condition: Condition;
  readonly operatorPaused: boolean;
  readonly operatorPausedAt: Date | null;
  readonly pauseReason: string | null;
  readonly toggledOff: boolean;
  readonly toggledOffAt: Date | null;
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
  /** When the credentials end at the provider; null: the provider does not say it. */
  readonly credentialsExpireAt: Date | null;
  /** Since when a run of it, of any kind, waits for a rate limit, and until when at the least. */
  readonly limitedSince: Date | null;
  readonly limitedUntil: Date | null;
  readonly createdAt: Date;
  readonly configuration: Record<string, unknown>;
}

export interface AttentionIntegration extends AdminIntegration {
  /** The codes of the findings that count it, worst first. */
  readonly because: readonly FindingCode[];
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
  readonly condition?: Condition;
  readonly finding?: IntegrationFindingCode;
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
  /** Some are of payments, and payments of it are held for review. */
  readonly holdsPayments: boolean;
}

const IN_INCIDENT = `EXISTS (SELECT 1 FROM provider_incidents p
      WHERE p.provider = i.provider AND p.environment = i.environment AND p.closed_at IS NULL)`;

/** With the merchant's name; health only while it is active. For other queries of this folder. */
export const INTEGRATION_VIEW = `(
  SELECT i.id, i.merchant_id, m.name AS merchant_name, i.environment, i.provider, i.state, i.created_at, i.configuration, i.status,
    CASE WHEN i.state = 'active' THEN i.health END AS health, i.operator_paused, i.pause_reason, i.toggled_off, i.breaker,
    i.breaker_cause, i.breaker_opened_at, i.probe_at, i.consecutive_errors, i.last_sync_at, i.last_error_at, i.last_error,
    i.last_error_code, i.last_error_since, i.interval_ms, i.lateness_ms, i.operator_paused_at, i.toggled_off_at,
    -- one of them, so that counts by condition add up to the list
    CASE WHEN i.state <> 'active' THEN 'inactive' WHEN i.health = 'paused' THEN 'paused' WHEN i.operator_paused THEN 'operator_paused'
      WHEN i.toggled_off THEN 'switched_off' 
      WHEN (i.health <> 'degraded' OR ${failedOfOutage('i')}) AND ${IN_INCIDENT} THEN 'waiting_for_provider' ELSE i.health END AS condition,
    -- as explain says: the run that is queued, else the schedule; a paused one tries once by itself, unless somebody has stopped it
    coalesce((SELECT min(coalesce(r.not_before, r.created_at)) FROM sync_run_view r
        WHERE r.integration_id = i.id AND r.lane = 'sync' AND r.state = 'queued'),
      CASE WHEN i.fires THEN i.next_due_at WHEN i.breaker <> 'closed' AND NOT i.operator_paused AND NOT i.toggled_off
        AND NOT EXISTS (SELECT 1 FROM sync_run_view r WHERE r.integration_id = i.id AND r.lane = 'sync' AND r.state = 'running')
        THEN i.probe_at END) AS next_due_at,
    (SELECT min(coalesce(r.started_at, r.created_at)) FROM sync_run_view r WHERE r.integration_id = i.id AND r.state = 'queued'
       AND r.wait_reason = 'rate_limited' AND r.not_before > now()) AS limited_since,
    (SELECT min(r.not_before) FROM sync_run_view r WHERE r.integration_id = i.id AND r.state = 'queued'
       AND r.wait_reason = 'rate_limited' AND r.not_before > now()) AS limited_until,
    CASE WHEN i.state = 'active' AND i.fires AND i.next_due_at < now() AND NOT EXISTS (SELECT 1 FROM sync_run_view r WHERE r.integration_id = i.id
       AND r.lane = 'sync' AND r.state IN ('waiting', 'queued', 'running')) THEN i.next_due_at END AS unmade_since,
    ${IN_INCIDENT} AS in_incident,
    (SELECT u.since FROM unproven_filter_view u WHERE u.integration_id = i.id) AS unproven_since,
    (SELECT k.since FROM provider_clock_view k WHERE k.integration_id = i.id) AS clock_off_since,
    (SELECT c.expires_at FROM credential_expiry_view c WHERE c.integration_id = i.id) AS credentials_expire_at
  FROM integration_status_view i LEFT JOIN merchant_view m ON m.id = i.merchant_id)`;

const COLUMNS = `v.id, v.merchant_id AS "merchantId", v.merchant_name AS "merchantName", v.environment, v.provider, v.state,
  v.status, v.health, v.condition, v.operator_paused AS "operatorPaused", v.operator_paused_at AS "operatorPausedAt",
  v.pause_reason AS "pauseReason", v.toggled_off AS "toggledOff", v.toggled_off_at AS "toggledOffAt",
  v.breaker, v.breaker_cause AS "breakerCause", v.breaker_opened_at AS "breakerOpenedAt", v.probe_at AS "probeAt",
  v.consecutive_errors AS "consecutiveErrors", v.last_sync_at AS "lastSyncAt", v.last_error_at AS "lastErrorAt",
  v.last_error AS "lastError", v.last_error_code AS "lastErrorCode", v.last_error_since AS "lastErrorSince",
  v.interval_ms / 60000 AS "intervalMinutes", CASE WHEN v.next_due_at < now() THEN now() ELSE v.next_due_at END AS "nextDueAt", v.lateness_ms AS "latenessMs",
  v.credentials_expire_at AS "credentialsExpireAt", v.limited_since AS "limitedSince", v.limited_until AS "limitedUntil", v.created_at AS "createdAt", v.configuration`;

/** Takes `filterValues`. */
const INTEGRATION_FILTER = `($provider::text IS NULL OR v.provider = $provider) AND ($environment::text IS NULL OR v.environment = $environment)
  AND ($state::text IS NULL OR v.state = $state) AND ($status::text IS NULL OR v.status = $status)
  AND ($health::text IS NULL OR v.health = $health) AND ($errorCode::text IS NULL OR v.last_error_code = $errorCode)
  AND ($lateByMinutes::bigint IS NULL OR v.lateness_ms >= $lateByMinutes::bigint * 60000) AND ($operatorPaused::boolean IS NULL OR v.operator_paused = $operatorPaused)
  AND ($condition::text IS NULL OR v.condition = $condition) AND ($finding::text IS NULL OR ${hasFinding('$finding')})
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
    condition: filter.condition ?? null,
    finding: filter.finding ?? null,
    merchantId: filter.merchantId ?? null,
    integrationId: filter.integrationId ?? null,
    search: search ?? null,
    searchedId: isUuid(search) ? search : null,
  };
}

/** What the list can be sorted by; with `-` before it the largest come first. */
export const INTEGRATION_SORTS = ['merchant', 'last_sync', 'next_run', 'lateness'] as const;

const padded = (number: string): string => `lpad(${number}::bigint::text, 20, '0')`;
/** A text that sorts as what it stands for; nothing comes first. */
const SORT_KEY = `coalesce(CASE $by WHEN 'merchant' THEN left(lower(v.merchant_name), 200) WHEN 'lateness' THEN ${padded('v.lateness_ms')}
  WHEN 'last_sync' THEN ${padded(microsOf('v.last_sync_at'))} WHEN 'next_run' THEN ${padded(microsOf('v.next_due_at'))} END, '') COLLATE "C"`;

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

  async sorted(
    filter: IntegrationFilter,
    sort: string,
    after: SortedPosition | null,
    limit: number,
  ): Promise<(AdminIntegration & { key: string })[]> {
    const descending = sort.startsWith('-');
    return this.database.query(
      `SELECT * FROM (SELECT ${COLUMNS}, ${SORT_KEY} AS key FROM ${INTEGRATION_VIEW} v WHERE ${INTEGRATION_FILTER}) s
       WHERE $afterId::uuid IS NULL OR CASE WHEN $descending::boolean THEN (s.key, s.id) < ($afterKey::text, $afterId)
         ELSE (s.key, s.id) > ($afterKey, $afterId) END
       ORDER BY CASE WHEN $descending THEN s.key END DESC, CASE WHEN $descending THEN s.id END DESC, s.key, s.id LIMIT $limit`,
      {
        ...filterValues(filter),
        by: descending ? sort.slice(1) : sort,
        descending,
        afterKey: after?.key ?? null,
        afterId: after?.id ?? null,
        limit: limit + 1,
      },
    );
  }

  async find(id: string): Promise<AdminIntegration | null> {
    const rows = await this.database.query<AdminIntegration>(
      `SELECT ${COLUMNS} FROM ${INTEGRATION_VIEW} v WHERE v.id = $1`,
      [id],
    );
    return rows[0] ?? null;
  }

  /** Those that a finding of warning or worse counts, with its code; of live ones the worst first. */
  async needingAttention({ environment, provider }: ViewScope, limit: number): Promise<AttentionIntegration[]> {
    return this.database.query<AttentionIntegration>(
      `SELECT ${COLUMNS}, a.because
       FROM (SELECT * FROM ${INTEGRATION_VIEW} i WHERE ($environment::text IS NULL OR i.environment = $environment)
               AND ($provider::text IS NULL OR i.provider = $provider) OFFSET 0) v
       ${ATTENTION_ROWS} CROSS JOIN LATERAL (SELECT ${ATTENTION} AS because OFFSET 0) a
       WHERE cardinality(a.because) > 0
       ORDER BY v.environment, array_position(${ATTENTION_ORDER}, a.because[1]),
         coalesce(v.breaker_opened_at, v.last_error_since, v.last_sync_at, v.created_at), v.id
       LIMIT $limit`,
      { environment, provider, limit },
    );
  }

  /**
   * Active integrations with failed entries, in the order of their ids so that two calls meet them in one order. `ids`:
   * only these; null: all.
   */
  retryCandidates(
    filter: IntegrationFilter,
    options: {
      ids: readonly string[] | null;
      resourceType: string | null;
      retryableCodes: readonly string[];
      limit: number;
    },
  ): Promise<RetryCandidate[]> {
    return this.database.query<RetryCandidate>(
      `SELECT v.id, v.merchant_id AS "merchantId", v.merchant_name AS "merchantName", v.environment, v.provider, v.breaker,
         v.breaker_cause AS "breakerCause", l.failed, l.retryable,
         l.payments > 0 AND EXISTS (SELECT 1 FROM payment_review_view p WHERE p.integration_id = v.id) AS "holdsPayments"
       FROM ${INTEGRATION_VIEW} v
       JOIN LATERAL (
         SELECT count(*) AS failed,
           count(*) FILTER (WHERE l.may_be_retried AND l.error_code = ANY($retryableCodes::text[])
             AND (l.resource_type <> 'payment_pushes' OR EXISTS (SELECT 1 FROM open_payment_view p WHERE p.run_id = l.run_id))) AS retryable,
           count(*) FILTER (WHERE l.resource_type = 'payment_pushes') AS payments
         FROM sync_log_view l
         WHERE l.integration_id = v.id AND l.status = 'failed' AND ($resourceType::text IS NULL OR l.resource_type = $resourceType)) l ON l.failed > 0 OR $ids::uuid[] IS NOT NULL
       WHERE ${INTEGRATION_FILTER} AND ($ids::uuid[] IS NULL AND v.state = 'active' OR v.id = ANY($ids)) ORDER BY v.id LIMIT $limit`,
      { ...filterValues(filter), ...options },
    );
  }
}
