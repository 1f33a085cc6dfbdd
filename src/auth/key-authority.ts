import type { AddressList, Environment } from '../platform/http';
import type { RateDecision } from './rate-policy';
import type { Scope } from './scopes';

/** An API key that is good now. */
export interface VerifiedKey {
  readonly id: string;
  readonly merchantId: string;
  readonly environment: Environment;
  readonly scopes: ReadonlySet<Scope>;
  readonly expiresAt: Date | null;
  /** Where it may be used from; null or left out: anywhere. */
  readonly allowedFrom?: AddressList | null;
  /** Set when the authority counts the key's calls itself and this one is over its limit: a refusal, answered 429. */
  readonly limited?: RateDecision;
}

/**
 * Identifies the owner of an API key. It is called on every request, so a recently seen key must cost microseconds.
 *
 * - null for every key that is not good now, whatever the cause: malformed, unknown, expired, revoked.
 * - It throws when it cannot know; the caller is then answered 503, never let in.
 * - A revoked key is refused on every process within one second.
 * - A key that is good but may do nothing (no permission, no credit left) has no scopes: it is answered 403.
 */
export abstract class KeyAuthority {
  /** The name of the place where keys are made and revoked, when that is not here. */
  abstract readonly managedBy: string | null;

  abstract verify(key: string): Promise<VerifiedKey | null>;
}
