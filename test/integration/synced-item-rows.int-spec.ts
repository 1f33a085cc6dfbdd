import { randomUUID } from 'node:crypto';
import { SyncedItemRepository } from '../../src/sync/store/synced-item.repository';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic, type Clinic } from '../support/clinic';

const ALL = { limit: 100, offset: 0 };

/** What can be sold, beside what looks like it: deleted, of a former account, of another integration or resource. */
describe('the things that synced records name', () => {
  let running: TestApp;
  let clinic: Clinic;
  let items: SyncedItemRepository;
  let mine: string;
  let others: string;
  let place = 0;

  beforeAll(async () => {
    // no worker: the rows are those of this test
    running = await startTestApp({ environment: { ROLE: 'api' } });
    items = running.app.get(SyncedItemRepository, { strict: false });
    others = (await (await makeClinic(running)).activate().expect(200)).body.data.id;
    clinic = await makeClinic(running);
    mine = (await clinic.activate().expect(200)).body.data.id;
  }, 60_000);
  afterAll(() => running.close());
  beforeEach(() => clinic.sql('DELETE FROM records'));

  interface Place {
    readonly of?: string;
    readonly resource?: string;
    readonly operation?: string;
    readonly epoch?: number;
  }
  const store = async (externalId: string, data: object, more: Place = {}) => {
    const { of = mine, resource = 'products', operation = 'created', epoch = 1 } = more;
    await clinic.sql(
      `INSERT INTO records (integration_id, resource_type, external_id, id, stream, epoch, version, operation, data,
         content_hash, feed_position, synced_at)
       VALUES ($1, $2, $3, $4, 'list', $5, 1, $6, $7, '\\x00', $8::int, timestamptz '2026-01-01' + $8::int * interval '1 second')`,
      [of, resource, externalId, randomUUID(), epoch, operation, data, ++place],
    );
  };
  const product = (externalId: string, more: object = {}, at: Place = {}) => {
    const [kind] = externalId.split(':');
    const data = { name: externalId, kind, amountMinor: 100, currency: 'GBP', visits: 1, active: false, ...more };
    return store(externalId, data, at);
  };
  const invoice = (externalId: string, lines: readonly [item: string | null, name: string][], at: Place = {}) => {
    const of = lines.map(([externalItemId, description]) => ({
      externalItemId,
      description,
      quantity: 2,
      amountMinor: 50,
    }));
    return store(externalId, { currency: 'GBP', lines: of }, { resource: 'invoices', ...at });
  };
  const BESIDE: Place[] = [{ operation: 'deleted' }, { epoch: 0 }, { of: 'others' }, { resource: 'customers' }];
  /** The same, where it does not count; each under an id of its own. */
  const beside = async (write: (suffix: string, at: Place) => Promise<void>) => {
    for (const [index, at] of BESIDE.entries()) await write(`-${index}`, at.of ? { of: others } : at);
  };

  it('are products of the kinds that are asked for, by name, a plan once and active where one of its rows is', async () => {
    await product('package:b', { name: 'Same' });
    await product('package:a', { name: 'Same', interval: 'month', packageType: 'visits', publicName: 'P' });
    await product('service:s');
    await product('membership:10', { name: 'Plan', planKey: 'p', active: true });
    await product('membership:9', { name: 'Plan of the shortest id', planKey: 'p' });
    await beside((suffix, at) => product(`package:${suffix}`, {}, at));
    const { rows, hasMore } = await items.products(mine, ['package', 'membership'], ALL);
    expect(hasMore).toBe(false);
    expect(rows.map(({ externalId, name, active }) => [externalId, name, active])).toEqual([
      ['membership:9', 'Plan of the shortest id', true],
      ['package:a', 'Same', false],
      ['package:b', 'Same', false],
    ]);
    expect(rows[1]).toMatchObject({ amountMinor: 100, currency: 'GBP', interval: 'month', visits: 1, publicName: 'P' });
  });

  it('are items of invoices, each as the newest invoice shows it', async () => {
    await invoice('1', [
      ['1', 'Old'],
      [null, 'A discount'],
      ['service:1', 'A service'],
    ]);
    await invoice('2', [['1', 'New']]);
    await beside((suffix, at) => invoice(`3${suffix}`, [[`9${suffix}`, 'No']], at));
    const { rows } = await items.lineItems(mine, ALL);
    expect(rows.map(({ bareId, kind, description }) => [bareId, kind, description])).toEqual([
      ['1', 'service', 'A service'],
      ['1', null, 'New'],
    ]);
    expect(rows[0]).toMatchObject({ quantity: 2, amountMinor: 50, currency: 'GBP' });
  });

  describe('are seen', () => {
    const seen = async (which: { only?: string[]; except?: string[] } = {}) =>
      (await items.seen(mine, which, ALL)).rows.map(({ bareId, kind, name, count }) => [
        bareId,
        kind,
        name,
        Number(count),
      ]);

    it('as packages and memberships, and as the lines that mean them, the last one first', async () => {
      await product('package:1', { name: 'Ten visits' });
      await product('membership:2');
      await product('service:3');
      await invoice('1', [
        ['1', 'As the line says'],
        ['package:1', 'As another says'],
        ['4', 'Not a package'],
      ]);
      await beside((suffix, at) => product(`package:5${suffix}`, {}, at));
      await beside((suffix, at) => invoice(`2${suffix}`, [[`6${suffix}`, 'No']], at));
      expect(await seen()).toEqual([
        ['1', 'package', 'Ten visits', 3],
        ['4', null, 'Not a package', 1],
        ['2', 'membership', 'membership:2', 1],
      ]);
      const { rows } = await items.seen(mine, {}, { limit: 1, offset: 0 });
      expect(rows).toMatchObject([{ bareId: '1', totalCount: 5 }]);
    });

    it('as what a line says that it is, also where a package of another kind has its id, and no package has', async () => {
      await product('package:1', { name: 'Ten visits' });
      await invoice('1', [
        ['service:1', 'A service'],
        ['service:7', 'Another'],
        ['package:8', 'A package that is gone'],
      ]);
      expect((await seen()).toSorted()).toEqual([
        ['1', 'package', 'Ten visits', 1],
        ['1', 'service', 'A service', 1],
        ['7', 'service', 'Another', 1],
        ['8', 'package', 'A package that is gone', 1],
      ]);
    });

    it('as the first kind where a line does not say which of two packages it means, once', async () => {
      await product('package:1');
      await product('membership:1');
      await invoice('1', [['1', 'One of them']]);
      expect((await seen()).toSorted()).toEqual([
        ['1', 'membership', 'membership:1', 2],
        ['1', 'package', 'package:1', 1],
      ]);
    });

    it('once for all rows of a plan, by every id that it was seen under', async () => {
      await product('membership:10', { planKey: 'p', name: 'Plan' });
      await product('membership:9', { planKey: 'p', name: 'Plan' });
      await invoice('1', [['10', 'A line']]);
      const { rows } = await items.seen(mine, {}, ALL);
      expect(rows).toMatchObject([{ bareId: '9', bareIds: ['10', '9'], kind: 'membership', name: 'Plan' }]);
    });

    it('those that are asked for, and not those that are left out, with or without their kind', async () => {
      for (const id of ['1', '2', '3']) await product(`package:${id}`);
      await product('membership:3');
      const ids = async (which: Parameters<typeof seen>[0]) =>
        (await seen(which)).map(([id, kind]) => `${kind}:${id}`).toSorted();
      expect(await ids({ only: ['1', '3', '9'] })).toEqual(['membership:3', 'package:1', 'package:3']);
      expect(await ids({ except: ['1', 'package:3'] })).toEqual(['membership:3', 'package:2']);
    });

    it('by the name that the newest line has, where no package has the id', async () => {
      await invoice('1', [['4', 'Old']]);
      await invoice('2', [['4', 'New']]);
      await invoice('3', [['4', null as never]]);
      expect(await seen()).toEqual([['4', null, 'New', 3]]);
    });
  });

  it('have the kinds of live products and lines, of the ids that are asked for', async () => {
    await product('package:1');
    await product('membership:1');
    await product('package:2');
    await invoice('1', [
      ['service:1', 'A service'],
      ['product:3', 'A product'],
      ['product:2', 'Not asked for'],
      ['4', 'Of no kind'],
    ]);
    for (const at of [{ operation: 'deleted' }, { of: others }, { resource: 'customers' }] satisfies Place[]) {
      await product(`service:${at.operation ? 3 : 5}`, {}, at);
      await invoice(`2-${JSON.stringify(at)}`, [['package:5', 'No']], at);
    }
    const kinds = async (ids: string[]) => Object.fromEntries(await items.kindsOf(mine, ids));
    expect(await kinds(['1', '3', '4', '5'])).toEqual({ 1: ['membership', 'package', 'service'], 3: ['product'] });
    expect(await kinds([])).toEqual({});
  });
});
