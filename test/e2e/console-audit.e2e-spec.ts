import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import os from 'node:os';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { verifyCopy } from '../../src/audit';
import { adminOf, adminToken } from '../support/admin';
import { startTestApp, type TestApp } from '../support/app';
import { chromiumPath, launchChromium } from '../support/browser';
import { build } from '../support/build';
import { makeClinic, type Clinic } from '../support/clinic';
import { openConsole } from '../support/console';
import { eventually } from '../support/eventually';
import { startTestProcess } from '../support/process';

jest.setTimeout(90_000);

let running: TestApp;
let clinic: Clinic;
let viewer: Awaited<ReturnType<typeof adminOf>>;
let integrationId: string;

beforeAll(async () => {
  build();
  running = await startTestApp();
  clinic = await makeClinic(running, { sizes: { patients: 5, '*': 0 } });
  await clinic.activate().expect(200);
  await clinic.settled();
  viewer = await adminOf(running, 'viewer');
  integrationId = (await clinic.integration()).id as string;
  const operator = await adminOf(running, 'operator');
  await operator('post', `/integrations/${integrationId}/pause`, { reason: '=SUM(A1), "moved"' }).expect(200);
  await eventually(async () => {
    const [unchained] = await clinic.sql(
      `SELECT count(*)::int AS n FROM audit_entries e WHERE NOT EXISTS (SELECT 1 FROM audit_chain c WHERE c.entry_id = e.id)`,
    );
    expect(unchained!['n']).toBe(0);
  });
}, 120_000);
afterAll(async () => running?.close());

type Entry = { action: string; actorKind: string; actorName: string | null; subjectName: string | null; at: string };
const list = async (query: string): Promise<Entry[]> =>
  (await viewer('get', `/audit?limit=100&${query}`).expect(200)).body.data;
const exported = async (query: string) => {
  const answer = await viewer('get', `/audit/export?${query}`)
    .buffer(true)
    .parse((response, done) => {
      let text = '';
      response.on('data', (part: Buffer) => (text += part.toString()));
      response.on('end', () => done(null, text));
    })
    .expect(200);
  return { text: answer.body as string, type: answer.headers['content-type'] };
};

describe('the audit log', () => {
  it('has names beside ids', async () => {
    const activated = (await list('action=integration.activated'))[0]!;
    expect(activated).toMatchObject({
      actorKind: 'api_key',
      actorName: expect.stringMatching(/\S/),
      subjectName: 'practicehub',
    });
  });

  it('has the names of operators beside their subjects', async () => {
    await clinic.sql(
      `INSERT INTO operators (subject, name, roles) VALUES ('operator@example.test', 'Jo Field', '{operator}')
       ON CONFLICT (subject) DO UPDATE SET name = excluded.name`,
    );
    const [paused] = await list('action=integration.paused');
    expect(paused).toMatchObject({ actorKind: 'token', actorName: 'Jo Field' });
  });

  it('is filtered by actor, act, target and time, and folds the openings of secrets', async () => {
    const all = await list('');
    expect((await list('openings=folded')).map(({ action }) => action)).not.toContain('secret.opened');
    expect(all.map(({ action }) => action)).toContain('secret.opened');
    const paused = await list(`subjectId=${integrationId}&actorId=operator@example.test`);
    expect(paused.map(({ action }) => action)).toEqual(['integration.paused']);
    const at = paused[0]!.at;
    const after = new Date(Date.parse(at) + 1).toISOString();
    expect((await list(`from=${after}`)).map(({ action }) => action)).not.toContain('integration.paused');
    expect(await list(`to=${at}`)).toHaveLength((await list('')).filter((each) => each.at < at).length);
    await viewer('get', '/audit?from=yesterday').expect(400);
  });

  it('is exported whole as JSON lines that the chain proves, and not when one was altered', async () => {
    const { text, type } = await exported('');
    expect(type).toBe('application/jsonl; charset=utf-8');
    const folder = await mkdtemp(path.join(os.tmpdir(), 'interlock-export-'));
    try {
      const file = path.join(folder, 'audit.jsonl');
      await writeFile(file, text);
      expect(await verifyCopy([file])).toMatchObject({ intact: true });
      await writeFile(file, text.replace('integration.paused', 'integration.synced'));
      expect(await verifyCopy([file])).toMatchObject({ intact: false });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('is exported with the filters of the list, as CSV that a spreadsheet does not calculate', async () => {
    const query = `openings=folded&subjectId=${integrationId}`;
    const lines = (await exported(query)).text.trim().split('\n');
    expect(lines).toHaveLength((await list(query)).length);
    const { text, type } = await exported(`${query}&format=csv&action=integration.paused`);
    expect(type).toBe('text/csv; charset=utf-8');
    const [head, row, end] = text.split('\r\n');
    expect(head).toMatch(/^sequence,hash,entryHash,occurredAt,id,action,/);
    expect(row).toMatch(/^\d+,[0-9a-f]{64},[0-9a-f]{64},\d{4}-/);
    expect(row).toContain(`"'=SUM(A1), ""moved"""`);
    expect(end).toBe('');
    await viewer('get', '/audit/export?format=xls').expect(400);
  });
});

const executable = chromiumPath();
(executable === null ? describe.skip : describe)('the page of the audit log', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium(executable!);
  });
  afterAll(async () => browser?.close());

  it('folds openings by default, shows them when asked, and keeps its filters in the address', async () => {
    const opened = await openConsole(running, browser);
    const { page } = opened;
    try {
      await opened.signIn('viewer');
      await opened.goTo('audit');
      await page.getByText('Integration paused').waitFor();
      expect(await page.locator('tbody th', { hasText: 'Secret opened' }).count()).toBe(0);
      expect(await opened.violations()).toEqual([]);
      await opened.look('audit');
      await page.getByLabel('Secrets opened by runs').check();
      await page.locator('tbody th', { hasText: 'Secret opened' }).first().waitFor();
      await page.getByLabel('Who').fill('operator@example.test');
      await page.getByRole('button', { name: 'Filter' }).click();
      await page.waitForURL(/actorId=operator/);
      await page.locator('tbody th', { hasText: 'Secret opened' }).first().waitFor({ state: 'detached' });
      await page.reload();
      await page.getByText('Integration paused').waitFor();
      const href = await page.getByRole('link', { name: 'CSV' }).getAttribute('href');
      expect(href).toMatch(/^\/admin\/api\/audit\/export\?actorId=operator.*format=csv$/);
      expect(opened.errors).toEqual([]);
    } finally {
      await opened.close();
    }
  });
});

// last: what it writes fills the first pages of the log
describe('a long audit log', () => {
  it('is exported at any length with a handful of listeners', async () => {
    await clinic.sql(
      `INSERT INTO audit_entries (id, occurred_at, action, actor_kind, actor_id, subject_type, subject_id, details)
       SELECT gen_random_uuid(), now(), 'test.long', 'system', 'test', 'test', g::text,
         jsonb_build_object('text', repeat('x', 20000)) FROM generate_series(1, 200) AS g`,
    );
    let most = 0;
    const watch = (_request: unknown, response: ServerResponse) =>
      response.once('finish', () => {
        most = Math.max(most, response.listenerCount('close'), response.listenerCount('error'));
      });
    running.app.getHttpServer().on('request', watch);
    await eventually(async () => {
      expect((await exported('action=test.long')).text.length).toBeGreaterThan(4_000_000);
    }, 15_000);
    running.app.getHttpServer().off('request', watch);
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThan(15);
  });

  it('is exported once at a time by each subject, and has no end when the database fails meanwhile', async () => {
    await clinic.sql(
      `INSERT INTO audit_entries (id, occurred_at, action, actor_kind, actor_id, subject_type, subject_id, details)
       SELECT gen_random_uuid(), now(), 'test.long', 'system', 'test', 'test', g::text,
         jsonb_build_object('text', repeat('y', 8000)) FROM generate_series(1, 2500) AS g`,
    );
    await eventually(async () => {
      const [chained] = await clinic.sql('SELECT count(*)::int AS n FROM audit_chain');
      expect(chained!['n']).toBeGreaterThan(2_500);
    }, 30_000);
    const token = await adminToken(running, 'viewer');
    const path = `${running.url}/admin/api/audit/export?action=test.`;
    const begun = await fetch(path, { headers: { authorization: `Bearer ${token}` } });
    const reader = begun.body!.getReader();
    await reader.read();
    await viewer('get', '/audit/export').expect(409);
    const other = await adminOf(running, 'admin');
    await other('get', '/audit/export?action=none').expect(200);
    await clinic.sql('ALTER TABLE audit_chain RENAME TO audit_chain_away');
    try {
      const toItsEnd = async (): Promise<void> => {
        while (!(await reader.read()).done);
      };
      await expect(toItsEnd()).rejects.toThrow();
    } finally {
      await clinic.sql('ALTER TABLE audit_chain_away RENAME TO audit_chain');
    }
    await eventually(() => viewer('get', '/audit/export?action=none').expect(200));
  });

  it('is exported once at a time by a subject over all processes, until the reader or the process is gone', async () => {
    const token = await adminToken(running, 'viewer');
    const begin = async (url: string): Promise<AbortController> => {
      const reader = new AbortController();
      const headers = { authorization: `Bearer ${token}` };
      const answer = await fetch(`${url}/admin/api/audit/export?action=test.`, { headers, signal: reader.signal });
      await answer.body!.getReader().read();
      return reader;
    };
    const { config } = running;
    const killed = await startTestProcess({
      NODE_ENV: 'test',
      ROLE: 'api',
      DATA_DIR: config.dataDir,
      DATABASE_URL: config.database.url,
    });
    try {
      await killed.ready();
      const reader = await begin(killed.url);
      await viewer('get', '/audit/export').expect(409);
      reader.abort();
      await eventually(() => viewer('get', '/audit/export?action=none').expect(200));
      await begin(killed.url);
      await viewer('get', '/audit/export').expect(409);
      await killed.kill();
      await eventually(() => viewer('get', '/audit/export?action=none').expect(200));
    } finally {
      await killed.kill();
    }
  });
});
