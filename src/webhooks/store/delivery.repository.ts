import { Injectable } from '@nestjs/common';
import type { EventScope } from '../../events';
import { Database, pipelined, sqlOf, type Tx } from '../../platform/database';
import { MAX_HELD } from '../delivery-rules';
import type { Attempt, EndpointHealth, EventReplay, HeldEvent, WebhookEndpoint } from '../endpoint';
import type { NextTurn } from '../turn-end';
import type { TurnProgress } from '../turn-plan';
import { ENDPOINT_COLUMNS, HEALTH_COLUMNS } from './endpoint.repository';

/** An endpoint in the hands of one worker, by the fence that each of its writes compares. */
export interface LeasedEndpoint {
  readonly endpoint: WebhookEndpoint;
  readonly health: EndpointHealth;
  readonly position: number;
  readonly fence: number;
  /** Whether there are held events that are tried again, and replays: most endpoints have none. */
  readonly hasHeld: boolean;
  readonly hasReplays: boolean;
  /** The turn before could not open its secret. */
  readonly wasUnsigned: boolean;
}

type LeasedRow = WebhookEndpoint & EndpointHealth & Omit<LeasedEndpoint, 'endpoint' | 'health'>;

/** What a turn has to write at once. */
export interface TurnCommit {
  readonly health: EndpointHealth;
  readonly progress: TurnProgress;
  readonly attempts: readonly Attempt[];
  /** Positions that were removed from the log before they were read. */
  readonly missed: number;
}

export interface ErasedIntegration extends EventScope {
  readonly id: string;
}

const COLUMNS = `${ENDPOINT_COLUMNS}, ${HEALTH_COLUMNS}, c.position, c.fence,
  EXISTS (SELECT FROM webhook_held h WHERE h.endpoint_id = e.id AND NOT h.parked) AS "hasHeld",
  EXISTS (SELECT FROM webhook_replays r WHERE r.endpoint_id = e.id) AS "hasReplays", c.unsigned_since IS NOT NULL AS "wasUnsigned"`;

const WITH_LOGS = `webhook_cursors c JOIN webhook_endpoints e ON e.id = c.endpoint_id
  LEFT JOIN event_log_view l ON l.merchant_id = e.merchant_id AND l.environment = e.environment`;
/** There is something to do for an endpoint, and nobody does it. */
const IS_WAITING = `e.disabled_reason IS NULL AND (c.lease_until IS NULL OR c.lease_until <= now())
  AND (c.not_before IS NULL OR c.not_before <= now())
  AND (c.wake_at <= now() OR (c.takes_new OR c.wake_at IS NULL) AND l.position > c.position)`;

@Injectable()
export class DeliveryRepository {
  constructor(private readonly database: Database) {}

  /**
   * Takes the leases of endpoints that have something to do and that nobody holds, the one whose last turn began first
   * before the others. Until it is given back, a lease that lapses leaves something to do: what was held meanwhile is
   * seen by nobody else. `lagging`: of those whose last try
   * failed or was answered late, or of the others. `only`: of these logs, which have just grown.
   */
  async claim(options: {
    readonly owner: string;
    readonly leaseMs: number;
    readonly limit: number;
    readonly lagging: boolean;
    readonly only: readonly EventScope[] | null;
  }): Promise<LeasedEndpoint[]> {
    const { owner, leaseMs, limit, lagging, only } = options;
    const rows = await this.database.query<LeasedRow>(
      `WITH due AS MATERIALIZED (
         SELECT c.endpoint_id FROM ${WITH_LOGS}
         WHERE ${IS_WAITING} AND (c.failures > 0 OR c.slow) = $4
           AND ($5::uuid[] IS NULL OR (e.merchant_id, e.environment) IN (SELECT * FROM unnest($5::uuid[], $6::text[])))
         ORDER BY c.turn_begun_at NULLS FIRST LIMIT $3 FOR UPDATE OF c SKIP LOCKED)
       UPDATE webhook_cursors c SET lease_owner = $1, lease_until = now() + $2 * interval '1 millisecond', fence = fence + 1,
         turn_begun_at = now(), wake_at = now()
       FROM due JOIN webhook_endpoints e ON e.id = due.endpoint_id
       WHERE c.endpoint_id = due.endpoint_id RETURNING ${COLUMNS}`,
      [
        owner,
        leaseMs,
        limit,
        lagging,
        only?.map(({ merchantId }) => merchantId) ?? null,
        only?.map(({ environment }) => environment) ?? null,
      ],
    );
    return rows.map(({ position, fence, hasHeld, hasReplays, wasUnsigned, ...row }) => ({
      ...{ endpoint: row, health: row, position, fence, hasHeld, hasReplays, wasUnsigned },
    }));
  }

  /** Endpoints that `claim` would find, whoever asks. */
  async countWaiting(): Promise<number> {
    const rows = await this.database.query<{ count: number }>(
      `SELECT count(*) AS count FROM ${WITH_LOGS} WHERE ${IS_WAITING}`,
    );
    return rows[0]!.count;
  }

  held(endpointId: string): Promise<HeldEvent[]> {
    return this.database.query<HeldEvent>(
      `SELECT event_id AS "eventId", position, integration_id AS "integrationId", attempts, due_at AS "dueAt"
       FROM webhook_held WHERE endpoint_id = $1 AND NOT parked ORDER BY position LIMIT ${2 * MAX_HELD}`,
      [endpointId],
    );
  }

  replays(endpointId: string): Promise<EventReplay[]> {
    return this.database.query<EventReplay>(
      `SELECT id, position, until_position AS "untilPosition" FROM webhook_replays WHERE endpoint_id = $1
       ORDER BY created_at, id`,
      [endpointId],
    );
  }

  /** Returns when the endpoint was last changed; null: the lease is lost, and nothing may be written. */
  async commit(
    tx: Tx,
    { endpoint, fence }: LeasedEndpoint,
    leaseMs: number,
    { health, progress, attempts, missed }: TurnCommit,
  ): Promise<Date | null> {
    const { id } = endpoint;
    const sql = sqlOf(tx);
    const kept = sql.query<{ changedAt: Date }>(
      `UPDATE webhook_cursors c SET position = $3, missed = missed + $4, concurrency = $5, failures = $6, failing_since = $7,
         last_failure_at = $8, last_success_at = $9, warned = $10, not_before = $11, slow = $12,
         lease_until = now() + $13 * interval '1 millisecond'
       FROM webhook_endpoints e
       WHERE c.endpoint_id = $1 AND fence = $2 AND lease_until > now() AND e.id = c.endpoint_id
       RETURNING e.updated_at AS "changedAt"`,
      [
        id,
        fence,
        progress.position,
        missed,
        health.concurrency,
        health.failures,
        health.failingSince,
        health.lastFailureAt,
        health.lastSuccessAt,
        health.warned,
        health.notBefore,
        health.slow,
        leaseMs,
      ],
    );
    const [rows] = await pipelined(
      kept,
      this.keepHeld(tx, id, progress.held, false),
      this.keepHeld(tx, id, progress.parked, true),
      this.release(tx, id, progress.released),
      this.moveReplays(tx, progress.replays),
      this.keepAttempts(tx, id, attempts),
    );
    return rows[0]?.changedAt ?? null;
  }

  /**
   * Gives the lease back. `wakeAt`: when there is something to do again, but for new events where it takes them. One
   * that was woken since its turn began, by a replay that this statement may not see, has something to do at once.
   */
  async giveBack({ endpoint, fence }: LeasedEndpoint, { wakeAt, takesNew }: NextTurn): Promise<void> {
    await this.database.execute(
      `UPDATE webhook_cursors SET lease_owner = NULL, lease_until = NULL, takes_new = $4,
         wake_at = CASE WHEN wake_at IS DISTINCT FROM turn_begun_at
           OR EXISTS (SELECT FROM webhook_replays WHERE endpoint_id = $1) THEN least($3, now()) ELSE $3 END
       WHERE endpoint_id = $1 AND fence = $2`,
      [endpoint.id, fence, wakeAt, takesNew],
    );
  }

  /** Its secret cannot be opened: nothing is sent until it can. `lacksKey`: its key does not come back by itself. */
  async cannotSign({ endpoint, fence }: LeasedEndpoint, lacksKey: boolean): Promise<void> {
    await this.database.execute(
      `UPDATE webhook_cursors SET unsigned_since = coalesce(unsigned_since, now()), lacks_key = $3
       WHERE endpoint_id = $1 AND fence = $2`,
      [endpoint.id, fence, lacksKey],
    );
  }

  async canSign({ endpoint, fence }: LeasedEndpoint): Promise<void> {
    await this.database.execute(
      `UPDATE webhook_cursors SET unsigned_since = NULL, lacks_key = false WHERE endpoint_id = $1 AND fence = $2`,
      [endpoint.id, fence],
    );
  }

  /** Leases that are held on this machine, by whom. */
  async owners(pattern: string): Promise<string[]> {
    const rows = await this.database.query<{ owner: string }>(
      `SELECT DISTINCT lease_owner AS owner FROM webhook_cursors WHERE lease_owner LIKE $1 AND lease_until > now()`,
      [pattern],
    );
    return rows.map(({ owner }) => owner);
  }

  /** A process has ended: nobody waits for its leases to lapse. */
  async endLeasesOf(owners: readonly string[]): Promise<void> {
    await this.database.execute(`UPDATE webhook_cursors SET lease_until = now() WHERE lease_owner = ANY ($1)`, [
      owners,
    ]);
  }

  async countReplays(tx: Tx, endpointId: string): Promise<number> {
    const rows = await sqlOf(tx).query<{ count: number }>(
      `SELECT count(*) AS count FROM webhook_replays WHERE endpoint_id = $1`,
      [endpointId],
    );
    return rows[0]!.count;
  }

  async addReplay(tx: Tx, endpointId: string, replay: EventReplay): Promise<void> {
    const sql = sqlOf(tx);
    await sql.execute(`UPDATE webhook_cursors SET wake_at = now() WHERE endpoint_id = $1`, [endpointId]);
    await sql.execute(
      `INSERT INTO webhook_replays (id, endpoint_id, position, until_position) VALUES ($1, $2, $3, $4)`,
      [replay.id, endpointId, replay.position, replay.untilPosition],
    );
  }

  async addAttempt(tx: Tx, endpointId: string, attempt: Attempt): Promise<void> {
    await this.keepAttempts(tx, endpointId, [attempt]);
  }

  /** The newest first, before one that the caller has seen. */
  async attempts(
    endpointId: string,
    filter: { readonly eventId: string | null; readonly before: number | null; readonly limit: number },
  ): Promise<(Attempt & { id: number })[]> {
    return this.database.query<Attempt & { id: number }>(
      `SELECT id, event_id AS "eventId", event_type AS "eventType", integration_id AS "integrationId", attempt,
         attempted_at AS "attemptedAt", duration_ms AS "durationMs", status, error, answer, next_action AS "nextAction",
         next_attempt_at AS "nextAttemptAt"
       FROM webhook_attempts WHERE endpoint_id = $1 AND ($2::uuid IS NULL OR event_id = $2) AND ($3::bigint IS NULL OR id < $3)
       ORDER BY id DESC LIMIT $4`,
      [endpointId, filter.eventId, filter.before, filter.limit],
    );
  }

  /** First of all the leases end: what a turn under way still has to write about the integration is not written. */
  async eraseIntegration(tx: Tx, { id: integrationId, merchantId, environment }: ErasedIntegration): Promise<void> {
    const sql = sqlOf(tx);
    await sql.execute(
      `UPDATE webhook_cursors c SET fence = fence + 1, lease_owner = NULL, lease_until = NULL, wake_at = now()
       FROM webhook_endpoints e WHERE e.id = c.endpoint_id AND e.merchant_id = $1 AND e.environment = $2`,
      [merchantId, environment],
    );
    await sql.execute(`DELETE FROM webhook_attempts WHERE integration_id = $1`, [integrationId]);
    await sql.execute(`DELETE FROM webhook_held WHERE integration_id = $1`, [integrationId]);
  }

  removeOldAttempts(days: number, limit: number): Promise<number> {
    return this.removeOld('webhook_attempts', 'attempted_at', days, limit);
  }

  /** Whose events are no longer kept. */
  removeOldHeld(days: number, limit: number): Promise<number> {
    return this.removeOld('webhook_held', 'held_at', days, limit);
  }

  private removeOld(table: string, time: string, days: number, limit: number): Promise<number> {
    return this.database.execute(
      `DELETE FROM ${table} WHERE ctid = ANY (ARRAY(
         SELECT ctid FROM ${table} WHERE ${time} < now() - make_interval(days => $1) ORDER BY ${time} LIMIT $2
         FOR UPDATE SKIP LOCKED))`,
      [days, limit],
    );
  }

  private async keepHeld(tx: Tx, id: string, events: readonly HeldEvent[], parked: boolean): Promise<void> {
    if (events.length === 0) return;
    await sqlOf(tx).execute(
      `INSERT INTO webhook_held AS h (endpoint_id, event_id, position, integration_id, attempts, due_at, parked)
       SELECT $1, e.*, $7 FROM unnest($2::uuid[], $3::bigint[], $4::uuid[], $5::smallint[], $6::timestamptz[]) AS e
       ON CONFLICT (endpoint_id, event_id) DO UPDATE SET attempts = excluded.attempts, due_at = excluded.due_at,
         parked = excluded.parked`,
      [
        id,
        events.map(({ eventId }) => eventId),
        events.map(({ position }) => position),
        events.map(({ integrationId }) => integrationId),
        events.map(({ attempts }) => attempts),
        events.map(({ dueAt }) => dueAt),
        parked,
      ],
    );
  }

  private async release(tx: Tx, id: string, eventIds: readonly string[]): Promise<void> {
    if (eventIds.length === 0) return;
    await sqlOf(tx).execute(`DELETE FROM webhook_held WHERE endpoint_id = $1 AND event_id = ANY ($2::uuid[])`, [
      id,
      eventIds,
    ]);
  }

  private async moveReplays(tx: Tx, replays: readonly EventReplay[]): Promise<void> {
    if (replays.length === 0) return;
    const ids = replays.map((each) => each.id);
    const positions = replays.map(({ position }) => position);
    await sqlOf(tx).execute(
      `UPDATE webhook_replays r SET position = m.position FROM unnest($1::uuid[], $2::bigint[]) AS m (id, position)
       WHERE r.id = m.id AND r.position < m.position`,
      [ids, positions],
    );
    await sqlOf(tx).execute(`DELETE FROM webhook_replays WHERE id = ANY ($1) AND position >= until_position`, [ids]);
  }

  private async keepAttempts(tx: Tx, endpointId: string, attempts: readonly Attempt[]): Promise<void> {
    if (attempts.length === 0) return;
    await sqlOf(tx).execute(
      `INSERT INTO webhook_attempts (endpoint_id, event_id, event_type, integration_id, attempt, attempted_at, duration_ms,
         status, error, answer, next_action, next_attempt_at)
       SELECT $1, a.* FROM unnest($2::uuid[], $3::text[], $4::uuid[], $5::smallint[], $6::timestamptz[], $7::int[],
         $8::smallint[], $9::text[], $10::text[], $11::text[], $12::timestamptz[]) AS a`,
      [
        endpointId,
        attempts.map(({ eventId }) => eventId),
        attempts.map(({ eventType }) => eventType),
        attempts.map(({ integrationId }) => integrationId),
        attempts.map(({ attempt }) => attempt),
        attempts.map(({ attemptedAt }) => attemptedAt),
        attempts.map(({ durationMs }) => durationMs),
        attempts.map(({ status }) => status),
        attempts.map(({ error }) => error),
        attempts.map(({ answer }) => answer),
        attempts.map(({ nextAction }) => nextAction),
        attempts.map(({ nextAttemptAt }) => nextAttemptAt),
      ],
    );
  }
}
