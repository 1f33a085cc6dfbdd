import { readFileSync } from 'node:fs';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startInventedApi, type InventedApi } from '../contract/invented-api';
import { adminOf } from '../support/admin';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic, type Clinic } from '../support/clinic';
import { eventually } from '../support/eventually';

jest.setTimeout(120_000);

/** A second, on a machine that has one to give. */
const SOON_MS = 5_000;
const ACME = '/v2/integrations/acme';
const GOOD = readFileSync(path.resolve(__dirname, '../../examples/providers/acme.yaml'), 'utf8')
  .replace('path: /clients\n', 'path: /none\n')
  .replace(/paging: \{ by: page.*/, 'paging: { by: none }')
  .replace(/^ {2}- key: bills[^]*/m, '');

describe('providers in a folder', () => {
  let folder: string;
  let running: TestApp;
  let api: InventedApi;
  let clinic: Clinic;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'interlock-test-providers-'));
    await write('acme.yaml', GOOD);
    await write('taken.yaml', GOOD.replace('id: acme', 'id: wodify'));
    await write('notes.txt', 'no manifest');
    running = await startTestApp({ environment: { PROVIDERS_DIR: folder, OUTBOUND_ALLOW_PRIVATE: 'true' } });
    api = await startInventedApi();
    api.lists['none'] = [
      { id: 'c1', first_name: 'Ada', nick: 'Nick', state: 'active', updated_at: '2026-07-01T10:00:00Z' },
    ];
    clinic = await makeClinic(running);
  });
  afterAll(async () => {
    await api?.close();
    await running?.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** Whole at once, as whoever deploys it should. */
  async function write(name: string, text: string): Promise<void> {
    await writeFile(path.join(folder, `.${name}`), text);
    await rename(path.join(folder, `.${name}`), path.join(folder, name));
  }
  const served = async (): Promise<[id: string, name: string][]> => {
    const { body } = await clinic.call('get', '/v2/providers').expect(200);
    return body.data.slice(3).map(({ id, name }: Record<string, string>) => [id, name]);
  };
  const within = (expected: [string, string][]) =>
    eventually(async () => expect(await served()).toEqual(expected), SOON_MS);
  const refused = async (): Promise<string[]> => {
    // findings are read once a second
    await sleep(1_100);
    const { body } = await (await adminOf(running, 'viewer'))('get', '/overview').expect(200);
    return body.data.findings
      .filter(({ code }: { code: string }) => code === 'manifest_refused')
      .map(({ title }: { title: string }) => title);
  };
  const sync = async (): Promise<string> => {
    await clinic.call('post', `${ACME}/sync`, {}).expect(200);
    return clinic.settled();
  };

  it('are served from the start; an id that a built-in provider has is refused', async () => {
    expect(await served()).toEqual([['acme', 'Acme Bookings']]);
    expect(await refused()).toEqual([
      'taken.yaml is not served: 3:5 id: is the id of a provider that is part of the service',
    ]);
    const { body } = await (await adminOf(running, 'viewer'))('get', '/providers').expect(200);
    expect(body.data.map(({ id, origin, state }: any) => [id, origin, state])).toEqual([
      ...['practicehub', 'wodify', 'terminal'].map((id) => [id, 'built_in', 'stable']),
      ['acme', 'folder', 'beta'],
    ]);
    const credentials = { apiKey: 'k-1', baseUrl: api.url, location: '17' };
    await clinic.call('post', `${ACME}/activate`, { credentials }).expect(200);
    expect(await clinic.settled()).toBe('succeeded');
    expect(await clinic.records('customers')).toMatchObject([{ externalId: 'c1', data: { firstName: 'Ada' } }]);
  });

  it('are followed: what is changed, added or removed counts within a second', async () => {
    await write(
      'acme.yaml',
      GOOD.replace('Acme Bookings', 'Acme 2').replace('firstName: first_name', 'firstName: nick'),
    );
    await write('beta.json', JSON.stringify({ no: 'manifest yet' }));
    await within([['acme', 'Acme 2']]);
    await write('beta.yml', GOOD.replace('id: acme', 'id: beta_co').replace('Acme Bookings', 'Beta'));
    await within([
      ['acme', 'Acme 2'],
      ['beta_co', 'Beta'],
    ]);
    await rm(path.join(folder, 'beta.yml'));
    await within([['acme', 'Acme 2']]);
    expect(await sync()).toBe('succeeded');
    expect(await clinic.records('customers')).toMatchObject([{ externalId: 'c1', data: { firstName: 'Nick' } }]);
  });

  it('stay as they were where a file is bad, which is told', async () => {
    await write('acme.yaml', GOOD.replace('resource: customers', 'resource: people'));
    await write('copy.yaml', GOOD);
    const titles = await refused();
    expect(titles).toContainEqual(
      expect.stringMatching(/^acme\.yaml is not served: \d+:\d+ streams\.0\.resource: must be/),
    );
    expect(titles).toContain('copy.yaml is not served: has the id of acme.yaml');
    expect(await served()).toEqual([['acme', 'Acme 2']]);
    expect(running.logs.join('')).toContain('a manifest is refused; the version before stays');
    await rm(path.join(folder, 'copy.yaml'));
    await rename(folder, `${folder}-away`);
    await eventually(async () =>
      expect(await refused()).toContainEqual(expect.stringMatching(/cannot be read: ENOENT$/)),
    );
    expect(await served()).toEqual([['acme', 'Acme 2']]);
    await rename(`${folder}-away`, folder);
  });

  it('fail clearly where one is gone while integrations of it are active, and nothing is deleted', async () => {
    const before = await clinic.records('customers');
    await rm(path.join(folder, 'acme.yaml'));
    await within([]);
    expect(await sync()).toBe('failed');
    const [run] = await clinic.sql(`SELECT error_code FROM sync_runs ORDER BY created_at DESC LIMIT 1`);
    expect(run).toEqual({ error_code: 'unavailable' });
    const { data } = (await clinic.call('get', ACME).expect(200)).body;
    expect(data).toMatchObject({
      isActive: true,
      lastSyncError: 'The service does not serve the provider acme at present.',
    });
    expect(await clinic.records('customers')).toEqual(before);
    const credentials = { apiKey: 'k-2', baseUrl: api.url, location: '17' };
    const answer = await clinic.call('put', `${ACME}/credentials`, { credentials }).expect(503);
    expect(answer.body).toMatchObject({ code: 'unavailable', nextAction: 'contact_support' });
    const { body } = await (await adminOf(running, 'viewer'))('get', '/providers').expect(200);
    expect(body.data.at(-1)).toMatchObject({ id: 'acme', state: 'not_served', activeIntegrations: 1 });
    await write('acme.yaml', GOOD);
    await within([['acme', 'Acme Bookings']]);
    expect(await sync()).toBe('succeeded');
    expect(await clinic.records('customers')).toMatchObject([{ externalId: 'c1', data: { firstName: 'Ada' } }]);
  });

  it('stand behind what an operator stores', async () => {
    const admin = await adminOf(running, 'admin');
    const manifest = GOOD.replace('Acme Bookings', 'Acme of operators');
    await admin('put', '/providers/acme/manifest', { manifest, reason: 'ticket 4711' }).expect(200);
    await within([['acme', 'Acme of operators']]);
  });
});
