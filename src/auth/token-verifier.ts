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
import { TokenRevocations, type TokenOrigin } from './token-revocations';
import {
  ACCEPTED_ALGORITHMS,
  CLOCK_SKEW_SECONDS,
  JTI_FORM,
  MAX_TOKEN_LENGTH,
  poses,
  readClaims,
  readHeader,
  readSignIn,
} from './token-rules';
import { credentialDigest } from './verification-cache';

/** A signature is checked once and believed this long: the bound within which a withdrawn outside key still lets in. */
const TRUST_MS = 30_000;
const MAX_ENTRIES = 10_000;
/** The end of the year 9999: another issuer may write a number that is no date. */
const LATEST_MS = 253_402_300_799_000;

export interface VerifiedToken {
  readonly caller: Caller;
  readonly origin: TokenOrigin;
  readonly expiresAt: Date;
}

interface KnownKey {
  readonly key: KeyObject;
  readonly isOwn: boolean;
}

/**
 * Bearer tokens through passport-jwt: algorithms, signature by `kid`, `iss`, `aud`, `exp`, `nbf`, and the claims we
 * read.
 */
@Injectable()
export class TokenVerifier {
  private readonly verified = new Map<string, VerifiedToken & { trustedUntil: number }>();
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
    return (await this.identify(token))?.caller ?? null;
  }

  /** The same, with what tells this token from others. */
  async identify(token: string): Promise<VerifiedToken | null> {
    const verified = await this.verifyAnew(token);
    return verified && !(await this.revocations.isRevoked(verified.origin)) ? verified : null;
  }

  private async verifyAnew(token: string): Promise<VerifiedToken | null> {
    if (token.length > MAX_TOKEN_LENGTH) return null;
    const digest = credentialDigest(token);
    const known = this.verified.get(digest);
    if (known && performance.now() < known.trustedUntil) {
      return Date.now() < known.expiresAt.getTime() + CLOCK_SKEW_SECONDS * 1000 ? known : null;
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
   * passport's strategy, with the outcomes that passport would put on it. One per attempt, with the key that was found:
   * were the key looked up inside, what the library throws over a malformed payload would be thrown at nobody.
   */
  private check(token: string, { key, isOwn }: KnownKey): Promise<VerifiedToken | null> {
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
        (payload: unknown, done) => done(null, verifiedOf(payload, token, isOwn) ?? false),
      );
      strategy.success = (verified: unknown) => resolve(verified as VerifiedToken);
      strategy.fail = () => resolve(null);
      strategy.error = reject;
      try {
        strategy.authenticate({} as Request);
      } catch {
        resolve(null);
      }
    });
  }

  private async keyFor(token: string): Promise<KnownKey | null> {
    let header;
    try {
      header = readHeader(decodeProtectedHeader(token));
    } catch {
      return null;
    }
    if (!header) return null;
    const own = await this.signingKeys.verificationKey(header.kid);
    // our own keys sign with one algorithm only
    if (own) return header.algorithm === 'ES256' ? { key: own, isOwn: true } : null;
    const outside = await this.outsideKeys.verificationKey(header);
    return outside && { key: outside, isOwn: false };
  }
}

function verifiedOf(payload: unknown, token: string, isOwn: boolean): VerifiedToken | null {
  const claims = readClaims(payload, Date.now() / 1000);
  if (!claims) return null;
  const { jti, iat } = payload as { jti?: unknown; iat?: number };
  // another issuer's sign-ins are not ours to end or to believe
  const signIn = isOwn ? readSignIn(payload as object) : null;
  if (poses(claims.subject, signIn)) return null;
  const origin = {
    subject: claims.subject,
    jti: nameOf(jti, token),
    issuedAt: iat ?? null,
    signIn,
  };
  const expiresAt = new Date(Math.min(claims.expiresAt * 1000, LATEST_MS));
  return {
    origin,
    caller: {
      kind: 'token',
      id: claims.subject,
      merchantId: claims.merchantId,
      environment: claims.environment,
      scopes: scopesOfPermissions(claims.permissions),
      roles: claims.roles,
      nodeIds: claims.nodeIds,
      permissions: claims.permissions,
      // a token of ours is all that its subject holds; another issuer renews its own for as long as the right lasts
      heldUntil: isOwn ? expiresAt : null,
      // what another issuer calls its tokens says nothing about ours
      tokenId: isOwn ? origin.jti : null,
      signIn,
    },
    expiresAt,
  };
}

/** Without a usable `jti`, a digest of what was signed: not of the signature, which can be written in several ways. */
function nameOf(jti: unknown, token: string): string {
  if (typeof jti === 'string' && JTI_FORM.test(jti)) return jti;
  return `sha256:${credentialDigest(token.slice(0, token.lastIndexOf('.')))}`;
}
