import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database';
import { INTEGRATION_VIEW } from './admin-integration.repository';

export interface HealthCount {
  readonly provider: string;
  readonly environment: string;
  readonly health: string;
  readonly count: number;
}

export interface BreakerCount {
  readonly provider: string;
  readonly environment: string;
  readonly state: string;
  readonly count: number;
}

export interface FreshnessReading {
  readonly provider: string;
  readonly environment: string;
  readonly median: number;
  readonly p95: number;
  readonly max: number;
}

export interface GaugeReading {
  readonly healths: HealthCount[];
  readonly breakers: BreakerCount[];
  readonly freshness: FreshnessReading[];
  readonly incidents: { provider: string; environment: string }[];
  readonly runs: { state: string; count: number; oldestSeconds: number }[];
  readonly plansHeld: number;
  readonly quarantined: number;
}

/** What is read for a scrape: counts by closed lists, over all merchants. */
@Injectable()
export class GaugeRepository {
  constructor(private readonly database: Database) {}

  /** One after the other: a scrape holds one connection. */
  async read(): Promise<GaugeReading> {
    const healths = await this.database.query<HealthCount>(
      `SELECT v.provider, v.environment, v.health, count(*) AS count FROM ${INTEGRATION_VIEW} v
         WHERE v.state = 'active' GROUP BY 1, 2, 3`,
    );
    const breakers = await this.database.query<BreakerCount>(
      `SELECT provider, environment, breaker AS state, count(*) AS count FROM integration_status_view
         WHERE state = 'active' GROUP BY 1, 2, 3`,
    );
    // of what the schedule should keep fresh: not of what somebody has switched off or paused
    const freshness = await this.database.query<FreshnessReading>(
      `SELECT v.provider, v.environment, percentile_disc(0.5) WITHIN GROUP (ORDER BY v.lateness_ms) / 1000.0::float8 AS median,
           percentile_disc(0.95) WITHIN GROUP (ORDER BY v.lateness_ms) / 1000.0::float8 AS p95,
           max(v.lateness_ms) / 1000.0::float8 AS max
         FROM ${INTEGRATION_VIEW} v WHERE v.state = 'active' AND NOT v.operator_paused AND NOT v.toggled_off GROUP BY 1, 2`,
    );
    const incidents = await this.database.query<{ provider: string; environment: string }>(
      `SELECT provider, environment FROM provider_breaker_view WHERE state = 'open'`,
    );
    const runs = await this.database.query<{ state: string; count: number; oldestSeconds: number }>(
      `SELECT state, count(*) AS count,
           extract(epoch FROM now() - min(coalesce(not_before, created_at)))::float8 AS "oldestSeconds"
         FROM sync_run_view WHERE state IN ('waiting', 'queued', 'running') GROUP BY 1`,
    );
    const held = await this.database.query<{ plansHeld: number; quarantined: number }>(
      `SELECT (SELECT count(*) FROM deletion_plan_view WHERE state = 'held') AS "plansHeld",
           (SELECT count(*) FROM quarantine_view) AS quarantined`,
    );
    return { healths, breakers, freshness, incidents, runs, ...held[0]! };
  }
}
