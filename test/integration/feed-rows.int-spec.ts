import { MAX_LIST_BYTES, UnitOfWork } from '../../src/platform/database';
import { FeedRepository } from '../../src/sync/store/feed.repository';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic, type Clinic } from '../support/clinic';

/** What a reader of records is given, beside the records of other lists, accounts and integrations. */
describe('a reader of records', () => {
  let running: TestApp;
  let clinic: Clinic;
  let feed: FeedRepository;
  let mine: string;
  let others: string;

  beforeAll(async () => {
    running = await startTestApp({ environment: { ROLE: 'api' } });
    feed = running.app.get(FeedRepository, { strict: false });
    others = (await (await makeClinic(running)).activate().expect(200)).body.data.id;
    clinic = await makeClinic(running);
    mine = (await clinic.activate().expect(200)).body.data.id;
  }, 60_000);
  afterAll(() => running.close());
  beforeEach(async () => {
    await clinic.sql('DELETE FROM records');
    await clinic.sql('DELETE FROM sync_feeds');
    // of the present account: 1, 2 deleted, 3; of the former one: 4 and 5 deleted
    await fill(mine, 'customers', { epochs: [1, 1, 1, 0, 0], deleted: [2, 5] });
    await fill(mine, 'products', { epochs: [1, 1], deleted: [] });
    await fill(others, 'customers', { epochs: [1, 1, 1, 1, 1, 1], deleted: [] });
    await clinic.sql(
      `UPDATE sync_feeds SET trimmed_position = 1 WHERE integration_id = $1 AND resource_type = 'customers'`,
      [mine],
    );
  });

  /** Records at the positions 1, 2, ... under the same ids everywhere; each says whose it is. */
  const fill = async (of: string, resource: string, { epochs, deleted }: { epochs: number[]; deleted: number[] }) => {
    await clinic.sql(
      `INSERT INTO records (integration_id, resource_type, external_id, id, stream, epoch, version, operation, data,
         content_hash, feed_position)
       SELECT $1::uuid, $2::text, ord::text, gen_random_uuid(), 'list-of-' || $2, epoch, 1,
         CASE WHEN ord = ANY($4::int[]) THEN 'deleted' ELSE 'created' END,
         jsonb_build_object('of', $1::uuid, 'resource', $2::text, 'n', ord), '\\x00', ord
       FROM unnest($3::int[]) WITH ORDINALITY AS e(epoch, ord)`,
      [of, resource, epochs, deleted],
    );
    await clinic.sql('INSERT INTO sync_feeds (integration_id, resource_type, position) VALUES ($1, $2, $3)', [
      of,
      resource,
      epochs.length,
    ]);
  };
  const customers = () => ({ integrationId: mine, resourceType: 'customers' }) as const;
  const after = async (position: number, { limit = 10, includeDeleted = true } = {}) => {
    const { entries, ...place } = await feed.after(customers(), position, { limit, includeDeleted });
    for (const { data } of entries) expect(data).toMatchObject({ of: mine, resource: 'customers' });
    return { ...place, read: entries.map(({ externalId, operation }) => [externalId, operation]) };
  };

  it('is given what follows its place, in order, with where the feed stands', async () => {
    const all = [
      ['1', 'created'],
      ['2', 'deleted'],
      ['3', 'created'],
      ['5', 'deleted'],
    ];
    const place = { generation: 1, head: 5, trimmed: 1 };
    expect(await after(0)).toEqual({ ...place, read: all, hasMore: false });
    expect(await after(2)).toEqual({ ...place, read: all.slice(2), hasMore: false });
    expect(await after(5)).toEqual({ ...place, read: [], hasMore: false });
    const live = [all[0], all[2]];
    expect(await after(0, { includeDeleted: false })).toEqual({ ...place, read: live, hasMore: false });
  });

  it('is told that more follows where the answer has as many as were asked for', async () => {
    for (const [limit, hasMore] of [
      [3, true],
      [4, false],
    ] as const) {
      const part = await after(0, { limit });
      expect([part.read.length, part.hasMore]).toEqual([limit, hasMore]);
    }
  });

  it('is given as many as one answer can hold, and one at least', async () => {
    const sizes = async (of: readonly number[]) => {
      for (const [index, size] of of.entries()) {
        // as the database writes it: {"t": "..."}
        await clinic.sql(
          `UPDATE records SET data = jsonb_build_object('t', repeat('x', $2::int - 9)) WHERE integration_id = $1
             AND resource_type = 'customers' AND external_id = $3`,
          [mine, size, String(index + 1)],
        );
      }
      const { entries, hasMore } = await feed.after(customers(), 0, { limit: 3, includeDeleted: true });
      return [entries.map(({ externalId }) => externalId), hasMore];
    };
    expect(await sizes([MAX_LIST_BYTES / 2, MAX_LIST_BYTES / 2, 100])).toEqual([['1', '2'], true]);
    expect(await sizes([MAX_LIST_BYTES / 2, MAX_LIST_BYTES / 2 + 1, 100])).toEqual([['1'], true]);
    expect(await sizes([MAX_LIST_BYTES + 1, 100, 100])).toEqual([['1'], true]);
  });

  it('of a feed that was never written finds it at its start', async () => {
    const key = { integrationId: mine, resourceType: 'payments' } as const;
    expect(await feed.after(key, 0, { limit: 10, includeDeleted: true })).toEqual({
      generation: 1,
      head: 0,
      trimmed: 0,
      entries: [],
      hasMore: false,
    });
  });

  it('finds one record by its id, and one of a former account deleted', async () => {
    const find = async (externalId: string) => feed.find(customers(), externalId);
    expect(await find('3')).toMatchObject({ operation: 'created', data: { of: mine, resource: 'customers', n: 3 } });
    expect(await find('4')).toMatchObject({ operation: 'deleted', data: { n: 4 } });
    // another integration has it
    expect(await find('6')).toBeNull();
    expect(await feed.find({ integrationId: mine, resourceType: 'products' }, '2')).toMatchObject({
      resourceType: 'products',
      data: { resource: 'products', n: 2 },
    });
  });

  it('in a transaction learns how new it is, by the list that shows it', async () => {
    const readFrom = (of: string, stream: string, at: string) =>
      clinic.sql(
        `INSERT INTO sync_cursors (integration_id, stream, resource_type, cursor)
         VALUES ($1, $2, 'customers', jsonb_build_object('readFrom', $3::text))
         ON CONFLICT (integration_id, stream) DO UPDATE SET cursor = excluded.cursor`,
        [of, stream, at],
      );
    await readFrom(others, 'list-of-customers', '2026-03-03T00:00:00.000Z');
    await readFrom(mine, 'list-of-products', '2026-02-02T00:00:00.000Z');
    const read = (id: string, resourceType: 'customers' | 'products' = 'customers') =>
      running.app.get(UnitOfWork).run((tx) => feed.read(tx, { integrationId: mine, resourceType }, id));
    expect(await read('3')).toMatchObject({ operation: 'created', readFrom: null, data: { of: mine, n: 3 } });
    await readFrom(mine, 'list-of-customers', '2026-01-01T00:00:00.000Z');
    const at = new Date('2026-01-01T00:00:00.000Z');
    expect(await read('3')).toMatchObject({ readFrom: at, data: { of: mine, resource: 'customers' } });
    expect(await read('4')).toMatchObject({ operation: 'deleted' });
    expect(await read('2', 'products')).toMatchObject({ data: { resource: 'products' } });
    expect(await read('6')).toBeNull();
  });
});
