import type { OutboundRequest } from './outbound-http';
import { VERDICT_POLICIES, type ProviderFailure } from './verdict';

export const MAX_RETRIES = 4;
export const MAX_IN_CALL_MS = 5_000;
/**
 * A provider that asks for more is asked again after this: the wait may be meant for somebody else, or come of a broken
 * clock.
 */
export const MAX_RETRY_AFTER_MS = 15 * 60_000;

const BASE_MS = { rate_limited: 1_000, other: 250 };

/**
 * `Retry-After` as milliseconds from now: seconds, or a date read against the provider's own clock. null: absent or
 * nonsense.
 */
export function retryAfterMs(
  headers: Readonly<Record<string, string>>,
  nowMs: number,
  maxMs = MAX_RETRY_AFTER_MS,
): number | null {
  const value = headers['retry-after']?.trim();
  if (value === undefined || value === '') return null;
  if (/^\d+(\.\d+)?$/.test(value)) return Math.min(Math.ceil(Number(value) * 1000), maxMs);
  const until = /[a-z]/i.test(value) ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(until)) return null;
  const theirNow = Date.parse(headers['date'] ?? '');
  const wait = until - (Number.isNaN(theirNow) ? nowMs : theirNow);
  return Math.min(Math.max(wait, 0), maxMs);
}

/** Whether a call changes nothing at the provider. */
export function isRead(request: Pick<OutboundRequest, 'method' | 'isRead'>): boolean {
  return request.isRead ?? request.method === 'GET';
}

/** Whether repeating cannot do anything twice. */
export function mayRepeat(request: Pick<OutboundRequest, 'method' | 'isRead'>, failure: ProviderFailure): boolean {
  if (!VERDICT_POLICIES[failure.verdict].retryInCall || failure.final) return false;
  if (isRead(request)) return true;
  return failure.nothingSent || (failure.status === 429 && failure.verdict === 'rate_limited');
}

/**
 * Milliseconds to wait before the next attempt; null: give up, the failure is the run's to deal with.
 * Full jitter: a random wait between nothing and the doubled base, so that a thousand workers do not come back
 * together.
 */
export function nextWaitMs(
  failure: ProviderFailure,
  retriesDone: number,
  elapsedMs: number,
  random: () => number,
): number | null {
  if (retriesDone >= MAX_RETRIES) return null;
  const left = MAX_IN_CALL_MS - elapsedMs;
  if (left <= 0) return null;
  const base = failure.verdict === 'rate_limited' ? BASE_MS.rate_limited : BASE_MS.other;
  const jitter = random() * base * 2 ** retriesDone;
  if (failure.retryAfterMs === null) return Math.min(jitter, left);
  if (failure.retryAfterMs > left) return null;
  // never earlier than asked; a little later, so that the callers spread
  return Math.min(failure.retryAfterMs + Math.min(jitter, 250), left);
}
