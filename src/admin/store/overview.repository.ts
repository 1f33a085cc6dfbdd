import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database';
import type { Incident, ViewScope } from '../finding-facts';
import { INTEGRATION_VIEW } from './admin-integration.repository';
import { SUFFERS_DEGRADED, SUFFERS_LATE } from './integration-findings';

/**
 * Each integration is in one of the conditions; `active` counts all but the inactive ones, and `syncing` what runs now,
 * whatever it is in.
 */
export interface OverviewCounts {
  readonly active: number;
  readonly inactive: number;
  readonly healthy: number;
  readonly degraded: number;
  readonly waitingForProvider: number;
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

/** Runs that ended from then on, for as long as a bar of the chart stands for. */
export interface BarOfRuns {
  readonly from: Date;
  readonly succeeded: number;
  readonly failed: number;
}

export interface BarOfErrors {
  readonly from: Date;
  /** The kind of its runs. */
  readonly kind: string;
  readonly errorCode: string;
  readonly count: number;
}

/** A chart's bars: how many, the last one under way, and how long each is. */
export interface Bars {
  readonly bars: number;
  readonly hours: number;
}

/** For other queries of this folder. */
export const INCIDENT_COLUMNS = `p.id, p.provider, p.environment, p.opened_at AS "openedAt", p.closed_at AS "closedAt",
  CASE WHEN p.closed_at IS NULL THEN b.retry_at END AS "retryAt", CASE WHEN p.closed_at IS NULL THEN a.last_error END AS "lastError",
  a.integrations, a.merchants, a."merchantCount", a.degraded, a.late`;
export const INCIDENT_SOURCE = `provider_incidents p
  LEFT JOIN provider_breaker_view b ON b.provider = p.provider AND b.environment = p.environment
  CROSS JOIN LATERAL (
    SELECT count(*) AS integrations, coalesce((array_agg(DISTINCT v.merchant_name))[1:3], '{}') AS merchants, count(DISTINCT v.merchant_id) AS "merchantCount",
      count(*) FILTER (WHERE ${SUFFERS_DEGRADED}) AS degraded, count(*) FILTER (WHERE ${SUFFERS_LATE}) AS late,
      (array_agg(v.last_error ORDER BY v.last_error_at DESC) FILTER (WHERE ${SUFFERS_DEGRADED}))[1] AS last_error
    FROM ${INTEGRATION_VIEW} v WHERE v.provider = p.provider AND v.environment = p.environment AND v.state = 'active') a`;

const LATENESS_BOUNDS_MINUTES = [1, 5, 15, 60];

const inScope = (row: string) => `($environment::text IS NULL OR ${row}.environment = $environment)
  AND ($provider::text IS NULL OR ${row}.provider = $provider)`;
/** Bars begin at whole hours, or with the days of UTC. */
const barOf = (time: string) =>
  `date_bin(make_interval(hours => $hours), ${time}, timestamptz '2024-01-01 00:00:00+00')`;
const FIRST_BAR = `${barOf('now()')} - ($bars::int - 1) * make_interval(hours => $hours)`;
/** Runs of everything need no look at the integrations; those of others have one, not one for each run. */
const RUN_IN_SCOPE = `($environment::text IS NULL AND $provider::text IS NULL
  OR r.integration_id IN (SELECT i.id FROM integration_view i WHERE ${inScope('i')}))`;

@Injectable()
export class OverviewRepository {
  constructor(private readonly database: Database) {}

  async counts({ environment, provider }: ViewScope): Promise<OverviewCounts> {
    const count = (condition: string, name: string) => `count(*) FILTER (WHERE ${condition}) AS "${name}"`;
    const rows = await this.database.query<OverviewCounts>(
      `SELECT ${count(`v.state = 'active'`, 'active')}, ${count(`v.condition = 'inactive'`, 'inactive')},
         ${count(`v.condition = 'healthy'`, 'healthy')}, ${count(`v.condition = 'degraded'`, 'degraded')},
         ${count(`v.condition = 'waiting_for_provider'`, 'waitingForProvider')}, ${count(`v.condition = 'paused'`, 'paused')}, ${count(`v.condition = 'operator_paused'`, 'operatorPaused')},
         ${count(`v.condition = 'switched_off'`, 'switchedOff')}, ${count(`v.status = 'syncing'`, 'syncing')}
       -- what a row is in is found once, and not once for each count
       FROM (SELECT v.state, v.status, v.condition FROM ${INTEGRATION_VIEW} v WHERE ${inScope('v')} OFFSET 0) v`,
      { environment, provider },
    );
    return rows[0]!;
  }

  /** Counts only integrations that the schedule should keep fresh: none that is switched off or paused. */
  async lateness({ environment, provider }: ViewScope): Promise<LatenessBucket[]> {
    const rows = await this.database.query<{ bucket: number; count: number }>(
      `SELECT width_bucket(v.lateness_ms / 60000.0, $bounds::numeric[]) AS bucket, count(*) AS count FROM ${INTEGRATION_VIEW} v
       WHERE v.state = 'active' AND NOT v.operator_paused AND NOT v.toggled_off AND ${inScope('v')} GROUP BY 1`,
      { bounds: LATENESS_BOUNDS_MINUTES, environment, provider },
    );
    return [...LATENESS_BOUNDS_MINUTES, null].map((upToMinutes, index) => ({
      upToMinutes,
      count: rows.find((row) => row.bucket === index)?.count ?? 0,
    }));
  }

  runs({ environment, provider }: ViewScope, { bars, hours }: Bars): Promise<BarOfRuns[]> {
    return this.database.query<BarOfRuns>(
      `SELECT h.from, coalesce(b.succeeded, 0) AS succeeded, coalesce(b.failed, 0) AS failed
       FROM generate_series(${FIRST_BAR}, now(), make_interval(hours => $hours)) AS h("from")
       LEFT JOIN (
         SELECT ${barOf('r.finished_at')} AS "from", count(*) FILTER (WHERE r.state = 'succeeded') AS succeeded,
           count(*) FILTER (WHERE r.state = 'failed') AS failed
         FROM sync_run_view r WHERE r.finished_at >= ${FIRST_BAR} AND ${RUN_IN_SCOPE} GROUP BY 1) b ON b.from = h.from
       ORDER BY h.from`,
      { bars, hours, environment, provider },
    );
  }

  errors({ environment, provider }: ViewScope, { bars, hours }: Bars): Promise<BarOfErrors[]> {
    return this.database.query<BarOfErrors>(
      `SELECT ${barOf('r.finished_at')} AS "from", r.kind,
         coalesce(r.error_code, 'internal_error') AS "errorCode", count(*) AS count
       FROM sync_run_view r WHERE r.finished_at >= ${FIRST_BAR} AND r.state = 'failed' AND ${RUN_IN_SCOPE}
       GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`,
      { bars, hours, environment, provider },
    );
  }

  /** Open ones first, then the latest. */
  incidents({ environment, provider }: ViewScope, limit: number): Promise<Incident[]> {
    return this.database.query<Incident>(
      `SELECT ${INCIDENT_COLUMNS} FROM ${INCIDENT_SOURCE} WHERE ${inScope('p')}
       ORDER BY (p.closed_at IS NULL) DESC, p.opened_at DESC, p.id DESC LIMIT $limit`,
      { environment, provider, limit },
    );
  }
}
