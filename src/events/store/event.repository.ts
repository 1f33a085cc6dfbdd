import { Injectable } from '@nestjs/common';
import { Database, sqlOf, type Tx } from '../../platform/database';
import type { EventType } from '../event-catalogue';
import type { EventScope } from '../event-scope';

/** Signals that a log grew; the payload is `<merchant>/<environment>`. */
export const EVENTS_CHANNEL = 'events_appended';

export interface NewEvent {
  readonly id: string;
  readonly type: EventType;
  readonly data: Readonly<Record<string, unknown>>;
}

/** As it is stored and sent. */
export interface LoggedEvent extends NewEvent {
  readonly position: number;
  readonly integrationId: string | null;
  readonly provider: string | null;
  readonly occurredAt: Date;
}

/** What of a log is wanted; what is left out or null is no condition. */
export interface EventFilter {
  readonly types?: readonly string[] | null;
  readonly providers?: readonly string[] | null;
  readonly integrationIds?: readonly string[] | null;
  /** Events about this webhook endpoint are left out. */
  readonly exceptEndpoint?: string;
}

export interface LogExtract {
  /** Of the database: a restore that was reported begins another. */
  readonly generation: number;
  /** The position of the last event. */
  readonly head: number;
  /** Events up to this position may have been removed. */
  readonly trimmed: number;
  readonly events: LoggedEvent[];
}

const COLUMNS = `e.id, e.type, e.data, e.position, e.integration_id AS "integrationId", e.provider, e.occurred_at AS "occurredAt"`;

const PASSES = (types: string, providers: string, integrations: string, endpoint: string): string =>
  `(${types}::text[] IS NULL OR e.type = ANY (${types})) AND (${providers}::text[] IS NULL OR e.provider = ANY (${providers}))
     AND (${integrations}::uuid[] IS NULL OR e.integration_id = ANY (${integrations}))
     AND (${endpoint}::text IS NULL OR e.data->>'endpointId' IS DISTINCT FROM ${endpoint})`;
const valuesOf = (filter: EventFilter): unknown[] => [
  filter.types ?? null,
  filter.providers ?? null,
  filter.integrationIds ?? null,
  filter.exceptEndpoint ?? null,
];

@Injectable()
export class EventRepository {
  constructor(private readonly database: Database) {}

  /** The log's row stays locked until the commit: positions are in commit order. NOTIFY tells every process. */
  async append(tx: Tx, { merchantId, environment }: EventScope, events: readonly NewEvent[]): Promise<void> {
    await sqlOf(tx).execute(
      `WITH log AS (
         INSERT INTO event_logs AS l (merchant_id, environment, position) VALUES ($1, $2, $3)
         ON CONFLICT (merchant_id, environment) DO UPDATE SET position = l.position + excluded.position
         RETURNING position - $3 AS before),
       appended AS (
         INSERT INTO events (merchant_id, environment, position, id, type, integration_id, provider, data)
         SELECT $1, $2, log.before + e.place, e.id, e.type, (e.data->>'integrationId')::uuid, e.data->>'provider', e.data
         FROM log, unnest($4::uuid[], $5::text[], $6::jsonb[]) WITH ORDINALITY AS e (id, type, data, place))
       SELECT pg_notify('${EVENTS_CHANNEL}', $1 || '/' || $2) FROM log`,
      [
        merchantId,
        environment,
        events.length,
        events.map(({ id }) => id),
        events.map(({ type }) => type),
        events.map(({ data }) => JSON.stringify(data)),
      ],
    );
  }

  /**
   * Events after a position and up to another one, in order, with where the log stands: one statement, so that all that
   * is committed up to its head is seen.
   */
  async after(
    { merchantId, environment }: EventScope,
    range: { readonly position: number; readonly until?: number },
    filter: EventFilter,
    limit: number,
  ): Promise<LogExtract> {
    const rows = await this.database.query<LoggedEvent & Omit<LogExtract, 'events'>>(
      `SELECT g.generation, coalesce(l.position, 0) AS head, coalesce(l.trimmed_position, 0) AS trimmed, e.*
       FROM database_generation_view g LEFT JOIN event_logs l ON l.merchant_id = $1 AND l.environment = $2
       LEFT JOIN LATERAL (
         SELECT ${COLUMNS} FROM events e
         WHERE e.merchant_id = $1 AND e.environment = $2 AND e.position > $3 AND ($4::bigint IS NULL OR e.position <= $4)
           AND ${PASSES('$5', '$6', '$7', '$8')}
         ORDER BY e.position LIMIT $9) e ON true
       ORDER BY e.position`,
      [merchantId, environment, range.position, range.until ?? null, ...valuesOf(filter), limit],
    );
    const { generation, head, trimmed } = rows[0]!;
    return { generation, head, trimmed, events: rows.filter((row) => row.id !== null) };
  }

  /** How many events of a part of the log a filter lets pass. */
  async count(
    { merchantId, environment }: EventScope,
    range: { readonly position: number; readonly untilPosition: number },
    filter: EventFilter,
  ): Promise<number> {
    const rows = await this.database.query<{ count: number }>(
      `SELECT count(*) AS count FROM events e
       WHERE e.merchant_id = $1 AND e.environment = $2 AND e.position > $3 AND e.position <= $4 AND ${PASSES('$5', '$6', '$7', '$8')}`,
      [merchantId, environment, range.position, range.untilPosition, ...valuesOf(filter)],
    );
    return rows[0]!.count;
  }

  async find({ merchantId, environment }: EventScope, ids: readonly string[]): Promise<LoggedEvent[]> {
    return this.database.query<LoggedEvent>(
      `SELECT ${COLUMNS} FROM events e WHERE e.id = ANY ($3::uuid[]) AND e.merchant_id = $1 AND e.environment = $2`,
      [merchantId, environment, ids],
    );
  }

  /** Where the log stands for a transaction: what it commits afterwards has a higher position. */
  async head(tx: Tx, { merchantId, environment }: EventScope): Promise<number> {
    const rows = await sqlOf(tx).query<{ position: number }>(
      `SELECT position FROM event_logs WHERE merchant_id = $1 AND environment = $2`,
      [merchantId, environment],
    );
    return rows[0]?.position ?? 0;
  }

  /** The position before the first event at or after a time that is kept; the head when there is none. */
  async positionBefore(tx: Tx, { merchantId, environment }: EventScope, time: Date): Promise<number> {
    const rows = await sqlOf(tx).query<{ position: number }>(
      `SELECT coalesce(
         (SELECT position - 1 FROM events WHERE merchant_id = $1 AND environment = $2 AND occurred_at >= $3
          ORDER BY position LIMIT 1),
         (SELECT position FROM event_logs WHERE merchant_id = $1 AND environment = $2), 0) AS position`,
      [merchantId, environment, time],
    );
    return rows[0]!.position;
  }

  async eraseIntegration(tx: Tx, integrationId: string): Promise<void> {
    await sqlOf(tx).execute(`DELETE FROM events WHERE integration_id = $1`, [integrationId]);
  }

  /** The oldest that are older than so many days, and how far each log has been trimmed. Returns how many. */
  async removeOld(days: number, limit: number): Promise<number> {
    const rows = await this.database.query<{ count: number }>(
      `WITH gone AS (
         DELETE FROM events WHERE id = ANY (ARRAY(
           SELECT id FROM events WHERE occurred_at < now() - make_interval(days => $1) ORDER BY occurred_at
           LIMIT $2 FOR UPDATE SKIP LOCKED))
         RETURNING merchant_id, environment, position),
       trimmed AS (
         UPDATE event_logs l SET trimmed_position = greatest(l.trimmed_position, last.position)
         FROM (SELECT merchant_id, environment, max(position) AS position FROM gone GROUP BY merchant_id, environment) last
         WHERE l.merchant_id = last.merchant_id AND l.environment = last.environment)
       SELECT count(*) AS count FROM gone`,
      [days, limit],
    );
    return rows[0]!.count;
  }
}
