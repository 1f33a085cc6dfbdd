import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { adminOf } from '../support/admin';
import { startTestApp, type TestApp } from '../support/app';
import { chromiumPath, launchChromium } from '../support/browser';
import { build } from '../support/build';
import { makeClinic, type Clinic } from '../support/clinic';
import { openConsole, type ConsolePage } from '../support/console';

jest.setTimeout(90_000);

const executable = chromiumPath();
/** By the address: what the tab and the way are called. */
const OPERATIONS = [
  ...readFileSync(path.resolve('src/admin/console/operations.tsx'), 'utf8').matchAll(/^  \['([a-z-]+)', '([^']+)'/gm),
].map(([, place, name]) => [place!, ['Overview', 'Operations', name!]] as const);

if (executable === null) {
  it.skip('the pages of the console: needs Chromium', () => undefined);
} else {
  describe('every page of the console', () => {
    let running: TestApp;
    let clinic: Clinic;
    let browser: Browser;
    let shown: ConsolePage;
    const places = new Map<string, readonly string[]>([
      ['integrations', ['Overview', 'Integrations']],
      ['runs', ['Overview', 'Runs']],
      ['merchants', ['Overview', 'Merchants']],
      ['audit', ['Overview', 'Audit log']],
      ...OPERATIONS,
    ]);

    beforeAll(async () => {
      build();
      running = await startTestApp({ environment: { OUTBOUND_ALLOW_PRIVATE: 'true' } });
      clinic = await makeClinic(running);
      await clinic.sql(`UPDATE merchants SET name = 'Riverside Physio' WHERE id = $1`, [clinic.merchantId]);
      await clinic.activate().expect(200);
      await clinic.settled();
      const integrationId = (await clinic.integration()).id as string;
      const [run] = await clinic.sql('SELECT id FROM sync_runs');
      const endpoint = { url: 'http://127.0.0.1:9/events', description: 'Front desk' };
      const { body } = await clinic.call('post', '/v2/webhook-endpoints', endpoint).expect(201);
      places
        .set(`integrations/${integrationId}`, ['Overview', 'Integrations', 'Riverside Physio'])
        .set(`runs/${run!['id']}`, ['Overview', 'Runs', 'Sync of Riverside Physio'])
        .set(`merchants/${clinic.merchantId}`, ['Overview', 'Merchants', 'Riverside Physio'])
        .set(`webhook-endpoints/${body.data.id}`, ['Overview', 'Merchants', 'Riverside Physio', 'Front desk']);
      browser = await launchChromium(executable);
      shown = await openConsole(running, browser);
      await shown.page.clock.install();
      await shown.signIn('admin');
    }, 120_000);
    afterAll(async () => {
      await browser?.close();
      await running?.close();
    });

    /** What a page asks the API for, without what it is told. */
    const asked = async (page: Page, act: () => Promise<unknown>): Promise<string[]> => {
      const found = new Set<string>();
      const listener = (request: { url(): string; method(): string }): void => {
        const { pathname } = new URL(request.url());
        if (request.method() === 'GET' && pathname.startsWith('/admin/api/') && pathname !== '/admin/api/live') {
          found.add(pathname);
        }
      };
      page.on('request', listener);
      await act();
      await page.waitForTimeout(300);
      page.off('request', listener);
      return [...found].sort();
    };

    it('reads all that it shows again by itself, and nothing while nobody looks', async () => {
      const { page } = shown;
      for (const place of [...places.keys(), '']) {
        const first = await asked(page, () => shown.goTo(place));
        expect([place, await asked(page, () => page.clock.runFor(10_600))]).toEqual([place, first]);
        await page.evaluate(`Object.defineProperty(document, 'hidden', { value: true, configurable: true })`);
        expect([place, await asked(page, () => page.clock.runFor(10_600))]).toEqual([place, []]);
        await page.evaluate(`delete document.hidden`);
        const seenAgain = () => page.evaluate(`document.dispatchEvent(new Event('visibilitychange'))`);
        expect([place, await asked(page, seenAgain)]).toEqual([place, first]);
        if (first.length > 0) await page.getByText(/^Updated (just now|\d+ s ago)/).waitFor();
      }
    });

    it('has the way to it and its name in the title', async () => {
      const { page } = shown;
      await shown.goTo('');
      expect(await page.title()).toBe('Overview · Interlock');
      for (const [place, way] of places) {
        await shown.goTo(place);
        const names = page.getByRole('navigation', { name: 'Breadcrumb' }).getByRole('listitem');
        await names.getByText(way.at(-1)!, { exact: true }).waitFor();
        expect([place, await names.allTextContents()]).toEqual([place, way]);
        expect(await page.title()).toBe([...way.slice(1).reverse(), 'Interlock'].join(' · '));
      }
      await shown.goTo('nowhere');
      expect(await page.title()).toBe('No such page · Interlock');
    });

    it.each([390, 1280])(
      'has no control over another at %i pixels, and no time that only a program reads',
      async (width) => {
        const { page } = shown;
        await page.setViewportSize({ width, height: 800 });
        for (const place of ['', ...places.keys()]) {
          await shown.goTo(place);
          await page.evaluate(`document.querySelectorAll('details').forEach((each) => (each.open = true))`);
          const over = await page.evaluate(`(() => {
          const boxes = [...document.querySelectorAll('header.top a, input, select, button, .button, .tabs a, summary')]
            .map((each) => [each.name || each.textContent, each.getBoundingClientRect()])
            .filter(([, { width }]) => width > 0);
          return boxes.flatMap(([name, a], index) => boxes.slice(index + 1)
            .filter(([, b]) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1)
            .map(([other]) => name + ' over ' + other));
        })()`);
          expect([place, over]).toEqual([place, []]);
          const text = (await page.evaluate(`document.querySelector('main').innerText`)) as string;
          expect([place, text.match(/\d{4}-\d\d-\d\dT\d\d:\d\d.*/g)]).toEqual([place, null]);
          const titles = (await page.evaluate(
            `[...document.querySelectorAll('time')].map(({ title }) => title)`,
          )) as string[];
          expect(titles.filter((title) => !/\d\d:\d\d:\d\d \S+ \(.*Z\)$/.test(title))).toEqual([]);
        }
        await page.setViewportSize({ width: 1440, height: 900 });
      },
    );

    it('has the focus in the page that a link of a page leads to, and leaves it in a menu that stays', async () => {
      const { page } = shown;
      const focused = () => page.evaluate(`document.activeElement.id || document.activeElement.textContent.trim()`);
      await shown.goTo('integrations');
      await page.getByRole('link', { name: 'Riverside Physio' }).focus();
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { level: 1, name: 'Riverside Physio' }).waitFor();
      expect(await focused()).toBe('main');
      await page.getByRole('link', { name: 'Runs', exact: true }).focus();
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { level: 1, name: 'Runs' }).waitFor();
      expect(await focused()).toBe('Runs');
    });

    it('has the focus back when the palette closes, or in the page that it leads to', async () => {
      const { page } = shown;
      await shown.goTo('integrations');
      const focused = () => page.evaluate(`document.activeElement.id || document.activeElement.textContent.trim()`);
      await page.getByRole('link', { name: 'Riverside Physio' }).focus();
      await page.keyboard.press('/');
      await page.getByRole('combobox', { name: 'Page, merchant or id' }).waitFor();
      await page.keyboard.press('Escape');
      await page.locator('dialog').waitFor({ state: 'detached' });
      expect(await focused()).toBe('Riverside Physio');
      await page.keyboard.press('/');
      await page.getByRole('combobox', { name: 'Page, merchant or id' }).fill('quaran');
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { level: 1, name: 'Quarantine' }).waitFor();
      expect(await focused()).toBe('main');
    });

    it('has the focus where it was after Escape, or in the page when that is gone or takes none', async () => {
      const { page } = shown;
      await shown.goTo('integrations');
      await page.setViewportSize({ width: 1440, height: 300 });
      const finder = page.getByRole('combobox', { name: 'Page, merchant or id' });
      const focused = () => page.evaluate(`document.activeElement.id || document.activeElement.textContent.trim()`);
      const afterEscape = async (open: () => Promise<unknown>, meanwhile = '') => {
        await open();
        await finder.waitFor();
        await page.evaluate(meanwhile);
        await page.keyboard.press('Escape');
        await page.locator('dialog').waitFor({ state: 'detached' });
        return [await focused(), await page.evaluate(`scrollY`)];
      };
      const slash = () => page.keyboard.press('/');
      const button = page.getByRole('button', { name: 'Go to /' });
      await button.focus();
      expect(await afterEscape(() => page.keyboard.press('Enter'))).toEqual(['Go to /', 0]);
      await page.evaluate(`document.activeElement.blur(), scrollTo(0, 60)`);
      expect(await afterEscape(slash)).toEqual(['main', 60]);
      const ends = ['.remove()', '.disabled = true', '.style.display = "none"', '.replaceWith("another")'];
      for (const end of ends) {
        await page.evaluate(`document.querySelector('main').insertAdjacentHTML('beforeend', '<button>Last</button>')`);
        await page.evaluate(`document.querySelector('main > button:last-child').focus(), scrollTo(0, 60)`);
        const meanwhile = `document.querySelector('main > button:last-child')${end}`;
        expect([end, await afterEscape(slash, meanwhile)]).toEqual([end, ['main', 60]]);
        await page.evaluate(`document.querySelector('main > button:last-child')?.remove()`);
      }
      await page.setViewportSize({ width: 1440, height: 900 });
    });

    it('keeps what is typed, opened, focused and scrolled to while a list is read again, and shows what came', async () => {
      const { page } = shown;
      const operator = await adminOf(running, 'operator');
      const { id } = await clinic.integration();
      for (let turn = 0; turn < 60; turn++) {
        await operator('post', `/integrations/${id}/${turn % 2 ? 'resume' : 'pause'}`, { reason: `turn ${turn}` });
      }
      await shown.goTo('audit');
      await page.getByRole('button', { name: 'Show more' }).click();
      await page.locator('tbody tr').nth(50).waitFor();
      const rows = (await page.evaluate(`document.querySelectorAll('tbody tr').length`)) as number;
      await page.getByLabel('Target').fill('half an i');
      const details = page.getByRole('row', { name: /turn 55/ }).locator('details');
      await details.locator('summary').click();
      await page.evaluate(`scrollTo(0, 700)`);
      await operator('post', `/integrations/${id}/pause`, { reason: 'the newest one' }).expect(200);
      await page.clock.runFor(10_600);
      await page.getByText('the newest one').waitFor();
      expect(await page.getByLabel('Target').inputValue()).toBe('half an i');
      expect(await details.evaluate((element) => (element as unknown as { open: boolean }).open)).toBe(true);
      expect(await page.evaluate(`document.activeElement.textContent`)).toBe('Details');
      expect(await page.evaluate(`scrollY`)).toBeGreaterThan(400);
      expect(await page.evaluate(`document.querySelectorAll('tbody tr').length`)).toBeGreaterThanOrEqual(rows);
      expect(shown.errors).toEqual([]);
    });
  });
}
