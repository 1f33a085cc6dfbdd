import { createRemoteJWKSet, customFetch as joseFetch, jwtVerify, type JWTVerifyGetKey } from 'jose';
import type * as OpenId from 'openid-client';
import { boundedFetch } from '../auth';
import type { OpenIdSettings } from '../platform/config';
import { InterlockError } from '../platform/errors';

/** The provider's endpoints and keys are read anew this often. */
const DISCOVERY_MAX_AGE_MS = 3_600_000;
/** After it could not be read. */
const ASKED_AGAIN_MS = 60_000;
const TIMEOUT_SECONDS = 10;
const CLOCK_SKEW_SECONDS = 60;
const ASYMMETRIC = ['RS256', 'PS256', 'ES256', 'ES384', 'RS384', 'RS512', 'PS384', 'PS512', 'EdDSA', 'Ed25519'];
const MAX_LOGOUT_AGE_SECONDS = 3_600;
const LOGOUT_EVENT = 'http://schemas.openid.net/event/backchannel-logout';
const MAX_NAME_LENGTH = 255;
const NAME_FORM = /^\P{C}{1,250}$/u;

/** Who signed in, as the provider says. */
export interface Identity {
  readonly subject: string;
  /** For people to read; it identifies nobody. */
  readonly name: string | null;
  readonly groups: readonly string[];
  readonly sessionId: string | null;
  /** Unix seconds by the provider's clock. */
  readonly identifiedAt: number;
  readonly authenticatedAt: number | null;
  readonly acr: string | null;
}

/** What the answer of the provider is held against. */
export interface Expected {
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
  /** How long ago the person may have authenticated. */
  readonly maxAgeSeconds: number;
  /** Step-up: the age must be told and met, at a level of OIDC_STEP_UP_ACR. Some providers know neither. */
  readonly stepUp: boolean;
}

/** What a logout token says: the end of one session, or of all that the subject had by then. */
export interface Logout {
  readonly subject: string | null;
  readonly sessionId: string | null;
  /** `jti` */
  readonly tokenId: string;
  /** Unix seconds by the provider's clock. */
  readonly issuedAt: number;
}

interface Discovered {
  readonly library: typeof OpenId;
  readonly configuration: OpenId.Configuration;
  readonly keys: JWTVerifyGetKey;
  readonly readAt: number;
}

/** The OpenID provider of the operators. openid-client does the protocol; the operator wrote the issuer's address. */
export class IdentityProvider {
  private discovered: Promise<Discovered> | null = null;

  constructor(private readonly settings: OpenIdSettings) {}

  /** Where the browser goes: code flow with PKCE. */
  async authorizationUrl(redirectUri: string, expected: Expected): Promise<URL> {
    const { library, configuration } = await this.discover();
    const { acrValues } = this.settings.stepUp;
    return library.buildAuthorizationUrl(configuration, {
      redirect_uri: redirectUri,
      scope: this.settings.scope,
      state: expected.state,
      nonce: expected.nonce,
      code_challenge: await library.calculatePKCECodeChallenge(expected.codeVerifier),
      code_challenge_method: 'S256',
      max_age: String(expected.maxAgeSeconds),
      ...(expected.stepUp && acrValues.length > 0 ? { acr_values: acrValues.join(' ') } : {}),
    });
  }

  /** `callback`: the address that the browser came back to. It throws what the library throws at a wrong answer. */
  async identify(callback: URL, expected: Expected): Promise<Identity> {
    const { library, configuration } = await this.discover();
    const tokens = await library.authorizationCodeGrant(configuration, callback, {
      expectedState: expected.state,
      expectedNonce: expected.nonce,
      pkceCodeVerifier: expected.codeVerifier,
      idTokenExpected: true,
      ...(expected.stepUp ? { maxAge: expected.maxAgeSeconds } : {}),
    });
    const claims = tokens.claims()!;
    const more = await this.userInfo(tokens.access_token, claims);
    return {
      subject: claims.sub,
      name: nameOf({ ...more, ...claims }),
      groups: textsOf(claims[this.settings.groupsClaim] ?? more[this.settings.groupsClaim]),
      sessionId: isName(claims['sid']) ? claims['sid'] : null,
      identifiedAt: claims.iat,
      authenticatedAt: typeof claims.auth_time === 'number' ? claims.auth_time : null,
      acr: typeof claims['acr'] === 'string' ? claims['acr'] : null,
    };
  }

  /** null: it is no logout token of this provider for this client (OpenID Connect Back-Channel Logout 1.0, 2.6). */
  async readLogout(token: string): Promise<Logout | null> {
    const { configuration, keys } = await this.discover();
    try {
      const { payload, protectedHeader } = await jwtVerify(token, keys, {
        issuer: configuration.serverMetadata().issuer,
        audience: this.settings.clientId,
        algorithms: ASYMMETRIC,
        clockTolerance: CLOCK_SKEW_SECONDS,
        maxTokenAge: MAX_LOGOUT_AGE_SECONDS,
        requiredClaims: ['iat', 'exp', 'jti', 'events'],
      });
      const { events, nonce, sub = null, sid = null, jti, iat } = payload as Record<string, unknown>;
      const event = (events as Record<string, unknown>)[LOGOUT_EVENT];
      const isLogout = typeof event === 'object' && event !== null && nonce === undefined;
      const isTyped = [undefined, 'JWT', 'logout+jwt'].includes(protectedHeader.typ);
      const names = [sub, sid].filter((name) => name !== null);
      if (!isLogout || !isTyped || names.length === 0 || ![...names, jti].every(isName)) return null;
      const [subject, sessionId] = [sub, sid] as (string | null)[];
      return { subject: subject!, sessionId: sessionId!, tokenId: jti as string, issuedAt: iat as number };
    } catch (error) {
      if (isOfTheNetwork(error)) throw new InterlockError('unavailable', { cause: error });
      return null;
    }
  }

  /** Some providers tell groups and names there alone. */
  private async userInfo(accessToken: string, claims: OpenId.IDToken): Promise<Record<string, unknown>> {
    const { library, configuration } = await this.discover();
    if (claims[this.settings.groupsClaim] !== undefined && nameOf(claims) !== null) return {};
    if (configuration.serverMetadata().userinfo_endpoint === undefined) return {};
    return library.fetchUserInfo(configuration, accessToken, claims.sub);
  }

  private async discover(): Promise<Discovered> {
    const known = this.discovered && (await this.discovered.catch(() => null));
    if (known && performance.now() - known.readAt < DISCOVERY_MAX_AGE_MS) return known;
    const reading = this.read();
    this.discovered = reading;
    try {
      return await reading;
    } catch (error) {
      // what was known an hour ago is likely still so
      const kept = known && { ...known, readAt: performance.now() - DISCOVERY_MAX_AGE_MS + ASKED_AGAIN_MS };
      if (this.discovered === reading) this.discovered = kept && Promise.resolve(kept);
      if (kept) return kept;
      throw new InterlockError('unavailable', { message: 'The OpenID provider cannot be reached.', cause: error });
    }
  }

  private async read(): Promise<Discovered> {
    const library = await import('openid-client');
    const { issuer, clientId, clientSecret } = this.settings;
    const address = new URL(issuer);
    const configuration = await library.discovery(
      address,
      clientId,
      { [library.clockTolerance]: CLOCK_SKEW_SECONDS },
      clientSecret === null ? library.None() : bySecret(library, clientSecret),
      {
        timeout: TIMEOUT_SECONDS,
        [library.customFetch]: (url, options) => boundedFetch(url, options as RequestInit),
        execute: [
          library.enableNonRepudiationChecks,
          ...(address.protocol === 'http:' ? [library.allowInsecureRequests] : []),
        ],
      },
    );
    const { jwks_uri: jwksUri } = configuration.serverMetadata();
    const keys = createRemoteJWKSet(new URL(jwksUri!), {
      timeoutDuration: TIMEOUT_SECONDS * 1000,
      [joseFetch]: boundedFetch,
    });
    return { library, configuration, keys, readAt: performance.now() };
  }
}

/** As the provider takes it; HTTP Basic where it does not say (OpenID Connect Discovery 1.0, 3). */
function bySecret(library: typeof OpenId, secret: string): OpenId.ClientAuth {
  const [basic, post] = [library.ClientSecretBasic(secret), library.ClientSecretPost(secret)];
  return (server, ...request) => {
    const taken = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
    return (taken.includes('client_secret_basic') ? basic : post)(server, ...request);
  };
}

function nameOf(claims: Record<string, unknown>): string | null {
  const name = [claims['name'], claims['preferred_username'], claims['email']].find(
    (each) => typeof each === 'string' && each.trim() !== '',
  ) as string | undefined;
  return name?.replaceAll(/\p{C}/gu, ' ').trim().slice(0, MAX_NAME_LENGTH) ?? null;
}

/** What can be stored and shown. */
export function isName(value: unknown): value is string {
  return typeof value === 'string' && NAME_FORM.test(value);
}

function textsOf(value: unknown): string[] {
  return [value].flat().filter((each): each is string => typeof each === 'string');
}

/** The provider's keys could not be read. */
function isOfTheNetwork(error: unknown): boolean {
  const { code } = error as { code?: string };
  return code === undefined || code === 'ERR_JWKS_TIMEOUT' || code === 'ERR_JOSE_GENERIC';
}
