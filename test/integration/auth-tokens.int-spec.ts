import { generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import request from 'supertest';
import { AuditLog } from '../../src/audit';
import { AccessTokens, ApiKeyService, TokenVerifier } from '../../src/auth';
import { MerchantService } from '../../src/merchants';
import { Database } from '../../src/platform/database';
import {
  AUDIENCE,
  encode,
  es256,
  hmac,
  rs256,
  startBearerApps,
  token,
  type BearerApps,
  type Json,
} from '../support/bearer-tokens';
import { eventually } from '../support/eventually';

describe('Bearer tokens', () => {
  let apps: BearerApps;
  let app: BearerApps['app'];
  let second: BearerApps['second'];
  let own: BearerApps['own'];
  let outsideRsa: BearerApps['outsideRsa'];
  let outsideEc: BearerApps['outsideEc'];
  let weakRsa: BearerApps['weakRsa'];
  let attacker: BearerApps['attacker'];
  let get: BearerApps['get'];
  let now: BearerApps['now'];
  let claims: BearerApps['claims'];
  let header: BearerApps['header'];
  let ours: BearerApps['ours'];
  let publicPem: BearerApps['publicPem'];
  let publicJwk: BearerApps['publicJwk'];
  beforeAll(async () => {
    apps = await startBearerApps();
    ({
      app,
      second,
      own,
      outsideRsa,
      outsideEc,
      weakRsa,
      attacker,
      get,
      now,
      claims,
      header,
      ours,
      publicPem,
      publicJwk,
    } = apps);
  });
  afterAll(() => apps?.close());

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
    ['a subject of a sign-in that was none', () => ours({ sub: 'oidc:ann' })],
    [
      'a subject of a sign-in here from the outside issuer',
      () =>
        token(
          header({ kid: 'outside-ec' }),
          claims({ sub: 'oidc:ann', sign_in: { iat: now() } }),
          es256(outsideEc.privateKey),
        ),
    ],
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
    const byOutside = (over: Json = {}) =>
      token(header({ kid: 'outside-ec' }), claims(over), es256(outsideEc.privateKey));

    it.each([
      ['our own', (over: Json) => ours(over)],
      ['of an outside issuer', byOutside],
      ['of an outside issuer that lives for ever', (over: Json) => byOutside({ ...over, exp: 1e300 })],
      [
        'of an outside issuer, whose jti is no UUID',
        (over: Json) => byOutside({ ...over, jti: `tok/1:${randomUUID()}` }),
      ],
    ])('a token %s is refused on every process, and no other of its subject', async (_name, make) => {
      const bearer = make({});
      const { jti } = JSON.parse(Buffer.from(parts(bearer)[1], 'base64url').toString()) as { jti: string };
      const neighbour = byOutside();
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
      const bearer = byOutside({ jti: undefined });
      const { origin } = (await app.get(TokenVerifier).identify(bearer))!;
      expect(origin.jti).toMatch(/^sha256:/);
      await app.get(AccessTokens).revoke(origin);
      const [head, body] = parts(bearer);
      const again = `${head}.${body}.${es256(outsideEc.privateKey)(`${head}.${body}`).toString('base64url')}`;
      expect(again).not.toBe(bearer);
      for (const one of [bearer, again]) await get(one).expect(401);
      await get(byOutside({ jti: undefined, sub: 'somebody else' })).expect(200);
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
});
