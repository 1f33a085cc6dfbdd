import { createPublicKey, generateKeyPairSync, randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { jwtVerify } from 'jose';
import type { Manifest } from '../manifest';
import type { ManifestAuth, ManifestLoginBody, ManifestOAuthClient, ManifestTokenPlace } from '../manifest-auth';
import { valueAt } from './row-meaning';
import { putAt } from './simulated-rows';

/** A request, as far as a provider looks at it. */
export interface SimulatedRequest {
  readonly method: string;
  /** Below the base URL. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export const LOGIN_PATH = '/simulated-login';

type Fields = Readonly<Record<string, string>>;

/** The manifest with its tokens asked for below the base URL: a simulator has no other host. */
export function withLoginHere(manifest: Manifest): Manifest {
  const { auth } = manifest;
  const here = <T extends ManifestTokenPlace>({ url, path, ...rest }: T) => ({
    ...rest,
    path: url === undefined ? path : LOGIN_PATH,
  });
  if (auth.kind === 'two_step') return { ...manifest, auth: { ...auth, login: here(auth.login) } };
  if (auth.kind === 'oauth2_client_credentials') {
    return { ...manifest, auth: { ...auth, tokenEndpoint: here(auth.tokenEndpoint) } };
  }
  if (auth.kind === 'oauth2_authorization_code') {
    return { ...manifest, auth: { ...auth, tokenEndpoint: here(auth.tokenEndpoint) } };
  }
  return auth.kind === 'signed_jwt' && auth.exchange
    ? { ...manifest, auth: { ...auth, exchange: here(auth.exchange) } }
    : manifest;
}

/** What a merchant of the simulator has. */
export function simulatedFields({ auth, credentials = {} }: Manifest): Record<string, string> {
  const fields = Object.fromEntries(Object.entries(credentials).map(([name, { example }]) => [name, example]));
  if (auth.kind !== 'signed_jwt') return { ...fields, apiKey: 'simulated-key-7c1f' };
  const pem = (): string => {
    const { privateKey } =
      auth.algorithm === 'ES256'
        ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
        : generateKeyPairSync('rsa', { modulusLength: 2_048 });
    return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString().trim();
  };
  const key = auth.algorithm === 'HS256' ? 'a simulated secret of 32 letters' : pem();
  return { ...fields, apiKey: 'simulated-key-7c1f', [auth.key]: key };
}

/** Who calls: knows the credentials of one merchant, and the tokens that it gave. */
export class SimulatedCaller {
  /** Answered logins. */
  logins = 0;
  /** Calls whose token was too old. */
  expired = 0;
  /** Of tokens that are given from now on; null: what the manifest says. */
  lifeSeconds: number | null = null;
  private readonly tokens = new Map<string, number>();
  private refreshToken: string | undefined;

  constructor(
    private readonly manifest: Manifest,
    private readonly fields: Fields,
  ) {}

  /** Whether the call may go on; the status with which it is refused otherwise. */
  async admits(request: SimulatedRequest): Promise<boolean> {
    const { auth, headers = {} } = this.manifest;
    const hasHeaders = Object.entries(headers).every(
      ([name, text]) => request.headers[name.toLowerCase()] === this.filled(text),
    );
    return hasHeaders && (await this.proves(request, auth));
  }

  /** Every token that was given is worth nothing from now on. */
  revoke(): void {
    this.tokens.clear();
  }

  loginPath(): string | null {
    return placeOf(this.manifest.auth)?.path ?? null;
  }

  /** The answer to a login; null: it is refused. */
  async login(request: SimulatedRequest): Promise<object | null> {
    const { auth } = this.manifest;
    if (!(await this.provesLogin(request, auth))) return null;
    this.logins++;
    const value = `token-${this.logins}-${randomUUID()}`;
    const seconds = this.lifeSeconds ?? 3_600;
    this.tokens.set(value, Date.now() + seconds * 1_000);
    const bearer = { access_token: value, token_type: 'Bearer', expires_in: seconds };
    if (auth.kind === 'oauth2_authorization_code') {
      // each is taken once
      this.refreshToken = `refresh-${this.logins}-${randomUUID()}`;
      return { ...bearer, refresh_token: this.refreshToken };
    }
    if (auth.kind !== 'two_step') return bearer;
    const answer = {};
    putAt(answer, auth.token, value);
    if (auth.expiresIn !== undefined) putAt(answer, auth.expiresIn, seconds);
    return answer;
  }

  private async proves({ headers, query }: SimulatedRequest, auth: ManifestAuth): Promise<boolean> {
    const key = this.fields['apiKey']!;
    switch (auth.kind) {
      case 'bearer':
        return headers.authorization === `Bearer ${key}`;
      case 'basic':
        return (
          headers.authorization === `Basic ${base64(`${this.filled(auth.username)}:${this.filled(auth.password)}`)}`
        );
      case 'api_key':
        if (auth.in === 'query') return query.get(auth.name) === key;
        return headers[auth.name.toLowerCase()] === (auth.prefix ?? '') + key;
      case 'signed_jwt':
        if (!auth.exchange) return this.isSigned((headers.authorization ?? '').replace('Bearer ', ''), auth);
        return this.holdsToken(headers.authorization, 'Bearer ');
      case 'two_step':
        if (auth.send) return this.holdsToken(headers[auth.send.header.toLowerCase()], auth.send.prefix ?? '');
        return this.holdsToken(headers.authorization, 'Bearer ');
      default:
        return this.holdsToken(headers.authorization, 'Bearer ');
    }
  }

  private holdsToken(header: string | readonly string[] | undefined, prefix: string): boolean {
    if (typeof header !== 'string' || !header.startsWith(prefix)) return false;
    const until = this.tokens.get(header.slice(prefix.length));
    if (until !== undefined && Date.now() >= until) this.expired++;
    return until !== undefined && Date.now() < until;
  }

  private async provesLogin(request: SimulatedRequest, auth: ManifestAuth): Promise<boolean> {
    const form = new URLSearchParams(request.body);
    if (auth.kind === 'oauth2_client_credentials') {
      return this.isClient(request, form, auth) && form.get('grant_type') === 'client_credentials';
    }
    if (auth.kind === 'oauth2_authorization_code') {
      const isOurs = form.get('refresh_token') === (this.refreshToken ?? this.fields['refreshToken']);
      return this.isClient(request, form, auth) && form.get('grant_type') === 'refresh_token' && isOurs;
    }
    if (auth.kind === 'signed_jwt') return this.isSigned(form.get('assertion') ?? '', auth);
    if (auth.kind !== 'two_step') return false;
    const { method = 'POST', json, form: asked = {}, headers = {} } = auth.login;
    return (
      request.method === method &&
      Object.entries(headers).every(([name, text]) => request.headers[name.toLowerCase()] === this.filled(text)) &&
      Object.entries(asked).every(([name, text]) => form.get(name) === this.filled(text)) &&
      (json === undefined || this.hasMembers(parsed(request.body), json))
    );
  }

  private isClient(
    { headers }: SimulatedRequest,
    form: URLSearchParams,
    { clientId, clientSecret, clientBy }: ManifestOAuthClient,
  ): boolean {
    const id = this.filled(clientId);
    if (clientSecret === undefined) return form.get('client_id') === id;
    const secret = this.filled(clientSecret);
    if (clientBy === 'body') return form.get('client_id') === id && form.get('client_secret') === secret;
    return headers.authorization === `Basic ${base64(`${encoded(id)}:${encoded(secret)}`)}`;
  }

  private hasMembers(body: unknown, wanted: ManifestLoginBody): boolean {
    return Object.entries(wanted).every(([name, member]) => {
      const given = valueAt(body, name);
      if (typeof member === 'object') return this.hasMembers(given, member);
      return given === (typeof member === 'string' ? this.filled(member) : member);
    });
  }

  private async isSigned(jwt: string, auth: Extract<ManifestAuth, { kind: 'signed_jwt' }>): Promise<boolean> {
    const key = this.fields[auth.key]!;
    try {
      const checkedBy = auth.algorithm === 'HS256' ? Buffer.from(key) : createPublicKey(key);
      const { issuer, audience, subject } = auth;
      const claims = { issuer, audience, subject };
      await jwtVerify(jwt, checkedBy, { algorithms: [auth.algorithm], ...this.filledAll(claims) });
      return true;
    } catch {
      return false;
    }
  }

  filled(template: string): string {
    return template.replaceAll(/\{(\w+)\}/g, (_, name: string) => this.fields[name] ?? '');
  }

  private filledAll(texts: Readonly<Record<string, string | undefined>>): Record<string, string> {
    return Object.fromEntries(
      Object.entries(texts).flatMap(([name, text]) => (text === undefined ? [] : [[name, this.filled(text)]])),
    );
  }
}

function placeOf(auth: ManifestAuth): ManifestTokenPlace | undefined {
  if (auth.kind === 'two_step') return auth.login;
  if (auth.kind === 'oauth2_client_credentials' || auth.kind === 'oauth2_authorization_code') return auth.tokenEndpoint;
  return auth.kind === 'signed_jwt' ? auth.exchange : undefined;
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

function encoded(text: string): string {
  return new URLSearchParams({ _: text }).toString().slice(2);
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}
