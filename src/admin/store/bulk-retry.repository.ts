import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database';
import type { Environment } from '../../platform/http';
import type { ProviderId } from '../../providers';
import {
  filterValues,
  INTEGRATION_FILTER,
  INTEGRATION_VIEW,
  type IntegrationFilter,
} from './admin-integration.repository';

export interface RetryCandidate {
  readonly id: string;
  readonly merchantId: string;
  readonly merchantName: string | null;
  readonly environment: Environment;
  readonly provider: ProviderId;
  readonly breaker: 'closed' | 'open' | 'half_open';
  /** Failed entries of the log. */
  readonly failed: number;
  /** Of those: passing failures that no batch has retried yet. */
  readonly retryable: number;
}

@Injectable()
export class BulkRetryRepository {
  constructor(private readonly database: Database) {}

  /** Active integrations with failed entries, oldest id first so that two calls meet them in one order. */
  candidates(
    filter: IntegrationFilter,
    options: { resourceType: string | null; retryableCodes: readonly string[]; limit: number },
  ): Promise<RetryCandidate[]> {
    return this.database.query<RetryCandidate>(
      `SELECT v.id, v.merchant_id AS "merchantId", v.merchant_name AS "merchantName", v.environment, v.provider, v.breaker,
         l.failed, l.retryable
       FROM ${INTEGRATION_VIEW} v
       JOIN LATERAL (
         SELECT count(*) AS failed, count(*) FILTER (WHERE l.error_code = ANY($14::text[])
             AND r.state NOT IN ('waiting', 'queued', 'running')
             AND NOT EXISTS (SELECT 1 FROM sync_log_retries t WHERE t.log_id = l.id)) AS retryable
         FROM sync_logs l JOIN sync_runs r ON r.id = l.run_id
         WHERE l.integration_id = v.id AND l.status = 'failed' AND ($13::text IS NULL OR l.resource_type = $13)) l ON l.failed > 0
       WHERE ${INTEGRATION_FILTER} AND v.state = 'active' ORDER BY v.id LIMIT $15`,
      [...filterValues(filter), options.resourceType, options.retryableCodes, options.limit],
    );
  }
}
