import { randomUUID } from 'node:crypto';
import request from 'supertest';
import { AccessTokens, SigningKeys } from '../../src/auth';
import { adminOf, adminToken, type AdminRole, type TokenBounds } from '../support/admin';
import { apiContract } from '../support/api-client-contract';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic } from '../support/clinic';
import { eventually } from '../support/eventually';

const why = { reason: 'ticket 4711' };
const cookieOf = (response: request.Response): string => String(response.headers['set-cookie']?.[0] ?? '');
const valueOf = (response: request.Response): string => cookieOf(response).split(';')[0]!;
const ageOf = (response: request.Response): number => Number(/; Max-Age=(\d+)/.exec(cookieOf(response))?.[1]);

describe('who gets into /admin', () => {
  let running: TestApp;
  beforeAll(async () => {
    running = await startTestApp();
  }, 60_000);
  afterAll(async () => running.close());

  const signIn = async (role: AdminRole, bounds: TokenBounds = {}) =>
    request(running.url)
      .post('/admin/session')
      .set('origin', running.url)
      .send({ token: await adminToken(running, role, bounds) });

  describe('the session of the console', () => {
    it('is a cookie that scripts cannot read, that other sites do not send, and that goes to /admin alone', async () => {
      const cookie = cookieOf(await signIn('viewer'));
      expect(cookie).toMatch(/; Path=\/admin;/);
      expect(cookie).toMatch(/; HttpOnly; SameSite=Strict$/);
    });

    it('ends with its token, and after a day of work at the latest', async () => {
      const short = ageOf(await signIn('viewer', { ttlSeconds: 600 }));
      expect(short).toBeGreaterThan(500);
      expect(short).toBeLessThanOrEqual(600);
      expect(ageOf(await signIn('viewer', { ttlSeconds: 30 * 86_400 }))).toBe(12 * 3_600);
    });

    it('lets in under /admin, and nowhere else', async () => {
      const cookie = valueOf(await signIn('admin'));
      await request(running.url).get('/admin/api/me').set('cookie', cookie).expect(200);
      await request(running.url).get('/api/v1/nodes').set('cookie', cookie).expect(401);
      await request(running.url).get('/v2/providers').set('cookie', cookie).expect(401);
    });

    it('writes only from a page of this origin', async () => {
      const clinic = await makeClinic(running);
      await clinic.activate().expect(200);
      await clinic.settled();
      const { id } = await clinic.integration();
      const cookie = valueOf(await signIn('operator'));
      const pause = () =>
        request(running.url).post(`/admin/api/integrations/${id}/pause`).set('cookie', cookie).send(why);
      await pause().expect(403);
      await pause().set('origin', 'http://evil.example').expect(403);
      await pause().set('origin', 'null').expect(403);
      await pause().set('origin', `${running.url}.evil.example`).expect(403);
      await pause().set('origin', running.url).expect(200);
      for (const method of ['post', 'delete'] as const) {
        await request(running.url)
          [method]('/admin/session')
          .set('origin', 'http://evil.example')
          .send({ token: 'x' })
          .expect(403);
      }
    });

    it('refuses what is no token of a role, and ends', async () => {
      await request(running.url).post('/admin/session').send({ token: 'nonsense' }).expect(401);
      const out = await request(running.url).delete('/admin/session').set('origin', running.url).expect(204);
      expect(cookieOf(out)).toMatch(/interlock_admin=; Path=\/admin; Expires=Thu, 01 Jan 1970/);
    });

    it('signing out revokes the token itself, and the log names whose it was', async () => {
      const signedIn = await signIn('viewer');
      const cookie = valueOf(signedIn);
      const token = cookie.slice(cookie.indexOf('=') + 1);
      const me = (headers: Record<string, string>) => request(running.url).get('/admin/api/me').set(headers);
      await me({ authorization: `Bearer ${token}` }).expect(200);
      const out = () => request(running.url).delete('/admin/session').set('cookie', cookie);
      // not from another site
      await out().expect(403);
      await out().set('origin', 'http://evil.example').expect(403);
      await me({ cookie }).expect(200);
      await out().set('origin', running.url).expect(204);
      await me({ cookie }).expect(401);
      await me({ authorization: `Bearer ${token}` }).expect(401);
      await request(running.url).post('/admin/session').set('origin', running.url).send({ token }).expect(401);
      const { jti } = JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString());
      const admin = await adminOf(running, 'admin');
      const { body } = await admin('get', `/audit?action=token.revoked&subjectId=${jti}`).expect(200);
      expect(body.data).toMatchObject([
        { actorId: 'viewer@example.test', details: { jti, cause: 'signed out' }, subjectType: 'token' },
      ]);
      // twice is no error; a header alone has no session to end
      await out().set('origin', running.url).expect(204);
      const other = await adminToken(running, 'viewer');
      await request(running.url).delete('/admin/session').set('authorization', `Bearer ${other}`).expect(204);
      await me({ authorization: `Bearer ${other}` }).expect(200);
    });

    it('ends at once when the key that signed its token is withdrawn', async () => {
      const cookie = valueOf(await signIn('viewer'));
      await request(running.url).get('/admin/api/me').set('cookie', cookie).expect(200);
      const keys = running.app.get(SigningKeys, { strict: false });
      const token = cookie.slice(cookie.indexOf('=') + 1);
      const { kid } = JSON.parse(Buffer.from(token.split('.')[0]!, 'base64url').toString());
      await keys.rotate();
      await keys.withdraw(kid);
      await request(running.url).get('/admin/api/me').set('cookie', cookie).expect(401);
    });
  });

  describe('tokens on record', () => {
    it('are listed for the team, and revoked one by one by admins, with a reason', async () => {
      const tokens = running.app.get(AccessTokens, { strict: false });
      const { token, jti } = await tokens.issue({
        subject: 'jo@example.test',
        roles: ['operator'],
        permissions: [],
        nodeIds: [],
        ttlSeconds: 600,
        now: new Date(),
      });
      const [viewer, operator, admin] = await Promise.all([
        adminOf(running, 'viewer'),
        adminOf(running, 'operator'),
        adminOf(running, 'admin'),
      ]);
      const mine = async () => {
        const { body } = await viewer('get', '/tokens?limit=100').expect(200);
        expect(JSON.stringify(body)).not.toContain(token);
        return body.data.find((each: { jti: string }) => each.jti === jti);
      };
      expect(await mine()).toMatchObject({ subject: 'jo@example.test', roles: ['operator'], revokedAt: null });
      for (const other of [viewer, operator]) await other('post', `/tokens/${jti}/revoke`, why).expect(403);
      await admin('post', `/tokens/${jti}/revoke`, {}).expect(400);
      const revoked = await admin('post', `/tokens/${jti}/revoke`, why).expect(200);
      expect(revoked.body.data).toMatchObject({ jti, revokedBy: 'admin@example.test' });
      expect(await mine()).toEqual(revoked.body.data);
      await request(running.url).get('/admin/api/me').set('authorization', `Bearer ${token}`).expect(401);
      const { body } = await viewer('get', `/audit?action=token.&subjectId=${jti}`).expect(200);
      expect(body.data).toMatchObject([
        { action: 'token.revoked', actorId: 'admin@example.test', reason: why.reason },
        { action: 'token.issued', details: { jti, subject: 'jo@example.test', roles: ['operator'] } },
      ]);
    });
  });

  describe('a token that is bound to a part of the service', () => {
    const bounds: [string, TokenBounds][] = [
      ['to nodes', { nodeIds: [randomUUID()] }],
      ['to a merchant', { merchantId: randomUUID(), environment: 'live' }],
    ];

    it.each(bounds)(
      '%s sees none of it, whatever its role: every route, the exchange, the queue',
      async (_to, bound) => {
        const token = await adminToken(running, 'admin', bound);
        const routes = apiContract().operations.filter(({ path }) => path.startsWith('/admin/api/'));
        expect(routes.length).toBeGreaterThan(20);
        for (const { method, path } of routes) {
          const target = path.replace('{id}', randomUUID());
          const answer = await request(running.url)
            [method as 'get'](target)
            .set('authorization', `Bearer ${token}`)
            .timeout(10_000)
            .send(method === 'post' ? why : undefined);
          expect([method, path, answer.status, answer.body.code]).toEqual([method, path, 403, 'permission_denied']);
        }
        expect((await signIn('admin', bound)).status).toBe(403);
        const board = await request(running.url).get('/admin/queues').set('authorization', `Bearer ${token}`);
        expect([board.status, board.body.code]).toEqual([403, 'permission_denied']);
      },
    );
  });
});

describe('the console behind a proxy that ends TLS', () => {
  const outside = 'https://console.example.com';
  const token = (running: TestApp) => adminToken(running, 'operator');
  /** As such a proxy sends it on: to another host, over plain HTTP. */
  const through = (test: request.Test) =>
    test.set('x-forwarded-proto', 'https').set('x-forwarded-host', 'console.example.com');
  const tryAll = async (running: TestApp, statuses: { outside: number; other: number; secure: boolean }) => {
    const body = { token: await token(running) };
    const signIn = (origin: string) =>
      through(request(running.url).post('/admin/session').set('origin', origin)).send(body);
    await signIn('https://evil.example').expect(403);
    await signIn('http://console.example.com').expect(403);
    await signIn(running.url).expect(statuses.other);
    const answer = await signIn(outside).expect(statuses.outside);
    if (statuses.outside !== 200) return;
    expect(/; Secure;/.test(cookieOf(answer))).toBe(statuses.secure);
    const write = (origin: string) =>
      through(request(running.url).post('/admin/api/retries').set('origin', origin))
        .set('cookie', valueOf(answer))
        .send(why);
    await write(outside).expect(200);
    await write('https://evil.example').expect(403);
    const out = await through(request(running.url).delete('/admin/session').set('origin', outside)).expect(204);
    expect(/; Secure;/.test(cookieOf(out))).toBe(statuses.secure);
  };

  it.each([
    ['PUBLIC_ORIGIN says where it is', { PUBLIC_ORIGIN: outside }, { outside: 200, other: 403, secure: true }],
    ['TRUST_PROXY believes the proxy', { TRUST_PROXY: 'loopback' }, { outside: 200, other: 403, secure: true }],
    ['nobody has said so: what the proxy says is not believed', {}, { outside: 403, other: 200, secure: false }],
  ])(
    '%s',
    async (_what, environment, statuses) => {
      const running = await startTestApp({ environment });
      try {
        await tryAll(running, statuses);
      } finally {
        await running.close();
      }
    },
    60_000,
  );
});

describe('the live stream', () => {
  let running: TestApp;
  beforeAll(async () => {
    running = await startTestApp();
  }, 60_000);
  afterAll(async () => running.close());

  const open = (token: string, stop: AbortController) =>
    fetch(`${running.url}/admin/api/live`, { headers: { authorization: `Bearer ${token}` }, signal: stop.signal });

  it('is open ten times for one subject, and again once one of them is closed', async () => {
    const [viewer, operator] = [await adminToken(running, 'viewer'), await adminToken(running, 'operator')];
    const stops = Array.from({ length: 10 }, () => new AbortController());
    for (const stop of stops) expect((await open(viewer, stop)).status).toBe(200);
    const more = new AbortController();
    const refused = await open(viewer, more);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '10']);
    expect(await refused.json()).toMatchObject({ code: 'rate_limited' });
    expect((await open(operator, more)).status).toBe(200);
    stops[0]!.abort();
    await eventually(async () => expect((await open(viewer, more)).status).toBe(200));
    for (const stop of [...stops, more]) stop.abort();
  });

  it('ends when its token is no longer good', async () => {
    const stop = new AbortController();
    const stream = await open(await adminToken(running, 'viewer'), stop);
    const keys = running.app.get(SigningKeys, { strict: false });
    const { retiring } = await keys.rotate();
    await keys.withdraw(retiring!);
    for await (const _chunk of stream.body!);
  }, 30_000);
});
