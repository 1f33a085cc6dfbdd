/** What a bulk retry does to one integration. */
export interface BulkRetryLine {
  readonly integrationId: string;
  readonly merchantName: string | null;
  readonly provider: string;
  readonly environment: string;
  /** Failed entries that get another attempt. */
  readonly queued: number;
  readonly skipped: number;
  /** Why nothing is queued. */
  readonly because: (typeof WHY_NOT_RETRIED)[number] | null;
}

export const WHY_NOT_RETRIED = [
  'paused',
  'credentials_rejected',
  'payment_held',
  'nothing_retryable',
  'changed_meanwhile',
] as const;

export interface BulkRetryOutcome {
  readonly integrations: readonly BulkRetryLine[];
  readonly queued: number;
  readonly skipped: number;
}

export function bulkOutcomeOf(integrations: readonly BulkRetryLine[]): BulkRetryOutcome {
  const sum = (key: 'queued' | 'skipped') => integrations.reduce((total, line) => total + line[key], 0);
  return { integrations, queued: sum('queued'), skipped: sum('skipped') };
}
