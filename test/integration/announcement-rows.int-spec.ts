import { UnitOfWork } from '../../src/platform/database';
import { AnnouncementRepository, type UnannouncedFeed } from '../../src/sync/store/announcement.repository';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic, type Clinic } from '../support/clinic';

/** Which changes of record feeds are to be announced, and that each is announced once. */
describe('the changes of feeds that nobody has been told of', () => {
  let running: TestApp;
  let clinic: Clinic;
  let announcements: AnnouncementRepository;
  let mine: string;
  let others: string;

  beforeAll(async () => {
    // no worker: this test announces
    running = await startTestApp({ environment: { ROLE: 'api' } });
    announcements = running.app.get(AnnouncementRepository, { strict: false });
    others = (await (await makeClinic(running)).activate().expect(200)).body.data.id;
    clinic = await makeClinic(running);
    mine = (await clinic.activate().expect(200)).body.data.id;
  }, 60_000);
  afterAll(() => running.close());
  beforeEach(async () => {
    await clinic.sql('DELETE FROM records');
    await clinic.sql('DELETE FROM sync_feeds');
  });

  /** Records at the positions 1, 2, ..., by the operation of each. */
  const feed = async (of: string, resource: string, operations: readonly string[], announced = 0) => {
    await clinic.sql(
      `INSERT INTO records (integration_id, resource_type, external_id, id, stream, epoch, version, operation, data,
         content_hash, feed_position)
       SELECT $1, $2, ord::text, gen_random_uuid(), 'list', 1, 1, operation, '{}', '\\x00', ord
       FROM unnest($3::text[]) WITH ORDINALITY AS o(operation, ord)`,
      [of, resource, operations],
    );
    await clinic.sql(
      `INSERT INTO sync_feeds (integration_id, resource_type, position, announced_position) VALUES ($1, $2, $3, $4)`,
      [of, resource, operations.length, announced],
    );
  };
  const found = async (limit = 10): Promise<UnannouncedFeed[]> =>
    (await announcements.unannounced(limit)).toSorted((a, b) => a.resourceType.localeCompare(b.resourceType));
  const mark = (one: UnannouncedFeed) => running.app.get(UnitOfWork).run((tx) => announcements.mark(tx, one));
  const OPERATIONS = [
    'created',
    'deleted',
    'updated',
    'created',
    'updated',
    'updated',
    'deleted',
    'created',
    'created',
  ];

  it('are counted by what became of the records, behind what was announced, each feed by itself', async () => {
    await feed(mine, 'customers', OPERATIONS, 2);
    await feed(mine, 'products', ['created', 'created', 'created', 'created']);
    await feed(
      others,
      'customers',
      Array.from({ length: 12 }, () => 'deleted'),
    );
    await feed(others, 'products', ['created'], 1);
    const feeds = await found();
    expect(feeds).toHaveLength(3);
    expect(feeds.filter(({ integrationId }) => integrationId === mine)).toEqual([
      {
        merchantId: clinic.merchantId,
        environment: 'sandbox',
        provider: 'practicehub',
        integrationId: mine,
        resourceType: 'customers',
        from: 2,
        to: 9,
        created: 3,
        updated: 3,
        deleted: 1,
        trimmed: 0,
        generation: 1,
      },
      expect.objectContaining({ resourceType: 'products', from: 0, to: 4, created: 4, updated: 0, deleted: 0 }),
    ]);
    expect(feeds.find(({ integrationId }) => integrationId === others)).toMatchObject({ to: 12, deleted: 12 });
    expect(await found(1)).toHaveLength(1);
  });

  it('are counted a part at a time', async () => {
    await feed(mine, 'customers', ['created', 'created']);
    await clinic.sql('UPDATE sync_feeds SET position = 60000');
    await clinic.sql(`UPDATE records SET feed_position = 50001 WHERE external_id = '2'`);
    const [first] = await found();
    expect(first).toMatchObject({ from: 0, to: 50_000, created: 1 });
    expect(await mark(first!)).toBe(true);
    expect(await found()).toMatchObject([{ from: 50_000, to: 60_000, created: 1 }]);
  });

  it('are announced by one worker, and not when what was counted may be erased', async () => {
    for (const resource of ['customers', 'products']) await feed(mine, resource, ['created', 'created']);
    await feed(others, 'customers', ['created', 'created']);
    const places = () =>
      clinic.sql(`SELECT integration_id AS of, resource_type AS resource FROM sync_feeds WHERE announced_position > 0`);
    const one = (await found()).find((each) => each.integrationId === mine && each.resourceType === 'customers')!;
    for (const stale of [{ from: 1 }, { trimmed: 1 }]) expect(await mark({ ...one, ...stale })).toBe(false);
    expect(await places()).toEqual([]);
    expect(await mark(one)).toBe(true);
    expect(await places()).toEqual([{ of: mine, resource: 'customers' }]);
    expect(await mark(one)).toBe(false);
    expect(await found()).toHaveLength(2);
  });
});
