import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import request from 'supertest';
import { AccessTokens, SigningKeys } from '../../src/auth';
import { adminToken } from '../support/admin';
import { startTestApp, type TestApp } from '../support/app';
import { chromiumPath, launchChromium } from '../support/browser';
import { build } from '../support/build';
import { makeClinic, type Clinic } from '../support/clinic';
import { eventually } from '../support/eventually';

const executable = chromiumPath();
/** With SCREENSHOTS=1 the pictures that the documents show are taken anew. */
const SCREENSHOTS = process.env['SCREENSHOTS'] === '1' ? path.resolve('docs/screenshots') : null;
/** A folder outside of the repository for pictures of every page. */
const LOOKS = process.env['CONSOLE_LOOKS'];
/** For the pictures only: a day that has passed. */
const A_DAY_OF_RUNS = `
  INSERT INTO sync_runs (id, integration_id, kind, lane, trigger, state, error_code, error_verdict, created_at, started_at, finished_at)
  SELECT gen_random_uuid(), i.id, 'sync', 'sync', 'scheduled', outcome.state,
    CASE outcome.state WHEN 'failed' THEN (ARRAY['provider_error', 'provider_timeout', 'rate_limited'])[1 + h % 3] END,
    CASE outcome.state WHEN 'failed' THEN 'provider_down' END, at, at, at
  FROM integrations i, generate_series(1, 23) AS h,
    LATERAL (SELECT now() - h * interval '1 hour' AS at) moment,
    LATERAL (SELECT CASE WHEN (h * 7 + ascii(left(i.id::text, 1))) % 9 = 0 OR h BETWEEN 8 AND 10 AND ascii(left(i.id::text, 1)) % 2 = 0
      THEN 'failed' ELSE 'succeeded' END AS state) outcome, generate_series(1, 4 + (h * 5) % 4) n`;
/** Every page of the section. */
const OPERATIONS = [
  ...readFileSync(path.resolve('src/admin/console/operations.tsx'), 'utf8').matchAll(/^  \['([a-z-]+)', '/gm),
].map(([, page]) => page!);
const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

if (executable === null) {
  it.skip('the console in a browser: needs Chromium (apt-get install chromium, or CHROMIUM_PATH)', () => undefined);
} else {
  describe('the console in a browser', () => {
    let running: TestApp;
    let browser: Browser;
    let context: BrowserContext;
    let page: Page;
    let riverside: Clinic;
    let failing: Clinic;
    let hillside: Clinic;
    const consoleErrors: string[] = [];
    const foreign: string[] = [];

    beforeAll(async () => {
      // the page is read when the application starts
      build();
      running = await startTestApp();
      browser = await launchChromium(executable);
      const clinics: Clinic[] = [];
      for (const name of ['Riverside Physio', 'Oak Street Dental', 'Hillside Osteopaths', 'North Quay Clinic']) {
        const clinic = await makeClinic(running);
        await clinic.sql('UPDATE merchants SET name = $2 WHERE id = $1', [clinic.merchantId, name]);
        await clinic.activate().expect(200);
        await clinic.settled();
        clinics.push(clinic);
      }
      [riverside, failing, hillside] = clinics as [Clinic, Clinic, Clinic];
      running.sandbox.practicehub.addFaults([{ kind: 'status', status: 401, match: { apiKey: failing.accountKey } }]);
      await failing.sync();
      running.sandbox.practicehub.addFaults([
        { kind: 'status', status: 503, match: { apiKey: hillside.accountKey, path: '/invoices' } },
      ]);
      await hillside.sync();
      await riverside.sql(`
        INSERT INTO admin_approvals (id, act, summary, parameters, state, requested_by, reason, expires_at, decided_by, decision_reason, decided_at)
        SELECT gen_random_uuid(), 'bulk_retry', 'Retry 240 failed log entries of 31 integrations', '{}', state, 'jo@example.com',
          'The outage of Monday is over.', now() + interval '1 day', decided_by, 'Checked.', now()
        FROM (VALUES ('waiting', NULL), ('done', 'kim@example.com')) AS given (state, decided_by)`);
      if (SCREENSHOTS || LOOKS) await riverside.sql(A_DAY_OF_RUNS);
    }, 120_000);
    afterAll(async () => {
      await browser?.close();
      await running?.close();
    });
    beforeEach(async () => {
      consoleErrors.length = 0;
      foreign.length = 0;
      context = await browser.newContext({ viewport: { width: 1440, height: 900 }, bypassCSP: false });
      page = await context.newPage();
      page.on(
        'console',
        (message) => message.type() === 'error' && consoleErrors.push(`${message.text()} ${message.location().url}`),
      );
      page.on('pageerror', (error) => consoleErrors.push(error.message));
      page.on('request', (request) => {
        const { origin, protocol } = new URL(request.url());
        if (protocol !== 'data:' && origin !== running.url) foreign.push(request.url());
      });
    });
    afterEach(async () => context.close());

    /**
     * Level A and AA, with the rules run inside the page through the browser's own channel, which a page's CSP does not
     * stop.
     */
    const violations = async (): Promise<string[]> => {
      await page.evaluate(AXE);
      const { violations: found } = (await page.evaluate(
        `axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] })`,
      )) as { violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] };
      return found.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html} ${node.failureSummary}`));
    };
    const picture = async (name: string): Promise<void> => {
      if (SCREENSHOTS === null) return;
      mkdirSync(SCREENSHOTS, { recursive: true });
      await page.screenshot({ path: path.join(SCREENSHOTS, `${name}.png`), fullPage: false });
    };
    /** The answer 401 to "who am I" before signing in is expected, and the browser writes it down as an error. */
    const unexpected = () => consoleErrors.filter((text) => !/status of 401/.test(text));
    /** For whoever looks for themselves: every page as it is looked at, outside of the repository. */
    const look = async (name: string): Promise<void> => {
      if (LOOKS) await page.screenshot({ path: path.join(LOOKS, `${name}.png`), fullPage: true });
    };
    const signIn = async (role: 'admin' | 'operator' | 'viewer' = 'operator'): Promise<void> => {
      await page.goto(`${running.url}/admin`);
      await page.getByLabel('Access token').fill(await adminToken(running, role));
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('heading', { name: 'Health' }).waitFor();
    };

    it('says how to get in, and refuses what is no token', async () => {
      await page.goto(`${running.url}/console`);
      await page.getByText('npm run cli -- token issue --role admin').waitFor();
      expect(new URL(page.url()).pathname).toBe('/admin');
      expect(await violations()).toEqual([]);
      await page.getByLabel('Access token').fill('not-a-token');
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('alert').waitFor();
      await look('sign-in');
      expect(unexpected()).toEqual([]);
      expect(foreign).toEqual([]);
    });

    it('from the overview to a failing integration: why, resume, and it goes healthy', async () => {
      await signIn();
      await page.getByText('1 integration at PracticeHub paused: credentials rejected').first().waitFor();
      await page.getByRole('heading', { name: 'Under way' }).waitFor();
      expect(await violations()).toEqual([]);
      await picture('overview');

      await page.getByRole('navigation', { name: 'Sections' }).getByRole('link', { name: 'Integrations' }).click();
      await page.getByLabel('Condition').selectOption('paused');
      await page.getByRole('link', { name: 'Oak Street Dental' }).waitFor();
      await page.getByRole('link', { name: 'Riverside Physio' }).waitFor({ state: 'detached' });
      expect(await page.getByRole('row').count()).toBe(2);
      expect(await violations()).toEqual([]);
      await page.getByLabel('Search').fill('oak');
      await page.waitForURL(/search=oak/);
      await page.getByRole('link', { name: 'Oak Street Dental' }).click();

      await page.getByText('The provider rejected the credentials.', { exact: true }).first().waitFor();
      await page.getByText('next: ask the merchant for new credentials').first().waitFor();
      expect(await page.getByText('PUT …').count()).toBe(0);
      await page.getByText('Breaker open').waitFor();
      expect(await violations()).toEqual([]);
      await picture('integration-paused');

      running.sandbox.practicehub.clearFaults();
      const resume = page.getByRole('button', { name: 'Resume' });
      // the credentials are what helps
      expect(await resume.getAttribute('class')).toBe('plain');
      await resume.click();
      const dialog = page.getByRole('dialog');
      await dialog.getByText(/rejects them again until the merchant sends new ones/).waitFor();
      expect(await dialog.getByRole('button', { name: 'Resume' }).isDisabled()).toBe(true);
      expect(await violations()).toEqual([]);
      await dialog.getByLabel('Reason').fill('The clinic sent a new key');
      await dialog.getByRole('button', { name: 'Resume' }).click();

      await page.locator('.title').getByText('Healthy').waitFor({ timeout: 20_000 });
      await page.getByText('“The clinic sent a new key”').waitFor();
      await page.getByText('Breaker closed').waitFor();
      await look('integration');
      // a resumed one is healthy as soon as its breaker is closed, and its error goes with the run that succeeds
      await eventually(async () => {
        const [health] = await failing.sql(
          `SELECT h.breaker, h.last_error FROM sync_health h JOIN integrations i ON i.id = h.integration_id WHERE i.merchant_id = $1`,
          [failing.merchantId],
        );
        expect(health).toEqual({ breaker: 'closed', last_error: null });
      }, 20_000);
      expect(unexpected()).toEqual([]);
      expect(foreign).toEqual([]);
    }, 90_000);

    it('can be used with the keyboard alone', async () => {
      await page.goto(`${running.url}/admin`);
      await page.getByLabel('Access token').focus();
      await page.keyboard.insertText(await adminToken(running, 'operator'));
      await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'Health' }).waitFor();
      await page.evaluate(`document.activeElement.blur()`);
      await page.keyboard.press('Tab');
      expect(await page.evaluate(`document.activeElement.textContent.trim()`)).toBe('Skip to content');
      await page.keyboard.press('Enter');
      expect(await page.evaluate(`document.activeElement.id`)).toBe('main');
      await page
        .getByRole('link', { name: 'Riverside Physio' })
        .or(page.getByRole('link', { name: 'All integrations' }))
        .first()
        .focus();
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { level: 1, name: 'Integrations' }).waitFor();
      await page.getByRole('link', { name: 'Riverside Physio' }).focus();
      await page.keyboard.press('Enter');
      await page.getByRole('button', { name: 'Pause' }).focus();
      await page.keyboard.press('Enter');
      await page.getByRole('dialog').waitFor();
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'hidden' });
      expect(unexpected()).toEqual([]);
    }, 60_000);

    it.each([
      ['light', 360],
      ['dark', 360],
      ['dark', 1440],
    ] as const)(
      'is readable in %s at %i px: nothing is cut off, and no violation of A or AA',
      async (colorScheme, width) => {
        await page.setViewportSize({ width, height: 800 });
        await page.emulateMedia({ colorScheme });
        await signIn('admin');
        const [row] = await failing.sql('SELECT id FROM integrations WHERE merchant_id = $1', [failing.merchantId]);
        const places = [
          '',
          'integrations',
          `integrations/${row!['id']}`,
          'merchants',
          `merchants/${failing.merchantId}`,
          ...OPERATIONS,
          'runs',
          'audit',
          'nowhere',
        ];
        for (const place of places) {
          await page.evaluate(`location.hash = '#/${place}'`);
          await page.locator('main h1').waitFor();
          await page.locator('.loading').waitFor({ state: 'detached' });
          await page.waitForTimeout(400);
          const overflow = await page.evaluate(
            `document.documentElement.scrollWidth - document.documentElement.clientWidth`,
          );
          expect([place, overflow]).toEqual([place, 0]);
          expect(await violations()).toEqual([]);
          await look(`${place.split('/').join('-') || 'overview'}-${colorScheme}-${width}`);
        }
        expect(unexpected()).toEqual([]);
        expect(foreign).toEqual([]);
      },
      180_000,
    );

    it('shows a viewer everything and offers no act', async () => {
      await signIn('viewer');
      const [row] = await failing.sql('SELECT id FROM integrations WHERE merchant_id = $1', [failing.merchantId]);
      await page.goto(`${running.url}/admin#/integrations/${row!['id']}`);
      await page.getByRole('heading', { name: 'Timeline' }).waitFor();
      expect(await page.getByRole('button', { name: /sync|pause|resume/i }).count()).toBe(0);
    });

    describe('keys', () => {
      const providers = (key: string) => request(running.url).get('/v2/providers').set('x-api-key', key);

      it('are made and rotated, each shown once, and revoked', async () => {
        await signIn('admin');
        await page.getByRole('navigation', { name: 'Sections' }).getByRole('link', { name: 'Merchants' }).click();
        await page.getByLabel('Search').fill('riverside');
        await page.getByRole('link', { name: 'Oak Street Dental' }).waitFor({ state: 'detached' });
        await page.getByRole('link', { name: 'Riverside Physio' }).click();
        await page.getByRole('button', { name: 'Create key' }).click();
        const dialog = page.getByRole('dialog');
        await dialog.getByLabel('Name').fill('Front desk');
        await look('create-key');
        expect(await violations()).toEqual([]);
        await dialog.getByLabel('Reason').fill('They open a second desk');
        await dialog.getByRole('button', { name: 'Create key' }).click();
        const shown = page.getByLabel('API key', { exact: true });
        await shown.waitFor();
        const key = await shown.inputValue();
        await providers(key).expect(200);
        await look('new-key');
        expect(await violations()).toEqual([]);
        await page.getByRole('button', { name: 'I have kept it' }).click();
        await shown.waitFor({ state: 'detached' });
        expect(await page.content()).not.toContain(key);

        await page.getByRole('button', { name: 'Rotate Front desk' }).click();
        await dialog.getByLabel('The old key still works for').selectOption('0');
        await dialog.getByLabel('Reason').fill('It was sent by mail');
        await dialog.getByRole('button', { name: 'Rotate key' }).click();
        await shown.waitFor();
        const successor = await shown.inputValue();
        await providers(key).expect(401);
        await providers(successor).expect(200);
        await page.getByText('Revoked').waitFor();

        await page.getByRole('button', { name: 'Revoke Front desk' }).click();
        await dialog.getByLabel('Reason').fill('The desk is gone');
        await dialog.getByRole('button', { name: 'Revoke key' }).click();
        await dialog.waitFor({ state: 'detached' });
        await providers(successor).expect(401);

        await page.getByRole('main').getByRole('link', { name: 'Audit log' }).click();
        await page.getByText('The desk is gone').waitFor();
        await page.getByText('It was sent by mail').waitFor();
        await page.getByText('Details').first().click();
        expect(await violations()).toEqual([]);
        expect(unexpected()).toEqual([]);
        expect(foreign).toEqual([]);
      }, 60_000);

      it('are listed for an operator, who may not touch them', async () => {
        await signIn('operator');
        await page.goto(`${running.url}/admin#/merchants/${failing.merchantId}`);
        await page.getByText('Only the role admin can change keys.').waitFor();
        await page.getByRole('region', { name: 'API keys' }).waitFor();
        expect(await page.getByRole('button', { name: /key|rotate|revoke/i }).count()).toBe(0);
      });
    });

    describe('operations', () => {
      const open = async (name: string): Promise<void> => {
        await page.getByRole('navigation', { name: 'Sections' }).getByRole('link', { name: 'Operations' }).click();
        await page.getByRole('navigation', { name: 'Operations' }).getByRole('link', { name }).click();
        await page.getByRole('heading', { level: 1, name }).waitFor();
      };

      it('move the vault to another key, with a reason, and show how far it is', async () => {
        await signIn('admin');
        await open('Vault');
        await page.getByText('There has been no rotation yet.').waitFor();
        await page.getByRole('button', { name: 'Start a rotation' }).click();
        const dialog = page.getByRole('dialog');
        await dialog.getByLabel('How').selectOption('reencrypt');
        expect(await violations()).toEqual([]);
        await dialog.getByLabel('Reason').fill('Yearly rotation');
        await dialog.getByRole('button', { name: 'Start rotation' }).click();
        await page.getByRole('main').getByText('Done').waitFor({ timeout: 20_000 });
        await page.getByText(/moved, \d+ verified/).waitFor();
        await look('vault');
        expect(await violations()).toEqual([]);
        expect(unexpected()).toEqual([]);
      }, 60_000);

      it('list the tokens that were given out, and revoke one', async () => {
        const { jti } = await running.app.get(AccessTokens, { strict: false }).issue({
          subject: 'leaver@example.test',
          roles: ['viewer'],
          permissions: [],
          nodeIds: [],
          ttlSeconds: 3_600,
          now: new Date(),
        });
        await signIn('admin');
        await open('Tokens');
        await page.getByText(jti).waitFor();
        await page.getByRole('button', { name: 'Revoke the token of leaver@example.test' }).click();
        const dialog = page.getByRole('dialog');
        expect(await violations()).toEqual([]);
        await dialog.getByLabel('Reason').fill('Has left the team');
        await dialog.getByRole('button', { name: 'Revoke token' }).click();
        await page.locator('.badge', { hasText: 'Revoked' }).waitFor();
        expect(await violations()).toEqual([]);
        expect(unexpected()).toEqual([]);
      }, 60_000);

      it('show what a bulk retry would do, and then do that', async () => {
        await signIn();
        await open('Bulk retry');
        await page.getByLabel('Merchant').fill('hillside');
        await page.getByRole('button', { name: 'Show what would happen' }).click();
        const headline = page.getByText(/^\d+ failed entr(y|ies) would get another attempt$/);
        await headline.waitFor();
        const found = parseInt((await headline.textContent())!, 10);
        expect(found).toBeGreaterThan(0);
        await look('retries');
        expect(await violations()).toEqual([]);
        const queued = () => hillside.sql('SELECT count(*)::int AS n FROM sync_log_retries');
        expect(await queued()).toEqual([{ n: 0 }]);
        await page.getByRole('button', { name: `Retry ${found}` }).click();
        const dialog = page.getByRole('dialog');
        await dialog.getByLabel('Reason').fill('The outage is over');
        await dialog.getByRole('button', { name: `Retry ${found}` }).click();
        await page.getByText(`${found} queued for another attempt`).waitFor();
        expect(await queued()).toEqual([{ n: found }]);
        expect(unexpected()).toEqual([]);
      }, 60_000);

      it('show what was not understood and which provider failed, and say so where nothing is', async () => {
        await signIn('viewer');
        await open('Quarantine');
        await page.getByText('The quarantine is empty.').waitFor();
        await open('Provider incidents');
        await page.getByText('There is no incident.').waitFor();
        const fields = { total: 'not money', amount: 'not money' };
        running.sandbox.practicehub.change({ resource: 'invoices', count: 1, fields, apiKey: hillside.accountKey });
        await hillside.sync();
        await hillside.sql(
          `INSERT INTO provider_incidents (provider, environment, opened_at, closed_at)
           VALUES ('wodify', 'live', now() - interval '3 hours', now() - interval '2 hours')`,
        );
        await page.reload();
        await page
          .getByRole('row', { name: /Wodify Live/ })
          .getByText('1 h')
          .waitFor();
        expect(await violations()).toEqual([]);
        await open('Quarantine');
        await page.getByRole('row', { name: /Hillside Osteopaths/ }).waitFor();
        await look('quarantine');
        expect(await page.content()).not.toContain('not money');
        expect(await violations()).toEqual([]);
        expect(unexpected()).toEqual([]);
      }, 60_000);

      it('let an operator decide over a held deletion', async () => {
        running.sandbox.practicehub.delete({ resource: 'patients', count: 28, apiKey: riverside.accountKey });
        await riverside.sync({ fullResync: true });
        await signIn();
        await open('Held deletions');
        await page.getByText(/28 of 30 customers were missing/).waitFor();
        await page.getByRole('link', { name: 'What would be lost: all 28' }).click();
        await page.getByRole('heading', { level: 1, name: '28 customers of Riverside Physio' }).waitFor();
        await page.getByText('28 of 28 customers').waitFor();
        await page.getByRole('region', { name: 'Records of the plan' }).waitFor();
        expect(await page.getByRole('region', { name: 'Records of the plan' }).getByRole('row').count()).toBe(29);
        await page.getByText('The console shows no names of people').waitFor();
        expect(await violations()).toEqual([]);
        await look('held');
        await page.getByRole('button', { name: 'Discard' }).click();
        const dialog = page.getByRole('dialog');
        await dialog.getByLabel('Reason').fill('The clinic says they are there');
        await dialog.getByRole('button', { name: 'Keep them' }).click();
        await page.getByText('“The clinic says they are there”').waitFor();
        expect(await page.getByRole('button', { name: 'Approve' }).count()).toBe(0);
        expect(await violations()).toEqual([]);
      }, 60_000);

      it('say what went wrong when the service does not answer', async () => {
        await signIn();
        const answer = { status: 503, json: { error: 'The database is away.', code: 'unavailable' } };
        await page.route('**/admin/api/quarantine*', (route) => route.fulfill(answer));
        await open('Quarantine');
        await page.getByRole('alert').getByText('The database is away.').waitFor();
        expect(await page.getByText('The quarantine is empty.').count()).toBe(0);
        expect(await violations()).toEqual([]);
      });
    });

    it('ends when the key that signed its token is withdrawn, wherever one is', async () => {
      await signIn('viewer');
      const keys = running.app.get(SigningKeys, { strict: false });
      const { retiring } = await keys.rotate();
      await keys.withdraw(retiring!);
      // the overview asks every five seconds
      await page.getByLabel('Access token').waitFor({ timeout: 20_000 });
    });

    it('ends with the session', async () => {
      await signIn();
      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.getByLabel('Access token').waitFor();
      expect(await context.cookies()).toEqual([]);
      await page.reload();
      await page.getByLabel('Access token').waitFor();
    });

    it('shows the queue to an admin, from this host alone, and takes no act', async () => {
      await signIn('admin');
      await page.getByRole('link', { name: 'Queues' }).click();
      await page.getByText('runs', { exact: false }).first().waitFor();
      const status = (method: string, address: string) =>
        page.evaluate(
          `fetch('${address}', { method: '${method}' }).then((response) => response.status)`,
        ) as Promise<number>;
      expect(await status('GET', '/admin/queues/api/queues')).toBe(200);
      expect(await status('PUT', '/admin/queues/api/queues/runs/pause')).toBe(403);
      expect(await status('PUT', '/admin/queues/api/queues/runs/clean/completed')).toBe(403);
      await page.goto(`${running.url}/admin`);
      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.getByLabel('Access token').waitFor();
      await signIn('operator');
      expect(await page.getByRole('link', { name: 'Queues' }).count()).toBe(0);
      expect(await status('GET', '/admin/queues/api/queues')).toBe(403);
    }, 60_000);
  });
}
