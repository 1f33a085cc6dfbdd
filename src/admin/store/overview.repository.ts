import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database';
import type { Incident } from '../findings';
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

  /** Counts only integrations that the schedule should keep fresh: none that is switched off or paused. */
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
}
