import { ApiError, ConnectionError, TimeoutError, UnexpectedAnswerError, type CallError } from './errors';

const RETRYABLE_CODES = new Set<string>(['idempotency_in_progress', 'rate_limited']);

/**
 * Whether the same request may be sent again. That is safe for every operation: a write carries the Idempotency-Key of
 * its call, and the others may be repeated. The one that may not, the refresh of a token, is sent with no retries.
 */
export function isRetryable(error: CallError): boolean {
  if (error instanceof ConnectionError || error instanceof TimeoutError) return true;
  if (error instanceof ApiError) return RETRYABLE_CODES.has(error.code) || isPassing(error.status);
  // what stands on the way answers so while the service restarts; half an answer has a status of success
  return error instanceof UnexpectedAnswerError && (isPassing(error.status) || error.status < 300);
}

function isPassing(status: number): boolean {
  return status === 408 || status === 429 || status >= 500;
}

/** Full jitter: anything up to a bound that doubles; after the time that the service asked for, where it did. */
export function retryDelayMs(
  retry: number,
  backoff: { readonly baseMs: number; readonly capMs: number },
  retryAfterMs = 0,
  random: () => number = Math.random,
): number {
  return retryAfterMs + random() * Math.min(backoff.capMs, backoff.baseMs * 2 ** (retry - 1));
}

/** Seconds or a date, in milliseconds from now. */
export function parseRetryAfter(value: string | null, now = Date.now()): number | undefined {
  if (value === null) return undefined;
  const ms = /^\d+(\.\d+)?$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now;
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}
