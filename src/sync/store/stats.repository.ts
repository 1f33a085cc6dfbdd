import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database';

export interface SyncStats {
  readonly runs: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly skipped: number;
  readonly recordsFetched: number;
  readonly recordsCreated: number;
  readonly recordsUpdated: number;
  readonly recordsUnchanged: number;
  readonly recordsDeleted: number;
  readonly averageDurationMs: number;
  readonly lastRunAt: Date | null;
  readonly window: { readonly from: Date; readonly to: Date };
}
export type SyncStatsOfType = SyncStats & { readonly resourceType: string };

type Row = Omit<SyncStats, 'window'> & { from: Date; to: Date };

const RECORDS = `coalesce(sum(l.records_fetched), 0)::float8 AS "recordsFetched",
  coalesce(sum(l.records_created), 0)::float8 AS "recordsCreated",
  coalesce(sum(l.records_updated), 0)::float8 AS "recordsUpdated",
  coalesce(sum(l.records_unchanged), 0)::float8 AS "recordsUnchanged",
  coalesce(sum(l.records_deleted), 0)::float8 AS "recordsDeleted"`;
const WINDOW = `bounds AS (SELECT now() - $2 * interval '1 day' AS "from", now() AS "to")`;
const durationMs = (alias: string): string =>
  `coalesce(round(1000 * avg(extract(epoch FROM ${alias}.finished_at - ${alias}.started_at))), 0)::float8 AS "averageDurationMs"`;

@Injectable()
export class StatsRepository {
  constructor(private readonly database: Database) {}

  /** Counts runs: one that failed before it reached any resource has no log entry, and is a failed run all the same. */
  async ofIntegration(integrationId: string, days: number): Promise<SyncStats> {
    const rows = await this.database.query<Row>(
      `WITH ${WINDOW},
       runs AS (
         SELECT count(*) AS runs, count(*) FILTER (WHERE r.state = 'succeeded') AS succeeded,
           count(*) FILTER (WHERE r.state = 'failed') AS failed,
           count(*) FILTER (WHERE r.state = 'cancelled') AS skipped, ${durationMs('r')},
           max(r.started_at) AS "lastRunAt"
         FROM sync_runs r, bounds b
         WHERE r.integration_id = $1 AND r.kind <> 'erase' AND r.created_at >= b."from"),
       records AS (
         SELECT ${RECORDS} FROM sync_logs l, bounds b WHERE l.integration_id = $1 AND l.created_at >= b."from")
       SELECT * FROM runs, records, bounds`,
      [integrationId, days],
    );
    return toStats(rows[0]!);
  }

  /** Counts log entries: one per run and resource type. */
  async byType(integrationId: string, days: number): Promise<SyncStatsOfType[]> {
    const rows = await this.database.query<Row & { resourceType: string }>(
      `WITH ${WINDOW}
       SELECT l.resource_type AS "resourceType", count(*) AS runs,
         count(*) FILTER (WHERE l.status = 'success') AS succeeded,
         count(*) FILTER (WHERE l.status = 'failed') AS failed,
         count(*) FILTER (WHERE l.status = 'skipped') AS skipped, ${RECORDS}, ${durationMs('l')},
         max(l.started_at) AS "lastRunAt", b."from", b."to"
       FROM sync_logs l, bounds b
       WHERE l.integration_id = $1 AND l.created_at >= b."from"
       GROUP BY l.resource_type, b."from", b."to" ORDER BY l.resource_type`,
      [integrationId, days],
    );
    return rows.map(({ resourceType, ...row }) => ({ resourceType, ...toStats(row) }));
  }
}

function toStats({ from, to, ...figures }: Row): SyncStats {
  return { ...figures, window: { from, to } };
}
