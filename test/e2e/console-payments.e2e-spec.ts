import type { Browser } from 'playwright-core';
import { startTestApp, type TestApp } from '../support/app';
import { chromiumPath, launchChromium } from '../support/browser';
import { build } from '../support/build';
import { openConsole, type ConsolePage } from '../support/console';
import { holdPayment } from '../support/pushes';

jest.setTimeout(90_000);

const executable = chromiumPath();

if (executable === null) {
  it.skip('held payments in the console: needs Chromium', () => undefined);
} else {
  describe('a held payment in the console', () => {
    let running: TestApp;
    let browser: Browser;
    let shown: ConsolePage;
    beforeAll(async () => {
      build();
      running = await startTestApp();
      browser = await launchChromium(executable);
    }, 120_000);
    afterAll(async () => {
      await browser?.close();
      await running?.close();
    });
    afterEach(async () => {
      running.sandbox.practicehub.clearFaults();
      await shown.close();
      expect(shown.errors).toEqual([]);
    });

    const rows = () => shown.page.getByRole('region', { name: 'Held payments' }).locator('tbody tr');
    const confirm = async (name: string): Promise<void> => {
      const dialog = shown.page.getByRole('dialog');
      await dialog.getByLabel('Reason').fill('looked at their pages');
      await dialog.getByRole('button', { name, exact: true }).click();
      await dialog.waitFor({ state: 'detached' });
    };
    const open = async (integrationId: string, role: 'operator' | 'viewer' = 'operator'): Promise<void> => {
      shown = await openConsole(running, browser);
      await shown.signIn(role);
      await shown.goTo(`payment-reviews?integrationId=${integrationId}`);
      await rows().first().waitFor();
    };

    /** Syncs are in step: that a search waits stands on the page, in the list and with the merchant all the same. */
    const expectWaitTold = async (integrationId: string): Promise<void> => {
      const { page, goTo, violations } = shown;
      const wait = /for the rate limit of PracticeHub until \d/;
      await goTo(`integrations/${integrationId}`);
      await page.locator('.title').getByText('Waits for a rate limit').waitFor();
      const why = page.locator('section.card', { has: page.getByRole('heading', { name: 'Why', exact: true }) });
      await why
        .getByText(/The next sync is expected .* A run waits for the rate limit of PracticeHub until \d/)
        .waitFor();
      expect(await why.locator('time[title*="Z)"]').count()).toBeGreaterThan(1);
      expect(await violations()).toEqual([]);
      await goTo(`integrations?integrationId=${integrationId}`);
      await page.getByRole('row').getByText(wait).waitFor();
      await page.getByRole('row').getByRole('link').first().click();
      await page.locator('.title').getByRole('link', { name: 'Merchant' }).click();
      await page.getByRole('list', { name: 'Integrations to look at' }).getByText(wait).waitFor();
    };

    it('says why its search waits and until when, and may be said not to be taken meanwhile', async () => {
      const { clinic, id } = await holdPayment(running, {});
      const { id: integrationId } = await clinic.integration();
      const match = { path: '/payments', apiKey: clinic.accountKey };
      running.sandbox.practicehub.addFaults([{ kind: 'status', status: 429, retryAfter: 300, match }]);
      await open(integrationId);
      await rows().getByRole('button', { name: 'Search again' }).click();
      await confirm('Search');
      const waits = rows().getByText(/^Rate limited\. It goes on in \d+ min at the earliest\.$/);
      await waits.waitFor({ timeout: 30_000 });
      await rows().getByText('Search waits').waitFor();
      expect(await rows().getByRole('button').allTextContents()).toEqual(['Not taken']);
      expect(await shown.violations()).toEqual([]);
      await shown.page.setViewportSize({ width: 360, height: 800 });
      expect([await shown.overflow(), await shown.violations()]).toEqual([0, []]);
      await shown.look('payments-360');
      await shown.page.setViewportSize({ width: 1440, height: 900 });
      await shown.look('payments-1440');
      await expectWaitTold(integrationId);
      await shown.goTo(`payment-reviews?integrationId=${integrationId}`);
      await rows().getByRole('button', { name: 'Not taken' }).focus();
      await shown.page.keyboard.press('Enter');
      await shown.page.getByRole('dialog').getByText('nothing searches for it any more').waitFor();
      await confirm('It was not taken');
      await shown.page.getByText('No payment is held.').waitFor();
      expect(await clinic.payment(id)).toMatchObject({ status: 'failed' });
    });

    it('offers no act while a run asks the provider for it', async () => {
      const { clinic, id } = await holdPayment(running, { afterEffect: true });
      const { id: integrationId } = await clinic.integration();
      const match = { method: 'GET', path: '/payments', apiKey: clinic.accountKey };
      running.sandbox.practicehub.addFaults([{ kind: 'delay', delayMs: 8_000, times: 1, match }]);
      await open(integrationId);
      await rows().getByRole('button', { name: 'Search again' }).click();
      await confirm('Search');
      await rows().getByText('Being searched').waitFor();
      expect(await rows().getByRole('button').count()).toBe(0);
      await clinic.becomes(id, 'pushed');
      await shown.page.getByText('No payment is held.').waitFor();
    });

    it('says to a viewer why no run searches for it', async () => {
      const { clinic, id } = await holdPayment(running, {});
      const { id: integrationId } = await clinic.integration();
      await clinic.sql(`UPDATE integrations SET state = 'inactive' WHERE id = $1`, [integrationId]);
      await clinic.sql(`UPDATE outbound_payments SET status = 'queued' WHERE id = $1`, [id]);
      await open(integrationId, 'viewer');
      await rows().getByText('Integration not active.').waitFor();
      expect(await rows().getByRole('button').count()).toBe(0);
    });
  });
}
