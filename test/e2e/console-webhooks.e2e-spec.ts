import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { EventLog, exampleData } from '../../src/events';
import { UnitOfWork } from '../../src/platform/database';
import { adminToken, type AdminRole } from '../support/admin';
import { startTestApp, type TestApp } from '../support/app';
import { chromiumPath, launchChromium } from '../support/browser';
import { build } from '../support/build';
import { makeClinic, type Clinic } from '../support/clinic';
import { eventually } from '../support/eventually';
import { startReceiver, type WebhookReceiver } from '../support/webhook-receiver';

const executable = chromiumPath();
const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
/** A folder outside of the repository for pictures of every page. */
const LOOKS = process.env['CONSOLE_LOOKS'];

if (executable === null) {
  it.skip('webhook endpoints in the console: needs Chromium (CHROMIUM_PATH)', () => undefined);
} else {
  describe('webhook endpoints in the console', () => {
    let running: TestApp;
    let browser: Browser;
    let page: Page;
    let clinic: Clinic;
    let receiver: WebhookReceiver;
    const errors: string[] = [];
    beforeAll(async () => {
      build();
      running = await startTestApp({ environment: { OUTBOUND_ALLOW_PRIVATE: 'true' } });
      browser = await launchChromium(executable);
      clinic = await makeClinic(running);
      await clinic.sql('UPDATE merchants SET name = $2 WHERE id = $1', [clinic.merchantId, 'Riverside Physio']);
      receiver = await startReceiver();
      const url = `${receiver.url}/hooks`;
      await clinic.call('post', '/v2/webhook-endpoints', { url, description: 'Billing' }).expect(201);
      await appendEvents(3);
      await eventually(() => expect(receiver.taken()).toHaveLength(3));
    }, 120_000);
    afterAll(async () => {
      await browser?.close();
      await receiver?.close();
      await running?.close();
    });
    beforeEach(async () => {
      errors.length = 0;
      await clinic.sql('DELETE FROM webhook_held');
      page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
      page.on('pageerror', (error) => errors.push(error.message));
    });
    afterEach(async () => {
      await page.context().close();
      expect(errors).toEqual([]);
    });

    const appendEvents = (count: number) =>
      running.app.get(UnitOfWork).run(async (tx) => {
        const scope = { merchantId: clinic.merchantId, environment: 'sandbox' } as const;
        const log = running.app.get(EventLog, { strict: false });
        for (let index = 0; index < count; index++) {
          log.append(tx, scope, 'sync.completed', exampleData('sync.completed') as never);
        }
      });
    /** The first ones are events of the log; of the others nothing is kept. */
    const giveUp = async (count = 28): Promise<void> => {
      await clinic.sql('DELETE FROM webhook_held');
      const events = await clinic.sql(
        `INSERT INTO webhook_held (endpoint_id, event_id, position, attempts, due_at, parked)
         SELECT w.id, coalesce(e.id, gen_random_uuid()), g, 9, now(), true FROM webhook_endpoints w, generate_series(1, $1::int) g
         LEFT JOIN (SELECT * FROM events WHERE position <= 2 AND merchant_id = $2) e ON e.position = g RETURNING event_id`,
        [count, clinic.merchantId],
      );
      await clinic.sql(
        `UPDATE webhook_attempts SET error = 'The endpoint answered 422.', status = 422 WHERE event_id = $1`,
        [events[0]!['event_id']],
      );
    };
    const givenUp = () => page.getByRole('region', { name: 'Events that were given up' });
    const open = async (role: AdminRole): Promise<void> => {
      await page.goto(`${running.url}/admin`);
      await page.getByLabel('Access token').fill(await adminToken(running, role));
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('heading', { name: 'Health' }).waitFor();
      await page.goto(`${running.url}/admin#/merchants/${clinic.merchantId}`);
      await page.getByRole('region', { name: 'Webhook endpoints' }).getByRole('link', { name: 'Billing' }).click();
      await page.getByRole('heading', { level: 1, name: 'Billing' }).waitFor();
      await page.getByRole('region', { name: 'Attempts' }).waitFor();
    };
    const confirm = async (name: string): Promise<void> => {
      const dialog = page.getByRole('dialog');
      await dialog.getByLabel('Reason').fill('ticket 4711');
      await dialog.getByRole('button', { name, exact: true }).click();
      await dialog.waitFor({ state: 'detached' });
    };
    const expectAccessible = async (): Promise<void> => {
      await page.evaluate(AXE);
      const { violations } = (await page.evaluate(
        `axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] })`,
      )) as { violations: { id: string; nodes: { html: string }[] }[] };
      expect(violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`))).toEqual([]);
      const overflow = `document.documentElement.scrollWidth - document.documentElement.clientWidth`;
      expect(await page.evaluate(overflow)).toBe(0);
    };

    it('are told about, tried out, switched off and on', async () => {
      await open('operator');
      await page.getByText('Everything was delivered.').waitFor();
      await page.getByText('3 of 3').waitFor();
      await page.getByRole('button', { name: 'Send test event' }).click();
      await confirm('Send it');
      await eventually(() => expect(receiver.taken()).toHaveLength(4));
      await page.getByRole('button', { name: 'Disable' }).click();
      await confirm('Disable it');
      await page.locator('.title').getByText('Switched off').waitFor();
      await page.getByText('New events are not sent now. None waits so far.').waitFor();
      await page
        .getByRole('navigation', { name: 'Breadcrumb' })
        .getByRole('link', { name: 'Riverside Physio' })
        .click();
      const told = page.getByRole('list', { name: 'Webhook endpoints to look at' });
      await told.getByText(/Webhook endpoint Billing Sandbox is switched off/).waitFor();
      await expectAccessible();
      await told.getByRole('link', { name: 'Billing' }).click();
      await page.getByRole('button', { name: 'Enable' }).click();
      await confirm('Enable it');
      await page.locator('.title').getByText('Healthy').waitFor();
      await page.getByText('Events are sent as they happen.').waitFor();
      await page.goto(`${running.url}/admin#/merchants/${clinic.merchantId}`);
      await page.getByRole('region', { name: 'Webhook endpoints' }).waitFor();
      expect(await page.getByRole('list', { name: 'Webhook endpoints to look at' }).count()).toBe(0);
    }, 60_000);

    it('say that events wait for key management, since when and what next, on their page and on the merchant’s', async () => {
      await open('viewer');
      // a turn that was due before finds that it can sign
      await eventually(async () => {
        await clinic.sql(`UPDATE webhook_cursors SET unsigned_since = now() - interval '7 minutes'`);
        await page.reload();
        await page.locator('.title').getByText('Waits for key management').waitFor({ timeout: 3_000 });
      }, 30_000);
      await page.getByText('Events are not sent: they cannot be signed, since 7 min ago. None waits so far.').waitFor();
      await page.getByText(/events cannot be signed, and are sent when it can\.$/).waitFor();
      await page.getByText(/next: check key management: its key, the rights of the process and the network/).waitFor();
      await expectAccessible();
      await page.goto(`${running.url}/admin#/merchants/${clinic.merchantId}`);
      await page
        .getByRole('list', { name: 'Webhook endpoints to look at' })
        .getByText(/Webhook endpoint Billing Sandbox waits for key management since \d/)
        .waitFor();
      await clinic.sql('UPDATE webhook_cursors SET unsigned_since = NULL');
    }, 60_000);

    it('show how much a replay is before it is done', async () => {
      await open('operator');
      const before = receiver.taken().length;
      await page.getByLabel(/^From/).fill('2020-01-01T00:00');
      await page.getByRole('button', { name: 'Preview' }).click();
      await page.getByText('3 events, from position 1 to 3 of the log.').waitFor();
      expect(receiver.taken()).toHaveLength(before);
      await page.getByRole('button', { name: 'Replay' }).click();
      await confirm('Replay');
      await page.getByText('3 events are sent once more.').waitFor();
      await eventually(() => expect(receiver.taken()).toHaveLength(before + 3));
      await page.getByLabel('Or one event, by its id').fill('nonsense');
      await page.getByRole('button', { name: 'Preview' }).click();
      await page.getByRole('alert').waitFor();
      expect(await page.getByRole('button', { name: 'Replay' }).count()).toBe(0);
    }, 60_000);

    it('offer a viewer no act', async () => {
      await giveUp();
      await open('viewer');
      await givenUp().waitFor();
      expect(await page.getByRole('button', { name: /test|disable|enable|replay|preview/i }).count()).toBe(0);
    });

    it('list what was given up, the oldest first, and send one of it again from the keyboard', async () => {
      await giveUp();
      await open('operator');
      const rows = givenUp().locator('tbody tr');
      await rows.nth(24).waitFor();
      expect(await rows.count()).toBe(25);
      await page.getByRole('button', { name: 'Show more' }).first().click();
      await rows.nth(27).waitFor();
      expect(await rows.count()).toBe(28);
      const text = await givenUp().innerText();
      expect(text.match(/sync\.completed 9 tries/g)).toHaveLength(2);
      expect(text).toContain('The endpoint answered 422.');
      expect(await rows.nth(2).innerText()).toMatch(/No longer kept[\s\S]*The answer is no longer kept\./);
      expect(await rows.nth(2).getByRole('button').count()).toBe(0);
      await expectAccessible();

      const before = receiver.taken().length;
      const eventId = (await rows.nth(0).locator('code').innerText()).trim();
      await rows.nth(0).getByRole('button').focus();
      await page.keyboard.press('Enter');
      await page.getByRole('dialog').getByText('It keeps its id.').waitFor();
      await page.keyboard.type('the merchant mended it');
      await page.keyboard.press('Tab');
      await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      await page.getByText(`sync.completed ${eventId} is sent once more.`, { exact: false }).waitFor();
      await eventually(() => expect(receiver.taken().slice(before)).toMatchObject([{ id: eventId }]), 20_000);
      await eventually(async () => expect(await rows.count()).toBe(27), 20_000);
      expect(await givenUp().innerText()).not.toContain(eventId);
      const audited = `SELECT reason FROM audit_entries WHERE action = 'webhook_endpoint.replayed' ORDER BY occurred_at DESC LIMIT 1`;
      expect(await clinic.sql(audited)).toEqual([{ reason: 'the merchant mended it' }]);
    }, 60_000);

    it('are told with all that they need, and have no list of what was given up where nothing was', async () => {
      await open('operator');
      expect([await givenUp().count(), await page.getByRole('heading', { name: 'Given up' }).count()]).toEqual([0, 0]);
      const told = page.getByRole('list', { name: 'Webhook endpoints to look at' }).getByRole('listitem');
      const needs = async (): Promise<string> => {
        await page.goto(`${running.url}/admin#/`);
        await page.goto(`${running.url}/admin#/merchants/${clinic.merchantId}`);
        await told.locator('div').waitFor();
        return (await told.locator('div').innerText()).replace(/\s+/g, ' ');
      };
      await giveUp(1);
      const name = 'Webhook endpoint Billing Sandbox';
      expect(await needs()).toBe(`${name} has 1 event that was given up`);
      await giveUp(3);
      await clinic.sql(`UPDATE webhook_endpoints SET disabled_reason = 'failing', disabled_at = now()`);
      const failing = `${name} is switched off for failing and has 3 events that were given up`;
      expect(await needs()).toBe(failing);
      await expectAccessible();
      await appendEvents(1);
      const behind =
        'is switched off for failing, is 1 position of the log behind, and has 3 events that were given up';
      expect(await needs()).toBe(`${name} ${behind}`);
      await clinic.sql(`UPDATE webhook_endpoints SET disabled_reason = NULL, disabled_at = NULL`);
    }, 60_000);

    it.each([
      ['light', 360],
      ['dark', 1440],
    ] as const)('are readable in %s at %i px', async (colorScheme, width) => {
      await page.setViewportSize({ width, height: 800 });
      await page.emulateMedia({ colorScheme });
      await giveUp(3);
      await open('operator');
      await givenUp().waitFor();
      await expectAccessible();
      if (LOOKS) await page.screenshot({ path: path.join(LOOKS, `endpoint-${width}.png`), fullPage: true });
      await page.goto(`${running.url}/admin#/merchants/${clinic.merchantId}`);
      await page.getByRole('region', { name: 'Webhook endpoints' }).waitFor();
      await expectAccessible();
      if (LOOKS) await page.screenshot({ path: path.join(LOOKS, `endpoints-${width}.png`), fullPage: true });
    });
  });
}
