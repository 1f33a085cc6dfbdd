import { Injectable } from '@nestjs/common';

/** What a token that is good by itself says about its own origin. */
export interface TokenOrigin {
  readonly subject: string;
  readonly jti: string | null;
  /** Unix seconds. */
  readonly issuedAt: number | null;
}

/** Answers at once when it can. It throws when it cannot know: the caller is then answered 503, never let in. */
export type RevocationCheck = (token: TokenOrigin) => boolean | Promise<boolean>;

/**
 * Whether a token was ended before its time. A module that issues tokens registers what it knows; it is asked for every
 * request, also when the token's signature was believed from memory. How late an end may reach another process is the
 * check's own to bound.
 */
@Injectable()
export class TokenRevocations {
  private readonly checks: RevocationCheck[] = [];

  register(check: RevocationCheck): void {
    this.checks.push(check);
  }

  async isRevoked(token: TokenOrigin): Promise<boolean> {
    for (const check of this.checks) {
      const verdict = check(token);
      if (verdict === true || (verdict !== false && (await verdict))) return true;
    }
    return false;
  }
}
