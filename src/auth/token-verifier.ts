import { createHash, type KeyObject } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { decodeProtectedHeader } from 'jose';
import { Strategy } from 'passport-jwt';
import { AppConfig } from '../platform/config';
import { InterlockError } from '../platform/errors';
import type { Caller } from '../platform/http';
import { OutsideKeys } from './outside-keys';
import { scopesOfPermissions } from './scopes';
import { SigningKeys } from './signing-keys';
import { ACCEPTED_ALGORITHMS, CLOCK_SKEW_SECONDS, MAX_TOKEN_LENGTH, readClaims, readHeader } from './token-rules';

/** A signature is checked once and believed this long: the bound within which a withdrawn outside key still lets in. */
const TRUST_MS = 30_000;
const MAX_ENTRIES = 10_000;
const BEARER = /^Bearer +(\S+)$/i;

interface Verified {
  readonly caller: Caller;
  readonly expiresAtMs: number;
}

type Verdict = { caller: Verified } | { refused: true };

/** Bearer tokens through passport-jwt: algorithms, signature by `kid`, `iss`, `aud`, `exp`, `nbf`, and the claims we read. */
@Injectable()
export class TokenVerifier {
  private readonly strategy: Strategy;
  private readonly verified = new Map<string, Verified & { trustedUntil: number }>();
  private generation = 0;

  constructor(
    private readonly signingKeys: SigningKeys,
    private readonly outsideKeys: OutsideKeys,
    config: AppConfig,
  ) {
    this.strategy = new Strategy(
      {
        jwtFromRequest: bearerTokenOf,
        secretOrKeyProvider: (_request, token: string, done) => {
          this.keyFor(token).then(
            (key) => (key ? done(null, key as never) : done(new Error('no key'))),
            (error: unknown) => done(new KeyLookupFailed(error) as never),
          );
        },
        issuer: config.jwt.issuer,
        audience: config.jwt.audience,
        algorithms: [...ACCEPTED_ALGORITHMS],
        jsonWebTokenOptions: { clockTolerance: CLOCK_SKEW_SECONDS },
      },
      (payload: unknown, done) => {
        const verified = callerOf(payload);
        done(null, verified ?? false);
      },
    );
    signingKeys.onChange(() => {
      this.generation++;
      this.verified.clear();
    });
  }

  /** null for every token that is not good now, whatever the cause. It throws 503 when the keys cannot be asked for. */
  async verify(request: Request): Promise<Caller | null> {
    const token = bearerTokenOf(request);
    if (token === null || token.length > MAX_TOKEN_LENGTH) return null;
    const digest = createHash('sha256').update(token).digest('base64');
    const known = this.verified.get(digest);
    if (known && performance.now() < known.trustedUntil) {
      return Date.now() < known.expiresAtMs ? known.caller : null;
    }
    this.verified.delete(digest);
    const generation = this.generation;
    const verdict = await this.check(request);
    if ('refused' in verdict) return null;
    if (generation === this.generation) {
      if (this.verified.size >= MAX_ENTRIES) this.verified.delete(this.verified.keys().next().value as string);
      this.verified.set(digest, { ...verdict.caller, trustedUntil: performance.now() + TRUST_MS });
    }
    return verdict.caller.caller;
  }

  /** One attempt of the strategy, with the outcomes that passport would put on it. */
  private check(request: Request): Promise<Verdict> {
    return new Promise((resolve, reject) => {
      const attempt = Object.assign(Object.create(this.strategy) as Strategy, {
        success: (caller: unknown) => resolve({ caller: caller as Verified }),
        fail: (reason: unknown) => {
          if (reason instanceof KeyLookupFailed) reject(reason.failure);
          else resolve({ refused: true });
        },
        error: reject,
      });
      attempt.authenticate(request);
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

/** Not the token's fault. */
class KeyLookupFailed extends Error {
  readonly failure: unknown;

  constructor(cause: unknown) {
    super('the keys cannot be asked for');
    this.failure = cause instanceof InterlockError ? cause : new InterlockError('unavailable', { cause });
  }
}

export function bearerTokenOf(request: Request): string | null {
  return BEARER.exec(request.headers.authorization ?? '')?.[1] ?? null;
}

function callerOf(payload: unknown): Verified | null {
  const claims = readClaims(payload, Date.now() / 1000);
  if (!claims) return null;
  return {
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
