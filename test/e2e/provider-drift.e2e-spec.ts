import { setTimeout as sleep } from 'node:timers/promises';
import request from 'supertest';
import { ProviderSightingRepository } from '../../src/integrations/store/provider-sighting.repository';
import { adminOf } from '../support/admin';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic, type Clinic } from '../support/clinic';
import { eventually } from '../support/eventually';

/** A list is looked at again after five seconds. */
const NEXT_LOOK_MS = 5_100;

describe('what a provider has begun to send', () => {
  let running: TestApp;
  let clinic: Clinic;
  beforeAll(async () => {
    running = await startTestApp();
  }, 60_000);
  afterAll(() => running?.close());

  const findings = async (): Promise<Record<string, any>[]> => {
    await sleep(1_100);
    const { body } = await (await adminOf(running, 'viewer'))('get', '/overview').expect(200);
    return body.data.findings.filter(({ code }: { code: string }) => code === 'new_at_provider');
  };

  it('a word that is in no list is told in the console, with the rows that it put in quarantine', async () => {
    clinic = await makeClinic(running, {
      sizes: { patients: 60, invoices: 80, '*': 0 },
      settings: { variants: { invoiceStatus: 'all' } },
    });
    running.sandbox.practicehub.change({
      resource: 'invoices',
      count: 25,
      fields: { status: 'Suspended' },
      apiKey: clinic.accountKey,
    });
    await clinic.activate().expect(200);
    await clinic.settled();
    const [quarantine] = await clinic.sql(`SELECT count(*)::int AS n FROM sync_quarantine WHERE path = 'status'`);
    expect(quarantine!['n']).toBeGreaterThan(0);
    expect(await findings()).toEqual([
      expect.objectContaining({
        severity: 'warning',
        title: `PracticeHub has begun to send status: Suspended in invoices: ${quarantine!['n']} rows in quarantine`,
        count: quarantine!['n'],
        since: expect.any(String),
        merchants: ['Clinic'],
        filter: expect.objectContaining({ list: 'quarantine', path: 'status' }),
      }),
    ]);
    const { list, ...query } = (await findings())[0]!.filter!;
    const viewer = await adminOf(running, 'viewer');
    const rows = await viewer('get', `/${list}?${new URLSearchParams({ limit: '100', ...query })}`).expect(200);
    expect(rows.body.data).toHaveLength(quarantine!['n']);
    const { text } = await request(running.url).get('/metrics');
    expect(text).toMatch(/provider_sightings_total\{provider="practicehub",environment="sandbox",kind="word"\} 1\n/);
  }, 60_000);

  it('a look that finds nothing new writes nothing', async () => {
    const add = jest.spyOn(running.app.get(ProviderSightingRepository), 'add');
    await sleep(NEXT_LOOK_MS);
    running.sandbox.practicehub.change({ resource: 'patients', apiKey: clinic.accountKey, count: 20 });
    await clinic.sync();
    expect(add).not.toHaveBeenCalled();
    add.mockRestore();
  }, 60_000);

  it('a field that comes after the first day is told, and what is stored is names alone', async () => {
    await clinic.sql(`UPDATE provider_sightings SET first_seen_at = first_seen_at - interval '20 days'`);
    await sleep(NEXT_LOOK_MS);
    const { practicehub } = running.sandbox;
    practicehub.configure({ addedFields: { patients: { loyalty_tier: null } } }, clinic.accountKey);
    practicehub.change({ resource: 'patients', apiKey: clinic.accountKey, count: 20 });
    await clinic.sync();
    expect((await findings()).map(({ title, severity }) => [title, severity])).toEqual([
      ['PracticeHub has begun to send the field loyalty_tier in patients', 'info'],
    ]);
    const names = await clinic.sql<{ name: string }>('SELECT name FROM provider_sightings');
    expect(names.length).toBeGreaterThan(20);
    const strange = names.filter(({ name }) => !/^[a-z_0-9]+(\[?\]?\.[a-z_0-9]+)?(: [A-Za-z0-9 ,:+-]+)?$/.test(name));
    expect(strange).toEqual([]);
    expect(JSON.stringify(names)).not.toMatch(/CLINICAL|@/);
  }, 60_000);

  it('a word that one row alone has is told whenever it comes, and in quarantine too', async () => {
    const small = await makeClinic(running, { sizes: { patients: 2, invoices: 3, '*': 0 } });
    await small.activate().expect(200);
    expect(await small.settled()).toBe('succeeded');
    // the list was looked at a moment ago
    await small.sync({ fullResync: true });
    const apiKey = small.accountKey;
    running.sandbox.practicehub.create({ resource: 'invoices', apiKey, count: 1, fields: { status: 'escrowed' } });
    await small.sync();
    const sighted = `SELECT known FROM provider_sightings WHERE kind = 'word' AND name = 'status: escrowed'`;
    await eventually(async () => expect(await clinic.sql(sighted)).toEqual([{ known: false }]));
    const reasons = await clinic.sql(`SELECT reason FROM sync_quarantine WHERE reason LIKE '%escrowed'`);
    expect(reasons).toEqual([{ reason: 'is not a known status: escrowed' }]);
  }, 60_000);
});
