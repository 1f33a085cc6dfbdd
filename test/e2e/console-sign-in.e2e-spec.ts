import type { Browser, BrowserContext, Page } from 'playwright-core';
import request from 'supertest';
import { adminToken, sessionToken } from '../support/admin';
import { startTestApp, type TestApp } from '../support/app';
import { chromiumPath, launchChromium } from '../support/browser';
import { build } from '../support/build';
import { CLIENT_SECRET, startOpenIdProvider, type OpenIdProvider } from '../support/identity-provider';

const executable = chromiumPath();

if (executable === null) {
  it.skip('sign-in in a browser: needs Chromium (apt-get install chromium, or CHROMIUM_PATH)', () => undefined);
} else {
  describe('sign-in in a browser', () => {
    let provider: OpenIdProvider;
    let running: TestApp;
    let browser: Browser;
    let context: BrowserContext;
    let page: Page;
    beforeAll(async () => {
      build();
      provider = await startOpenIdProvider();
      running = await startTestApp({
        environment: {
          OIDC_ISSUER: provider.issuer,
          OIDC_CLIENT_ID: 'interlock',
          OIDC_CLIENT_SECRET: CLIENT_SECRET,
          OIDC_ROLES: 'admin=admins',
        },
      });
      await provider.register(running.url);
      browser = await launchChromium(executable);
    }, 120_000);
    afterAll(async () => {
      await browser?.close();
      await running?.close();
      await provider?.stop();
    });
    beforeEach(async () => {
      context = await browser.newContext();
      page = await context.newPage();
    });
    afterEach(async () => context.close());

    const atProvider = async (login: string): Promise<void> => {
      await page.locator('input[name=login]').fill(login);
      await page.locator('input[name=password]').fill('any');
      await page.locator('button[type=submit]').click();
      await page.getByRole('button', { name: 'Continue' }).click();
    };
    const signIn = async (login: string, path = ''): Promise<void> => {
      await page.goto(`${running.url}/admin${path}`);
      await page.getByRole('link', { name: 'Sign in with your organisation' }).click();
      await atProvider(login);
    };

    it('leads through the provider to the page that was opened', async () => {
      await signIn('jo.admins', '#/operators');
      await page.getByText('Name of jo.admins').waitFor();
      expect(await page.locator('.me').textContent()).toContain('oidc:jo.admins');
    });

    it('says why nobody is signed in', async () => {
      await signIn('kim.cooks');
      expect(await page.getByRole('alert').textContent()).toContain('no group that has a role');
    });

    it('asks for the sign-in again before what is dangerous, and comes back', async () => {
      const signedIn = { sessionId: null, identifiedAt: 1_700_000_000, authenticatedAt: 1_700_000_000, acr: null };
      const old = await sessionToken(running, 'oidc:lou.admins', signedIn);
      await context.addCookies([{ name: 'interlock_admin', value: old, url: running.url, sameSite: 'Strict' }]);
      await page.goto(`${running.url}/admin#/vault`);
      await page.getByRole('button', { name: /rotat/i }).first().click();
      await page.getByLabel(/Reason/).fill('a test');
      await page.getByRole('dialog').locator('button[type=submit]').click();
      await page.getByRole('alert').getByRole('link', { name: 'Sign in again' }).click();
      await atProvider('lou.admins');
      await page.getByRole('button', { name: /rotat/i }).first().waitFor();
      expect(new URL(page.url()).hash).toBe('#/vault');
      expect(await page.locator('.me').textContent()).toContain('oidc:lou.admins');
      await request(running.url).get('/admin/api/me').set('authorization', `Bearer ${old}`).expect(401);
    });

    it('tells a wrong origin from a missing role', async () => {
      const behindProxy = await startTestApp({
        databaseUrl: running.config.database.url,
        dataDir: running.config.dataDir,
        environment: { PUBLIC_ORIGIN: 'https://interlock.example.com' },
      });
      try {
        await page.goto(`${behindProxy.url}/admin`);
        await page.getByLabel('Access token').fill(await adminToken(running, 'admin'));
        await page.getByRole('button', { name: 'Sign in' }).click();
        expect(await page.getByRole('alert').textContent()).toContain(`Set PUBLIC_ORIGIN to ${behindProxy.url}`);
      } finally {
        await behindProxy.close();
      }
    });
  });
}
