import { readFileSync } from 'node:fs';
import path from 'node:path';
import request from 'supertest';
import { parse, stringify } from 'yaml';
import { startInventedApi, type InventedApi } from '../contract/invented-api';
import { adminOf } from '../support/admin';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic, type Clinic } from '../support/clinic';
import { eventually } from '../support/eventually';

jest.setTimeout(120_000);

const EXAMPLE = readFileSync(path.resolve(__dirname, '../../examples/providers/acme.yaml'), 'utf8');
const reason = 'ticket 4711';
/** A second, on a machine that has one to give. */
const SOON_MS = 5_000;
const ACME = '/v2/integrations/acme';
const LISTS = {
  offset: { by: 'offset', parameter: 'offset', size: 7, sizeParameter: 'limit', more: 'has_more' },
  page: { by: 'page', parameter: 'page', size: 7, sizeParameter: 'per_page', next: 'links.next', total: 'total' },
};

/** The example's provider with two lists of its own: people at `/offset`, services at `/page`. */
function manifestOf(changes: { people?: object; services?: boolean; more?: object } = {}): string {
  const manifest = parse(EXAMPLE);
  const [clients] = manifest.streams;
  const one = { path: '/offset/{id}', row: 'client' };
  const people = { ...clients, path: '/offset', paging: LISTS.offset, one, ...changes.people };
  const services = {
    ...{ key: 'services', resource: 'products', version: 1, path: '/page', rows: 'clients', id: 'id' },
    ...{ idPrefix: 'service:', paging: LISTS.page, complete: true },
    fields: { name: 'title', kind: { value: 'service' }, amountMinor: 'price', currency: { value: 'GBP' } },
  };
  const streams = changes.services === false ? [people] : [people, services];
  return stringify({ ...manifest, streams, ...changes.more });
}

const person = (ordinal: number): Record<string, unknown> => ({
  ...{ id: `c${ordinal}`, first_name: 'Ada', last_name: `No ${ordinal}`, email: `ada${ordinal}@example.com` },
  ...{
    nick: `Nick ${ordinal}`,
    mobile: null,
    phone: '+44 20 7946 0958',
    state: 'active',
    updated_at: '2026-07-01T10:00:00Z',
  },
  address: { street: 'High Street 1', city: 'London', zip: 'N1', country: 'United Kingdom' },
});
const service = (ordinal: number) => ({ id: ordinal, title: `Massage ${ordinal}`, price: '12.50' });

describe('a provider that operators tell', () => {
  /** Takes requests alone, and may call no private address. */
  let first: TestApp;
  /** Another pool on the same database, which works too. */
  let second: TestApp;
  let admin: Awaited<ReturnType<typeof adminOf>>;
  let api: InventedApi;
  let clinic: Clinic;

  beforeAll(async () => {
    first = await startTestApp({ environment: { ROLE: 'api' } });
    second = await startTestApp({
      databaseUrl: first.config.database.url,
      dataDir: first.config.dataDir,
      environment: { OUTBOUND_ALLOW_PRIVATE: 'true' },
    });
    api = await startInventedApi();
    api.lists['offset'] = Array.from({ length: 23 }, (_, ordinal) => person(ordinal));
    api.lists['page'] = Array.from({ length: 9 }, (_, ordinal) => service(ordinal + 1));
    admin = await adminOf(first, 'admin');
    clinic = await makeClinic(second);
  });
  afterAll(async () => {
    await api?.close();
    await second?.close();
    await first?.close();
  });

  const put = (manifest: string, id = 'acme') => admin('put', `/providers/${id}/manifest`, { manifest, reason });
  const credentials = (more: object = {}) => ({ apiKey: 'k-1', baseUrl: api.url, location: '17', ...more });
  const activate = (more: object = {}) =>
    clinic.call('post', `${ACME}/activate`, { credentials: credentials(more), timezone: 'Europe/London' });
  const sync = async (body: object = {}): Promise<string> => {
    await clinic.call('post', `${ACME}/sync`, body).expect(200);
    return clinic.settled();
  };
  const stored = async () => (await admin('get', '/providers/acme/manifest').expect(200)).body.data;
  /** Until this process serves what was put. */
  const servedBy = (running: TestApp, name: string) =>
    eventually(async () => {
      const { body } = await (await adminOf(running, 'viewer'))('get', '/providers').expect(200);
      expect(body.data.find(({ id }: { id: string }) => id === 'acme')).toMatchObject({ name, origin: 'admin' });
    }, SOON_MS);

  it('is put by an admin alone, and served by every process within a second', async () => {
    await clinic.call('get', '/v2/providers/acme').expect(400);
    for (const role of ['viewer', 'operator'] as const) {
      const call = await adminOf(first, role);
      await call('put', '/providers/acme/manifest', { manifest: manifestOf(), reason }).expect(403);
    }
    const { body } = await put(manifestOf()).expect(200);
    expect(body.data).toMatchObject({ provider: 'acme', version: 1, manifest: manifestOf() });
    await servedBy(second, 'Acme Bookings');
    const { data } = (await clinic.call('get', '/v2/providers/acme').expect(200)).body;
    expect(data).toMatchObject({ id: 'acme', resources: ['customers', 'products'], minimumIntervalMinutes: 5 });
    expect(data.credentialSchema.required).toEqual(['apiKey', 'location']);
    expect((await clinic.call('get', '/v2/providers').expect(200)).body.data.map(({ id }: any) => id)).toEqual([
      ...['practicehub', 'wodify', 'terminal', 'acme'],
    ]);
    const [entry] = await clinic.sql(`SELECT * FROM audit_entries WHERE action = 'provider_manifest.stored'`);
    expect(entry).toMatchObject({
      actor_id: 'admin@example.test',
      subject_id: 'acme',
      reason,
      details: { version: 1 },
    });
  });

  it('is in the document that is served, behind the built-in ones', async () => {
    const { body } = await request(second.url).get('/openapi.json').expect(200);
    const { parameters } = body.paths['/v2/integrations/{provider}/sync'].post;
    const { schema } = parameters.find(({ name }: { name: string }) => name === 'provider');
    expect(schema.enum).toEqual(['practicehub', 'wodify', 'terminal', 'acme']);
  });

  it('takes the credentials that its manifest describes, and no others', async () => {
    const refused = async (more: object) => (await activate(more).expect(400)).body.details.fields;
    expect(await refused({ location: undefined })).toEqual({ 'credentials.location': ['is required'] });
    expect(await refused({ pin: '1' })).toEqual({
      'credentials.pin': ['is not a field of Acme Bookings credentials'],
    });
    expect(await refused({ location: 'a\nb' })).toEqual({ 'credentials.location': ['must be printable ASCII'] });
    // where private addresses are not allowed, a manifest reaches none either
    const elsewhere = await makeClinic(first);
    const body = { credentials: credentials() };
    const answer = await elsewhere.call('post', `${ACME}/activate`, body).expect(400);
    expect(Object.keys(answer.body.details.fields)).toEqual(['credentials.baseUrl']);
    const live = await makeClinic(second, { environment: 'live' });
    await live.call('post', `${ACME}/activate`, body).expect(400);
    expect(api.asked).toEqual([]);
  });

  it('is synced, and the store holds what the provider does', async () => {
    await activate().expect(200);
    expect(await clinic.settled()).toBe('succeeded');
    const customers = await clinic.records('customers');
    expect(customers.map(({ externalId }) => externalId).toSorted()).toEqual(
      api.lists['offset']!.map(({ id }) => String(id)).toSorted(),
    );
    expect(customers.every(({ data }) => data.firstName === 'Ada')).toBe(true);
    const products = await clinic.records('products');
    expect(products.map(({ externalId, data }) => [externalId, data.amountMinor]).toSorted()).toEqual(
      api.lists['page']!.map(({ id }) => [`service:${id}`, 1_250]).toSorted(),
    );
    api.lists['offset']!.push(person(100));
    api.lists['offset']!.shift();
    expect(await sync({ fullResync: true })).toBe('succeeded');
    const live = (await clinic.records('customers')).filter(({ operation }) => operation !== 'deleted');
    expect(live.map(({ externalId }) => externalId).toSorted()).toEqual(
      api.lists['offset']!.map(({ id }) => String(id)).toSorted(),
    );
  });

  it('is a provider wherever one is named', async () => {
    const hook = { url: 'https://hooks.example.com/in', providers: ['acme', 'wodify'] };
    const { body } = await clinic.call('post', '/v2/webhook-endpoints', hook).expect(201);
    expect(body.data.providers).toEqual(['acme', 'wodify']);
    const events = (await clinic.call('get', '/v2/events?provider=acme').expect(200)).body.data;
    expect(events.every(({ provider }: any) => provider === 'acme')).toBe(true);
    expect(events.length).toBeGreaterThan(0);
    const found = (await admin('get', '/integrations?provider=acme').expect(200)).body.data;
    expect(found.map(({ provider }: any) => provider)).toEqual(['acme']);
    await admin('post', '/retries', { filter: { provider: 'acme' } }).expect(200);
    const { data } = (await admin('get', '/runs?provider=acme').expect(200)).body;
    expect(data.length).toBeGreaterThan(0);
    const { text } = await request(second.url).get('/metrics');
    expect(text).toMatch(/interlock_integrations\{provider="acme",environment="sandbox",health="healthy"\} 1\n/);
    for (const refused of [
      clinic.call('post', '/v2/webhook-endpoints', { ...hook, providers: ['nobody'] }),
      clinic.call('get', '/v2/events?provider=nobody'),
      clinic.call('get', '/v2/integrations/nobody'),
      admin('get', '/integrations?provider=nobody'),
      admin('post', '/retries', { filter: { provider: 'nobody' } }),
    ]) {
      const { fields } = (await refused.expect(400)).body.details;
      expect(Object.values(fields)).toEqual([['must be one of practicehub, wodify, terminal, acme']]);
    }
  });

  it('is read anew where its mapping changed, also when nobody raised the version', async () => {
    // a filter that is not proven has every run read all
    await clinic.sql(
      `UPDATE sync_cursors SET cursor = jsonb_set(cursor, '{filter,state}', '"honoured"') WHERE stream = 'clients'`,
    );
    const before = await clinic.records('products');
    const changed = manifestOf({ people: { fields: { ...parse(EXAMPLE).streams[0].fields, firstName: 'nick' } } });
    expect((await put(changed).expect(200)).body.data.version).toBe(2);
    await servedBy(second, 'Acme Bookings');
    await eventually(async () => {
      expect(await sync()).toBe('succeeded');
      const live = (await clinic.records('customers')).filter(({ operation }) => operation !== 'deleted');
      expect(live.map(({ data }) => data.firstName).toSorted()).toEqual(
        api.lists['offset']!.map(({ nick }) => nick).toSorted(),
      );
    }, 5_000);
    // the other list is as it was
    expect(await clinic.records('products')).toEqual(before);
  });

  it('ends a run with what it began with', async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    let reached = (): void => undefined;
    const asked = new Promise<void>((resolve) => (reached = resolve));
    api.instead.set('/offset', (response) => {
      api.instead.delete('/offset');
      reached();
      void held.then(() => response.end(JSON.stringify({ clients: [person(200)], has_more: false })));
    });
    await clinic.call('post', `${ACME}/sync`, {}).expect(200);
    await asked;
    await put(manifestOf({ more: { name: 'Acme 3' } })).expect(200);
    await servedBy(second, 'Acme 3');
    release();
    expect(await clinic.settled()).toBe('succeeded');
    const nameOf = async () => {
      const found = (await clinic.records('customers')).find(({ externalId }) => externalId === 'c200');
      return found!.data.firstName;
    };
    expect(await nameOf()).toBe('Nick 200');
    api.lists['offset']!.push(person(200));
    await sync();
    expect(await nameOf()).toBe('Ada');
  });

  it('stays as it is where a manifest has faults, each of which is told with its line and column', async () => {
    const { version } = await stored();
    const lines = manifestOf().split('\n');
    const at = lines.findIndex((line) => line.includes('resource: customers'));
    const bad = manifestOf().replace('resource: customers', 'resource: people');
    const { body } = await put(bad).expect(422);
    expect(body).toMatchObject({ code: 'manifest_refused', error: 'The manifest has faults.' });
    expect(body.details.fields.manifest).toEqual([
      `${at + 1}:${lines[at]!.indexOf('customers') + 1} streams.0.resource: must be one of customers, products, invoices, payments, devices`,
    ]);
    for (const [text, fault] of [
      ['id: [', /^1:\d+ /],
      [manifestOf().replace('id: acme', 'id: other'), /^2:5 id: must be acme/],
    ] as const) {
      expect((await put(text).expect(422)).body.details.fields.manifest[0]).toMatch(fault);
    }
    const ours = manifestOf().replace('id: acme', 'id: wodify');
    expect((await put(ours, 'wodify').expect(422)).body.details.fields.manifest[0]).toMatch(
      /^2:5 id: is the id of a provider that is part of the service$/,
    );
    // the same once more is no version
    await put((await stored()).manifest).expect(200);
    expect((await stored()).version).toBe(version);
    await servedBy(second, 'Acme 3');
  });

  it('keeps what was read of a list that is left out', async () => {
    const before = await clinic.records('products');
    await put(manifestOf({ services: false, more: { name: 'Acme 4' } })).expect(200);
    await servedBy(second, 'Acme 4');
    expect(await sync({ fullResync: true })).toBe('succeeded');
    expect(await clinic.records('products')).toEqual(before);
    const { body } = await clinic.call('get', `${ACME}/records/products`).expect(200);
    expect(body.data).toHaveLength(before.length);
  });

  it('shows its versions, and one can go back', async () => {
    const { versions } = await stored();
    expect(versions.map(({ version }: any) => version)).toEqual([4, 3, 2, 1]);
    expect(versions[0]).toMatchObject({ storedBy: 'admin@example.test', isDeletion: false });
    const { body } = await admin('get', '/providers/acme/manifest?version=1').expect(200);
    expect((await put(body.data.manifest).expect(200)).body.data.version).toBe(5);
    await admin('get', '/providers/acme/manifest?version=77').expect(404);
  });

  it('is not deleted while integrations of it are active', async () => {
    const { body } = await admin('delete', '/providers/acme/manifest', { reason }).expect(409);
    expect(body.error).toBe('There is 1 active integration of acme.');
    expect((await stored()).version).toBe(5);
    await (await adminOf(first, 'operator'))('delete', '/providers/acme/manifest', { reason }).expect(403);
    await admin('delete', '/providers/wodify/manifest', { reason }).expect(404);
  });

  it('is gone after its deletion, and what was synced can be read', async () => {
    await clinic.call('post', `${ACME}/deactivate`, {}).expect(200);
    await admin('delete', '/providers/acme/manifest', { reason }).expect(204);
    await eventually(() => clinic.call('get', '/v2/providers/acme').expect(400), SOON_MS);
    const refused = await activate().expect(503);
    expect(refused.body).toMatchObject({
      code: 'unavailable',
      error: 'The service does not serve the provider acme at present.',
    });
    const { body } = await clinic.call('get', `${ACME}/records/customers?limit=500`).expect(200);
    expect(body.data.length).toBeGreaterThan(20);
    expect((await clinic.call('get', ACME).expect(200)).body.data).toMatchObject({ provider: 'acme', isActive: false });
    // who never had it is told as of any other unknown id
    await (await makeClinic(second)).call('get', ACME).expect(400);
    expect((await stored()).versions[0]).toMatchObject({ version: 6, isDeletion: true });
    await put(manifestOf()).expect(200);
    await eventually(() => activate().expect(200), SOON_MS, 100);
    expect(await clinic.settled()).toBe('succeeded');
    expect((await stored()).version).toBe(7);
  });
});
