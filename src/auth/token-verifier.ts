import type { KeyObject } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { decodeProtectedHeader } from 'jose';
import { Strategy } from 'passport-jwt';
import { AppConfig } from '../platform/config';
import type { Caller } from '../platform/http';
import { OutsideKeys } from './outside-keys';
import { scopesOfPermissions } from './scopes';
import { SigningKeys } from './signing-keys';
import { type TokenOrigin, TokenRevocations } from './token-revocations';
import { ACCEPTED_ALGORITHMS, CLOCK_SKEW_SECONDS, MAX_TOKEN_LENGTH, readClaims, readHeader } from './token-rules';
import { digestOf } from './verification-cache';

/** A signature is checked once and believed this long: the bound within which a withdrawn outside key still lets in. */
const TRUST_MS = 30_000;
const MAX_ENTRIES = 10_000;

interface Verified {
  readonly caller: Caller;
  readonly expiresAtMs: number;
  readonly origin: TokenOrigin;
}

/** Bearer tokens through passport-jwt: algorithms, signature by `kid`, `iss`, `aud`, `exp`, `nbf`, and the claims we read. */
@Injectable()
export class TokenVerifier {
  private readonly verified = new Map<string, Verified & { trustedUntil: number }>();
  private generation = 0;

  constructor(
    private readonly signingKeys: SigningKeys,
    private readonly outsideKeys: OutsideKeys,
    private readonly revocations: TokenRevocations,
    private readonly config: AppConfig,
  ) {
    signingKeys.onChange(() => {
      this.generation++;
      this.verified.clear();
    });
  }

  /** null for every token that is not good now, whatever the cause. It throws 503 when that cannot be found out. */
  async verify(token: string): Promise<Caller | null> {
    const verified = await this.judge(token);
    if (!verified || (await this.revocations.isRevoked(verified.origin))) return null;
    return verified.caller;
  }

  private async judge(token: string): Promise<Verified | null> {
    if (token.length > MAX_TOKEN_LENGTH) return null;
    const digest = digestOf(token);
    const known = this.verified.get(digest);
    if (known && performance.now() < known.trustedUntil) {
      return Date.now() < known.expiresAtMs ? known : null;
    }
    this.verified.delete(digest);
    const generation = this.generation;
    const key = await this.keyFor(token);
    const verified = key && (await this.check(token, key));
    if (!verified) return null;
    if (generation === this.generation) {
      if (this.verified.size >= MAX_ENTRIES) this.verified.delete(this.verified.keys().next().value as string);
      this.verified.set(digest, { ...verified, trustedUntil: performance.now() + TRUST_MS });
    }
    return verified;
  }

  /**
   * passport's strategy, with the outcomes that passport would put on it. One per attempt, with the key that was found: were
   * the key looked up inside, what the library throws over a malformed payload would be thrown at nobody.
   */
  private check(token: string, key: KeyObject): Promise<Verified | null> {
    return new Promise((resolve, reject) => {
      const strategy = new Strategy(
        {
          jwtFromRequest: () => token,
          secretOrKey: key as unknown as string,
          issuer: this.config.jwt.issuer,
          audience: this.config.jwt.audience,
          algorithms: [...ACCEPTED_ALGORITHMS],
          jsonWebTokenOptions: { clockTolerance: CLOCK_SKEW_SECONDS },
        },
        (payload: unknown, done) => done(null, callerOf(payload) ?? false),
      );
      strategy.success = (verified: unknown) => resolve(verified as Verified);
      strategy.fail = () => resolve(null);
      strategy.error = reject;
      try {
        strategy.authenticate({} as Request);
      } catch {
        resolve(null);
      }
    });
  }

  private async keyFor(token: string): Promise<KeyObject | null> {
    let header;
    try {
      header = readHeader(decodeProtectedHeader(token));
    } catch {
      return null;
    }
    if (!header) return null;
    const own = await this.signingKeys.verificationKey(header.kid);
    // our own keys sign with one algorithm only
    if (own) return header.algorithm === 'ES256' ? own : null;
    return this.outsideKeys.verificationKey(header);
  }
}

function callerOf(payload: unknown): Verified | null {
  const claims = readClaims(payload, Date.now() / 1000);
  if (!claims) return null;
  const { jti, iat } = payload as { jti?: unknown; iat?: number };
  return {
    origin: { subject: claims.subject, jti: typeof jti === 'string' ? jti : null, issuedAt: iat ?? null },
    caller: {
      kind: 'token',
      id: claims.subject,
      merchantId: claims.merchantId,
      environment: claims.environment,
      scopes: scopesOfPermissions(claims.permissions),
      roles: claims.roles,
      nodeIds: claims.nodeIds,
      permissions: claims.permissions,
    },
    expiresAtMs: (claims.expiresAt + CLOCK_SKEW_SECONDS) * 1000,
  };
}
