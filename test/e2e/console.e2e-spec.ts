import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { adminToken } from '../support/admin';
import { startTestApp, type TestApp } from '../support/app';
import { buildConsoleBundle, chromiumPath, launchChromium } from '../support/browser';
import { type Clinic, makeClinic } from '../support/clinic';

const executable = chromiumPath();
/** With SCREENSHOTS=1 the pictures for the README are taken anew. */
const SCREENSHOTS = process.env['SCREENSHOTS'] === '1' ? path.resolve('docs/screenshots') : null;
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
const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

if (executable === null) {
  it.skip('the console in a browser: needs Chromium (apt-get install chromium, or CHROMIUM_PATH)', () => undefined);
} else {
  describe('the console in a browser', () => {
    let running: TestApp;
    let browser: Browser;
    let context: BrowserContext;
    let page: Page;
    let failing: Clinic;
    const consoleErrors: string[] = [];
    const foreign: string[] = [];

    beforeAll(async () => {
      buildConsoleBundle();
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
      failing = clinics[1]!;
      running.sandbox.practicehub.addFaults([{ kind: 'status', status: 401, match: { apiKey: failing.accountKey } }]);
      await failing.sync();
      running.sandbox.practicehub.addFaults([
        { kind: 'status', status: 503, match: { apiKey: clinics[2]!.accountKey, path: '/invoices' } },
      ]);
      await clinics[2]!.sync();
      if (SCREENSHOTS) await clinics[0]!.sql(A_DAY_OF_RUNS);
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
      page.on('console', (message) => message.type() === 'error' && consoleErrors.push(message.text()));
      page.on('pageerror', (error) => consoleErrors.push(error.message));
      page.on('request', (request) => {
        const { origin, protocol } = new URL(request.url());
        if (protocol !== 'data:' && origin !== running.url) foreign.push(request.url());
      });
    });
    afterEach(async () => context.close());

    /** Level A and AA, with the rules run inside the page through the browser's own channel, which a page's CSP does not stop. */
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
    const signIn = async (role: 'admin' | 'operator' | 'viewer' = 'operator'): Promise<void> => {
      await page.goto(`${running.url}/admin`);
      await page.getByLabel('Access token').fill(await adminToken(running, role));
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('heading', { name: 'Health' }).waitFor();
    };

    it('says how to get in, and refuses what is no token', async () => {
      await page.goto(`${running.url}/admin`);
      await page.getByText('npm run cli -- token issue --role admin').waitFor();
      expect(await violations()).toEqual([]);
      await page.getByLabel('Access token').fill('not-a-token');
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('alert').waitFor();
      await picture('sign-in');
      expect(unexpected()).toEqual([]);
      expect(foreign).toEqual([]);
    });

    it('from the overview to a failing integration: why, resume, and it goes healthy', async () => {
      await signIn();
      await page.getByText('1 integration paused: credentials rejected').first().waitFor();
      await page.getByText('Running now').waitFor();
      expect(await violations()).toEqual([]);
      await picture('overview');

      await page.getByRole('navigation', { name: 'Sections' }).getByRole('link', { name: 'Integrations' }).click();
      await page.getByLabel('Health').selectOption('paused');
      await page.getByRole('link', { name: 'Oak Street Dental' }).waitFor();
      await page.getByRole('link', { name: 'Riverside Physio' }).waitFor({ state: 'detached' });
      expect(await page.getByRole('row').count()).toBe(2);
      expect(await violations()).toEqual([]);
      await page.getByLabel('Search').fill('oak');
      await page.waitForURL(/search=oak/);
      await page.getByRole('link', { name: 'Oak Street Dental' }).click();

      await page.getByText('The provider rejected the credentials. Replace them, or activate again.').first().waitFor();
      await page.getByText('Breaker open').waitFor();
      expect(await violations()).toEqual([]);
      await picture('integration-paused');

      running.sandbox.practicehub.clearFaults();
      await page.getByRole('button', { name: 'Resume' }).click();
      const dialog = page.getByRole('dialog');
      await dialog.waitFor();
      expect(await dialog.getByRole('button', { name: 'Resume' }).isDisabled()).toBe(true);
      expect(await violations()).toEqual([]);
      await dialog.getByLabel('Reason').fill('The clinic sent a new key');
      await dialog.getByRole('button', { name: 'Resume' }).click();

      await page.locator('.title').getByText('Healthy').waitFor({ timeout: 20_000 });
      await page.getByText('“The clinic sent a new key”').waitFor();
      await page.getByText('Breaker closed').waitFor();
      await picture('integration');
      const [health] = await failing.sql(
        `SELECT h.breaker, h.last_error FROM sync_health h JOIN integrations i ON i.id = h.integration_id WHERE i.merchant_id = $1`,
        [failing.merchantId],
      );
      expect(health).toEqual({ breaker: 'closed', last_error: null });
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
        for (const place of ['', 'integrations', `integrations/${row!['id']}`, 'deletion-plans', 'audit']) {
          await page.evaluate(`location.hash = '#/${place}'`);
          await page.locator('main h1').waitFor();
          await page.waitForTimeout(400);
          const overflow = await page.evaluate(
            `document.documentElement.scrollWidth - document.documentElement.clientWidth`,
          );
          expect([place, overflow]).toEqual([place, 0]);
          expect(await violations()).toEqual([]);
          if (place === '') await picture(`overview-${colorScheme}-${width}`);
          if (place.includes('/')) await picture(`integration-${colorScheme}-${width}`);
        }
        expect(unexpected()).toEqual([]);
        expect(foreign).toEqual([]);
      },
      90_000,
    );

    it('shows a viewer everything and offers no act', async () => {
      await signIn('viewer');
      const [row] = await failing.sql('SELECT id FROM integrations WHERE merchant_id = $1', [failing.merchantId]);
      await page.goto(`${running.url}/admin#/integrations/${row!['id']}`);
      await page.getByRole('heading', { name: 'Timeline' }).waitFor();
      expect(await page.getByRole('button', { name: /sync|pause|resume/i }).count()).toBe(0);
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
