import type { V2KeysVerifyKeyResponseData } from '@unkey/api/models/components' with { 'resolution-mode': 'import' };
import { isUuid, type Environment } from '../platform/http';
import type { VerifiedKey } from './key-authority';
import type { RateDecision } from './rate-policy';
import { effectiveScopes } from './scopes';

type UnkeyData = V2KeysVerifyKeyResponseData;
type UnkeyLimit = NonNullable<UnkeyData['ratelimits']>[number];

/**
 * What Unkey's answer comes to here. What is not listed (NOT_FOUND, DISABLED, EXPIRED, a code of tomorrow) is refused:
 * 401.
 */
const MEANINGS: Readonly<Record<string, 'good' | 'powerless' | 'limited'>> = {
  VALID: 'good',
  // known, and not allowed: by its permissions, by its list of addresses, or for want of credit
  FORBIDDEN: 'powerless',
  INSUFFICIENT_PERMISSIONS: 'powerless',
  USAGE_EXCEEDED: 'powerless',
  INSUFFICIENT_CREDITS: 'powerless',
  RATE_LIMITED: 'limited',
};
/** The reference calls `reset` a duration, the service sends a point in time: no window is as long as this. */
const LONGEST_WINDOW_MS = 10 * 365 * 86_400_000;

/**
 * Unkey's answer in our words; null: not good. A reason goes with it where an operator has to mend something in Unkey.
 *
 * The merchant is the identity's external id, or `merchantId` in the key's meta; the key's prefix decides the
 * environment, which `environment` in the meta may repeat but not contradict.
 */
export function verificationOf(
  data: UnkeyData,
  environment: Environment,
  nowMs: number,
): { readonly key: VerifiedKey | null; readonly problem?: string } {
  const meaning = Object.hasOwn(MEANINGS, data.code) ? MEANINGS[data.code]! : 'refused';
  if (meaning === 'refused' || (meaning === 'good') !== data.valid || data.keyId === undefined) return { key: null };
  const named = [data.identity?.externalId, data.meta?.['merchantId']].filter((id) => id !== undefined);
  const [merchantId] = named as unknown[];
  if (!isUuid(merchantId) || named.some((id) => id !== merchantId)) {
    return { key: null, problem: 'it names no merchant, or two' };
  }
  const stated: unknown = data.meta?.['environment'];
  if (stated !== undefined && stated !== environment) {
    return { key: null, problem: 'its meta names another environment than its prefix' };
  }
  return {
    key: {
      id: data.keyId,
      merchantId: merchantId.toLowerCase(),
      environment,
      scopes: effectiveScopes(meaning === 'good' ? (data.permissions ?? []) : []),
      expiresAt: data.expires === undefined ? null : new Date(data.expires),
      ...(meaning === 'limited' ? { limited: refusalOf(data.ratelimits ?? [], nowMs) } : {}),
    },
  };
}

/** Of the limits that are exceeded the one that lasts longest: before it resets, another call is in vain. */
function refusalOf(limits: readonly UnkeyLimit[], nowMs: number): RateDecision {
  const [longest] = limits
    .filter((limit) => limit.exceeded)
    .map(({ limit, reset }) => ({ limit, resetMs: reset > LONGEST_WINDOW_MS ? reset : nowMs + reset }))
    .sort((one, other) => other.resetMs - one.resetMs);
  const { limit, resetMs } = longest ?? { limit: 0, resetMs: nowMs };
  return {
    allowed: false,
    limit,
    remaining: 0,
    resetAtSeconds: Math.ceil(resetMs / 1000),
    retryAfterSeconds: Math.max(1, Math.ceil((resetMs - nowMs) / 1000)),
  };
}
