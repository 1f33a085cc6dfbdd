import request from 'supertest';
import { Operators, OperatorSightings } from '../../src/operators';
import { adminOf, adminToken, sessionToken } from '../support/admin';
import { startTestApp, type TestApp } from '../support/app';
import { eventually } from '../support/eventually';
import {
  CLIENT_SECRET,
  PlainBrowser,
  startOpenIdProvider,
  type OpenIdProvider,
  type Page,
} from '../support/identity-provider';

const SESSION = 'interlock_admin';

describe('sign-in of operators at a real OpenID provider', () => {
  let provider: OpenIdProvider;
  let running: TestApp;
  let second: TestApp;
  beforeAll(async () => {
    provider = await startOpenIdProvider();
    const environment = {
      OIDC_ISSUER: provider.issuer,
      OIDC_CLIENT_ID: 'interlock',
      OIDC_CLIENT_SECRET: CLIENT_SECRET,
      OIDC_ROLES: 'admin=admins;operator=support,on-call;viewer=everyone',
      OIDC_STEP_UP_SECONDS: '30',
    };
    running = await startTestApp({ environment });
    second = await startTestApp({
      databaseUrl: running.config.database.url,
      dataDir: running.config.dataDir,
      environment,
    });
    await provider.register(running.url);
  }, 90_000);
  afterAll(async () => {
    await second?.close();
    await running?.close();
    await provider?.stop();
  });

  const atConsole = (browser: PlainBrowser): PlainBrowser => {
    browser.stopAt = /\/admin#/;
    return browser;
  };
  /** Login and consent at the provider, as a person would. */
  async function signIn(
    login: string,
    browser = atConsole(new PlainBrowser()),
    query = '',
  ): Promise<[PlainBrowser, Page]> {
    let page = await browser.open(`${running.url}/admin/sign-in${query}`);
    while (page.url.includes('/interaction/')) {
      page = await browser.submit(page, page.body.includes('name="login"') ? { login, password: 'any' } : {});
    }
    return [browser, page];
  }
  const sessionOf = (browser: PlainBrowser) => browser.cookie(running.url, SESSION);
  const me = (browser: PlainBrowser, on = running) =>
    request(on.url)
      .get('/admin/api/me')
      .set('cookie', `${SESSION}=${sessionOf(browser) ?? ''}`);
  const write = (browser: PlainBrowser, path: string) =>
    request(running.url)
      .post(`/admin/api${path}`)
      .set('cookie', `${SESSION}=${sessionOf(browser) ?? ''}`)
      .set('origin', running.url)
      .send({ reason: 'a test' });

  it('lets in by the groups of the account, and comes back to the page that was asked for', async () => {
    const [browser, page] = await signIn('ann.support.everyone', undefined, `?page=${encodeURIComponent('/audit')}`);
    expect(page.url).toBe(`${running.url}/admin#/audit`);
    const { body } = await me(browser).expect(200);
    expect(body.data).toMatchObject({ id: 'oidc:ann.support.everyone', roles: ['operator', 'viewer'] });
    await me(browser, second).expect(200);
  });

  it('refuses who is in no group that grants a role, and says so', async () => {
    const [browser, page] = await signIn('bob.cooks');
    expect(page.url).toBe(`${running.url}/admin#/?problem=no_role`);
    expect(sessionOf(browser)).toBeUndefined();
    const { body } = await (
      await adminOf(running, 'viewer')
    )('get', '/audit?action=operator.sign_in_refused').expect(200);
    expect(body.data[0]).toMatchObject({ actorId: 'oidc:bob.cooks', details: { problem: 'no_role' } });
  });

  it('knows no role of whoever is refused for having none, whatever an older session says', async () => {
    const [browser] = await signIn('hal.support');
    const admin = await adminOf(running, 'viewer');
    const rolesOf = async (subject: string) => {
      const { body } = await admin('get', '/operators').expect(200);
      return body.data.find((each: { subject: string }) => each.subject === subject)?.roles;
    };
    expect(await rolesOf('oidc:hal.support')).toEqual(['operator']);
    // the login of this provider is its groups: ida had one, and has it no longer
    const signedIn = { sessionId: 'older', identifiedAt: Math.floor(Date.now() / 1000), authenticatedAt: 0, acr: null };
    browser.setCookie(running.url, SESSION, await sessionToken(running, 'oidc:ida.cooks', signedIn));
    await running.app
      .get(Operators)
      .signedIn({ subject: 'oidc:ida.cooks', name: null, roles: ['admin'], method: 'openid_connect' });
    await signIn('ida.cooks');
    expect(await rolesOf('oidc:ida.cooks')).toEqual([]);
    await me(browser).expect(200);
    await running.app.get(OperatorSightings).flush();
    expect(await rolesOf('oidc:ida.cooks')).toEqual([]);
  });

  it('tells whose session it is, in the list and in the audit log, and how it began', async () => {
    const [browser] = await signIn('cleo.admins');
    await me(browser).expect(200);
    const admin = await adminOf(running, 'viewer');
    const { body } = await admin('get', '/operators').expect(200);
    expect(body.data.find((each: { subject: string }) => each.subject === 'oidc:cleo.admins')).toMatchObject({
      name: 'Name of cleo.admins',
      roles: ['admin'],
      signInMethod: 'openid_connect',
      disabledAt: null,
    });
    const { body: audit } = await admin('get', '/audit?action=operator.signed_in').expect(200);
    expect(audit.data[0]).toMatchObject({ actorId: 'oidc:cleo.admins', details: { method: 'openid_connect' } });
  });

  it('ends the session on every process when the provider says that it has ended', async () => {
    const [browser] = await signIn('dan.admins');
    await me(browser, second).expect(200);
    const { url, body } = await browser.open(`${provider.issuer}/session/end`);
    await browser.submit({ url, status: 200, body }, { logout: 'yes' });

    await eventually(async () => {
      await me(browser).expect(401);
      await me(browser, second).expect(401);
    });
    // who signs in again has a session of its own
    const [again] = await signIn('dan.admins');
    await me(again).expect(200);
  });

  it('ends every session and token of an operator who is disabled, and takes none until enabled', async () => {
    const [browser] = await signIn('eve.admins');
    const [other] = await signIn('fay.admins');
    await write(other, `/operators/${encodeURIComponent('oidc:eve.admins')}/disable`).expect(200);
    await me(browser).expect(401);
    await eventually(async () => void (await me(browser, second).expect(401)));
    const [, refused] = await signIn('eve.admins');
    expect(refused.url).toBe(`${running.url}/admin#/?problem=disabled`);
    const pasted = await adminToken(running, 'admin', { subject: 'eve.admins' });
    await request(running.url).get('/admin/api/me').set('authorization', `Bearer ${pasted}`).expect(401);
    await write(other, `/operators/${encodeURIComponent('oidc:fay.admins')}/disable`).expect(400);
    await write(other, `/operators/${encodeURIComponent('oidc:nobody')}/disable`).expect(404);
    await write(other, `/operators/${encodeURIComponent('oidc:eve.admins')}/enable`).expect(200);
    const [again] = await signIn('eve.admins');
    await me(again).expect(200);
  });

  it('asks for a recent sign-in before what is dangerous, and for none before what is not', async () => {
    const hourAgo = Math.floor(Date.now() / 1000) - 3_600;
    const signedIn = { sessionId: 'old', identifiedAt: hourAgo, authenticatedAt: hourAgo, acr: null };
    const old = await sessionToken(running, 'oidc:gil.admins', signedIn);
    const browser = atConsole(new PlainBrowser());
    browser.setCookie(running.url, SESSION, old);
    await me(browser).expect(200);
    const refused = await write(browser, '/operators/oidc:nobody/disable').expect(401);
    expect(refused.body.code).toBe('sign_in_too_old');
    expect(refused.headers['www-authenticate']).toMatch(/error="insufficient_user_authentication".*max_age=30/);
    const [, page] = await signIn('gil.admins', browser, '?stepUp=true&page=/merchants');
    expect(page.url).toBe(`${running.url}/admin#/merchants`);
    await write(browser, '/operators/oidc:nobody/disable').expect(404);
    await request(running.url).get('/admin/api/me').set('cookie', `${SESSION}=${old}`).expect(401);
  });

  it('keeps a pasted token for the day on which the provider is away', async () => {
    const admin = await adminOf(running, 'admin');
    await admin('post', '/operators/oidc:nobody/disable', { reason: 'break glass' }).expect(404);
  });

  describe('the browser that comes back', () => {
    it('is refused without the sign-in that it began', async () => {
      const page = await atConsole(new PlainBrowser()).open(`${running.url}/admin/sign-in/callback?code=x&state=y`);
      expect(page.url).toBe(`${running.url}/admin#/?problem=expired`);
    });

    it('is refused with a sign-in that another browser began', async () => {
      const victim = atConsole(new PlainBrowser());
      await victim.open(`${running.url}/admin/sign-in`);
      const attacker = new PlainBrowser();
      attacker.stopAt = /\/admin\/sign-in\/callback/;
      const [, callback] = await signIn('mallory.admins', attacker);
      expect(callback.url).toContain('code=');
      expect((await victim.open(callback.url)).url).toBe(`${running.url}/admin#/?problem=expired`);
      expect(sessionOf(victim)).toBeUndefined();
    });

    it('is signed in once by one answer', async () => {
      const browser = new PlainBrowser();
      browser.stopAt = /\/admin\/sign-in\/callback/;
      const [, callback] = await signIn('hal.admins', browser);
      const begun = browser.cookie(running.url, 'interlock_sign_in')!;
      atConsole(browser);
      expect((await browser.open(callback.url)).url).toBe(`${running.url}/admin#/`);
      browser.setCookie(running.url, 'interlock_sign_in', begun);
      expect((await browser.open(callback.url)).url).toBe(`${running.url}/admin#/?problem=not_valid`);
      const [verifier] = JSON.parse(Buffer.from(begun, 'base64url').toString()) as [string];
      const { searchParams } = new URL(callback.url);
      for (const secret of [verifier, searchParams.get('code')!, searchParams.get('state')!, sessionOf(browser)!]) {
        expect(running.logs.filter((line) => line.includes(secret))).toEqual([]);
      }
    });

    it.each([
      'https://evil.example/',
      '//evil.example',
      '/\\evil.example',
      'javascript:alert(1)',
      '/x"onload="',
      '/x\r\nSet-Cookie: a=b',
    ])('is sent to the console alone: %j', async (target) => {
      const [, page] = await signIn('ida.everyone', undefined, `?page=${encodeURIComponent(target)}`);
      expect(new URL(page.url).origin).toBe(running.url);
      expect(new URL(page.url).pathname).toBe('/admin');
      expect(new URL(page.url).hash).toMatch(/^#\/(\/evil\.example)?$/);
    });

    it('is told that the person said no', async () => {
      const browser = atConsole(new PlainBrowser());
      const asked = await browser.open(`${running.url}/admin/sign-in`);
      const abort = /href="([^"]*abort[^"]*)"/.exec(asked.body)![1]!;
      const page = await browser.open(new URL(abort, asked.url).href);
      expect(page.url).toBe(`${running.url}/admin#/?problem=refused`);
    });
  });
});
