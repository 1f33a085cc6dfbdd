import { randomUUID } from 'node:crypto';
import Ajv from 'ajv';
import addFormats from 'ajv-formats';
import { BUILT_IN_IDS } from '../../src/providers';
import { refused } from '../support/answers';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic, type Clinic } from '../support/clinic';

describe('worker watermarks', () => {
  let running: TestApp;
  let clinic: Clinic;
  let other: Clinic;

  beforeAll(async () => {
    running = await startTestApp();
    [clinic, other] = await Promise.all([
      makeClinic(running, { sizes: { patients: 4, '*': 0 } }),
      makeClinic(running, { sizes: { '*': 0 } }),
    ]);
    await clinic.activate().expect(200);
    expect(await clinic.settled()).toBe('succeeded');
  }, 60_000);
  afterAll(() => running?.close());

  const pathOf = (source: string, who: Clinic = clinic) => `/v2/sync-state/${source}/${who.merchantId}`;
  const list = async (source: string, who: Clinic = clinic) =>
    (await who.call('get', pathOf(source, who)).expect(200)).body.data;

  it('are made, read and changed field by field', async () => {
    expect(await list('mindbody')).toEqual([]);
    const path = `${pathOf('mindbody')}/appointments`;
    const made = (await clinic.call('put', path, { cursor: 'page-7', itemsSynced: 12 }).expect(200)).body;
    expect(made).toEqual({
      created: true,
      data: {
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        merchantId: clinic.merchantId,
        provider: 'mindbody',
        resourceType: 'appointments',
        lastSyncAt: null,
        lastSyncStatus: null,
        lastSyncError: null,
        cursor: 'page-7',
        itemsSynced: 12,
        createdAt: expect.stringMatching(/Z$/),
        updatedAt: expect.stringMatching(/Z$/),
      },
    });
    const change = { lastSyncAt: '2026-06-01T10:00:00+01:00', lastSyncStatus: 'error', lastSyncError: 'It broke.' };
    const changed = (await clinic.call('put', path, change).expect(200)).body;
    expect(changed.created).toBe(false);
    expect(changed.data).toEqual({
      ...made.data,
      ...change,
      lastSyncAt: '2026-06-01T09:00:00.000Z',
      updatedAt: expect.any(String),
    });
    const cleared = (await clinic.call('put', path, { lastSyncError: null, cursor: null }).expect(200)).body.data;
    expect(cleared).toMatchObject({ lastSyncError: null, cursor: null, lastSyncStatus: 'error', itemsSynced: 12 });
    expect(await list('mindbody')).toEqual([cleared]);
    // nothing said changes nothing
    expect((await clinic.call('put', path).expect(200)).body.data).toMatchObject({ itemsSynced: 12 });
  });

  it('belong to merchant, environment and source', async () => {
    await clinic.call('put', `${pathOf('own')}/things`, { cursor: 'mine' }).expect(200);
    expect(await list('own', other)).toEqual([]);
    expect(await list('owned')).toEqual([]);
    const live = await makeClinic(running, { environment: 'live', sizes: { '*': 0 } });
    await live.sql(`UPDATE api_keys SET merchant_id = $1 WHERE merchant_id = $2`, [clinic.merchantId, live.merchantId]);
    expect((await live.call('get', pathOf('own')).expect(200)).body.data).toEqual([]);
  });

  it('are 403 for another merchant’s id, whatever it is', async () => {
    for (const merchantId of [other.merchantId, randomUUID(), 'nobody']) {
      const path = `/v2/sync-state/mindbody/${merchantId}`;
      await refused(clinic.call('get', path), 403, 'permission_denied');
      await refused(clinic.call('put', `${path}/things`, { cursor: 'x' }), 403, 'permission_denied');
    }
    expect(await list('mindbody', other)).toEqual([]);
    expect(
      (
        await clinic
          .call('get', pathOf('mindbody').toUpperCase().replace('/V2/SYNC-STATE/MINDBODY', '/v2/sync-state/mindbody'))
          .expect(200)
      ).body.data,
    ).toBeDefined();
  });

  it('show the engine’s own cursors, and do not let them be written', async () => {
    const states = await list('practicehub');
    expect(states.map((state: any) => state.resourceType)).toEqual(['customers', 'invoices', 'payments', 'products']);
    expect(states[0]).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      merchantId: clinic.merchantId,
      provider: 'practicehub',
      resourceType: 'customers',
      lastSyncAt: expect.any(String),
      lastSyncStatus: 'success',
      lastSyncError: null,
      cursor: expect.any(String),
      itemsSynced: 4,
      createdAt: expect.any(String),
      updatedAt: expect.any(String),
    });
    expect(await list('practicehub')).toEqual(states);
    const path = pathOf('practicehub');
    await refused(clinic.call('put', `${path}/customers`, { cursor: 'x' }), 409, 'conflict');
    expect(await list('practicehub')).toEqual(states);
    // what the engine does not keep is a worker's to remember
    await clinic.call('put', `${path}/appointments`, { cursor: 'x' }).expect(200);
    expect((await list('practicehub')).map((state: any) => state.resourceType)).toEqual([
      'appointments',
      'customers',
      'invoices',
      'payments',
      'products',
    ]);
  });

  it('yields to the engine when an activation takes a resource over', async () => {
    await other.call('put', `${pathOf('practicehub', other)}/customers`, { cursor: 'worker' }).expect(200);
    await other.activate().expect(200);
    await other.settled();
    const states = await list('practicehub', other);
    expect(states.map((state: any) => state.resourceType)).toEqual(['customers', 'invoices', 'payments', 'products']);
    expect(states[0].cursor).not.toBe('worker');
    await refused(other.call('put', `${pathOf('practicehub', other)}/customers`, {}), 409, 'conflict');
  });

  it('makes one of many that come at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, n) =>
        clinic.call('put', `${pathOf('race')}/things`, { itemsSynced: n }).expect(200),
      ),
    );
    expect(answers.filter(({ body }) => body.created)).toHaveLength(1);
    expect(new Set(answers.map(({ body }) => body.data.id)).size).toBe(1);
    expect(await list('race')).toHaveLength(1);
  });

  it.each([
    [{ lastSyncAt: 'yesterday' }, 'lastSyncAt'],
    [{ lastSyncAt: 5 }, 'lastSyncAt'],
    [{ lastSyncStatus: 'done' }, 'lastSyncStatus'],
    [{ cursor: 5 }, 'cursor'],
    [{ cursor: 'a\0' }, 'cursor'],
    [{ cursor: 'x'.repeat(8_193) }, 'cursor'],
    [{ lastSyncError: 'x'.repeat(2_001) }, 'lastSyncError'],
    [{ itemsSynced: -1 }, 'itemsSynced'],
    [{ itemsSynced: 1.5 }, 'itemsSynced'],
    [{ itemsSynced: null }, 'itemsSynced'],
    [{ itemsSynced: 2 ** 53 }, 'itemsSynced'],
    [{ more: 1 }, 'more'],
  ])('refuses %#', async (body, field) => {
    const refusal = await refused(clinic.call('put', `${pathOf('bad')}/things`, body), 400, 'invalid_request');
    expect(Object.keys(refusal.details.fields)).toEqual([field]);
    expect(await list('bad')).toEqual([]);
  });

  it('refuses a source and a resource type of another form', async () => {
    await refused(clinic.call('get', pathOf('Mind%20Body')), 400, 'invalid_request');
    await refused(clinic.call('get', pathOf('x'.repeat(65))), 400, 'invalid_request');
    await refused(clinic.call('put', `${pathOf('mindbody')}/a%20b`, {}), 400, 'invalid_request');
    await clinic.call('get', pathOf('x'.repeat(64))).expect(200);
  });

  it('takes the scopes of sync, not those of integrations', async () => {
    const without = await makeClinic(running, { scopes: ['integrations:*'] });
    await refused(without.call('get', pathOf('mindbody', without)), 403, 'permission_denied');
    const reader = await makeClinic(running, { scopes: ['sync:read'] });
    await reader.call('get', pathOf('mindbody', reader)).expect(200);
    await refused(reader.call('put', `${pathOf('mindbody', reader)}/things`, {}), 403, 'permission_denied');
  });
});

describe('the provider catalogue', () => {
  let running: TestApp;
  let clinic: Clinic;
  beforeAll(async () => {
    running = await startTestApp();
    clinic = await makeClinic(running, { scopes: ['integrations:read'] });
  }, 60_000);
  afterAll(() => running?.close());

  it('lists what can be connected', async () => {
    const { data } = (await clinic.call('get', '/v2/providers').expect(200)).body;
    expect(data.map((provider: any) => provider.id)).toEqual(BUILT_IN_IDS);
    expect(data.map((provider: any) => provider.id)).toEqual(
      expect.arrayContaining(['practicehub', 'wodify', 'terminal']),
    );
    for (const provider of data) {
      expect(Object.keys(provider).sort()).toEqual(
        [
          'capabilities',
          'credentialSchema',
          'defaultIntervalMinutes',
          'docsUrl',
          'id',
          'minimumIntervalMinutes',
          'name',
          'resources',
        ].sort(),
      );
      expect((await clinic.call('get', `/v2/providers/${provider.id}`).expect(200)).body).toEqual({ data: provider });
      // a form can be made of it: it is a JSON Schema, and it tells good credentials from others
      const accepts = addFormats(new Ajv({ strict: true })).compile(provider.credentialSchema);
      const good = { apiKey: 'key', baseUrl: 'https://api.example.com' };
      expect(
        [good, { ...good, apiKey: '' }, { baseUrl: good.baseUrl }, { ...good, more: 1 }, { ...good, baseUrl: 'x' }].map(
          (each) => accepts(each),
        ),
      ).toEqual([true, false, false, false, false]);
    }
  });

  it('knows no other', async () => {
    const { body } = await clinic.call('get', '/v2/providers/mindbody').expect(400);
    expect(body).toMatchObject({ code: 'invalid_request', details: { fields: { provider: [expect.any(String)] } } });
  });

  it('is for known callers', async () => {
    expect((await fetch(`${running.url}/v2/providers`)).status).toBe(401);
    const without = await makeClinic(running, { scopes: ['sync:*'] });
    await without.call('get', '/v2/providers').expect(403);
  });
});
