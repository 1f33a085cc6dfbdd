import type { Environment } from '../platform/http';
import type { Scope } from './scopes';

/** An API key that is good now. */
export interface VerifiedKey {
  readonly id: string;
  readonly merchantId: string;
  readonly environment: Environment;
  readonly scopes: ReadonlySet<Scope>;
  readonly expiresAt: Date | null;
}

/**
 * Says whose an API key is. It is asked on every request, so a key that was seen a moment ago must cost microseconds.
 *
 * - null for every key that is not good now, whatever the cause: malformed, unknown, expired, revoked.
 * - It throws when it cannot know; the caller is then answered 503, never let in.
 * - A revoked key is refused on every process within one second.
 */
export abstract class KeyAuthority {
  abstract verify(key: string): Promise<VerifiedKey | null>;
}
