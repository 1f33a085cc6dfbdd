import { Injectable } from '@nestjs/common';
import { sqlOf, type Tx } from '../../platform/database';

export interface FailedEntry {
  readonly id: string;
  readonly jobId: string;
  readonly resourceType: string;
  readonly attempt: number;
}

/**
 * Which failed entries of the log were given a retry. Precondition of writers: they hold the integration's row lock.
 */
@Injectable()
export class LogRetryRepository {
  /** Failed entries that a batch may still retry, newest first. */
  async candidates(
    tx: Tx,
    integrationId: string,
    options: {
      resourceType: string | null;
      retryableCodes: readonly string[];
      limit: number;
      failedUntil?: Date;
      except: readonly string[];
    },
  ): Promise<FailedEntry[]> {
    return sqlOf(tx).query<FailedEntry>(
      `SELECT l.id, l.run_id AS "jobId", l.resource_type AS "resourceType", l.attempt
       FROM sync_log_view l
       WHERE l.integration_id = $1 AND l.status = 'failed' AND l.may_be_retried AND ($2::text IS NULL OR l.resource_type = $2)
         AND l.error_code = ANY($3::text[]) AND l.id <> ALL ($6::uuid[]) AND ($5::timestamptz IS NULL OR coalesce(l.finished_at, l.created_at) <= $5)
       ORDER BY l.created_at DESC, l.id DESC LIMIT $4`,
      [
        integrationId,
        options.resourceType,
        options.retryableCodes,
        options.limit,
        options.failedUntil ?? null,
        options.except,
      ],
    );
  }

  async countFailed(tx: Tx, integrationId: string, resourceType: string | null): Promise<number> {
    const rows = await sqlOf(tx).query<{ total: number }>(
      `SELECT count(*) AS total FROM sync_logs
       WHERE integration_id = $1 AND status = 'failed' AND ($2::text IS NULL OR resource_type = $2)`,
      [integrationId, resourceType],
    );
    return rows[0]!.total;
  }

  async remember(tx: Tx, logIds: readonly string[], runId: string): Promise<void> {
    await sqlOf(tx).execute(
      `INSERT INTO sync_log_retries (log_id, run_id) SELECT unnest($1::uuid[]), $2::uuid
       ON CONFLICT (log_id) DO UPDATE SET run_id = excluded.run_id`,
      [logIds, runId],
    );
  }
}
