import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '../platform/database';
import { InterlockError, RETRYABLE_CODES } from '../platform/errors';
import { LogRetries } from '../sync';
import type { ActSteps } from './approval';
import { bulkOutcomeOf, type BulkRetryLine, type BulkRetryOutcome } from './bulk-retry-outcome';
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

/** `more`: there are more integrations than one call takes. */
export type BulkRetryPreview = BulkRetryOutcome & { readonly more: boolean };

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
    private readonly unitOfWork: UnitOfWork,
  ) {}

  async preview({ filter, resourceType, limitPerIntegration }: BulkRetryRequest): Promise<BulkRetryPreview> {
    const found = await this.candidates(filter, { ids: null, resourceType });
    const lines = found.slice(0, MAX_INTEGRATIONS).map((candidate) => {
      const queued = candidate.breaker === 'closed' ? Math.min(candidate.retryable, limitPerIntegration) : 0;
      return lineOf(candidate, { queued, skipped: candidate.failed - queued });
    });
    return { ...bulkOutcomeOf(lines), more: found.length > MAX_INTEGRATIONS };
  }

  /** `steps`: leaves out integrations that are done, and notes what becomes of each in its transaction. */
  async run({ entries, resourceType, failedUntil }: CountedRetry, steps?: ActSteps): Promise<BulkRetryOutcome> {
    const lines: BulkRetryLine[] = [];
    for (const candidate of await this.candidates({}, { ids: Object.keys(entries), resourceType })) {
      const { id } = candidate;
      if (steps?.isDone(id)) continue;
      lines.push(await this.retry(candidate, { resourceType, limit: entries[id]!, failedUntil }, steps));
    }
    return bulkOutcomeOf(lines);
  }

  private async retry(
    candidate: RetryCandidate,
    batch: Omit<Parameters<LogRetries['retryBatch']>[1], 'integrationId'>,
    steps?: ActSteps,
  ): Promise<BulkRetryLine> {
    const { id: integrationId, merchantId, environment, provider } = candidate;
    const done = steps?.once(integrationId);
    try {
      const result = await this.retries.retryBatch(
        { merchantId, environment, provider },
        { integrationId, ...batch },
        async (tx, counted) => done?.(tx, lineOf(candidate, counted)),
      );
      return lineOf(candidate, result);
    } catch (error) {
      // deactivated since it was counted: the others go on
      if (!(error instanceof InterlockError) || error.code !== 'not_active') throw error;
      const line = lineOf(candidate, null);
      if (done) await this.unitOfWork.run((tx) => done(tx, line));
      return line;
    }
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
}

/** null: it may not be retried any more. */
function lineOf(candidate: RetryCandidate, result: { queued: number; skipped: number } | null): BulkRetryLine {
  const { id: integrationId, merchantName, provider, environment } = candidate;
  const { queued, skipped } = result ?? { queued: 0, skipped: candidate.failed };
  const because = result === null ? 'changed_meanwhile' : queued > 0 ? null : whyNot(candidate);
  return { integrationId, merchantName, provider, environment, queued, skipped, because };
}

function whyNot({ breaker, breakerCause, holdsPayments }: RetryCandidate): BulkRetryLine['because'] {
  if (breaker !== 'closed') return breakerCause === 'auth' ? 'credentials_rejected' : 'paused';
  return holdsPayments ? 'payment_held' : 'nothing_retryable';
}
