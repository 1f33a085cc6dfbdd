import { KeyObject } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { createRemoteJWKSet, customFetch, errors, type JWTVerifyGetKey } from 'jose';
import { AppConfig } from '../platform/config';
import { InterlockError } from '../platform/errors';
import { boundedFetch } from './bounded-fetch';
import type { TokenHeader } from './token-rules';

const MAX_AGE_MS = 10 * 60_000;
/** An unknown kid causes another fetch, but not more often than this. */
const COOLDOWN_MS = 30_000;
const TIMEOUT_MS = 5_000;
const MIN_RSA_BITS = 2_048;

/** The keys of the issuer behind JWKS_URL. The operator wrote that address, so it may be a private one. */
@Injectable()
export class OutsideKeys {
  private readonly find: JWTVerifyGetKey | null;

  constructor(config: AppConfig) {
    const { jwksUrl } = config.jwt;
    this.find =
      jwksUrl === null
        ? null
        : createRemoteJWKSet(new URL(jwksUrl), {
            cacheMaxAge: MAX_AGE_MS,
            cooldownDuration: COOLDOWN_MS,
            timeoutDuration: TIMEOUT_MS,
            [customFetch]: boundedFetch,
          });
  }

  /** null: the issuer has no such key. It throws 503 when the issuer cannot be asked. */
  async verificationKey(header: TokenHeader): Promise<KeyObject | null> {
    if (!this.find) return null;
    try {
      const found = await this.find({ alg: header.algorithm, kid: header.kid }, { payload: '', signature: '' });
      const key = KeyObject.from(found as Parameters<typeof KeyObject.from>[0]);
      return isStrong(key, header) ? key : null;
    } catch (error) {
      if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys) return null;
      throw new InterlockError('unavailable', { cause: error });
    }
  }
}

function isStrong(key: KeyObject, header: TokenHeader): boolean {
  if (key.type !== 'public') return false;
  if (header.algorithm === 'ES256') return key.asymmetricKeyType === 'ec';
  return key.asymmetricKeyType === 'rsa' && (key.asymmetricKeyDetails?.modulusLength ?? 0) >= MIN_RSA_BITS;
}
