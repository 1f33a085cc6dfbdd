import type { Browser } from 'playwright-core';
import { startTestApp, type TestApp } from '../support/app';
import { chromiumPath, launchChromium } from '../support/browser';
import { build } from '../support/build';
import { makeClinic, type Clinic } from '../support/clinic';
import { openConsole, type ConsolePage } from '../support/console';
import { holdPayment } from '../support/pushes';

jest.setTimeout(90_000);

const executable = chromiumPath();

if (executable === null) {
  it.skip('what an operator reads in the console: needs Chromium', () => undefined);
} else {
  describe('what an operator reads in the console', () => {
    let running: TestApp;
    let browser: Browser;
    let shown: ConsolePage;
    beforeAll(async () => {
      build();
      running = await startTestApp({ environment: { OUTBOUND_ALLOW_PRIVATE: 'true' } });
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

    const named = async (name: string): Promise<Clinic> => {
      const clinic = await makeClinic(running);
      await clinic.sql('UPDATE merchants SET name = $2 WHERE id = $1', [clinic.merchantId, name]);
      await clinic.activate().expect(200);
      await clinic.settled();
      return clinic;
    };
    const open = async (viewport?: { width: number; height: number }): Promise<void> => {
      shown = await openConsole(running, browser, viewport);
      await shown.signIn('operator');
    };
    /** Of the whole page: nothing for axe to find, and nothing wider than the screen. */
    const expectReadable = async (): Promise<void> => {
      expect([await shown.overflow(), await shown.violations()]).toEqual([0, []]);
    };

    it('has on the page of a merchant what needs a look, and the way to it', async () => {
      const clinic = await named('Riverside Physio');
      const { id } = await clinic.integration();
      const url = 'http://127.0.0.1:9/hooks';
      await clinic.call('post', '/v2/webhook-endpoints', { url, description: 'Billing' }).expect(201);
      await clinic.sql(
        `UPDATE webhook_endpoints SET disabled_reason = 'failing', disabled_at = now() WHERE merchant_id = $1`,
        [clinic.merchantId],
      );
      running.sandbox.practicehub.addFaults([{ kind: 'status', status: 401, match: { apiKey: clinic.accountKey } }]);
      await clinic.sync();
      await open();
      const { page, goTo } = shown;
      const show = page.getByRole('list', { name: 'What is wrong' }).getByRole('link', { name: /^Show 1 / });
      for (const [finding, heading] of [
        ['webhook endpoint switched off: Billing', 'Billing'],
        ['integration at PracticeHub paused: credentials rejected', 'Riverside Physio'],
      ] as const) {
        await goTo('');
        await show.and(page.getByRole('link', { name: finding })).click();
        await page.getByRole('heading', { level: 1, name: heading }).waitFor();
      }
      await goTo('merchants');
      await page.getByRole('link', { name: 'Riverside Physio' }).click();
      await page.getByRole('heading', { level: 1, name: 'Riverside Physio' }).waitFor();
      await page.getByText(`${clinic.merchantId} · GBP · created `).waitFor();
      await page.getByRole('link', { name: '1 integration' }).waitFor();
      await page.getByRole('region', { name: 'API keys' }).getByText('Good').first().waitFor();
      const endpoints = page.getByRole('list', { name: 'Webhook endpoints to look at' });
      await endpoints.getByText(/Billing Sandbox is switched off for failing/).waitFor();
      await page.getByRole('region', { name: 'Webhook endpoints' }).getByRole('link', { name: 'Billing' }).waitFor();
      const integrations = page.getByRole('list', { name: 'Integrations to look at' });
      await integrations.getByText(/^■ Paused$/).waitFor();
      await integrations.getByText(/rejected/).waitFor();
      await expectReadable();
      await page.setViewportSize({ width: 390, height: 844 });
      await expectReadable();
      await shown.look('merchant-390');
      await integrations.getByRole('link', { name: 'PracticeHub' }).click();
      await page.waitForURL(new RegExp(`integrations/${id}$`));
      await page.getByText('The provider rejected the credentials.', { exact: true }).waitFor();
      await page.locator('.title').getByRole('link', { name: 'Merchant' }).click();
      await page.getByRole('heading', { level: 1, name: 'Riverside Physio' }).waitFor();
    });

    it('says of an outage what failed last and when it is tried again, and that the next sync is after it', async () => {
      const [hurt, waiting] = [await named('Harbour Clinic'), await named('North Quay Clinic')];
      running.sandbox.practicehub.addFaults([{ kind: 'status', status: 503, match: { apiKey: hurt.accountKey } }]);
      await hurt.sync();
      const [{ last_error: lastError }] = (await hurt.sql(
        `SELECT last_error FROM sync_health h JOIN integrations i ON i.id = h.integration_id WHERE i.merchant_id = $1`,
        [hurt.merchantId],
      )) as [{ last_error: string }];
      expect(lastError).toMatch(/\S/);
      await hurt.sql(
        `INSERT INTO provider_breakers (provider, environment, state, opened_at, retry_at)
         VALUES ('practicehub', 'sandbox', 'open', now() - interval '3 minutes', now() + interval '9 minutes')
         ON CONFLICT (provider, environment) DO UPDATE SET state = 'open', opened_at = excluded.opened_at, retry_at = excluded.retry_at`,
      );
      try {
        await open();
        const { page, goTo } = shown;
        const findings = page.getByRole('list', { name: 'What is wrong' });
        await findings.getByText(`The last error: ${lastError}`, { exact: false }).waitFor();
        await findings.getByText(/The next run tries in (8|9) min/).waitFor();
        const card = page.locator('section.card', { has: page.getByRole('heading', { name: 'Provider incidents' }) });
        await card.getByText(/next try in (8|9) min/).waitFor();
        await card.getByText(lastError).waitFor();
        await goTo('incidents');
        const row = page.getByRole('region', { name: 'Provider incidents' }).getByRole('row', { name: /Open/ });
        await row.getByText(lastError).waitFor();
        await row.getByText(/^in (8|9) min$/).waitFor();
        await expectReadable();
        await goTo('integrations?condition=waiting_for_provider');
        const listed = page.getByRole('row').filter({ hasText: 'North Quay Clinic' });
        await listed.getByText('after the incident').waitFor();
        await listed.getByText('Waits for the provider').waitFor();
        await listed.getByText('Waits until the incident of its provider is over.').waitFor();
        await page.getByRole('row').filter({ hasText: 'Harbour Clinic' }).getByText(lastError).waitFor();
        await expectReadable();
        await page.setViewportSize({ width: 390, height: 844 });
        await expectReadable();
        await shown.look('after-the-incident-390');
        await goTo(`integrations/${(await waiting.integration()).id}`);
        await page.getByText('when what stops it is over').waitFor();
        await page.getByText(/No sync starts now: PracticeHub \(sandbox\) is failing for several merchants/).waitFor();
        await expectReadable();
      } finally {
        await hurt.sql(`DELETE FROM provider_breakers`);
        await hurt.sql(`DELETE FROM provider_incidents`);
      }
    });

    it('can decide over a held payment at 390 px', async () => {
      const { clinic } = await holdPayment(running, {});
      const { id } = await clinic.integration();
      await open({ width: 390, height: 844 });
      const { page, goTo } = shown;
      await goTo(`payment-reviews?integrationId=${id}`);
      const row = page.getByRole('region', { name: 'Held payments' }).locator('tbody tr');
      await row.getByText('£44.00').waitFor();
      await expectReadable();
      await shown.look('payments-390');
      const boxes = (await page.evaluate(
        `[...document.querySelectorAll('tbody tr > *, tbody button')].map((each) => {
           const { left, right, width } = each.getBoundingClientRect();
           return { left, right, width, text: each.innerText };
         })`,
      )) as { left: number; right: number; width: number; text: string }[];
      expect(boxes.length).toBeGreaterThan(7);
      for (const { left, right, width, text } of boxes) {
        expect({ text, isCut: left < 0 || right > 390, isNarrow: width < 60 }).toEqual({
          ...{ text, isCut: false, isNarrow: false },
        });
      }
      // what stands in a column's heading on a wide screen stands beside each cell
      expect(await row.locator('td').first().getAttribute('data-label')).toBe('Amount');
      const isHeadingShown = `getComputedStyle(document.querySelector('thead')).position !== 'absolute'
        && document.querySelector('thead').getBoundingClientRect().height > 1`;
      expect(await page.evaluate(isHeadingShown)).toBe(false);
      await row.getByRole('button', { name: 'Not taken' }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByText(/the merchant may pay £44\.00 again/).waitFor();
      const box = (await dialog.boundingBox())!;
      expect(box.x).toBeGreaterThanOrEqual(0);
      expect(box.x + box.width).toBeLessThanOrEqual(390);
      await expectReadable();
      await dialog.getByRole('button', { name: 'Cancel' }).click();
    });

    it('tells each time with seconds and zone where the pointer rests on it', async () => {
      const clinic = await named('Hillside Osteopaths');
      const { id } = await clinic.integration();
      const [run] = await clinic.sql('SELECT id FROM sync_runs WHERE integration_id = $1 LIMIT 1', [id]);
      await open();
      const { page, goTo } = shown;
      const session = await page.context().newCDPSession(page);
      await session.send('Emulation.setTimezoneOverride', { timezoneId: 'Asia/Kolkata' });
      const places = ['', 'integrations', `integrations/${id}`, 'runs', `runs/${run!['id']}`, 'merchants'];
      for (const place of [...places, `merchants/${clinic.merchantId}`, 'audit', 'vault']) {
        await goTo(place);
        const times = (await page.evaluate(
          `[...document.querySelectorAll('main time')].map(({ dateTime, title }) => ({ dateTime, title }))`,
        )) as { dateTime: string; title: string }[];
        if (['integrations', `integrations/${id}`, 'runs', 'merchants', 'audit'].includes(place)) {
          expect([place, times.length]).not.toEqual([place, 0]);
        }
        for (const { dateTime, title } of times) {
          expect(title).toMatch(/^\d{1,2} \w+ \d{4}, \d\d:\d\d:\d\d GMT\+5:30 \(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\)$/);
          expect(title).toContain(new Date(dateTime).toISOString().slice(0, 19));
        }
        // a time in the machine's own form has no place in a text
        expect(await page.locator('main').innerText()).not.toMatch(/\d{4}-\d\d-\d\dT\d\d:\d\d/);
      }
      await goTo(`integrations/${id}`);
      const time = page.locator('main time').first();
      await time.hover();
      expect(await time.getAttribute('title')).toContain('GMT+5:30');
    });
  });
}
