import { Injectable } from '@nestjs/common';
import { RETRYABLE_CODES } from '../platform/errors';
import { LogRetries } from '../sync';
import type { ActSteps } from './approval';
import {
  AdminIntegrationRepository,
  type IntegrationFilter,
  type RetryCandidate,
} from './store/admin-integration.repository';

const MAX_INTEGRATIONS = 200;

export interface BulkRetryRequest {
  readonly filter: IntegrationFilter;
  readonly resourceType: string | null;
  readonly limitPerIntegration: number;
}

export interface BulkRetryLine {
  readonly integrationId: string;
  readonly merchantName: string | null;
  readonly provider: string;
  readonly environment: string;
  /** Failed entries that get another attempt. */
  readonly queued: number;
  readonly skipped: number;
  /** Why nothing is queued. */
  readonly because: 'paused' | 'credentials_rejected' | 'nothing_retryable' | 'changed_meanwhile' | null;
}

export interface BulkRetryOutcome {
  readonly integrations: BulkRetryLine[];
  readonly queued: number;
  readonly skipped: number;
  /** There are more integrations than one call takes. */
  readonly more: boolean;
}

/**
 * Gives the failed entries of many integrations another attempt, each under its own lock; the dry run writes nothing.
 */
@Injectable()
export class BulkRetry {
  constructor(
    private readonly integrations: AdminIntegrationRepository,
    private readonly retries: LogRetries,
  ) {}

  async preview(request: BulkRetryRequest): Promise<BulkRetryOutcome> {
    return this.each(request, async (candidate, limit) => {
      const queued = candidate.breaker === 'closed' ? Math.min(candidate.retryable, limit) : 0;
      return { queued, skipped: candidate.failed - queued };
    });
  }

  /** `steps`: leaves out integrations that are done, and notes each in its transaction. */
  async run(request: BulkRetryRequest, steps?: ActSteps): Promise<BulkRetryOutcome> {
    return this.each(request, async (candidate, limit) => {
      const { merchantId, environment, provider, id } = candidate;
      if (steps?.isDone(id)) return null;
      try {
        return await this.retries.retryBatch(
          { merchantId, environment, provider },
          { integrationId: id, resourceType: request.resourceType, limit },
          steps?.once(id),
        );
      } catch (error) {
        // deactivated between the list and the lock: the others go on
        if (error instanceof Error && 'code' in error && error.code === 'not_active') return null;
        throw error;
      }
    });
  }

  private async each(
    request: BulkRetryRequest,
    attempt: (candidate: RetryCandidate, limit: number) => Promise<{ queued: number; skipped: number } | null>,
  ): Promise<BulkRetryOutcome> {
    const { filter, resourceType, limitPerIntegration } = request;
    const found = await this.integrations.retryCandidates(filter, {
      resourceType,
      retryableCodes: RETRYABLE_CODES,
      limit: MAX_INTEGRATIONS + 1,
    });
    const integrations: BulkRetryLine[] = [];
    for (const candidate of found.slice(0, MAX_INTEGRATIONS)) {
      const result = await attempt(candidate, limitPerIntegration);
      integrations.push({
        integrationId: candidate.id,
        merchantName: candidate.merchantName,
        provider: candidate.provider,
        environment: candidate.environment,
        queued: result?.queued ?? 0,
        skipped: result?.skipped ?? candidate.failed,
        because:
          result === null
            ? 'changed_meanwhile'
            : result.queued > 0
              ? null
              : candidate.breaker === 'closed'
                ? 'nothing_retryable'
                : candidate.breakerCause === 'auth'
                  ? 'credentials_rejected'
                  : 'paused',
      });
    }
    const sum = (key: 'queued' | 'skipped') => integrations.reduce((total, line) => total + line[key], 0);
    return {
      integrations,
      queued: sum('queued'),
      skipped: sum('skipped'),
      more: found.length > MAX_INTEGRATIONS,
    };
  }
}
