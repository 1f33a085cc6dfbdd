import { generateKeyPairSync, randomUUID, type KeyObject } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { rs256, token, type Json } from './bearer-tokens';

export interface Forgery {
  /** Over the claims of a good ID token; undefined takes one away. */
  readonly claims?: Json;
  readonly header?: Json;
  readonly sign?: (input: string) => Buffer;
  /** Over the token endpoint's answer. */
  readonly answer?: Json;
  /** Over what the browser brings back. */
  readonly callback?: Record<string, string>;
}

/** An OpenID provider that says whatever a test wants: its answers are good but for what is forged. */
export async function startForgingProvider(clientId: string) {
  const own = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const weak = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const foreign = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const jwk = (key: KeyObject, more: Json): Json => ({ ...key.export({ format: 'jwk' }), use: 'sig', ...more });
  const jwks = {
    keys: [
      jwk(own.publicKey, { kid: 'own', alg: 'RS256' }),
      jwk(ec.publicKey, { kid: 'ec', alg: 'ES256' }),
      jwk(weak.publicKey, { kid: 'weak', alg: 'RS256' }),
    ],
  };
  let idToken = '';
  let answer: Json = {};
  let issuer = '';
  const server = createServer((request, response) => {
    const send = (body: object): void => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(body));
    };
    const { pathname } = new URL(request.url ?? '/', issuer);
    request.resume();
    if (pathname === '/.well-known/openid-configuration') {
      return send({
        issuer,
        authorization_endpoint: `${issuer}/auth`,
        token_endpoint: `${issuer}/token`,
        jwks_uri: `${issuer}/jwks`,
        response_types_supported: ['code'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: ['RS256', 'ES256'],
        authorization_response_iss_parameter_supported: true,
      });
    }
    if (pathname === '/jwks') return send(jwks);
    send({ access_token: 'an access token', token_type: 'Bearer', id_token: idToken, ...answer });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const now = (): number => Math.floor(Date.now() / 1000);
  const without = (json: Json): Json =>
    Object.fromEntries(Object.entries(json).filter(([, value]) => value !== undefined));
  const idTokenOf = (nonce: string, { claims = {}, header = {}, sign = rs256(own.privateKey) }: Forgery): string =>
    token(
      without({ alg: 'RS256', kid: 'own', ...header }),
      without({
        iss: issuer,
        aud: clientId,
        sub: 'forged',
        iat: now(),
        exp: now() + 300,
        auth_time: now(),
        nonce,
        name: 'Forged',
        groups: ['admins'],
        ...claims,
      }),
      sign,
    );
  return {
    issuer,
    keys: { own, ec, weak, foreign },
    now,
    publicPem: own.publicKey.export({ type: 'spki', format: 'pem' }) as string,
    /** What the browser is sent back with, after this authorization request. */
    answerTo(authorizationUrl: string, forgery: Forgery = {}): URL {
      const asked = new URL(authorizationUrl).searchParams;
      idToken = idTokenOf(asked.get('nonce')!, forgery);
      answer = forgery.answer ?? {};
      const callback = new URL(asked.get('redirect_uri')!);
      const parameters = { code: randomUUID(), state: asked.get('state')!, iss: issuer, ...forgery.callback };
      for (const [name, value] of Object.entries(parameters)) callback.searchParams.set(name, value);
      return callback;
    },
    /** A logout token, good but for what is forged. */
    logoutToken({ claims = {}, header = {}, sign = rs256(own.privateKey) }: Forgery = {}): string {
      return token(
        without({ alg: 'RS256', kid: 'own', typ: 'logout+jwt', ...header }),
        without({
          iss: issuer,
          aud: clientId,
          iat: now(),
          exp: now() + 120,
          jti: randomUUID(),
          sid: 'the session',
          events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
          ...claims,
        }),
        sign,
      );
    },
    stop: () => new Promise<void>((resolve) => (server.closeAllConnections(), server.close(() => resolve()))),
  };
}
