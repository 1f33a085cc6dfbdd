import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { adminToken, type AdminRole } from './admin';
import type { TestApp } from './app';

const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
/** A folder outside of the repository for pictures of every page. */
const LOOKS = process.env['CONSOLE_LOOKS'];

export interface ConsolePage {
  readonly page: Page;
  /** What the browser wrote down as an error. */
  readonly errors: readonly string[];
  signIn(role?: AdminRole): Promise<void>;
  goTo(place: string): Promise<void>;
  /** Of level A and AA, with the rules run inside the page through the browser's own channel. */
  violations(): Promise<string[]>;
  /** How far the page is wider than the screen, in pixels. */
  overflow(): Promise<number>;
  look(name: string): Promise<void>;
  close(): Promise<void>;
}

/** A page of the console in a context of its own. */
export async function openConsole(
  running: TestApp,
  browser: Browser,
  viewport = { width: 1440, height: 900 },
): Promise<ConsolePage> {
  const context: BrowserContext = await browser.newContext({ viewport });
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  return {
    page,
    errors,
    async signIn(role = 'operator') {
      await page.goto(`${running.url}/admin`);
      await page.getByLabel('Access token').fill(await adminToken(running, role));
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('heading', { name: 'Health' }).waitFor();
    },
    async goTo(place) {
      await page.evaluate(`location.hash = '#/${place}'`);
      await page.locator('main h1').waitFor();
      await page.locator('.loading').first().waitFor({ state: 'detached' });
    },
    async violations() {
      await page.evaluate(AXE);
      const { violations } = (await page.evaluate(
        `axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] })`,
      )) as { violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] };
      return violations.flatMap(({ id, nodes }) =>
        nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
      );
    },
    overflow: () =>
      page.evaluate(`document.documentElement.scrollWidth - document.documentElement.clientWidth`) as Promise<number>,
    async look(name) {
      if (LOOKS) await page.screenshot({ path: path.join(LOOKS, `${name}.png`), fullPage: true });
    },
    close: () => context.close(),
  };
}
