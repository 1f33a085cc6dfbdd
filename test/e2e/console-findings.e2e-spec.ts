import { Client } from 'pg';
import type { Browser } from 'playwright-core';
import { migrate } from '../../src/database/data-source';
import { KeyManagementHealth } from '../../src/vault';
import { adminOf } from '../support/admin';
import { startTestApp, type TestApp } from '../support/app';
import { chromiumPath, launchChromium } from '../support/browser';
import { build } from '../support/build';
import { makeClinic } from '../support/clinic';
import { openConsole } from '../support/console';
import { eventually } from '../support/eventually';
import { startTestPostgres } from '../support/postgres';
import { makePushingClinic } from '../support/pushes';

jest.setTimeout(90_000);

const executable = chromiumPath();

if (executable === null) {
  it.skip('what the console finds of one integration: needs Chromium', () => undefined);
} else {
  describe('the page of an integration', () => {
    let browser: Browser;
    const undo: (() => Promise<unknown>)[] = [];
    const started = async (environment: Record<string, string> = {}): Promise<TestApp> => {
      const running = await startTestApp({ environment });
      undo.push(() => running.close());
      return running;
    };
    beforeAll(async () => {
      build();
      browser = await launchChromium(executable);
    }, 120_000);
    afterAll(async () => browser?.close());
    afterEach(async () => {
      for (const step of undo.splice(0).reverse()) await step();
    });

    it('shows a held payment, which no retry offers and no chart calls a failed sync', async () => {
      const running = await started();
      const clinic = await makePushingClinic(running);
      const match = { path: '/payments', apiKey: clinic.accountKey };
      running.sandbox.practicehub.addFaults([
        { kind: 'status', status: 503, times: 1, match: { ...match, method: 'POST' } },
        { kind: 'status', status: 200, body: { data: [], total_entries: 0 }, match: { ...match, method: 'GET' } },
      ]);
      const id = await clinic.pushed('held');
      await eventually(async () => {
        await clinic.hurry();
        expect((await clinic.row(id))['status']).toBe('needs_review');
      }, 60_000);
      await clinic.settled();

      const operator = await adminOf(running, 'operator');
      const { data } = (await operator('post', '/retries', { filter: {} }).expect(200)).body;
      expect(data).toMatchObject({ queued: 0, integrations: [{ queued: 0, because: 'payment_held' }] });
      const batch = { integrationId: (await clinic.integration()).id };
      const { body } = await clinic.call('post', '/sync-logs/batch-retry', batch).expect(200);
      expect(body.data).toMatchObject({ queued: 0 });

      const { page, signIn, goTo, violations } = await openConsole(running, browser);
      await signIn('operator');
      await page
        .getByRole('link', { name: /^A payment failed/ })
        .first()
        .waitFor();
      const attention = page.locator('section.card', { has: page.getByRole('heading', { name: 'Needs attention' }) });
      await attention.getByText('Payments held').waitFor();
      expect(await page.getByText(/^(Conflict|Provider timeout|Provider error)/).count()).toBe(0);

      await goTo('retries');
      await page.getByRole('button', { name: 'Show what would happen' }).click();
      await page
        .getByRole('row', { name: /A payment is held/ })
        .getByRole('link', { name: 'decide over it' })
        .click();
      await page.getByRole('heading', { level: 1, name: 'Held payments' }).waitFor();

      await goTo(`integrations/${batch.integrationId}`);
      const findings = page.getByRole('list', { name: 'What is wrong' });
      await findings.getByRole('heading', { name: '1 payment at PracticeHub held for review: £44.00' }).waitFor();
      await page.locator('.title').getByText('Syncs: healthy').waitFor();
      expect(await violations()).toEqual([]);
      await findings.getByRole('link', { name: /Show/ }).click();
      await page.getByRole('region', { name: 'Held payments' }).getByRole('row').nth(1).waitFor();
      await page.getByRole('link', { name: 'Of all integrations' }).waitFor();
    });

    it('says before anybody signs in that the database is read-only, until that is over', async () => {
      const server = await startTestPostgres();
      undo.push(() => server.stop());
      await migrate(server.url);
      const running = await startTestApp({ databaseUrl: server.url });
      undo.push(() => running.close());
      const { page, close } = await openConsole(running, browser);
      undo.push(close);
      const readOnly = (value: 'on' | 'off') => setReadOnly(server.url, value);
      const notice = page
        .getByRole('alert')
        .getByText(/^The database is read-only: nobody can sign in until that is over/);
      await readOnly('on');
      await eventually(async () => {
        await page.goto(`${running.url}/admin`);
        await page.getByLabel('Access token').waitFor();
        expect(await notice.count()).toBe(1);
      }, 20_000);
      await readOnly('off');
      await eventually(async () => {
        await page.reload();
        await page.getByLabel('Access token').waitFor();
        expect(await notice.count()).toBe(0);
      }, 20_000);
    });

    it('says that the database is read-only where that is why an act is refused', async () => {
      const server = await startTestPostgres();
      undo.push(() => server.stop());
      await migrate(server.url);
      const running = await startTestApp({ databaseUrl: server.url });
      undo.push(() => running.close());
      const clinic = await makeClinic(running);
      await clinic.activate().expect(200);
      await clinic.settled();
      const { id } = await clinic.integration();
      const { page, signIn, goTo, close } = await openConsole(running, browser);
      undo.push(close);
      await signIn('operator');
      await goTo(`integrations/${id}`);
      await setReadOnly(server.url, 'on');
      await page.getByRole('button', { name: 'Pause' }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByLabel('Reason').fill('ticket 4711');
      await dialog.getByRole('button', { name: 'Pause' }).click();
      await dialog.getByText('The database is read-only: nothing can be changed until that is over.').waitFor();
      await setReadOnly(server.url, 'off');
    });

    it('says what is true while AWS KMS is away: syncs whose key is in memory go on', async () => {
      const running = await started();
      const clinic = await makeClinic(running);
      await clinic.activate().expect(200);
      await clinic.settled();
      running.app.get(KeyManagementHealth, { strict: false }).saw('Decrypt', 'unavailable');
      const { page, signIn, goTo, violations } = await openConsole(running, browser);
      await signIn('viewer');
      await goTo(`integrations/${(await clinic.integration()).id}`);
      const findings = page.getByRole('list', { name: 'What is wrong' });
      await findings.getByRole('heading', { name: /AWS KMS is not available/ }).waitFor();
      await findings.getByText(/in memory open for half an hour, and their syncs go on/).waitFor();
      await page.getByText('The next sync is expected').waitFor();
      expect(await page.getByText('No sync starts now').count()).toBe(0);
      expect(await violations()).toEqual([]);
    });

    it('tells endpoints of its merchant, and what was held back, with names where those are no person’s', async () => {
      const running = await started({ OUTBOUND_ALLOW_PRIVATE: 'true' });
      const clinic = await makeClinic(running);
      await clinic.activate().expect(200);
      await clinic.settled();
      const url = 'http://127.0.0.1:9/hooks';
      await clinic.call('post', '/v2/webhook-endpoints', { url, description: 'Billing' }).expect(201);
      await clinic.sql(`UPDATE webhook_endpoints SET disabled_reason = 'gone', disabled_at = now()`);
      const { id } = await clinic.integration();
      await clinic.sql(
        `INSERT INTO sync_deletion_plans (id, integration_id, stream, resource_type, run_id, state, external_ids, live_records)
         SELECT gen_random_uuid(), integration_id, 'products', 'products', gen_random_uuid(), 'held', array_agg(external_id), 20
         FROM records WHERE resource_type = 'products' GROUP BY integration_id`,
      );
      const [product] = await clinic.records('products');
      const { page, signIn, goTo, violations } = await openConsole(running, browser);
      await signIn('viewer');
      await goTo(`integrations/${id}`);
      await page
        .getByRole('list', { name: 'Webhook endpoints to look at' })
        .getByText(/Webhook endpoint Billing Sandbox is switched off for its answer 410/)
        .waitFor();
      const timeline = page.locator('ol.timeline');
      await timeline.getByText('Webhook endpoint switched off').waitFor();
      expect(await violations()).toEqual([]);
      await timeline.getByRole('link', { name: /^\d+ products that a scan missed$/ }).click();
      const rows = page.getByRole('region', { name: 'Records of the plan' }).getByRole('row');
      const row = rows.filter({ hasText: `${product!.data.name} ${product!.externalId}` });
      await row.first().waitFor();
      expect(await violations()).toEqual([]);
    });

    it('says that no sync starts while the queue is stuck, and not when the next one does', async () => {
      const running = await started({ ROLE: 'api' });
      const clinic = await makeClinic(running);
      await clinic.activate().expect(200);
      await clinic.sql(`UPDATE sync_runs SET created_at = now() - interval '10 minutes'`);
      const { page, signIn, goTo, violations } = await openConsole(running, browser);
      await signIn('viewer');
      await goTo(`integrations/${(await clinic.integration()).id}`);
      await page.getByText('No sync starts now: No worker takes runs: 1 run due.').waitFor();
      await page.getByText('when what stops it is over').waitFor();
      expect(await page.getByText('The next sync is expected').count()).toBe(0);
      expect(await violations()).toEqual([]);
    });
  });
}

async function setReadOnly(url: string, value: 'on' | 'off'): Promise<void> {
  const admin = new Client({ connectionString: url });
  await admin.connect();
  await admin.query('SET default_transaction_read_only = off');
  await admin.query(`ALTER SYSTEM SET default_transaction_read_only = ${value}`);
  await admin.query('SELECT pg_reload_conf()');
  await admin.end();
}
