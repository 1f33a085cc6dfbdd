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

/** What was shown: these integrations and no others, each with at most so many entries. */
export interface CountedRetry {
  /** By the integration's id. */
  readonly entries: Readonly<Record<string, number>>;
  readonly resourceType: string | null;
  /** Leaves out entries that failed later. */
  readonly failedUntil?: Date;
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
  readonly because:
    'paused' | 'credentials_rejected' | 'payment_held' | 'nothing_retryable' | 'changed_meanwhile' | null;
}

export interface BulkRetryOutcome {
  readonly integrations: BulkRetryLine[];
  readonly queued: number;
  readonly skipped: number;
  /** There are more integrations than one call takes. */
  readonly more: boolean;
}

/** What a preview has counted, to be done by `run`. */
export function countedIn({ integrations }: BulkRetryOutcome, resourceType: string | null): CountedRetry {
  return {
    entries: Object.fromEntries(integrations.map(({ integrationId, queued }) => [integrationId, queued])),
    resourceType,
  };
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

  async preview({ filter, resourceType, limitPerIntegration }: BulkRetryRequest): Promise<BulkRetryOutcome> {
    const found = await this.candidates(filter, { ids: null, resourceType });
    return this.each(found, async (candidate) => {
      const queued = candidate.breaker === 'closed' ? Math.min(candidate.retryable, limitPerIntegration) : 0;
      return { queued, skipped: candidate.failed - queued };
    });
  }

  /** `steps`: leaves out integrations that are done, and notes each in its transaction. */
  async run({ entries, resourceType, failedUntil }: CountedRetry, steps?: ActSteps): Promise<BulkRetryOutcome> {
    const found = await this.candidates({}, { ids: Object.keys(entries), resourceType });
    return this.each(found, async ({ merchantId, environment, provider, id }) => {
      if (steps?.isDone(id)) return null;
      try {
        return await this.retries.retryBatch(
          { merchantId, environment, provider },
          { integrationId: id, resourceType, limit: entries[id]!, failedUntil },
          steps?.once(id),
        );
      } catch (error) {
        // deactivated between the list and the lock: the others go on
        if (error instanceof Error && 'code' in error && error.code === 'not_active') return null;
        throw error;
      }
    });
  }

  private candidates(
    filter: IntegrationFilter,
    of: { ids: readonly string[] | null; resourceType: string | null },
  ): Promise<RetryCandidate[]> {
    return this.integrations.retryCandidates(filter, {
      ...of,
      retryableCodes: RETRYABLE_CODES,
      limit: MAX_INTEGRATIONS + 1,
    });
  }

  private async each(
    found: readonly RetryCandidate[],
    attempt: (candidate: RetryCandidate) => Promise<{ queued: number; skipped: number } | null>,
  ): Promise<BulkRetryOutcome> {
    const integrations: BulkRetryLine[] = [];
    for (const candidate of found.slice(0, MAX_INTEGRATIONS)) {
      const result = await attempt(candidate);
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
                ? candidate.holdsPayments
                  ? 'payment_held'
                  : 'nothing_retryable'
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
