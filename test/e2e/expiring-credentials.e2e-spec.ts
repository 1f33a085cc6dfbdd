import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Finding } from '../../src/admin/finding';
import { ExpiringCredentials } from '../../src/lifecycle/expiring-credentials';
import { startInventedApi, type InventedApi } from '../contract/invented-api';
import { adminOf } from '../support/admin';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic, type Clinic } from '../support/clinic';
import { eventually } from '../support/eventually';

jest.setTimeout(60_000);

const ACME = '/v2/integrations/acme';
const MANIFEST = readFileSync(path.resolve(__dirname, '../../examples/providers/acme.yaml'), 'utf8')
  .replace('path: /clients\n', 'path: /none\n')
  .replace(/paging: \{ by: page.*/, 'paging: { by: none }')
  .replace(/^ {2}- key: bills[^]*/m, '');
const END = new Date(Math.ceil(Date.now() / 1_000) * 1_000 + 5 * 86_400_000).toISOString();

/** What the provider says of each key, in the member that the manifest names. */
const ENDS: Readonly<Record<string, unknown>> = { ends: END, lasts: null, word: 'never', again: END };

describe('credentials whose end the provider says', () => {
  let folder: string;
  let running: TestApp;
  let api: InventedApi;
  let clinic: Clinic;
  let id: string;
  let viewer: Awaited<ReturnType<typeof adminOf>>;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'interlock-test-providers-'));
    await writeFile(path.join(folder, 'acme.yaml'), MANIFEST);
    running = await startTestApp({ environment: { PROVIDERS_DIR: folder, OUTBOUND_ALLOW_PRIVATE: 'true' } });
    viewer = await adminOf(running, 'viewer');
    api = await startInventedApi();
    api.lists['none'] = [];
    api.instead.set('/me', (response) => {
      const expires_at = ENDS[String(response.req.headers['x-acme-key'])];
      response.end(JSON.stringify({ account: { id: 4711 }, key: { expires_at } }));
    });
  });
  afterAll(async () => {
    await api?.close();
    await running?.close();
    await rm(folder, { recursive: true, force: true });
  });
  beforeEach(async () => {
    clinic = await makeClinic(running);
    const { body } = await clinic.call('post', `${ACME}/activate`, { credentials: credentials('ends') }).expect(200);
    id = body.data.id;
    expect(await clinic.settled()).toBe('succeeded');
  });

  const credentials = (apiKey: string) => ({ apiKey, baseUrl: api.url, location: '17' });
  const replace = (apiKey: string) =>
    clinic.call('put', `${ACME}/credentials`, { credentials: credentials(apiKey) }).expect(200);
  const rollback = () => clinic.call('post', `${ACME}/credentials/rollback`).expect(200);
  const shownEnd = async () => (await viewer('get', `/integrations/${id}`).expect(200)).body.data.credentialsExpireAt;
  const found = async (): Promise<Finding[]> =>
    (await viewer('get', `/integrations/${id}/findings`).expect(200)).body.data.filter(
      ({ code }: Finding) => code === 'credentials_expiring',
    );
  const told = async () => {
    // a run holds the row
    await clinic.settled();
    await running.app.get(ExpiringCredentials, { strict: false }).tick();
    const { body } = await clinic.call('get', '/v2/events?type=integration.credentials_expiring').expect(200);
    return body.data.map(({ data }: { data: object }) => data);
  };

  it('are told by an event, a finding and the page of the integration, and by no answer of the contract', async () => {
    expect(await told()).toEqual([{ integrationId: id, provider: 'acme', expiresAt: END }]);
    expect(await shownEnd()).toBe(END);
    const since = new Date(Date.parse(END) - 14 * 86_400_000).toISOString();
    expect(await found()).toMatchObject([
      { title: '1 integration whose credentials are about to end', since, severity: 'warning', merchants: ['Clinic'] },
    ]);
    for (const place of [ACME, '/v2/integrations', `${ACME}/sync-state`, `${ACME}/explain`]) {
      const { text } = await clinic.call('get', place);
      expect([place, text.includes(END.slice(0, 10)), /expire/i.test(text)]).toEqual([place, false, false]);
    }
  });

  it('are forgotten with their end when others replace them, and come back with it', async () => {
    expect(await told()).toHaveLength(1);
    await replace('lasts');
    expect(await shownEnd()).toBeNull();
    expect(await found()).toEqual([]);
    await rollback();
    expect(await shownEnd()).toBe(END);
    await replace('again');
    expect(await shownEnd()).toBe(END);
    // of one end once, whatever has it
    expect(await told()).toHaveLength(1);
  });

  it('are taken with an end that is no time, and have none', async () => {
    await replace('word');
    expect(await shownEnd()).toBeNull();
    expect(await told()).toEqual([]);
  });

  it('have ended when nobody has replaced them by then', async () => {
    await clinic.sql(`UPDATE integrations SET credential_expires_at = now() - interval '1 second' WHERE id = $1`, [id]);
    expect(await found()).toMatchObject([{ title: '1 integration whose credentials have ended' }]);
    const overview = async () => (await viewer('get', '/overview').expect(200)).body.data.findings as Finding[];
    await eventually(async () => {
      const finding = (await overview()).find(({ code }) => code === 'credentials_expiring');
      expect(finding!.title).toMatch(/^1 integration whose credentials have ended/);
    });
    expect(await told()).toEqual([]);
    await replace('lasts');
    expect(await found()).toEqual([]);
  });

  it.each([true, false])('have no end once the integration is deactivated, deleted or not: %s', async (deleted) => {
    await clinic.call('post', `${ACME}/deactivate`, { deleteCredentials: deleted }).expect(200);
    expect(await shownEnd()).toBeNull();
    expect(await found()).toEqual([]);
    await clinic.call('post', `${ACME}/activate`, { credentials: credentials('lasts') }).expect(200);
    expect(await shownEnd()).toBeNull();
  });
});
