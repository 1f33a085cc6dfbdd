import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { SignJWT } from 'jose';
import { AppConfig } from '../platform/config';
import { InterlockError } from '../platform/errors';
import type { Environment, SignIn } from '../platform/http';
import type { AdminRole } from './access-rule';
import { SigningKeys } from './signing-keys';
import { MAX_TOKEN_TTL_SECONDS, OWN_ALGORITHM, poses, SIGN_IN_SUBJECT, signInClaim } from './token-rules';

export interface TokenRequest {
  readonly subject: string;
  readonly roles: readonly AdminRole[];
  readonly permissions: readonly string[];
  readonly nodeIds: readonly string[];
  /** With the environment: the token may call /v2 on behalf of this merchant. */
  readonly merchantId?: string;
  readonly environment?: Environment;
  /** Left out: the token stands for no sign-in. */
  readonly signIn?: SignIn;
  readonly ttlSeconds: number;
  readonly now: Date;
}

export interface IssuedToken {
  readonly token: string;
  readonly jti: string;
  readonly expiresAt: Date;
}

/** Signs access tokens. The caller decides first what the subject may be given. */
@Injectable()
export class TokenService {
  constructor(
    private readonly signingKeys: SigningKeys,
    private readonly config: AppConfig,
  ) {}

  async issue(request: TokenRequest): Promise<IssuedToken> {
    const { ttlSeconds } = request;
    // a token that outlived its retiring key would end early
    if (!Number.isInteger(ttlSeconds) || ttlSeconds < 1 || ttlSeconds > MAX_TOKEN_TTL_SECONDS) {
      throw InterlockError.invalidField('ttlSeconds', `must be an integer from 1 to ${MAX_TOKEN_TTL_SECONDS}`);
    }
    if (poses(request.subject, request.signIn)) {
      throw InterlockError.invalidField('subject', `must not begin with ${SIGN_IN_SUBJECT}, which names who signed in`);
    }
    if ((request.merchantId === undefined) !== (request.environment === undefined)) {
      throw InterlockError.invalidField('environment', 'must come with the merchant, and the merchant with it');
    }
    const signer = await this.signingKeys.activeSigner();
    const jti = randomUUID();
    const issuedAt = Math.floor(request.now.getTime() / 1000);
    const token = await new SignJWT({
      roles: [...request.roles],
      permissions: [...request.permissions],
      node_ids: [...request.nodeIds],
      ...(request.merchantId === undefined
        ? {}
        : { merchant_id: request.merchantId, environment: request.environment }),
      ...(request.signIn === undefined ? {} : { sign_in: signInClaim(request.signIn) }),
    })
      .setProtectedHeader({ alg: OWN_ALGORITHM, kid: signer.kid, typ: 'JWT' })
      .setIssuer(this.config.jwt.issuer)
      .setAudience(this.config.jwt.audience)
      .setSubject(request.subject)
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + ttlSeconds)
      .setJti(jti)
      .sign(signer.key);
    return { token, jti, expiresAt: new Date((issuedAt + ttlSeconds) * 1000) };
  }
}
