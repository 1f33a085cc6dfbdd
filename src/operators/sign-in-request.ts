import { createHash, randomBytes } from 'node:crypto';
import type { OpenIdSettings } from '../platform/config';
import type { Expected } from './identity-provider';

/** A page of the console: what follows `#`. */
const PAGE_FORM = /^\/[A-Za-z0-9_/?=&.%:,+~-]{0,500}$/;
const VERIFIER_FORM = /^[A-Za-z0-9_-]{43}$/;

/**
 * A sign-in on its way through the provider. The browser that began it keeps it in a cookie; what travels through the
 * provider is derived from it one way, so nothing is stored here, and any process takes the answer.
 */
export interface SignInRequest {
  /** The PKCE code verifier (RFC 7636). */
  readonly codeVerifier: string;
  /** The page to come back to. */
  readonly page: string;
  readonly stepUp: boolean;
  /** The `jti` of the session that the browser had; null: none. */
  readonly formerToken: string | null;
}

export function newSignInRequest(asked: {
  readonly page?: string;
  readonly stepUp: boolean;
  readonly formerToken: string | null;
}): SignInRequest {
  const { page = '/' } = asked;
  return { ...asked, codeVerifier: randomBytes(32).toString('base64url'), page: PAGE_FORM.test(page) ? page : '/' };
}

export function writeSignInRequest({ codeVerifier, page, stepUp, formerToken }: SignInRequest): string {
  return Buffer.from(JSON.stringify([codeVerifier, page, stepUp, formerToken])).toString('base64url');
}

/** null: it is none. */
export function readSignInRequest(text: string): SignInRequest | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    if (!Array.isArray(value)) return null;
    const [codeVerifier, page, stepUp, formerToken] = value as unknown[];
    if (typeof codeVerifier !== 'string' || !VERIFIER_FORM.test(codeVerifier)) return null;
    if (typeof page !== 'string' || !PAGE_FORM.test(page) || typeof stepUp !== 'boolean') return null;
    if (formerToken !== null && typeof formerToken !== 'string') return null;
    return { codeVerifier, page, stepUp, formerToken };
  } catch {
    return null;
  }
}

export function expectedOf(request: SignInRequest, settings: OpenIdSettings): Expected {
  const derived = (what: string): string =>
    createHash('sha256').update(`${what} ${request.codeVerifier}`).digest('base64url');
  return {
    codeVerifier: request.codeVerifier,
    state: derived('state'),
    nonce: derived('nonce'),
    maxAgeSeconds: request.stepUp ? settings.stepUp.maxAgeSeconds : settings.sessionSeconds,
    stepUp: request.stepUp,
  };
}
