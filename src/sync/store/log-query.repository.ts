import { Injectable } from '@nestjs/common';
import { Database, sqlOf, type Tx } from '../../platform/database';
import type { NextAction } from '../../platform/errors';
import type { PageQuery } from '../../platform/http';
import type { ProviderId } from '../../providers';
import type { RunTrigger } from '../run';
import type { SyncNote } from '../sync-notes';

export const LOG_STATUSES = ['pending', 'syncing', 'success', 'failed', 'skipped'] as const;
export type LogStatus = (typeof LOG_STATUSES)[number];
export const JOB_TYPES = ['scheduled', 'manual', 'single_retry', 'batch_retry'] as const satisfies RunTrigger[];

/** One entry per run and resource type. */
export interface SyncLog {
  readonly id: string;
  readonly integrationId: string;
  readonly jobId: string;
  readonly provider: ProviderId;
  readonly resourceType: string;
  readonly status: LogStatus;
  readonly jobType: RunTrigger;
  readonly attempt: number;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
  readonly durationMs: number | null;
  readonly recordsFetched: number;
  readonly recordsCreated: number;
  readonly recordsUpdated: number;
  readonly recordsUnchanged: number;
  readonly recordsDeleted: number;
  readonly recordsQuarantined: number;
  readonly notes: readonly SyncNote[];
  readonly errorCode: string | null;
  readonly error: string | null;
  readonly nextAction: NextAction | null;
  readonly createdAt: Date;
}

export interface LogFilter {
  readonly resourceType?: string;
  readonly jobId?: string;
  readonly status?: LogStatus;
  readonly jobType?: RunTrigger;
  /** Inclusive. */
  readonly createdAfter?: Date;
  /** Exclusive, so that adjoining windows share no entry. */
  readonly createdBefore?: Date;
  readonly latestOnly: boolean;
}

const COLUMNS = `id, integration_id AS "integrationId", run_id AS "jobId", provider, resource_type AS "resourceType", status,
  job_type AS "jobType", attempt, started_at AS "startedAt", finished_at AS "finishedAt",
  round(1000 * extract(epoch FROM finished_at - started_at))::float8 AS "durationMs", records_fetched AS "recordsFetched",
  records_created AS "recordsCreated", records_updated AS "recordsUpdated", records_unchanged AS "recordsUnchanged",
  records_deleted AS "recordsDeleted", records_quarantined AS "recordsQuarantined", notes, error_code AS "errorCode", error,
  next_action AS "nextAction", created_at AS "createdAt"`;

const CONDITION = `integration_id = $integrationId
  AND ($resourceType::text IS NULL OR resource_type = $resourceType) AND ($jobId::uuid IS NULL OR run_id = $jobId)
  AND ($status::text IS NULL OR status = $status) AND ($jobType::text IS NULL OR job_type = $jobType)
  AND ($createdAfter::timestamptz IS NULL OR created_at >= $createdAfter) AND ($createdBefore::timestamptz IS NULL OR created_at < $createdBefore)`;

/** Reading the log. Writing it is the run's own business. */
@Injectable()
export class LogQueryRepository {
  constructor(private readonly database: Database) {}

  /** Newest first. */
  async page(integrationId: string, filter: LogFilter, page: PageQuery): Promise<{ logs: SyncLog[]; total: number }> {
    const source = filter.latestOnly
      ? `(SELECT DISTINCT ON (resource_type) * FROM sync_logs WHERE ${CONDITION}
          ORDER BY resource_type, created_at DESC, id DESC) latest`
      : `sync_logs WHERE ${CONDITION}`;
    const values = {
      integrationId,
      resourceType: filter.resourceType ?? null,
      jobId: filter.jobId ?? null,
      status: filter.status ?? null,
      jobType: filter.jobType ?? null,
      createdAfter: filter.createdAfter ?? null,
      createdBefore: filter.createdBefore ?? null,
    };
    const [logs, counted] = await Promise.all([
      this.database.query<SyncLog>(
        `SELECT ${COLUMNS} FROM ${source} ORDER BY created_at DESC, id DESC LIMIT $limit OFFSET $offset`,
        { ...values, limit: page.limit, offset: page.offset },
      ),
      this.database.query<{ total: number }>(`SELECT count(*) AS total FROM ${source}`, values),
    ]);
    return { logs, total: counted[0]!.total };
  }

  async find(integrationId: string, logId: string): Promise<SyncLog | null> {
    const rows = await this.database.query<SyncLog>(
      `SELECT ${COLUMNS} FROM sync_logs WHERE integration_id = $1 AND id = $2`,
      [integrationId, logId],
    );
    return rows[0] ?? null;
  }

  async read(tx: Tx, integrationId: string, logId: string): Promise<SyncLog | null> {
    const rows = await sqlOf(tx).query<SyncLog>(
      `SELECT ${COLUMNS} FROM sync_logs WHERE integration_id = $1 AND id = $2`,
      [integrationId, logId],
    );
    return rows[0] ?? null;
  }
}
