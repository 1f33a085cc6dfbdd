import { ProviderFailure } from '../platform/outbound';

/**
 * Whether a list goes on, as the provider says it: true or false, null where it says nothing. A word in any other form
 * is no answer: a list is over only when the provider says so in the form that is known.
 */
export function saysMore(value: unknown, field: string): boolean | null {
  if (value === undefined || value === null) return null;
  if (typeof value === 'boolean') return value;
  throw new ProviderFailure('contract', `The provider’s answer has a ${field} that is neither true nor false.`);
}

/** A link to the next page. Absent, null and empty: there is none. */
export function saysNext(value: unknown, field: string): value is string {
  if (value === undefined || value === null || value === '') return false;
  if (typeof value === 'string') return true;
  throw new ProviderFailure('contract', `The provider’s answer has a ${field} that is not a link.`);
}

/** A count of rows; null: the provider does not say. */
export function saysCount(value: unknown, field: string): number | null {
  if (value === undefined || value === null) return null;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw new ProviderFailure('contract', `The provider’s answer has a ${field} that is not a count.`);
}
