import { Injectable } from '@nestjs/common';
import type { EventScope } from '../../events';
import { Database, sqlOf, type Tx } from '../../platform/database';
import type { DisabledReason, EndpointHealth, EndpointSettings, WebhookEndpoint } from '../endpoint';

/** An endpoint with how it fares, for those who look at it. */
export interface EndpointView extends WebhookEndpoint, EndpointHealth {
  readonly position: number;
  readonly missed: number;
  /** Of its log. */
  readonly head: number;
  readonly heldCount: number;
  readonly parkedCount: number;
  readonly nextTryAt: Date | null;
  readonly replayCount: number;
  /** Of the last try that failed, while tries fail. */
  readonly lastError: string | null;
  /** Since when its events cannot be signed; null: they can, as far as anybody knows. */
  readonly unsignedSince: Date | null;
  /** Its key does not come back by itself. */
  readonly lacksKey: boolean;
}

export const ENDPOINT_COLUMNS = `e.id, e.merchant_id AS "merchantId", e.environment, e.url, e.description, e.event_types AS "eventTypes",
  e.providers, e.integration_ids AS "integrationIds", e.include_data AS "includeData", e.ordering,
  e.rate_per_second AS "ratePerSecond", e.mirrored_signature AS "mirroredSignature", e.disabled_reason AS "disabledReason",
  e.disabled_at AS "disabledAt", e.secret_id AS "secretId", e.public_key AS "publicKey",
  e.previous_secret_id AS "previousSecretId", e.previous_until AS "previousUntil", e.created_at AS "createdAt",
  e.updated_at AS "updatedAt"`;

export const HEALTH_COLUMNS = `c.concurrency, c.slow, c.failures, c.failing_since AS "failingSince", c.last_failure_at AS "lastFailureAt",
  c.last_success_at AS "lastSuccessAt", c.warned, c.not_before AS "notBefore"`;

/** What a turn has found; before there was one, what syncs have found that nothing delivered since gainsays. */
const UNSIGNED_SINCE = `coalesce(c.unsigned_since, (SELECT min(g.since) FROM key_management_gate_view g
  WHERE c.last_success_at IS NULL OR c.last_success_at < g.since))`;

const VIEW = `SELECT ${ENDPOINT_COLUMNS}, ${HEALTH_COLUMNS}, c.position, c.missed,
    ${UNSIGNED_SINCE} AS "unsignedSince", c.lacks_key AS "lacksKey", coalesce(l.position, 0) AS head, h.*,
    (SELECT count(*) FROM webhook_replays r WHERE r.endpoint_id = e.id) AS "replayCount",
    CASE WHEN c.failures > 0 THEN (SELECT a.error FROM webhook_attempts a WHERE a.endpoint_id = e.id AND a.error IS NOT NULL
      ORDER BY a.id DESC LIMIT 1) END AS "lastError"
  FROM webhook_endpoints e JOIN webhook_cursors c ON c.endpoint_id = e.id
  LEFT JOIN event_log_view l ON l.merchant_id = e.merchant_id AND l.environment = e.environment
  CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE NOT parked) AS "heldCount", count(*) FILTER (WHERE parked) AS "parkedCount",
      min(due_at) FILTER (WHERE NOT parked) AS "nextTryAt"
    FROM webhook_held WHERE endpoint_id = e.id) h
  WHERE e.merchant_id = $1 AND e.environment = $2`;

const settingsOf = (settings: EndpointSettings): unknown[] => [
  settings.url,
  settings.description,
  settings.eventTypes,
  settings.providers,
  settings.integrationIds,
  settings.includeData,
  settings.ordering,
  settings.ratePerSecond,
  settings.mirroredSignature,
];

/** An event that was not taken by its last try: nothing sends it again by itself. */
export interface ParkedEvent {
  readonly eventId: string;
  readonly position: number;
  readonly attempts: number;
  readonly heldAt: Date;
  /** Of the last try, as long as it is kept. */
  readonly lastError: string | null;
}

@Injectable()
export class EndpointRepository {
  constructor(private readonly database: Database) {}

  /** Those who make endpoints of one merchant take turns until they commit: they count them first. */
  async lockList(tx: Tx, { merchantId, environment }: EventScope): Promise<number> {
    const key = `webhook_endpoints/${merchantId}/${environment}`;
    await sqlOf(tx).query(`SELECT pg_advisory_xact_lock(hashtextextended($1, 0))`, [key]);
    const rows = await sqlOf(tx).query<{ count: number }>(
      `SELECT count(*) AS count FROM webhook_endpoints WHERE merchant_id = $1 AND environment = $2`,
      [merchantId, environment],
    );
    return rows[0]!.count;
  }

  async insert(
    tx: Tx,
    scope: EventScope,
    endpoint: EndpointSettings & { readonly id: string; readonly secretId: string; readonly publicKey: string },
    position: number,
  ): Promise<void> {
    const sql = sqlOf(tx);
    await sql.execute(
      `INSERT INTO webhook_endpoints (url, description, event_types, providers, integration_ids, include_data, ordering,
         rate_per_second, mirrored_signature, id, merchant_id, environment, secret_id, public_key)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
      [
        ...settingsOf(endpoint),
        endpoint.id,
        scope.merchantId,
        scope.environment,
        endpoint.secretId,
        endpoint.publicKey,
      ],
    );
    await sql.execute(`INSERT INTO webhook_cursors (endpoint_id, position) VALUES ($1, $2)`, [endpoint.id, position]);
  }

  list({ merchantId, environment }: EventScope): Promise<EndpointView[]> {
    return this.database.query<EndpointView>(`${VIEW} ORDER BY e.created_at, e.id`, [merchantId, environment]);
  }

  async find({ merchantId, environment }: EventScope, id: string): Promise<EndpointView | null> {
    const rows = await this.database.query<EndpointView>(`${VIEW} AND e.id = $3`, [merchantId, environment, id]);
    return rows[0] ?? null;
  }

  async scopeOf(id: string): Promise<EventScope | null> {
    const rows = await this.database.query<EventScope>(
      `SELECT merchant_id AS "merchantId", environment FROM webhook_endpoints WHERE id = $1`,
      [id],
    );
    return rows[0] ?? null;
  }

  /**
   * Those who change an endpoint take turns. Its cursor is locked before it, as by those who deliver: else each could
   * wait for the other.
   */
  async lock(tx: Tx, { merchantId, environment }: EventScope, id: string): Promise<WebhookEndpoint | null> {
    const sql = sqlOf(tx);
    await sql.query(
      `SELECT FROM webhook_cursors c JOIN webhook_endpoints e ON e.id = c.endpoint_id
       WHERE e.merchant_id = $1 AND e.environment = $2 AND e.id = $3 FOR UPDATE OF c`,
      [merchantId, environment, id],
    );
    const rows = await sql.query<WebhookEndpoint>(
      `SELECT ${ENDPOINT_COLUMNS} FROM webhook_endpoints e
       WHERE merchant_id = $1 AND environment = $2 AND id = $3 FOR UPDATE`,
      [merchantId, environment, id],
    );
    return rows[0] ?? null;
  }

  async change(tx: Tx, id: string, settings: EndpointSettings): Promise<void> {
    await sqlOf(tx).execute(
      `UPDATE webhook_endpoints SET url = $1, description = $2, event_types = $3, providers = $4, integration_ids = $5,
         include_data = $6, ordering = $7, rate_per_second = $8, mirrored_signature = $9, updated_at = now()
       WHERE id = $10`,
      [...settingsOf(settings), id],
    );
  }

  async disable(tx: Tx, id: string, reason: DisabledReason): Promise<boolean> {
    const count = await sqlOf(tx).execute(
      `UPDATE webhook_endpoints SET disabled_reason = $2, disabled_at = now(), updated_at = now()
       WHERE id = $1 AND disabled_reason IS NULL`,
      [id, reason],
    );
    return count === 1;
  }

  /**
   * It goes on where it stands, with a clean slate; what is held is tried at once. A turn from before ends: it knows
   * another slate.
   */
  async enable(tx: Tx, id: string): Promise<void> {
    const sql = sqlOf(tx);
    await sql.execute(
      `UPDATE webhook_endpoints SET disabled_reason = NULL, disabled_at = NULL, updated_at = now() WHERE id = $1`,
      [id],
    );
    await sql.execute(
      `UPDATE webhook_cursors SET failures = 0, failing_since = NULL, last_failure_at = NULL, warned = 0, not_before = NULL,
         takes_new = true, wake_at = now(), fence = fence + 1, lease_owner = NULL, lease_until = NULL
       WHERE endpoint_id = $1`,
      [id],
    );
    await sql.execute(
      `UPDATE webhook_held SET due_at = now() WHERE endpoint_id = $1 AND NOT parked AND due_at > now()`,
      [id],
    );
  }

  async replaceSecret(
    tx: Tx,
    id: string,
    next: { readonly secretId: string; readonly publicKey: string; readonly overlapSeconds: number },
  ): Promise<Date | null> {
    const rows = await sqlOf(tx).query<{ previousUntil: Date | null }>(
      `UPDATE webhook_endpoints SET secret_id = $2, public_key = $3, updated_at = now(),
         previous_secret_id = CASE WHEN $4::int > 0 THEN secret_id END,
         previous_until = CASE WHEN $4::int > 0 THEN now() + make_interval(secs => $4::int) END
       WHERE id = $1 RETURNING previous_until AS "previousUntil"`,
      [id, next.secretId, next.publicKey, next.overlapSeconds],
    );
    return rows[0]!.previousUntil;
  }

  /** Secrets whose overlap is over: no row refers to them from now on. */
  async takeReplacedSecrets(tx: Tx, limit: number): Promise<string[]> {
    const rows = await sqlOf(tx).query<{ secretId: string | null }>(
      `UPDATE webhook_endpoints e SET previous_secret_id = NULL, previous_until = NULL, updated_at = now()
       FROM (SELECT id, previous_secret_id FROM webhook_endpoints WHERE previous_until <= now() LIMIT $1
         FOR UPDATE SKIP LOCKED) old
       WHERE e.id = old.id RETURNING old.previous_secret_id AS "secretId"`,
      [limit],
    );
    return rows.map(({ secretId }) => secretId!);
  }

  async remove(tx: Tx, id: string): Promise<void> {
    await sqlOf(tx).execute(`DELETE FROM webhook_endpoints WHERE id = $1`, [id]);
  }

  /** In the order of the log. */
  parked(endpointId: string, page: { readonly after: number; readonly limit: number }): Promise<ParkedEvent[]> {
    return this.database.query<ParkedEvent>(
      `SELECT h.event_id AS "eventId", h.position, h.attempts, h.held_at AS "heldAt",
         (SELECT a.error FROM webhook_attempts a WHERE a.endpoint_id = h.endpoint_id AND a.event_id = h.event_id
          ORDER BY a.id DESC LIMIT 1) AS "lastError"
       FROM webhook_held h WHERE h.endpoint_id = $1 AND h.parked AND h.position > $2 ORDER BY h.position LIMIT $3`,
      [endpointId, page.after, page.limit],
    );
  }
}
