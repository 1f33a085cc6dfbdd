import { createHmac, createPublicKey, generateKeyPairSync, randomUUID, sign, type KeyObject } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Controller, Get, Post } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { createRemoteJWKSet, jwtVerify, type JWK } from 'jose';
import request from 'supertest';
import { AuditLog } from '../../src/audit';
import {
  AccessTokens,
  ApiKeyService,
  Authenticated,
  CurrentMerchant,
  SigningKeys,
  TokenService,
  TokenVerifier,
  type CurrentMerchantScope,
} from '../../src/auth';
import { MerchantService } from '../../src/merchants';
import { Database } from '../../src/platform/database';
import { RequestContext } from '../../src/platform/http';
import { createAuthApp } from '../support/auth-app';
import { migratedDatabase, type TestDatabase } from '../support/database';
import { eventually } from '../support/eventually';

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

const ISSUER = 'interlock';
const AUDIENCE = 'interlock';
type Json = Record<string, unknown>;

const encode = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

function token(header: Json, payload: unknown, signer: (input: string) => Buffer): string {
  const input = `${encode(header)}.${encode(payload)}`;
  return `${input}.${signer(input).toString('base64url')}`;
}
const es256 = (key: KeyObject) => (input: string) =>
  sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' });
const rs256 = (key: KeyObject) => (input: string) => sign('sha256', Buffer.from(input), key);
const hmac =
  (secret: string | Buffer, hash = 'sha256') =>
  (input: string) =>
    createHmac(hash, secret).update(input).digest();

describe('Bearer tokens', () => {
  let database: TestDatabase;
  let app: NestExpressApplication;
  let second: NestExpressApplication;
  let issuer: Server;
  let jwks: { keys: JWK[] };
  let fetches = 0;
  let issuerIsDown = false;
  const outsideRsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const outsideEc = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const weakRsa = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const attacker = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  let own: { kid: string; key: KeyObject };

  beforeAll(async () => {
    database = await migratedDatabase();
    const jwk = (key: KeyObject, more: Json) => ({ ...key.export({ format: 'jwk' }), ...more }) as JWK;
    jwks = {
      keys: [
        jwk(outsideRsa.publicKey, { kid: 'outside-rsa', alg: 'RS256', use: 'sig' }),
        jwk(outsideEc.publicKey, { kid: 'outside-ec', use: 'sig' }),
        jwk(outsideEc.publicKey, { kid: 'outside-enc', use: 'enc' }),
        jwk(weakRsa.publicKey, { kid: 'outside-weak', alg: 'RS256', use: 'sig' }),
        { kty: 'oct', k: encode('a shared secret of an outside issuer'), kid: 'outside-oct', alg: 'HS256' },
      ],
    };
    issuer = createServer((_request, response) => {
      fetches++;
      if (issuerIsDown) response.writeHead(500).end();
      else response.setHeader('Content-Type', 'application/json').end(JSON.stringify(jwks));
    });
    await new Promise<void>((resolve) => issuer.listen(0, '127.0.0.1', resolve));
    const env = { JWKS_URL: `http://127.0.0.1:${(issuer.address() as AddressInfo).port}/jwks.json` };
    const controllers = [TokenSurfaceController, MerchantSurfaceController];
    app = await createAuthApp(database.url, { controllers, env, listen: true });
    second = await createAuthApp(database.url, { controllers, env });
    own = await app.get(SigningKeys).activeSigner();
  });

  afterAll(async () => {
    await app?.close();
    await second?.close();
    issuer?.close().closeAllConnections();
    await database?.drop();
  });

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

  const good: [string, () => string][] = [
    ['our own', () => ours()],
    ['expired within the clock skew', () => ours({ exp: now() - 30 })],
    ['not yet valid within the clock skew', () => ours({ nbf: now() + 30 })],
    ['issued within the clock skew', () => ours({ iat: now() + 30 })],
    ['for several audiences', () => ours({ aud: ['other', AUDIENCE] })],
    ['of type at+jwt', () => ours({}, { typ: 'at+jwt' })],
    ['without a type', () => ours({}, { typ: undefined })],
    [
      'of an outside issuer, RS256',
      () => token(header({ alg: 'RS256', kid: 'outside-rsa' }), claims(), rs256(outsideRsa.privateKey)),
    ],
    ['of an outside issuer, ES256', () => token(header({ kid: 'outside-ec' }), claims(), es256(outsideEc.privateKey))],
  ];
  it.each(good)('takes a token %s', async (_name, make) => {
    const answer = await get(make());
    expect([answer.status, answer.body.id, answer.body.roles]).toEqual([200, 'someone', ['admin']]);
  });

  const parts = (bearer: string) => bearer.split('.') as [string, string, string];
  const forged: [string, () => string][] = [
    ['alg none, no signature', () => `${encode({ alg: 'none', kid: own.kid })}.${encode(claims())}.`],
    ['alg nOnE', () => `${encode({ alg: 'nOnE', kid: own.kid })}.${encode(claims())}.`],
    ['alg none with a good signature', () => ours({}, { alg: 'none' })],
    ['no alg', () => ours({}, { alg: undefined })],
    ['alg as a list', () => ours({}, { alg: ['ES256'] })],
    ['HS256 over our public key as PEM', () => token(header({ alg: 'HS256' }), claims(), hmac(publicPem()))],
    [
      'HS256 over our public key as JWK',
      () => token(header({ alg: 'HS256' }), claims(), hmac(JSON.stringify(publicJwk()))),
    ],
    [
      'HS256 over our public point',
      () => token(header({ alg: 'HS256' }), claims(), hmac(Buffer.from(publicJwk().x as string, 'base64url'))),
    ],
    ['HS512 over our public key as PEM', () => token(header({ alg: 'HS512' }), claims(), hmac(publicPem(), 'sha512'))],
    ['HS256 over an empty secret', () => token(header({ alg: 'HS256' }), claims(), hmac(''))],
    ['RS256 under the id of our EC key', () => token(header({ alg: 'RS256' }), claims(), rs256(outsideRsa.privateKey))],
    [
      'ES384 under our id',
      () =>
        token(header({ alg: 'ES384' }), claims(), (input) =>
          sign('sha384', Buffer.from(input), {
            key: generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey,
            dsaEncoding: 'ieee-p1363',
          }),
        ),
    ],
    ['ES256 by another key under our id', () => token(header(), claims(), es256(attacker.privateKey))],
    ['an unknown kid', () => token(header({ kid: randomUUID() }), claims(), es256(attacker.privateKey))],
    ['no kid', () => ours({}, { kid: undefined })],
    ['a kid that is SQL', () => token(header({ kid: `x' OR '1'='1` }), claims(), es256(attacker.privateKey))],
    [
      'a kid that is a path',
      () => token(header({ kid: '../../../../dev/null' }), claims(), es256(attacker.privateKey)),
    ],
    ['a kid that is a list', () => ours({}, { kid: [own.kid] })],
    [
      'its own key in the header',
      () =>
        token(
          header({ kid: 'mine', jwk: attacker.publicKey.export({ format: 'jwk' }) }),
          claims(),
          es256(attacker.privateKey),
        ),
    ],
    [
      'its own key set in the header',
      () =>
        token(header({ kid: 'mine', jku: 'https://attacker.example/jwks.json' }), claims(), es256(attacker.privateKey)),
    ],
    [
      'its own certificate in the header',
      () =>
        token(
          header({ kid: 'mine', x5u: 'https://attacker.example/cert', x5c: ['AAAA'] }),
          claims(),
          es256(attacker.privateKey),
        ),
    ],
    ['a crit header', () => ours({}, { crit: ['exp'] })],
    ['an unencoded payload (b64)', () => ours({}, { b64: false, crit: ['b64'] })],
    ['another type', () => ours({}, { typ: 'refresh+jwt' })],
    ['another issuer', () => ours({ iss: 'https://attacker.example' })],
    ['no issuer', () => ours({ iss: undefined })],
    ['another audience', () => ours({ aud: 'billing' })],
    ['no audience', () => ours({ aud: undefined })],
    ['an audience that begins like ours', () => ours({ aud: `${AUDIENCE}.attacker` })],
    ['expired', () => ours({ exp: now() - 61 })],
    ['no expiry', () => ours({ exp: undefined })],
    ['an expiry in text', () => ours({ exp: String(now() + 600) })],
    ['not valid yet', () => ours({ nbf: now() + 90 })],
    ['issued in the future', () => ours({ iat: now() + 90 })],
    ['no subject', () => ours({ sub: undefined })],
    ['a subject that is a number', () => ours({ sub: 1 })],
    ['roles as text', () => ours({ roles: 'admin' })],
    ['permissions as an object', () => ours({ permissions: { admin: true } })],
    ['a merchant without an environment', () => ours({ merchant_id: randomUUID() })],
    ['an environment without a merchant', () => ours({ environment: 'live' })],
    ['a merchant that is no id', () => ours({ merchant_id: '%', environment: 'live' })],
    ['an unknown environment', () => ours({ merchant_id: randomUUID(), environment: 'production' })],
    [
      'a changed payload',
      () => {
        const [h, , s] = parts(ours({ roles: ['viewer'] }));
        return `${h}.${encode(claims())}.${s}`;
      },
    ],
    [
      'a changed header',
      () => {
        const [, p, s] = parts(ours());
        return `${encode(header({ typ: 'at+jwt' }))}.${p}.${s}`;
      },
    ],
    [
      'no signature',
      () => {
        const [h, p] = parts(ours());
        return `${h}.${p}.`;
      },
    ],
    ['two segments', () => parts(ours()).slice(0, 2).join('.')],
    ['four segments', () => `${ours()}.x`],
    ['half a signature', () => ours().slice(0, -43)],
    ['a signature of zeros', () => token(header(), claims(), () => Buffer.alloc(64))],
    ['a signature in DER', () => token(header(), claims(), (input) => sign('sha256', Buffer.from(input), own.key))],
    ['a payload that is a list', () => token(header(), [claims()], es256(own.key))],
    ['a payload that is null', () => token(header(), 'null', es256(own.key))],
    ['a payload that is not JSON', () => token(header(), 'admin', es256(own.key))],
    [
      'a header that is not JSON',
      () => {
        const [, p, s] = parts(ours());
        return `${encode('x')}.${p}.${s}`;
      },
    ],
    ['an encrypted token', () => `${encode({ alg: 'dir', enc: 'A256GCM', kid: own.kid })}..AAAA.AAAA.AAAA`],
    [
      'a symmetric key of the outside issuer',
      () => token(header({ alg: 'HS256', kid: 'outside-oct' }), claims(), hmac('a shared secret of an outside issuer')),
    ],
    [
      'an encryption key of the outside issuer',
      () => token(header({ kid: 'outside-enc' }), claims(), es256(outsideEc.privateKey)),
    ],
    [
      'a weak key of the outside issuer',
      () => token(header({ alg: 'RS256', kid: 'outside-weak' }), claims(), rs256(weakRsa.privateKey)),
    ],
    [
      'RS256 where the outside key is EC',
      () => token(header({ alg: 'RS256', kid: 'outside-ec' }), claims(), rs256(outsideRsa.privateKey)),
    ],
    [
      'outside key, other issuer',
      () => token(header({ kid: 'outside-ec' }), claims({ iss: 'other' }), es256(outsideEc.privateKey)),
    ],
    ['ten kilobytes', () => ours({ padding: 'x'.repeat(10_000) })],
    ['nonsense', () => 'nonsense'],
    ['dots', () => '..'],
  ];
  it.each(forged)('refuses a token with %s', async (_name, make) => {
    const answer = await get(make());
    expect(answer.status).toBe(401);
    expect(answer.body).toEqual({
      error: 'A valid API key or token is required.',
      code: 'unauthenticated',
      nextAction: 'fix_credentials',
      requestId: answer.headers['x-request-id'],
    });
  });

  it.each([['Basic'], ['bearer'], ['Bearer,'], ['BearerX']])('the scheme %s', async (scheme) => {
    const answer = await request(app.getHttpServer()).get('/api/v1/things').set('Authorization', `${scheme} ${ours()}`);
    // the scheme's name is case-insensitive
    expect(answer.status).toBe(scheme === 'bearer' ? 200 : 401);
  });

  it('a forged token that shares signature bytes with a good one does not profit from its cached verdict', async () => {
    const bearer = ours({ roles: ['viewer'] });
    await get(bearer).expect(200);
    const [h, , s] = parts(bearer);
    await get(`${h}.${encode(claims({ roles: ['admin'] }))}.${s}`).expect(401);
    expect((await get(bearer)).body.roles).toEqual(['viewer']);
  });

  it('a token dies while its verdict is cached', async () => {
    const bearer = ours({ exp: now() - 58 });
    await get(bearer).expect(200);
    await new Promise((resolve) => setTimeout(resolve, 2_100));
    await get(bearer).expect(401);
  });

  it('API keys do not open the token surface', async () => {
    const merchant = await app.get(MerchantService).create({ name: 'Acme', defaultCurrency: 'GBP' });
    const issued = await app
      .get(ApiKeyService)
      .create({ merchantId: merchant.id, environment: 'live', name: 'test', scopes: ['integrations:*'] });
    const answer = await request(app.getHttpServer()).get('/api/v1/things').set('x-api-key', issued.key.reveal());
    expect(answer.status).toBe(401);
  });

  it('a node token calls /v2 for its merchant and environment, with its permissions as scopes', async () => {
    const merchantId = randomUUID();
    const bound = (permissions: string[]) =>
      ours({ roles: [], permissions, merchant_id: merchantId, environment: 'sandbox' });
    const reader = await get(bound(['integrations.read']), '/v2/things');
    expect([reader.status, reader.body]).toEqual([200, { merchantId, environment: 'sandbox' }]);
    expect(reader.headers['x-ratelimit-limit']).toBe('200');
    const post = (bearer: string) =>
      request(app.getHttpServer()).post('/v2/things').set('Authorization', `Bearer ${bearer}`);
    await post(bound(['integrations.read'])).expect(403);
    await post(bound(['integrations.write'])).expect(201);
    await get(bound(['integrations.write', 'integrations:read', 'integrations.*']), '/v2/things').expect(403);
    // no merchant, however mighty
    await get(ours({ permissions: ['integrations.read'] }), '/v2/things').expect(403);
  });

  it('roles and permissions on the token surface', async () => {
    const post = async (over: Json) =>
      (
        await request(app.getHttpServer())
          .post('/api/v1/things')
          .set('Authorization', `Bearer ${ours(over)}`)
      ).status;
    expect(await post({ roles: ['admin'] })).toBe(201);
    expect(await post({ roles: ['operator'] })).toBe(403);
    expect(await post({ roles: [], permissions: ['things.write'] })).toBe(201);
    expect(await post({ roles: ['viewer'], permissions: ['things.write'] })).toBe(403);
    expect(await post({ roles: ['root'], permissions: ['things.*'] })).toBe(403);
  });

  describe('revoked one by one', () => {
    const outside = (over: Json = {}) =>
      token(header({ kid: 'outside-ec' }), claims(over), es256(outsideEc.privateKey));

    it.each([
      ['our own', ours],
      ['of an outside issuer', outside],
      ['of an outside issuer that lives for ever', (over: Json) => outside({ ...over, exp: 1e300 })],
      [
        'of an outside issuer, whose jti is no UUID',
        (over: Json) => outside({ ...over, jti: `tok/1:${randomUUID()}` }),
      ],
    ])('a token %s is refused on every process, and no other of its subject', async (_name, make) => {
      const bearer = make({});
      const { jti } = JSON.parse(Buffer.from(parts(bearer)[1], 'base64url').toString()) as { jti: string };
      const neighbour = outside();
      for (const on of [app, second]) await get(bearer, undefined, on).expect(200);
      await app.get(AccessTokens).revoke({ jti });
      await get(bearer).expect(401);
      await eventually(() => get(bearer, undefined, second).expect(401));
      for (const on of [app, second]) await get(neighbour, undefined, on).expect(200);
      // twice is no error, and no second entry
      await second.get(AccessTokens).revoke({ jti });
      const entries = await app
        .get(Database)
        .query(`SELECT 1 FROM audit_entries WHERE action = 'token.revoked' AND subject_id = $1`, [jti]);
      expect(entries).toHaveLength(1);
    });

    it('one without a jti is named by what was signed, however its signature is written', async () => {
      const bearer = outside({ jti: undefined });
      const { origin } = (await app.get(TokenVerifier).identify(bearer))!;
      expect(origin.jti).toMatch(/^sha256:/);
      await app.get(AccessTokens).revoke(origin);
      const [head, body] = parts(bearer);
      const again = `${head}.${body}.${es256(outsideEc.privateKey)(`${head}.${body}`).toString('base64url')}`;
      expect(again).not.toBe(bearer);
      for (const one of [bearer, again]) await get(one).expect(401);
      await get(outside({ jti: undefined, sub: 'somebody else' })).expect(200);
    });

    it('is on record from its issue, in the transaction of its audit entry', async () => {
      const request = { subject: 'jo', roles: ['operator'] as const, permissions: [], nodeIds: [], ttlSeconds: 60 };
      const { jti } = await app.get(AccessTokens).issue({ ...request, now: new Date() });
      expect((await app.get(AccessTokens).list())[0]).toMatchObject({ jti, subject: 'jo', issuedBy: 'interlock' });
      const audit = app.get(AuditLog);
      const record = jest.spyOn(audit, 'record').mockRejectedValue(new Error('no entry'));
      await expect(app.get(AccessTokens).issue({ ...request, now: new Date() })).rejects.toThrow('no entry');
      record.mockRestore();
      expect((await app.get(AccessTokens).list())[0]).toMatchObject({ jti });
    });

    it.each(['', 'x'.repeat(256), 'a\u0000b', 'a b', '\ud800'])('no token is named %j', async (jti) => {
      await expect(app.get(AccessTokens).revoke({ jti })).rejects.toMatchObject({ code: 'invalid_request' });
    });
  });

  it('issues tokens that another service verifies offline by JWKS', async () => {
    const issued = await app.get(TokenService).issue({
      subject: 'node-1',
      roles: ['operator'],
      permissions: ['integrations.read'],
      nodeIds: ['n1'],
      merchantId: 'f7c1d3a4-6a2f-4b2e-9a51-1d2b3c4d5e6f',
      environment: 'live',
      ttlSeconds: 3600,
      now: new Date(),
    });
    const { port } = app.getHttpServer().address() as AddressInfo;
    const url = new URL(`http://127.0.0.1:${port}/.well-known/jwks.json`);
    const { payload, protectedHeader } = await jwtVerify(issued.token, createRemoteJWKSet(url), {
      issuer: ISSUER,
      audience: AUDIENCE,
    });
    expect(protectedHeader.alg).toBe('ES256');
    expect(payload).toMatchObject({
      sub: 'node-1',
      roles: ['operator'],
      permissions: ['integrations.read'],
      node_ids: ['n1'],
      merchant_id: 'f7c1d3a4-6a2f-4b2e-9a51-1d2b3c4d5e6f',
      environment: 'live',
      jti: issued.jti,
      exp: Math.floor(issued.expiresAt.getTime() / 1000),
    });
    const set = (await request(app.getHttpServer()).get('/.well-known/jwks.json')).body as { keys: Json[] };
    for (const key of set.keys) {
      expect(Object.keys(key).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']);
    }
  });

  it('keeps no private key in clear', async () => {
    const d = own.key.export({ format: 'jwk' }).d as string;
    const rows = await app
      .get(Database)
      .query<{ dump: string }>(
        `SELECT concat((SELECT string_agg(k::text, ' ') FROM signing_keys k), (SELECT string_agg(s::text, ' ') FROM sealed_secrets s)) AS dump`,
      );
    expect(rows[0]!.dump).not.toContain(d);
    expect(rows[0]!.dump).not.toContain(Buffer.from(d, 'base64url').toString('hex'));
    expect(rows[0]!.dump).not.toContain(Buffer.from('PRIVATE KEY').toString('hex'));
  });

  it('unknown key ids make it ask the outside issuer seldom', async () => {
    const before = fetches;
    for (let i = 0; i < 20; i++)
      await get(token(header({ kid: `unknown-${i}` }), claims(), es256(attacker.privateKey)));
    expect(fetches - before).toBeLessThanOrEqual(1);
  });

  it('an outside issuer that is down answers 503 for its tokens, and does not disturb ours', async () => {
    issuerIsDown = true;
    const fresh = await createAuthApp(database.url, {
      controllers: [TokenSurfaceController],
      env: { JWKS_URL: `http://127.0.0.1:${(issuer.address() as AddressInfo).port}/jwks.json` },
    });
    try {
      const outside = () => token(header({ kid: 'outside-ec' }), claims(), es256(outsideEc.privateKey));
      const answer = await get(outside(), '/api/v1/things', fresh);
      expect([answer.status, answer.body.code]).toEqual([503, 'unavailable']);
      await get(ours(), '/api/v1/things', fresh).expect(200);
      issuerIsDown = false;
      await get(outside(), '/api/v1/things', fresh).expect(200);
    } finally {
      issuerIsDown = false;
      await fresh.close();
    }
  });

  it('processes that start together make one signing key', async () => {
    const empty = await migratedDatabase();
    const apps = await Promise.all([createAuthApp(empty.url), createAuthApp(empty.url)]);
    try {
      const signers = await Promise.all([0, 1, 2, 3].map((i) => apps[i % 2]!.get(SigningKeys).activeSigner()));
      expect(new Set(signers.map((signer) => signer.kid)).size).toBe(1);
    } finally {
      for (const each of apps) await each.close();
      await empty.drop();
    }
  });

  it('rotation does not break live tokens; a withdrawn key does, on every process', async () => {
    const before = ours();
    await get(before, '/api/v1/things', second).expect(200);
    const rotated = await app.get(SigningKeys).rotate();
    expect(rotated.retiring).toBe(own.kid);
    const fresh = await second.get(TokenService).issue({
      subject: 'someone',
      roles: ['admin'],
      permissions: [],
      nodeIds: [],
      ttlSeconds: 60,
      now: new Date(),
    });
    await get(fresh.token).expect(200);
    await get(fresh.token, '/api/v1/things', second).expect(200);
    await get(before).expect(200);
    await get(ours(), '/api/v1/things', second).expect(200);

    await app.get(SigningKeys).withdraw(own.kid);
    await new Promise((resolve) => setTimeout(resolve, 300));
    await get(before).expect(401);
    await get(before, '/api/v1/things', second).expect(401);
    await get(fresh.token, '/api/v1/things', second).expect(200);
    const kids = (await request(second.getHttpServer()).get('/.well-known/jwks.json')).body.keys as { kid: string }[];
    expect(kids.map(({ kid }) => kid)).toEqual([rotated.kid]);
  });
});
