/** How a provider knows who calls: a key that is sent as it is, or a token that is asked for or signed first. */
export type ManifestAuth = ManifestKeyAuth | ManifestTokenAuth;

export type ManifestKeyAuth =
  | { readonly kind: 'api_key'; readonly in: 'header' | 'query'; readonly name: string; readonly prefix?: string }
  | { readonly kind: 'bearer' }
  | { readonly kind: 'basic'; readonly username: string; readonly password: string };

export type ManifestTokenAuth =
  ManifestTwoStep | ManifestClientCredentials | ManifestSignedJwt | ManifestAuthorizationCode;

/** One of the two. `path`: below the base URL. `url`: at one of `hosts`. */
export interface ManifestTokenPlace {
  readonly path?: string;
  readonly url?: string;
}

export interface ManifestTwoStep {
  readonly kind: 'two_step';
  readonly login: ManifestLogin;
  /** Where the answer has the token. */
  readonly token: string;
  /** Where it has the token's life in seconds. */
  readonly expiresIn?: string;
  /** Its life where the answer does not say one. */
  readonly seconds?: number;
  /** Left out: the token is sent as bearer. */
  readonly send?: { readonly header: string; readonly prefix?: string };
}

/** Values are templates: `{username}` stands for a field of the credentials. */
export interface ManifestLogin extends ManifestTokenPlace {
  /** Left out: POST. */
  readonly method?: 'POST' | 'PUT' | 'GET';
  readonly json?: ManifestLoginBody;
  readonly form?: Readonly<Record<string, string>>;
  /** Beside `headers` of the manifest, which go with every call. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface ManifestLoginBody {
  readonly [member: string]: string | number | boolean | ManifestLoginBody;
}

/** The platform's application at the provider. */
export interface ManifestOAuthClient {
  readonly clientId: string;
  /** Left out: a public client. */
  readonly clientSecret?: string;
  /** How the client shows who it is; left out: `basic`. */
  readonly clientBy?: 'basic' | 'body';
}

/** RFC 6749, section 4.4. */
export interface ManifestClientCredentials extends ManifestOAuthClient {
  readonly kind: 'oauth2_client_credentials';
  readonly tokenEndpoint: ManifestTokenPlace;
  readonly clientSecret: string;
  readonly scope?: string;
  readonly audience?: string;
  /** The token's life where the answer does not say one. */
  readonly seconds?: number;
}

/**
 * RFC 6749, section 6: the credentials hold the refresh token of a consent, in the field `refreshToken`. What each
 * refresh brings is stored with them.
 */
export interface ManifestAuthorizationCode extends ManifestOAuthClient {
  readonly kind: 'oauth2_authorization_code';
  readonly tokenEndpoint: ManifestTokenPlace;
  /** The access token's life where the answer does not say one. */
  readonly seconds?: number;
}

/** A JWT that this service signs: sent as bearer itself, or exchanged for a token (RFC 7523, section 2.1). */
export interface ManifestSignedJwt {
  readonly kind: 'signed_jwt';
  readonly algorithm: 'RS256' | 'ES256' | 'HS256';
  /** The field of `credentials` that holds the private key (PEM), or the shared secret of HS256. */
  readonly key: string;
  readonly keyId?: string;
  readonly issuer?: string;
  readonly subject?: string;
  readonly audience?: string;
  /** The life of what is signed. */
  readonly seconds: number;
  readonly exchange?: ManifestTokenPlace & { readonly scope?: string };
}

export function isTokenAuth(auth: ManifestAuth): auth is ManifestTokenAuth {
  return auth.kind !== 'api_key' && auth.kind !== 'bearer' && auth.kind !== 'basic';
}

/** The private key that a merchant sends as a text of several lines. */
export function pemFieldOf(auth: ManifestAuth): string | null {
  return auth.kind === 'signed_jwt' && auth.algorithm !== 'HS256' ? auth.key : null;
}
