import type { Browser } from 'playwright-core';
import { adminOf } from '../support/admin';
import { startTestApp, type TestApp } from '../support/app';
import { chromiumPath, launchChromium } from '../support/browser';
import { build } from '../support/build';
import { makeClinic, type Clinic } from '../support/clinic';
import { openConsole, type ConsolePage } from '../support/console';
import { eventually } from '../support/eventually';
import { freshOverview } from '../support/shown-finding';
import { startTraceCollector, type TraceCollector } from '../support/trace-collector';

jest.setTimeout(90_000);

let running: TestApp;
let collector: TraceCollector;
let riverside: Clinic;
let hillside: Clinic;

beforeAll(async () => {
  build();
  collector = await startTraceCollector();
  running = await startTestApp({ environment: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url } });
  for (const name of ['Riverside Physio', 'Hillside Osteopaths']) {
    const clinic = await makeClinic(running);
    await clinic.sql('UPDATE merchants SET name = $2 WHERE id = $1', [clinic.merchantId, name]);
    await clinic.activate().expect(200);
    await clinic.settled();
    if (riverside) hillside = clinic;
    else riverside = clinic;
  }
  running.sandbox.practicehub.addFaults([
    { kind: 'status', status: 503, match: { apiKey: hillside.accountKey, path: '/invoices' } },
  ]);
  await hillside.sync();
}, 120_000);
afterAll(async () => {
  await running?.close();
  await collector?.stop();
});

describe('runs', () => {
  it('tell their attempts, their calls, what they read and noted, their error and their trace', async () => {
    const viewer = await adminOf(running, 'viewer');
    const failed = (await viewer('get', '/runs?state=failed').expect(200)).body.data;
    expect(failed).toHaveLength(1);
    const { body } = await viewer('get', `/runs/${failed[0].id}`).expect(200);
    expect(body.data).toMatchObject({
      merchantName: 'Hillside Osteopaths',
      kind: 'sync',
      trigger: 'manual',
      errorCode: 'provider_error',
      attempt: expect.any(Number),
      traceId: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
    expect(body.data.calls).toBeGreaterThan(3);
    const streams = body.data.streams as { resourceType: string; status: string; error: string | null }[];
    expect(streams.find(({ resourceType }) => resourceType === 'invoices')).toMatchObject({
      status: 'failed',
      error: expect.stringContaining('(HTTP 503)'),
    });
    const line = running.logs.map((text) => JSON.parse(text)).find(({ msg }) => msg === 'run failed');
    expect(line).toMatchObject({
      runId: failed[0].id,
      provider: 'practicehub',
      merchantId: hillside.merchantId,
      status: 503,
    });
    await eventually(() =>
      expect(collector.spans.map(({ traceId }) => traceId)).toContain(body.data.traceId as string),
    );
  });

  it('that the schedule began have a trace too, and count the calls of every attempt', async () => {
    await riverside.sql(
      `UPDATE sync_schedules SET next_due_at = now() WHERE integration_id = (SELECT id FROM integrations WHERE merchant_id = $1)`,
      [riverside.merchantId],
    );
    await eventually(async () => {
      const [run] = await riverside.sql(
        `SELECT calls, trace_parent FROM sync_runs WHERE trigger = 'scheduled' AND state = 'succeeded'`,
      );
      expect(Number(run!['calls'])).toBeGreaterThan(0);
      expect(run!['trace_parent']).toMatch(/^00-[0-9a-f]{32}-/);
    }, 20_000);
  });

  it('are listed by what a bar of the overview counts', async () => {
    const viewer = await adminOf(running, 'viewer');
    const { runs, barHours } = (await viewer('get', '/overview?range=week').expect(200)).body.data;
    expect([runs.length, barHours]).toEqual([28, 6]);
    const { from, failed, succeeded } = runs.at(-1);
    const to = new Date(Date.parse(from) + 6 * 3_600_000).toISOString();
    const listed = async (more: string) =>
      (await viewer('get', `/runs?finishedFrom=${from}&finishedTo=${to}&limit=100&${more}`).expect(200)).body.data
        .length;
    expect([await listed('state=failed'), await listed('state=succeeded')]).toEqual([failed, succeeded]);
    expect(await listed('errorCode=provider_error')).toBe(failed);
    expect(await listed('environment=live')).toBe(0);
    await viewer('get', '/runs?finishedFrom=yesterday').expect(400);
    await viewer('get', '/runs/00000000-0000-4000-8000-000000000000').expect(404);
  });
});

describe('integrations', () => {
  it('are sorted by a column either way, page by page, and no cursor but its own is taken', async () => {
    const viewer = await adminOf(running, 'viewer');
    const names = async (sort: string) => {
      const found: string[] = [];
      let cursor = '';
      do {
        const { body } = await viewer('get', `/integrations?limit=1&sort=${sort}${cursor}`).expect(200);
        found.push(...body.data.map(({ merchantName }: { merchantName: string }) => merchantName));
        cursor = body.nextCursor === null ? '' : `&cursor=${body.nextCursor}`;
      } while (cursor !== '');
      return found;
    };
    expect(await names('merchant')).toEqual(['Hillside Osteopaths', 'Riverside Physio']);
    expect(await names('-merchant')).toEqual(['Riverside Physio', 'Hillside Osteopaths']);
    await riverside.sql(`UPDATE sync_health SET last_sync_at = now() - interval '1 hour' WHERE integration_id = $1`, [
      (await hillside.integration()).id,
    ]);
    expect(await names('last_sync')).toEqual(['Hillside Osteopaths', 'Riverside Physio']);
    expect(await names('-last_sync')).toEqual(['Riverside Physio', 'Hillside Osteopaths']);
    expect((await names('-lateness')).toSorted()).toEqual(['Hillside Osteopaths', 'Riverside Physio']);
    await viewer('get', '/integrations?sort=merchant&cursor=bm90IG1pbmU').expect(400);
    await viewer('get', '/integrations?sort=name').expect(400);
  });

  it('say since when an operator has paused them, and when they try again', async () => {
    const operator = await adminOf(running, 'operator');
    const id = (await riverside.integration()).id;
    await operator('post', `/integrations/${id}/pause`, { reason: 'first' }).expect(200);
    await riverside.sql(
      `UPDATE sync_schedules SET operator_paused_at = '2026-01-01T00:00:00Z' WHERE integration_id = $1`,
      [id],
    );
    // another reason, another interval: the pause is as old as it was
    await operator('post', `/integrations/${id}/pause`, { reason: 'second' }).expect(200);
    await riverside.call('put', '/sync-interval', { intervalMinutes: 45 });
    const { data } = (await operator('get', `/integrations/${id}`).expect(200)).body;
    expect(data).toMatchObject({
      condition: 'operator_paused',
      operatorPausedAt: '2026-01-01T00:00:00.000Z',
      nextDueAt: null,
    });
    const { reasons } = (await operator('get', `/integrations/${id}/explain`).expect(200)).body.data;
    expect(reasons[0]).toMatchObject({ code: 'paused_by_operator', since: '2026-01-01T00:00:00.000Z' });
    await operator('post', `/integrations/${id}/resume`, { reason: 'enough' }).expect(200);
    expect((await operator('get', `/integrations/${id}`).expect(200)).body.data.operatorPausedAt).toBeNull();
  });

  it('stand in one order, by the last that happened to each: in the list and in the timeline', async () => {
    const viewer = await adminOf(running, 'viewer');
    const { id } = await riverside.integration();
    await riverside.settled();
    const ago = (minutes: number): string => new Date(Date.now() - minutes * 60_000).toISOString();
    // asked for first and ended last; begun and not ended; asked for and not begun
    const made: [kind: string, state: string, asked: number, began: number | null, ended: number | null][] = [
      ['sync', 'succeeded', 90, 80, 10],
      ['sync', 'failed', 60, 50, 40],
      ['sync', 'cancelled', 30, null, 30],
      ['push', 'queued', 70, 20, null],
      ['erase', 'queued', 35, null, null],
    ];
    for (const [kind, state, asked, began, ended] of made) {
      await riverside.sql(
        `INSERT INTO sync_runs (id, integration_id, kind, lane, trigger, state, created_at, started_at, finished_at, not_before)
         VALUES (gen_random_uuid(), $1, $2, $2, 'manual', $3, $4, $5, $6, now() + interval '1 hour')`,
        [id, kind, state, ago(asked), began && ago(began), ended && ago(ended)],
      );
    }
    type Times = { id: string; createdAt: string; startedAt: string | null; finishedAt: string | null };
    const lastOf = ({ finishedAt, startedAt, createdAt }: Times): string => finishedAt ?? startedAt ?? createdAt;
    const runs: Times[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const { body }: any = await viewer('get', `/runs?integrationId=${id}&limit=2&cursor=${cursor}`).expect(200);
      runs.push(...body.data);
      cursor = body.nextCursor;
    }
    expect(runs.length).toBeGreaterThan(made.length);
    expect(runs.map(lastOf)).toEqual(runs.map(lastOf).sort().reverse());
    const { data } = (await viewer('get', `/integrations/${id}/timeline?limit=100`).expect(200)).body;
    const ofRuns = data.filter(({ kind }: { kind: string }) => kind === 'run');
    expect(ofRuns.map((entry: Times) => entry.id)).toEqual(runs.map((run) => run.id));
    expect(ofRuns.map(({ at }: { at: string }) => at)).toEqual(runs.map(lastOf));
    await riverside.sql(`DELETE FROM sync_runs WHERE integration_id = $1 AND not_before > now()`, [id]);
  });

  it('with a run that waits for a rate limit have one next run, in the list, on the page and in explain', async () => {
    const viewer = await adminOf(running, 'viewer');
    const clinic = await makeClinic(running);
    await clinic.sql('UPDATE merchants SET name = $2 WHERE id = $1', [clinic.merchantId, 'North Quay Clinic']);
    await clinic.activate().expect(200);
    await clinic.settled();
    const match = { apiKey: clinic.accountKey };
    running.sandbox.practicehub.addFaults([{ kind: 'status', status: 429, retryAfter: 840, match }]);
    await clinic.call('post', '/sync', {}).expect(200);
    const { id } = await clinic.integration();
    await eventually(async () => {
      const { reasons, nextExpectedStart } = (await viewer('get', `/integrations/${id}/explain`).expect(200)).body.data;
      expect(reasons[0].code).toBe('rate_limited');
      const [listed] = (await viewer('get', `/integrations?integrationId=${id}`).expect(200)).body.data;
      expect(listed.nextDueAt).toBe(nextExpectedStart);
      expect(listed.limitedUntil).toBe(nextExpectedStart);
      expect(listed.limitedSince).toMatch(/Z$/);
      const waitMs = Date.parse(nextExpectedStart) - Date.now();
      expect(waitMs).toBeGreaterThan(13 * 60_000);
      expect(waitMs).toBeLessThan(15 * 60_000);
    });
    const { findings } = await freshOverview(viewer);
    expect(findings.find(({ code }: { code: string }) => code === 'rate_limited')).toMatchObject({
      severity: 'info',
      title: '1 integration waiting for the rate limit of PracticeHub',
      merchants: ['North Quay Clinic'],
      since: expect.stringMatching(/Z$/),
      next: expect.stringMatching(/^The next call may go out at \d{4}-.*Z\. Runs go on by themselves/),
    });
  });

  it('with an open breaker have one next run, in the list, on the page and in explain', async () => {
    const viewer = await adminOf(running, 'viewer');
    const { id } = await hillside.integration();
    await hillside.sql(
      `UPDATE sync_health SET breaker = 'open', breaker_cause = 'failures', breaker_opened_at = now(), probe_at = now() + interval '14 minutes'
       WHERE integration_id = $1`,
      [id],
    );
    await hillside.sql(`UPDATE sync_schedules SET breaker_open = true WHERE integration_id = $1`, [id]);
    const page = (await viewer('get', `/integrations/${id}`).expect(200)).body.data;
    const { nextExpectedStart } = (await viewer('get', `/integrations/${id}/explain`).expect(200)).body.data;
    expect(nextExpectedStart).not.toBeNull();
    expect(page).toMatchObject({ condition: 'paused', nextDueAt: nextExpectedStart });
  });
});

const executable = chromiumPath();
(executable === null ? describe.skip : describe)('the console', () => {
  let browser: Browser;
  let opened: ConsolePage;
  beforeAll(async () => {
    browser = await launchChromium(executable!);
  });
  afterAll(async () => browser?.close());
  afterEach(async () => opened?.close());

  it('leads from a bar to its runs and to one run, whose address can be passed on', async () => {
    opened = await openConsole(running, browser);
    const { page } = opened;
    await opened.signIn('viewer');
    await page
      .getByRole('link', { name: /Failed 1.*show these runs/ })
      .first()
      .focus();
    await page.keyboard.press('Enter');
    await page.waitForURL(/finishedFrom=/);
    await page.getByText(/^Ended from /).waitFor();
    await page
      .getByRole('row', { name: /Hillside/ })
      .first()
      .getByRole('link', { name: /Sync, manual/ })
      .click();
    await page.getByText('Calls to the provider').waitFor();
    await opened.look('run-failed');
    expect(await opened.violations()).toEqual([]);
    await page.reload();
    await page.getByRole('heading', { name: 'Sync of Hillside Osteopaths' }).waitFor();
    await page.getByText('Why it failed').waitFor();
    await page
      .getByText(/\(HTTP 503\)/)
      .first()
      .waitFor();
    expect(await page.locator('time').first().getAttribute('title')).toMatch(/\d\d:\d\d:\d\d .+ \(.+Z\)$/);
    expect(opened.errors).toEqual([]);
  });

  it('goes anywhere with / and the keyboard', async () => {
    opened = await openConsole(running, browser);
    const { page } = opened;
    await opened.signIn('viewer');
    await page.keyboard.press('/');
    await page.getByRole('combobox', { name: 'Page, merchant or id' }).waitFor();
    expect(await opened.violations()).toEqual([]);
    await page.keyboard.type('river');
    await page.getByRole('option', { name: /Riverside Physio Merchant/ }).waitFor();
    await opened.look('palette');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Riverside Physio' }).waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('held pay');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Held payments' }).waitFor();
    expect(opened.errors).toEqual([]);
  });

  it('sorts a column by its heading, and filters by environment and provider', async () => {
    opened = await openConsole(running, browser);
    const { page } = opened;
    await opened.signIn('viewer');
    await opened.goTo('integrations');
    const first = () => page.locator('tbody tr').first();
    await page.getByRole('button', { name: /^Merchant/ }).click();
    await page.waitForURL(/sort=merchant/);
    await first().getByText('Hillside').waitFor();
    await page.getByRole('button', { name: /^Merchant/ }).click();
    await page.waitForURL(/sort=-merchant/);
    await first().getByText('Riverside').waitFor();
    await opened.goTo('');
    await page.getByLabel('Environment').selectOption('live');
    await page.getByText('No integration is active yet').waitFor();
    await opened.look('overview-live');
    await page.getByLabel('Environment').selectOption('');
    await page.getByLabel('Charts look back').selectOption('month');
    await page.waitForURL(/range=month/);
    expect(await opened.violations()).toEqual([]);
  });

  it('says that the service is away, instead of asking for a token', async () => {
    opened = await openConsole(running, browser);
    const { page } = opened;
    await opened.signIn('viewer');
    await page.route('**/admin/api/me', (route) => route.abort());
    await page.reload();
    await page.getByRole('heading', { name: 'The service does not answer' }).waitFor();
    expect(await page.getByLabel('Access token').count()).toBe(0);
    await opened.look('away');
    expect(await opened.violations()).toEqual([]);
    await page.unroute('**/admin/api/me');
    await page.getByRole('button', { name: 'Ask now' }).click();
    await page.getByRole('heading', { name: 'Health' }).waitFor();
  });

  it('shows where something will stand while it is read', async () => {
    opened = await openConsole(running, browser);
    const { page } = opened;
    await opened.signIn('viewer');
    let answer = (): void => undefined;
    const held = new Promise<void>((resolve) => (answer = resolve));
    await page.route('**/admin/api/runs?*', async (route) => {
      await held;
      await route.continue();
    });
    await page.evaluate(`location.hash = '#/runs'`);
    await page.getByRole('status').waitFor();
    await opened.look('skeleton');
    answer();
    await page.getByRole('status').waitFor({ state: 'detached' });
    await page
      .getByRole('row', { name: /Riverside/ })
      .first()
      .waitFor();
  });

  it('is readable at 390 px: no column of single letters, and nothing cut off', async () => {
    opened = await openConsole(running, browser, { width: 390, height: 844 });
    const { page } = opened;
    await opened.signIn('viewer');
    for (const place of ['', 'integrations', 'runs', 'audit']) {
      await opened.goTo(place);
      expect([place, await opened.overflow()]).toEqual([place, 0]);
      await opened.look(`${place || 'overview'}-390`);
    }
    await opened.goTo('');
    const widths = (await page.evaluate(
      `[...document.querySelectorAll('.headline h1, .findings h2, .rows .grow')].map((each) => each.getBoundingClientRect().width)`,
    )) as number[];
    expect(Math.min(...widths)).toBeGreaterThan(180);
  });
});
