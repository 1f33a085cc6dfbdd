import { createHmac, createPublicKey, generateKeyPairSync, randomUUID, sign, type KeyObject } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Controller, Get, Post } from '@nestjs/common';
import { type JWK } from 'jose';
import request from 'supertest';
import { Authenticated, CurrentMerchant, SigningKeys, type CurrentMerchantScope } from '../../src/auth';
import { RequestContext } from '../../src/platform/http';
import { createAuthApp } from './auth-app';
import { migratedDatabase } from './database';

@Controller('api/v1/things')
class TokenSurfaceController {
  @Get()
  @Authenticated()
  who(): object {
    const { scopes, ...caller } = RequestContext.current()!.caller!;
    return { ...caller, scopes: [...scopes] };
  }

  @Post()
  @Authenticated({ roles: ['admin'], permission: 'things.write' })
  write(): object {
    return { done: true };
  }
}

@Controller('v2/things')
class MerchantSurfaceController {
  @Get()
  @Authenticated({ scope: 'integrations:read' })
  whose(@CurrentMerchant() scope: CurrentMerchantScope): CurrentMerchantScope {
    return scope;
  }

  @Post()
  @Authenticated({ scope: 'integrations:write' })
  write(): object {
    return { done: true };
  }
}

export const ISSUER = 'interlock';
export const AUDIENCE = 'interlock';
export type Json = Record<string, unknown>;

export const encode = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

export function token(header: Json, payload: unknown, signer: (input: string) => Buffer): string {
  const input = `${encode(header)}.${encode(payload)}`;
  return `${input}.${signer(input).toString('base64url')}`;
}
export const es256 = (key: KeyObject) => (input: string) =>
  sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' });
export const rs256 = (key: KeyObject) => (input: string) => sign('sha256', Buffer.from(input), key);
export const hmac =
  (secret: string | Buffer, hash = 'sha256') =>
  (input: string) =>
    createHmac(hash, secret).update(input).digest();

/** Two processes that also take the tokens of an outside issuer, and what signs tokens of either. */
export async function startBearerApps() {
  const database = await migratedDatabase();
  const outside = { fetches: 0, isDown: false };
  const outsideRsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const outsideEc = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const weakRsa = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const jwk = (key: KeyObject, more: Json) => ({ ...key.export({ format: 'jwk' }), ...more }) as JWK;
  const jwks = {
    keys: [
      jwk(outsideRsa.publicKey, { kid: 'outside-rsa', alg: 'RS256', use: 'sig' }),
      jwk(outsideEc.publicKey, { kid: 'outside-ec', use: 'sig' }),
      jwk(outsideEc.publicKey, { kid: 'outside-enc', use: 'enc' }),
      jwk(weakRsa.publicKey, { kid: 'outside-weak', alg: 'RS256', use: 'sig' }),
      { kty: 'oct', k: encode('a shared secret of an outside issuer'), kid: 'outside-oct', alg: 'HS256' },
    ],
  };
  const issuer = createServer((_request, response) => {
    outside.fetches++;
    if (outside.isDown) response.writeHead(500).end();
    else response.setHeader('Content-Type', 'application/json').end(JSON.stringify(jwks));
  });
  await new Promise<void>((resolve) => issuer.listen(0, '127.0.0.1', resolve));
  const env = { JWKS_URL: `http://127.0.0.1:${(issuer.address() as AddressInfo).port}/jwks.json` };
  const start = (listen = false) =>
    createAuthApp(database.url, { controllers: [TokenSurfaceController, MerchantSurfaceController], env, listen });
  const app = await start(true);
  const second = await start();
  const own = await app.get(SigningKeys).activeSigner();

  const get = (bearer: string, path = '/api/v1/things', on = app) =>
    request(on.getHttpServer()).get(path).set('Authorization', `Bearer ${bearer}`);

  const now = () => Math.floor(Date.now() / 1000);
  const claims = (over: Json = {}): Json => {
    const all: Json = {
      iss: ISSUER,
      aud: AUDIENCE,
      sub: 'someone',
      iat: now(),
      exp: now() + 600,
      jti: randomUUID(),
      roles: ['admin'],
      permissions: [],
      node_ids: [],
      ...over,
    };
    for (const [name, value] of Object.entries(all)) if (value === undefined) delete all[name];
    return all;
  };
  const header = (over: Json = {}): Json => ({ alg: 'ES256', kid: own.kid, typ: 'JWT', ...over });
  /** Signed with our own key, so that only what is named is wrong. */
  const ours = (claimsOver: Json = {}, headerOver: Json = {}) =>
    token(header(headerOver), claims(claimsOver), es256(own.key));
  const publicPem = () => createPublicKey(own.key).export({ type: 'spki', format: 'pem' }) as string;
  const publicJwk = () => createPublicKey(own.key).export({ format: 'jwk' });
  return {
    database,
    app,
    second,
    /** Another process like these. */
    start,
    own,
    outside,
    outsideRsa,
    outsideEc,
    weakRsa,
    attacker: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    get,
    now,
    claims,
    header,
    ours,
    publicPem,
    publicJwk,
    close: async () => {
      await app.close();
      await second.close();
      issuer.close().closeAllConnections();
      await database.drop();
    },
  };
}

export type BearerApps = Awaited<ReturnType<typeof startBearerApps>>;
