import { randomUUID } from 'node:crypto';
import request from 'supertest';
import { adminToken } from '../support/admin';
import { startTestApp, type TestApp } from '../support/app';
import { es256, hmac, rs256 } from '../support/bearer-tokens';
import { startForgingProvider, type Forgery } from '../support/forging-provider';
import { PlainBrowser } from '../support/identity-provider';

type Provider = Awaited<ReturnType<typeof startForgingProvider>>;

const SESSION = 'interlock_admin';
const LEVEL = 'urn:example:two-factors';

/** Each differs from a good answer in what its name says. */
const FORGERIES: [name: string, forge: (provider: Provider) => Forgery][] = [
  ['signed with a key of somebody else under our kid', (p) => ({ sign: rs256(p.keys.foreign.privateKey) })],
  ['of an unknown kid', (p) => ({ header: { kid: 'other' }, sign: rs256(p.keys.foreign.privateKey) })],
  ['signed with a key that is too short', (p) => ({ header: { kid: 'weak' }, sign: rs256(p.keys.weak.privateKey) })],
  ['without a signature', () => ({ header: { alg: 'none' }, sign: () => Buffer.alloc(0) })],
  [
    'without a signature, as an algorithm of another case',
    () => ({ header: { alg: 'nOnE' }, sign: () => Buffer.alloc(0) }),
  ],
  ['signed with the public key as a shared secret', (p) => ({ header: { alg: 'HS256' }, sign: hmac(p.publicPem) })],
  ['signed with the client secret', () => ({ header: { alg: 'HS256' }, sign: hmac('the-secret-of-the-client') })],
  ['of an algorithm that is not the key’s', (p) => ({ header: { alg: 'ES256' }, sign: es256(p.keys.ec.privateKey) })],
  ['altered after it was signed', (p) => ({ sign: (input) => rs256(p.keys.own.privateKey)(`${input}x`) })],
  ['with rules that it says are critical', () => ({ header: { crit: ['exp'] } })],
  ['of another issuer', () => ({ claims: { iss: 'https://evil.example' } })],
  ['of an issuer with a slash more', (p) => ({ claims: { iss: `${p.issuer}/` } })],
  ['without an issuer', () => ({ claims: { iss: undefined } })],
  ['for another client', () => ({ claims: { aud: 'another' } })],
  [
    'for two clients, of which the other one is the party',
    () => ({ claims: { aud: ['interlock', 'another'], azp: 'another' } }),
  ],
  ['without an audience', () => ({ claims: { aud: undefined } })],
  ['expired', (p) => ({ claims: { iat: p.now() - 900, exp: p.now() - 600 } })],
  ['without an end', () => ({ claims: { exp: undefined } })],
  ['with an end that is no number', () => ({ claims: { exp: 'tomorrow' } })],
  ['not good yet', (p) => ({ claims: { nbf: p.now() + 900 } })],
  ['without a subject', () => ({ claims: { sub: undefined } })],
  ['of another sign-in: the nonce differs', () => ({ claims: { nonce: randomUUID() } })],
  ['of no sign-in: there is no nonce', () => ({ claims: { nonce: undefined } })],
  ['of a subject that cannot be stored', () => ({ claims: { sub: 'a\u0000b' } })],
  ['left out', () => ({ answer: { id_token: undefined } })],
  ['that is no token', () => ({ answer: { id_token: 'nonsense' } })],
  ['in an answer of another kind of token', () => ({ answer: { token_type: 'nonsense' } })],
  ['from a provider that another one names in the callback', () => ({ callback: { iss: 'https://evil.example' } })],
  ['in a callback of another state', () => ({ callback: { state: randomUUID() } })],
];

describe('what a provider says that is not so', () => {
  let provider: Provider;
  let running: TestApp;
  beforeAll(async () => {
    provider = await startForgingProvider('interlock');
    running = await startTestApp({
      environment: {
        OIDC_ISSUER: provider.issuer,
        OIDC_CLIENT_ID: 'interlock',
        OIDC_CLIENT_SECRET: 'the-secret-of-the-client',
        OIDC_ROLES: 'admin=admins',
        OIDC_STEP_UP_SECONDS: '60',
        OIDC_STEP_UP_ACR: LEVEL,
      },
    });
  }, 60_000);
  afterAll(async () => {
    await running?.close();
    await provider?.stop();
  });

  async function begun(query = ''): Promise<[PlainBrowser, authorizationUrl: string]> {
    const browser = new PlainBrowser();
    browser.stopAt = /\/auth\?|\/admin#/;
    return [browser, (await browser.open(`${running.url}/admin/sign-in${query}`)).url];
  }
  async function signIn(forgery: Forgery = {}, query = ''): Promise<[PlainBrowser, page: string]> {
    const [browser, authorizationUrl] = await begun(query);
    const { url } = await browser.open(provider.answerTo(authorizationUrl, forgery).href);
    return [browser, new URL(url).hash];
  }
  const call = (browser: PlainBrowser, method: 'get' | 'post', path: string) =>
    request(running.url)
      [method](`/admin/api${path}`)
      .set('cookie', `${SESSION}=${browser.cookie(running.url, SESSION) ?? ''}`)
      .set('origin', running.url);

  it('a good answer is taken, with RS256 and with ES256', async () => {
    for (const forgery of [{}, { header: { alg: 'ES256', kid: 'ec' }, sign: es256(provider.keys.ec.privateKey) }]) {
      const [browser, page] = await signIn(forgery);
      expect(page).toBe('#/');
      await call(browser, 'get', '/me').expect(200);
    }
  });

  it('asks with PKCE, a state and a nonce that no other sign-in has', async () => {
    const asked = await Promise.all([begun(), begun()]);
    const [one, two] = asked.map(([, url]) => new URL(url).searchParams);
    for (const name of ['state', 'nonce', 'code_challenge']) {
      expect(one!.get(name)).toMatch(/^[A-Za-z0-9_-]{43}$/);
      expect(one!.get(name)).not.toBe(two!.get(name));
    }
    expect(one!.get('code_challenge_method')).toBe('S256');
    expect(one!.get('response_type')).toBe('code');
  });

  it.each(FORGERIES)('an ID token %s lets nobody in', async (_name, forge) => {
    const [browser, page] = await signIn(forge(provider));
    expect(page).toMatch(/^#\/\?problem=(not_valid|expired)$/);
    expect(browser.cookie(running.url, SESSION)).toBeUndefined();
  });

  it('a session is good under /admin alone: it is no Bearer token elsewhere', async () => {
    const [browser] = await signIn();
    const authorization = `Bearer ${browser.cookie(running.url, SESSION)}`;
    await request(running.url).get('/admin/api/me').set({ authorization }).expect(200);
    for (const path of ['/api/v1/nodes', '/v2/providers']) {
      await request(running.url).get(path).set({ authorization }).expect(403);
    }
    await request(running.url).post('/api/v1/nodes').set({ authorization }).send({}).expect(403);
    await request(running.url).post('/mcp').set({ authorization }).send({}).expect(403);
  });

  it('an unreachable provider is told, and nobody is let in', async () => {
    const [browser, authorizationUrl] = await begun();
    const callback = provider.answerTo(authorizationUrl, { answer: { id_token: 'x'.repeat(400_000) } });
    const { url } = await browser.open(callback.href);
    expect(new URL(url).hash).toBe('#/?problem=unavailable');
  });

  it('a sign-in that is too old is refused for what is dangerous, of all operations, and for nothing else', async () => {
    const { paths } = (await import('../../openapi-admin.json')).default as {
      paths: Record<string, Record<string, object>>;
    };
    const signIn = { sessionId: null, identifiedAt: 1, authenticatedAt: 1, acr: LEVEL };
    const authorization = `Bearer ${await adminToken(running, 'admin', { signIn })}`;
    const refused: string[] = [];
    for (const [template, operations] of Object.entries(paths)) {
      for (const method of Object.keys(operations) as ('get' | 'post' | 'put')[]) {
        if (!template.startsWith('/admin/api/') || template === '/admin/api/live') continue;
        const path = template.replace(/\{(\w+)\}/g, randomUUID());
        const body = { reason: 'a test', dryRun: false };
        const call = request(running.url)[method](path).set('authorization', authorization);
        const answer = await (method === 'get' ? call : call.send(body));
        if (answer.body.code === 'sign_in_too_old') refused.push(`${method} ${template}`);
      }
    }
    expect(refused.toSorted()).toEqual([
      'delete /admin/api/providers/{provider}/manifest',
      'post /admin/api/api-keys/{id}/revoke',
      'post /admin/api/api-keys/{id}/rotate',
      'post /admin/api/approvals/{id}/approve',
      'post /admin/api/deletion-plans/{id}/approve',
      'post /admin/api/merchants/{id}/api-keys',
      'post /admin/api/operators/{subject}/disable',
      'post /admin/api/operators/{subject}/enable',
      'post /admin/api/payment-reviews/{id}/not-taken',
      'post /admin/api/retries',
      'post /admin/api/tokens/{jti}/revoke',
      'post /admin/api/vault/rotation',
      'put /admin/api/api-keys/{id}/allowed-cidrs',
      'put /admin/api/providers/{provider}/manifest',
    ]);
  });

  describe('step-up', () => {
    const disable = (browser: PlainBrowser) =>
      call(browser, 'post', '/operators/nobody/disable').send({ reason: 'a test' });

    it('takes a recent sign-in of the level, and nothing less', async () => {
      const [plain] = await signIn();
      const refused = await disable(plain).expect(401);
      expect(refused.headers['www-authenticate']).toContain(`max_age=60, acr_values="${LEVEL}"`);
      const [, authorizationUrl] = await begun('?stepUp=true');
      expect(new URL(authorizationUrl).searchParams.get('acr_values')).toBe(LEVEL);
      const [high] = await signIn({ claims: { acr: LEVEL } }, '?stepUp=true');
      await disable(high).expect(404);
    });

    it.each<[string, Forgery, string]>([
      ['below the level', {}, 'level_too_low'],
      ['of another level', { claims: { acr: 'urn:example:one-factor' } }, 'level_too_low'],
      ['that is too old', { claims: { acr: LEVEL, auth_time: 1_000_000_000 } }, 'not_valid'],
      ['that does not say when it was', { claims: { acr: LEVEL, auth_time: undefined } }, 'not_valid'],
    ])('refuses a sign-in %s', async (_name, forgery, problem) => {
      const [, page] = await signIn(forgery, '?stepUp=true');
      expect(page).toBe(`#/?problem=${problem}`);
    });

    it('does not believe a sign-in of the future', async () => {
      const [browser] = await signIn({ claims: { acr: LEVEL, auth_time: provider.now() + 86_400 } });
      await disable(browser).expect(401);
    });
  });

  describe('back-channel logout', () => {
    const logout = (token: string) =>
      request(running.url).post('/admin/backchannel-logout').type('form').send({ logout_token: token });
    const foreign = () => rs256(provider.keys.foreign.privateKey);

    it('ends the session that it names, and a later sign-in in it; another session goes on', async () => {
      const [one] = await signIn({ claims: { sid: 'one' } });
      const [other] = await signIn({ claims: { sid: 'other' } });
      const answer = await logout(provider.logoutToken({ claims: { sid: 'one' } })).expect(200);
      expect(answer.headers['cache-control']).toBe('no-store');
      await call(one, 'get', '/me').expect(401);
      await call(other, 'get', '/me').expect(200);
      const [late] = await signIn({ claims: { sid: 'one' } });
      await call(late, 'get', '/me').expect(401);
    });

    it('ends a session without a name when it names the subject too', async () => {
      const [browser] = await signIn({ claims: { sub: 'unnamed' } });
      const [named] = await signIn({ claims: { sub: 'unnamed', sid: 'named' } });
      await logout(provider.logoutToken({ claims: { sub: 'unnamed', sid: 'of another browser' } })).expect(200);
      await call(browser, 'get', '/me').expect(401);
      await call(named, 'get', '/me').expect(200);
    });

    it('is obeyed when it overtakes the sign-in, with and without a session', async () => {
      for (const sid of [undefined, 'overtaken']) {
        const [waiting, authorizationUrl] = await begun();
        const claims = { sub: 'overtaken', sid, iat: provider.now() - 5 };
        await logout(provider.logoutToken({ claims: { sub: 'overtaken', sid } })).expect(200);
        await waiting.open(provider.answerTo(authorizationUrl, { claims }).href);
        await call(waiting, 'get', '/me').expect(401);
      }
    });

    it('strangers are slowed down, and the provider is not', async () => {
      const limited = await startTestApp({
        databaseUrl: running.config.database.url,
        dataDir: running.config.dataDir,
        environment: {
          OIDC_ISSUER: provider.issuer,
          OIDC_CLIENT_ID: 'interlock',
          OIDC_ROLES: 'admin=admins',
          EXCHANGE_LIMIT_PER_ADDRESS: '3',
          ADMIN_ALLOWED_CIDRS: '192.0.2.0/24',
        },
      });
      try {
        const send = (token: string) =>
          request(limited.url).post('/admin/backchannel-logout').type('form').send({ logout_token: token });
        for (let tries = 0; tries < 3; tries++) await send('nonsense').expect(400);
        await send('nonsense').expect(429);
        await send(provider.logoutToken()).expect(200);
      } finally {
        await limited.close();
      }
    });

    it('ends every session of the subject that it names, once', async () => {
      const [browser] = await signIn({ claims: { sub: 'one-of-many' } });
      const token = provider.logoutToken({ claims: { sid: undefined, sub: 'one-of-many' } });
      await logout(token).expect(200);
      await call(browser, 'get', '/me').expect(401);
      await new Promise((resolve) => setTimeout(resolve, 1_100));
      const [again] = await signIn({ claims: { sub: 'one-of-many' } });
      await logout(token).expect(200);
      await call(again, 'get', '/me').expect(200);
    });

    it.each<[string, (p: Provider) => Forgery]>([
      ['of somebody else', () => ({ sign: foreign() })],
      ['without a signature', () => ({ header: { alg: 'none' }, sign: () => Buffer.alloc(0) })],
      ['signed with the public key', (p) => ({ header: { alg: 'HS256' }, sign: hmac(p.publicPem) })],
      ['of another issuer', () => ({ claims: { iss: 'https://evil.example' } })],
      ['for another client', () => ({ claims: { aud: 'another' } })],
      ['that has expired', (p) => ({ claims: { exp: p.now() - 600 } })],
      ['without an end', () => ({ claims: { exp: undefined } })],
      ['without an event', () => ({ claims: { events: undefined } })],
      ['of another event', () => ({ claims: { events: { 'http://example.com/other': {} } } })],
      ['that is an ID token: it has a nonce', () => ({ claims: { nonce: 'x' } })],
      ['that names neither session nor subject', () => ({ claims: { sid: undefined } })],
      ['of another type', () => ({ header: { typ: 'at+jwt' } })],
      ['of last week', (p) => ({ claims: { iat: p.now() - 604_800 } })],
      ['of next week', (p) => ({ claims: { iat: p.now() + 604_800, exp: p.now() + 605_000 } })],
      ['whose name cannot be stored', () => ({ claims: { jti: 'a\u0000b' } })],
      ['whose name is too long', () => ({ claims: { jti: 'x'.repeat(6_000) } })],
      ['whose subject cannot be stored', () => ({ claims: { sub: 'a\u0000b' } })],
    ])('a logout token %s ends nothing', async (_name, forge) => {
      const [browser] = await signIn({ claims: { sid: 'kept', sub: 'kept' } });
      const { claims, ...rest } = forge(provider);
      await logout(provider.logoutToken({ claims: { sid: 'kept', ...claims }, ...rest })).expect(400);
      await call(browser, 'get', '/me').expect(200);
    });

    it('takes nothing but a form with a token', async () => {
      await request(running.url)
        .post('/admin/backchannel-logout')
        .send({ logout_token: provider.logoutToken() })
        .expect(400);
      await request(running.url).post('/admin/backchannel-logout').type('form').send('').expect(400);
      await request(running.url)
        .post('/admin/backchannel-logout')
        .type('form')
        .send('logout_token=a&logout_token=b')
        .expect(400);
    });
  });
});
