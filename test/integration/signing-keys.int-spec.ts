import type { AddressInfo } from 'node:net';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import request from 'supertest';
import { SigningKeys, TokenService } from '../../src/auth';
import { Database } from '../../src/platform/database';
import { createAuthApp } from '../support/auth-app';
import { AUDIENCE, es256, ISSUER, startBearerApps, token, type BearerApps, type Json } from '../support/bearer-tokens';
import { migratedDatabase } from '../support/database';

describe('signing keys', () => {
  let apps: BearerApps;
  let app: BearerApps['app'];
  let second: BearerApps['second'];
  let own: BearerApps['own'];
  let outside: BearerApps['outside'];
  let outsideEc: BearerApps['outsideEc'];
  let attacker: BearerApps['attacker'];
  let get: BearerApps['get'];
  let claims: BearerApps['claims'];
  let header: BearerApps['header'];
  let ours: BearerApps['ours'];
  beforeAll(async () => {
    apps = await startBearerApps();
    ({ app, second, own, outside, outsideEc, attacker, get, claims, header, ours } = apps);
  });
  afterAll(() => apps?.close());

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
    const before = outside.fetches;
    for (let i = 0; i < 20; i++)
      await get(token(header({ kid: `unknown-${i}` }), claims(), es256(attacker.privateKey)));
    expect(outside.fetches - before).toBeLessThanOrEqual(1);
  });

  it('an outside issuer that is down answers 503 for its tokens, and does not disturb ours', async () => {
    outside.isDown = true;
    const fresh = await apps.start();
    try {
      const byOutside = () => token(header({ kid: 'outside-ec' }), claims(), es256(outsideEc.privateKey));
      const answer = await get(byOutside(), '/api/v1/things', fresh);
      expect([answer.status, answer.body.code]).toEqual([503, 'unavailable']);
      await get(ours(), '/api/v1/things', fresh).expect(200);
      outside.isDown = false;
      await get(byOutside(), '/api/v1/things', fresh).expect(200);
    } finally {
      outside.isDown = false;
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
