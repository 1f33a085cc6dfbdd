import { UnitOfWork, type Tx } from '../../src/platform/database';
import { WatermarkRepository, type WatermarkOwner } from '../../src/sync/store/watermark.repository';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic, type Clinic } from '../support/clinic';

const AT = new Date('2026-05-05T10:00:00.000Z');
const EARLIER = new Date('2026-05-04T10:00:00.000Z');

describe('the rows of watermarks', () => {
  let running: TestApp;
  let clinic: Clinic;
  let watermarks: WatermarkRepository;
  let owner: WatermarkOwner;

  beforeAll(async () => {
    // no worker: nothing happens by itself
    running = await startTestApp({ environment: { ROLE: 'api' } });
    watermarks = running.app.get(WatermarkRepository, { strict: false });
    await (await makeClinic(running)).activate().expect(200);
    clinic = await makeClinic(running);
    await clinic.activate().expect(200);
    owner = { merchantId: clinic.merchantId, environment: 'sandbox', source: 'practicehub' };
  }, 60_000);
  afterAll(() => running.close());
  beforeEach(() => clinic.sql('DELETE FROM sync_watermarks'));

  const inTransaction = <T>(work: (tx: Tx) => Promise<T>) => running.app.get(UnitOfWork).run(work);
  const list = async (of = owner) => (await watermarks.list(of, { limit: 50, offset: 0 })).rows;
  const put = (of: WatermarkOwner, resourceType: string, change: Parameters<WatermarkRepository['put']>[3] = {}) =>
    inTransaction((tx) => watermarks.put(tx, of, resourceType, change));
  const strangers = (): WatermarkOwner[] => [
    { ...owner, environment: 'live' },
    { ...owner, source: 'wodify' },
    { ...owner, merchantId: 'b3c1b0de-0000-4000-8000-000000000000' },
  ];

  it('show the engine’s cursors to their merchant, environment and provider', async () => {
    expect((await list()).length).toBeGreaterThan(2);
    expect(new Set((await list()).map(({ merchantId }) => merchantId))).toEqual(new Set([clinic.merchantId]));
    for (const stranger of strangers()) expect(await list(stranger)).toEqual([]);
    const isOwned = (of: WatermarkOwner, resource: string) =>
      inTransaction((tx) => watermarks.isOwnedByEngine(tx, of, resource));
    expect([await isOwned(owner, 'customers'), await isOwned(owner, 'else')]).toEqual([true, false]);
    for (const stranger of strangers()) expect(await isOwned(stranger, 'customers')).toBe(false);
  });

  it.each<[string, string[], object]>([
    ['all were read', ['success', 'success'], { lastSyncStatus: 'success', lastSyncAt: EARLIER, cursor: 'a' }],
    ['one failed', ['success', 'error'], { lastSyncStatus: 'error', lastSyncAt: EARLIER, cursor: 'a' }],
    ['one is being read', ['success', 'syncing'], { lastSyncStatus: 'syncing', lastSyncAt: EARLIER, cursor: 'a' }],
  ])('tell of the streams of a resource together: %s', async (_what, statuses, told) => {
    const streams = await clinic.sql(
      `SELECT c.stream, c.integration_id AS id FROM sync_cursors c JOIN integrations i ON i.id = c.integration_id
       WHERE i.merchant_id = $1 AND resource_type = 'products' ORDER BY stream`,
      [clinic.merchantId],
    );
    expect(streams.length).toBeGreaterThan(1);
    for (const [index, { stream, id }] of streams.entries()) {
      const first = index === 0;
      await clinic.sql(
        `UPDATE sync_cursors SET last_sync_status = $3, last_sync_at = $4, last_sync_error = 'e', items_processed = 2,
           cursor = jsonb_build_object('watermark', $5::text) WHERE integration_id = $1 AND stream = $2`,
        [id, stream, statuses[first ? 0 : 1], first ? AT : EARLIER, first ? 'b' : 'a'],
      );
    }
    const products = async () => (await list()).find(({ resourceType }) => resourceType === 'products');
    expect(await products()).toMatchObject({ ...told, itemsSynced: 2 * streams.length, lastSyncError: 'e' });
    await clinic.sql(
      `UPDATE sync_cursors SET last_sync_at = NULL, cursor = '{}' WHERE integration_id = $1 AND stream = $2`,
      [streams[0]!['id'], streams[0]!['stream']],
    );
    expect(await products()).toMatchObject({ lastSyncAt: null, cursor: null });
  });

  it('of others are kept, field by field, and shown where the engine has none', async () => {
    const all = { lastSyncAt: AT, lastSyncStatus: 'success', lastSyncError: 'e', cursor: 'c', itemsSynced: 7 } as const;
    for (const stranger of strangers().slice(0, 2)) await put(stranger, 'orders', all);
    expect(await put(owner, 'orders', all)).toMatchObject({ created: true, watermark: all });
    await put(owner, 'customers', all);
    expect((await list()).map(({ resourceType }) => resourceType)).toEqual(
      (await list()).map(({ resourceType }) => resourceType).toSorted(),
    );
    const orders = (await list()).filter(({ resourceType }) => resourceType === 'orders');
    expect(orders).toEqual([expect.objectContaining(all)]);
    expect((await list()).filter(({ resourceType }) => resourceType === 'customers')).toHaveLength(1);
    expect(await put(owner, 'orders')).toMatchObject({ created: false, watermark: all });
    const none = { lastSyncAt: null, lastSyncStatus: null, lastSyncError: null, cursor: null, itemsSynced: 0 };
    for (const [name, value] of Object.entries(none)) {
      await put(owner, 'orders', all);
      expect((await put(owner, 'orders', { [name]: value })).watermark).toMatchObject({ ...all, [name]: value });
    }
    for (const stranger of strangers().slice(0, 2))
      expect(await list(stranger)).toEqual([expect.objectContaining(all)]);
  });
});
