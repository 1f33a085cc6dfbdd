import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import request from 'supertest';
import { ApiKeyService } from '../../src/auth';
import { MerchantService, ProductService } from '../../src/merchants';
import { generateCredential } from '../../src/nodes/credential-format';
import { Database } from '../../src/platform/database';
import { startTestApp, type TestApp } from '../support/app';
import { startNodeTokens, type NodeTokens } from '../support/node-tokens';
import { type NodesClient } from '../support/nodes';

const REFUSED = 'A valid API key or token is required.';
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('node tokens, over two processes', () => {
  let tokens: NodeTokens;
  let first: TestApp;
  let second: TestApp;
  let api: NodesClient;
  let other: NodesClient;
  let admin: string;
  let nodeId: string;
  let make: NodeTokens['make'];
  let exchange: NodeTokens['exchange'];
  let reads: NodeTokens['reads'];
  let refusedAfter: NodeTokens['refusedAfter'];
  let sql: NodeTokens['sql'];

  beforeAll(async () => {
    tokens = await startNodeTokens();
    ({ first, second, api, other, admin, nodeId, make, exchange, reads, refusedAfter, sql } = tokens);
  }, 60_000);
  afterAll(() => tokens?.close());

  const count = async (text: string): Promise<number> =>
    (await first.app.get(Database).query<{ n: number }>(text))[0]!.n;

  describe('exchange', () => {
    it('answers exactly the contract, to the body and to headers', async () => {
      const made = await make();
      const inBody = await api.authenticate(made.api_key, made.secret).expect(200);
      const inHeaders = await request(second.url)
        .post('/api/v1/auth/authenticate')
        .set('Api-Key', made.api_key)
        .set('Api-Secret', made.secret)
        .expect(200);
      for (const { body } of [inBody, inHeaders]) {
        expect(Object.keys(body).sort()).toEqual([
          'access_token',
          'expires_at',
          'expires_in',
          'refresh_token',
          'token_type',
        ]);
        expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 3600 });
        const { exp } = decodeJwt(body.access_token);
        expect(body.expires_at).toBe(new Date(exp! * 1000).toISOString());
        expect(await reads(other, body.access_token)).toBe(200);
      }
    });

    it('the access token carries the claims of the contract, under ES256, and verifies offline', async () => {
      const made = await make();
      const { access_token: token } = await exchange(made);
      expect(decodeProtectedHeader(token)).toMatchObject({ alg: 'ES256', typ: 'JWT' });
      const keys = createRemoteJWKSet(new URL(`${second.url}/.well-known/jwks.json`));
      const { payload } = await jwtVerify(token, keys, { issuer: 'interlock', audience: 'interlock' });
      expect(Object.keys(payload).sort()).toEqual(
        ['aud', 'exp', 'iat', 'iss', 'jti', 'node_ids', 'permissions', 'roles', 'sub'].sort(),
      );
      expect(payload).toMatchObject({
        sub: made.id,
        node_ids: [nodeId],
        permissions: ['nodes.read', 'integrations.read'],
        roles: [],
      });
      expect(payload.exp! - payload.iat!).toBe(3_600);
    });

    it('one text for every refusal, in near-equal time', async () => {
      const good = await make();
      const deleted = await make();
      await api.call('delete', `/integrations/${deleted.id}`, admin).expect(204);
      const expired = await make();
      await sql(`UPDATE node_integrations SET expires_at = now() - interval '1 s' WHERE id = $1`, [expired.id]);
      const causes: Record<string, [string, string]> = {
        'wrong secret': [good.api_key, generateCredential('secret')],
        'a secret that is none': [good.api_key, 'nonsense'],
        'unknown key': [generateCredential('apiKey'), good.secret],
        'malformed key': ['apex_nonsense', good.secret],
        deleted: [deleted.api_key, deleted.secret],
        expired: [expired.api_key, expired.secret],
      };
      const times = new Map<string, number[]>(Object.keys(causes).map((cause) => [cause, []]));
      const bodies = new Set<string>();
      for (let round = 0; round < 9; round++) {
        for (const [cause, [key, secret]] of Object.entries(causes)) {
          const startedAt = performance.now();
          const answer = await api.authenticate(key, secret);
          times.get(cause)!.push(performance.now() - startedAt);
          expect(answer.status).toBe(401);
          const { requestId: _requestId, ...body } = answer.body as Record<string, unknown>;
          bodies.add(JSON.stringify(body));
        }
      }
      expect([...bodies]).toEqual([
        JSON.stringify({ error: REFUSED, code: 'unauthenticated', nextAction: 'fix_credentials' }),
      ]);
      const medians = [...times.values()].map((each) => each.sort((a, b) => a - b)[4]!);
      // without the check against nobody's hash an unknown key is answered ten times as fast
      expect(Math.max(...medians) / Math.min(...medians)).toBeLessThan(2);
      await api.authenticate(good.api_key, good.secret).expect(200);
    });

    it('key or secret missing is a refusal like any other; of a wrong type it is a bad request', async () => {
      const made = await make();
      const post = (body: object) => request(first.url).post('/api/v1/auth/authenticate').send(body);
      for (const body of [
        {},
        { api_key: made.api_key },
        { secret_key: made.secret },
        { api_key: '', secret_key: '' },
      ]) {
        const answer = await post(body);
        expect([answer.status, answer.body.error]).toEqual([401, REFUSED]);
      }
      for (const body of [
        { api_key: 1, secret_key: made.secret },
        { api_key: made.api_key, secret_key: ['x'] },
        { api_key: 'x'.repeat(256), secret_key: 'x' },
        { api_key: made.api_key, secret_key: made.secret, node_id: nodeId },
      ]) {
        expect((await post(body)).status).toBe(400);
      }
    });

    it('fifty tries a minute for each key, counted by all processes together', async () => {
      const made = await make();
      const neighbour = await make();
      // a good one counts as well
      await exchange(made);
      for (let i = 0; i < 49; i++) {
        const client = i % 2 ? api : other;
        expect((await client.authenticate(made.api_key, 'guess')).status).toBe(401);
      }
      for (const client of [api, other]) {
        for (const secret of ['guess', made.secret]) {
          const answer = await client.authenticate(made.api_key, secret);
          expect([answer.status, answer.body.code]).toEqual([429, 'rate_limited']);
          expect(Number(answer.headers['retry-after'])).toBeGreaterThan(30);
          expect(Number(answer.headers['retry-after'])).toBeLessThanOrEqual(60);
        }
      }
      await exchange(neighbour);
      // a minute later the account is open again: nothing was locked but time
      await sql(
        `UPDATE node_exchange_tries SET tries = ARRAY(SELECT t - interval '61 s' FROM unnest(tries) t) WHERE cardinality(tries) = 50`,
        [],
      );
      // a process believes its own refusal for a second
      await sleep(1_100);
      await exchange(made, other);
    }, 60_000);

    it('so many tries a minute for each address, whatever the keys, counted by all processes together', async () => {
      const shared = { databaseUrl: first.config.database.url, dataDir: first.config.dataDir };
      const environment = { EXCHANGE_LIMIT_PER_ADDRESS: '6', TRUST_PROXY: '1' };
      const [third, fourth] = await Promise.all([
        startTestApp({ ...shared, environment }),
        startTestApp({ ...shared, environment }),
      ]);
      try {
        const made = await make();
        const from = (app: TestApp, address: string, key: string, secret: string) =>
          request(app.url)
            .post('/api/v1/auth/authenticate')
            .set('x-forwarded-for', address)
            .send({ api_key: key, secret_key: secret });
        for (let i = 0; i < 6; i++) {
          const answer = await from(i % 2 ? third : fourth, '2001:db8:1:2::1', generateCredential('apiKey'), 'guess');
          expect(answer.status).toBe(401);
        }
        const keysBefore = await count('SELECT count(*)::int AS n FROM node_exchange_tries');
        for (const app of [third, fourth]) {
          // its neighbour is the same caller; an owner with a good secret waits too
          for (const address of ['2001:db8:1:2::1', '2001:db8:1:2:ffff::9']) {
            const answer = await from(app, address, made.api_key, made.secret);
            expect([answer.status, answer.body.code]).toEqual([429, 'rate_limited']);
            expect(Number(answer.headers['retry-after'])).toBeGreaterThan(30);
            expect(Number(answer.headers['retry-after'])).toBeLessThanOrEqual(60);
          }
        }
        for (let i = 0; i < 20; i++) {
          await from(third, '2001:db8:1:2::1', generateCredential('apiKey'), 'guess').expect(429);
        }
        // a flood leaves nothing behind, and nobody else notices it
        expect(await count('SELECT count(*)::int AS n FROM node_exchange_tries')).toBe(keysBefore);
        await from(third, '2001:db8:1:3::1', made.api_key, made.secret).expect(200);
        await from(fourth, '192.0.2.1', made.api_key, made.secret).expect(200);
      } finally {
        await Promise.all([third.close(), fourth.close()]);
      }
    }, 90_000);

    it('an unknown key is counted like a known one', async () => {
      const key = generateCredential('apiKey');
      const statuses = [];
      for (let i = 0; i < 51; i++) statuses.push((await api.authenticate(key, 'guess')).status);
      expect(statuses).toEqual([...Array.from({ length: 50 }, () => 401), 429]);
    }, 30_000);

    it('an access token never outlives its integration', async () => {
      const made = await make({ expires_at: new Date(Date.now() + 30_000).toISOString() });
      const pair = await exchange(made);
      expect(pair.expires_in).toBeGreaterThan(20);
      expect(pair.expires_in).toBeLessThanOrEqual(30);
    }, 90_000);
  });

  describe('refresh', () => {
    it('gives a new pair, and again from that', async () => {
      const start = await exchange(await make());
      const next = await other.refresh(start.refresh_token).expect(200);
      expect(Object.keys(next.body).sort()).toEqual(Object.keys({ ...start }).sort());
      expect(next.body.refresh_token).not.toBe(start.refresh_token);
      expect(decodeJwt(next.body.access_token).jti).not.toBe(decodeJwt(start.access_token).jti);
      expect(await reads(api, next.body.access_token)).toBe(200);
      await api.refresh(next.body.refresh_token).expect(200);
      // the old access token lives on until it expires
      expect(await reads(api, start.access_token)).toBe(200);
    });

    it('a refresh token used twice ends everything that came of its session, and nothing else', async () => {
      const made = await make();
      const bystander = await exchange(made);
      const start = await exchange(made);
      const next = (await api.refresh(start.refresh_token).expect(200)).body;
      expect(await reads(other, next.access_token)).toBe(200);
      const reuse = await other.refresh(start.refresh_token);
      expect([reuse.status, reuse.body.error]).toEqual([401, REFUSED]);
      await api.refresh(next.refresh_token).expect(401);
      for (const client of [api, other]) {
        expect(await refusedAfter(client, start.access_token)).toBeLessThan(1_000);
        expect(await refusedAfter(client, next.access_token)).toBeLessThan(1_000);
        expect(await reads(client, bystander.access_token)).toBe(200);
      }
      await api.refresh(bystander.refresh_token).expect(200);
    });

    it('of ten that use one token at once, on two processes, one at most gets a pair, and it is worth nothing', async () => {
      const start = await exchange(await make());
      const answers = await Promise.all(
        Array.from({ length: 10 }, (_, i) => (i % 2 ? api : other).refresh(start.refresh_token)),
      );
      const good = answers.filter((answer) => answer.status === 200);
      expect(good).toHaveLength(1);
      expect(answers.filter((answer) => answer.status === 401)).toHaveLength(9);
      await api.refresh(good[0]!.body.refresh_token).expect(401);
      await refusedAfter(other, good[0]!.body.access_token);
    });

    it('a refresh token lives seven days', async () => {
      const start = await exchange(await make());
      const rows = await first.app
        .get(Database)
        .query<{ days: number }>(
          `SELECT extract(epoch FROM expires_at - issued_at)::float / 86400 AS days FROM node_refresh_tokens ORDER BY issued_at DESC LIMIT 1`,
        );
      expect(rows[0]!.days).toBeCloseTo(7, 5);
      await sql(`UPDATE node_refresh_tokens SET expires_at = now() - interval '1 s' WHERE access_jti = $1`, [
        decodeJwt(start.access_token).jti,
      ]);
      await api.refresh(start.refresh_token).expect(401);
    });

    it.each([
      ['nonsense', 'nonsense'],
      ['one that was never issued', generateCredential('refreshToken')],
      ['an API key', generateCredential('apiKey')],
    ])('refuses %s with the one text', async (_name, token) => {
      const answer = await api.refresh(token);
      expect([answer.status, answer.body.error]).toEqual([401, REFUSED]);
    });

    it('an access token does not refresh, a refresh token opens nothing', async () => {
      const pair = await exchange(await make());
      expect((await api.refresh(pair.access_token)).status).toBe(400);
      expect(await reads(api, pair.refresh_token)).toBe(401);
    });
  });

  describe('on behalf of a merchant', () => {
    it('the token of a bound node calls /v2 with its permissions as scopes, in its environment only', async () => {
      const merchant = await first.app.get(MerchantService).create({ name: 'Acme', defaultCurrency: 'GBP' });
      const binding = { merchant_id: merchant.id, environment: 'sandbox' };
      const bound = await api.node(admin, { parent_id: nodeId, ...binding });
      const products = first.app.get(ProductService);
      const product = { kind: 'service', amountMinor: 100, currency: 'GBP' };
      for (const environment of ['sandbox', 'live'] as const) {
        const id = environment === 'live' ? merchant.id : (bound['id'] as string);
        await products.upsert({ merchantId: merchant.id, environment }, [{ ...product, id, name: environment }]);
      }
      const read = await exchange(await make({ permissions: ['integrations.read'] }, bound['id']));
      expect(decodeJwt(read.access_token)).toMatchObject(binding);
      const v2 = (method: 'get' | 'put', token: string, headers: Record<string, string> = {}) =>
        request(second.url)
          [method]('/v2/products')
          .set({ Authorization: `Bearer ${token}`, ...headers });
      const listed = await v2('get', read.access_token).expect(200);
      expect(listed.body.data.map((each: any) => each.name)).toEqual(['sandbox']);
      const put = (token: string) => v2('put', token).send({ products: [] });
      expect((await put(read.access_token)).status).toBe(403);
      const write = await exchange(await make({ permissions: ['integrations.write'] }, bound['id']));
      expect((await put(write.access_token)).status).toBe(200);
      expect((await v2('get', write.access_token)).status).toBe(403);

      const { key } = await first.app
        .get(ApiKeyService)
        .create({ merchantId: merchant.id, environment: 'live', name: 'key', scopes: ['integrations:*'] });
      expect((await v2('get', read.access_token, { 'x-api-key': key.reveal() })).status).toBe(400);

      const unbound = await exchange(await make({ permissions: ['integrations.read'] }));
      const refused = await v2('get', unbound.access_token);
      expect([refused.status, refused.body.code]).toEqual([403, 'permission_denied']);
    });
  });
});
