import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database';
import type { FindingFacts, Incident, NewAtProvider } from '../findings';
import { INTEGRATION_VIEW } from './admin-integration.repository';

export interface OverviewCounts {
  readonly active: number;
  readonly inactive: number;
  readonly healthy: number;
  readonly degraded: number;
  readonly paused: number;
  readonly operatorPaused: number;
  readonly switchedOff: number;
  readonly syncing: number;
}

/** How many active integrations lie how far behind their interval; the bounds are the upper ones. */
export interface LatenessBucket {
  readonly upToMinutes: number | null;
  readonly count: number;
}

export interface HourOfRuns {
  readonly hour: Date;
  readonly succeeded: number;
  readonly failed: number;
}

export interface HourOfErrors {
  readonly hour: Date;
  readonly errorCode: string;
  readonly count: number;
}

/** For other queries of this folder. */
export const INCIDENT_COLUMNS = `p.id, p.provider, p.environment, p.opened_at AS "openedAt", p.closed_at AS "closedAt",
  CASE WHEN p.closed_at IS NULL THEN b.retry_at END AS "retryAt",
  (SELECT count(*) FROM integration_view i WHERE i.provider = p.provider AND i.environment = p.environment
     AND i.state = 'active') AS integrations`;
export const INCIDENT_SOURCE = `provider_incidents p
  LEFT JOIN provider_breaker_view b ON b.provider = p.provider AND b.environment = p.environment`;

const LATENESS_BOUNDS_MINUTES = [1, 5, 15, 60];

@Injectable()
export class OverviewRepository {
  constructor(private readonly database: Database) {}

  async counts(): Promise<OverviewCounts> {
    const count = (condition: string, name: string) => `count(*) FILTER (WHERE ${condition}) AS "${name}"`;
    const rows = await this.database.query<OverviewCounts>(
      `SELECT ${count(`v.state = 'active'`, 'active')}, ${count(`v.state <> 'active'`, 'inactive')},
         ${count(`v.health = 'healthy'`, 'healthy')}, ${count(`v.health = 'degraded'`, 'degraded')},
         ${count(`v.health = 'paused'`, 'paused')}, ${count(`v.state = 'active' AND v.operator_paused`, 'operatorPaused')},
         ${count(`v.state = 'active' AND v.toggled_off`, 'switchedOff')}, ${count(`v.status = 'syncing'`, 'syncing')}
       FROM ${INTEGRATION_VIEW} v`,
    );
    return rows[0]!;
  }

  /** Of what the schedule should keep fresh: not of what somebody has switched off or paused. */
  async lateness(): Promise<LatenessBucket[]> {
    const rows = await this.database.query<{ bucket: number; count: number }>(
      `SELECT width_bucket(v.lateness_ms / 60000.0, $1::numeric[]) AS bucket, count(*) AS count FROM ${INTEGRATION_VIEW} v
       WHERE v.state = 'active' AND NOT v.operator_paused AND NOT v.toggled_off GROUP BY 1`,
      [LATENESS_BOUNDS_MINUTES],
    );
    return [...LATENESS_BOUNDS_MINUTES, null].map((upToMinutes, index) => ({
      upToMinutes,
      count: rows.find((row) => row.bucket === index)?.count ?? 0,
    }));
  }

  runsByHour(hours: number): Promise<HourOfRuns[]> {
    return this.database.query<HourOfRuns>(
      `SELECT h.hour, count(r.finished_at) FILTER (WHERE r.state = 'succeeded') AS succeeded,
         count(r.finished_at) FILTER (WHERE r.state = 'failed') AS failed
       FROM generate_series(date_trunc('hour', now()) - ($1::int - 1) * interval '1 hour', now(), interval '1 hour') AS h(hour)
       LEFT JOIN sync_run_view r ON r.finished_at >= h.hour AND r.finished_at < h.hour + interval '1 hour'
       GROUP BY h.hour ORDER BY h.hour`,
      [hours],
    );
  }

  errorsByHour(hours: number): Promise<HourOfErrors[]> {
    return this.database.query<HourOfErrors>(
      `SELECT date_trunc('hour', finished_at) AS hour, coalesce(error_code, 'internal_error') AS "errorCode",
         count(*) AS count
       FROM sync_run_view WHERE finished_at >= date_trunc('hour', now()) - ($1::int - 1) * interval '1 hour' AND state = 'failed'
       GROUP BY 1, 2 ORDER BY 1, 2`,
      [hours],
    );
  }

  /** Open ones first, then the latest. */
  incidents(limit: number): Promise<Incident[]> {
    return this.database.query<Incident>(
      `SELECT ${INCIDENT_COLUMNS} FROM ${INCIDENT_SOURCE} ORDER BY (p.closed_at IS NULL) DESC, p.opened_at DESC, p.id DESC LIMIT $1`,
      [limit],
    );
  }

  /**
   * What providers have begun to send: words that are in no list, and names and forms that came later than the first day on which the list
   * was seen. Those of the last two weeks, the newest first.
   */
  async newAtProviders(limit: number): Promise<NewAtProvider[]> {
    return this.database.query(
      `SELECT s.provider, s.environment, s.stream, s.kind, s.name, s.first_seen_at AS "since",
         (SELECT count(*) FROM quarantine_view q JOIN integration_view i ON i.id = q.integration_id
          WHERE s.kind = 'word' AND i.provider = s.provider AND i.environment = s.environment
            AND q.path = split_part(s.name, ':', 1) AND q.last_seen_at >= s.first_seen_at) AS quarantined
       FROM (SELECT p.*, min(p.first_seen_at) OVER (PARTITION BY p.provider, p.environment, p.stream) AS begun
             FROM provider_sighting_view p) s
       WHERE s.first_seen_at > now() - interval '14 days'
         AND ((s.kind = 'word' AND NOT s.known) OR s.first_seen_at > s.begun + interval '1 day')
       ORDER BY s.kind = 'word' DESC, s.first_seen_at DESC, s.name LIMIT $1`,
      [limit],
    );
  }

  /** What the findings follow from, in one statement. */
  async findingFacts(): Promise<FindingFacts> {
    const group = (name: string, condition: string, since: string) => `
      jsonb_build_object('count', count(*) FILTER (WHERE ${condition}),
        'since', to_char(min(${since}) FILTER (WHERE ${condition}) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
        'merchants', coalesce((array_agg(DISTINCT v.merchant_name) FILTER (WHERE ${condition}))[1:3], '{}')) AS "${name}"`;
    const late = `v.state = 'active' AND v.health = 'healthy' AND NOT v.operator_paused AND NOT v.toggled_off
      AND v.lateness_ms > greatest(v.interval_ms, 900000)`;
    const rows = await this.database.query<FindingFacts>(
      `SELECT count(*) FILTER (WHERE v.state = 'active') AS active,
         ${group('rejected', `v.breaker_cause = 'auth' AND v.state = 'active'`, 'v.breaker_opened_at')},
         ${group('broken', `v.breaker_cause = 'failures' AND v.state = 'active'`, 'v.breaker_opened_at')},
         ${group('failing', `v.health = 'degraded'`, 'v.last_error_since')},
         ${group('late', late, 'coalesce(v.last_sync_at, v.created_at)')},
         ${group('pausedByOperator', `v.state = 'active' AND v.operator_paused`, 'coalesce(v.last_sync_at, v.created_at)')},
         (SELECT jsonb_build_object('count', count(*), 'since',
            to_char(min(p.created_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
            'merchants', coalesce((array_agg(DISTINCT m.name))[1:3], '{}'))
          FROM deletion_plan_view p JOIN integration_view i ON i.id = p.integration_id JOIN merchant_view m ON m.id = i.merchant_id
          WHERE p.state = 'held') AS held
       FROM ${INTEGRATION_VIEW} v`,
    );
    return rows[0]!;
  }
}
