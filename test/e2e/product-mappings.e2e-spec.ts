import { randomUUID } from 'node:crypto';
import { refused } from '../support/answers';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic, type Clinic } from '../support/clinic';

const SIZES = {
  patients: 3,
  invoices: 4,
  services: 2,
  products: 1,
  patient_packages: 3,
  payment_methods: 4,
  payments: 0,
};

describe('mappings', () => {
  let running: TestApp;
  let clinic: Clinic;
  let other: Clinic;
  let never: Clinic;

  beforeAll(async () => {
    running = await startTestApp();
    const { practicehub } = running.sandbox;
    [clinic, other, never] = await Promise.all([
      makeClinic(running, { sizes: SIZES }),
      makeClinic(running, { sizes: { '*': 0 } }),
      makeClinic(running),
    ]);
    const { accountKey: apiKey } = clinic;
    practicehub.change({
      resource: 'patient_packages',
      ids: ['1'],
      fields: {
        name: 'Ten visit pass',
        price: 150,
        visits: 10,
        active: 1,
        package_type: 'visits',
        charge_type: 'upfront',
        public_name: 'Ten for you',
      },
      apiKey,
    });
    const invoice = (id: string, items: object[]) =>
      practicehub.change({
        resource: 'invoices',
        ids: [id],
        fields: {
          status: 'sent',
          created: practicehub.truth({ resource: 'invoices', ids: [id], apiKey })[0]!['created'],
          items,
        },
        apiKey,
      });
    invoice('1', [
      { item_id: 31, description: 'Consultation', quantity: 2, total: '90.00' },
      { item_id: 1, description: 'Ten visits', total: '150.00' },
      { description: 'A discount without an item', total: '-5.00' },
    ]);
    invoice('2', [{ item_id: 31, description: 'Initial consultation', quantity: 1, total: '50.00' }]);
    await Promise.all([clinic.activate({ invoiceLookbackDays: 3650 }).expect(200), other.activate().expect(200)]);
    expect(await clinic.settled()).toBe('succeeded');
    await other.settled();
    // the invoice that changed last is the newest
    practicehub.change({ resource: 'invoices', ids: ['1'], fields: { invoice_number: 'changed' }, apiKey });
    expect(await clinic.sync()).toBe('succeeded');
  }, 60_000);
  afterAll(() => running?.close());
  afterEach(() => running.sandbox.practicehub.clearFaults());

  const get = async (path: string, who: Clinic = clinic) => (await who.call('get', path).expect(200)).body;
  const put = (mappings: unknown, who: Clinic = clinic) => who.call('put', '/product-mappings', { mappings } as object);

  describe('what can be sold', () => {
    it('lists packages by name, by their id with its kind and in major units', async () => {
      const { success, data } = await get('/packages');
      expect(success).toBe(true);
      expect(data).toHaveLength(3);
      expect(data.find((each: any) => each.id === 'package:1')).toEqual({
        id: 'package:1',
        name: 'Ten visit pass',
        public_name: 'Ten for you',
        type: 'package',
        package_type: 'visits',
        charge_type: 'upfront',
        price: 150,
        visits: 10,
        active: true,
      });
      // what the provider does not say is left out, not null
      expect(Object.keys(data.find((each: any) => each.id === 'package:2')).sort()).toEqual(
        ['active', 'id', 'name', 'package_type', 'price', 'type', 'visits'].sort(),
      );
      expect(data.map((each: any) => each.name)).toEqual(data.map((each: any) => each.name).sort());
    });

    it('lists items of invoices once each, as the newest shows them', async () => {
      const { success, data } = await get('/billable-items');
      expect(success).toBe(true);
      expect(data.map(({ id, source }: any) => [id, source])).toEqual([
        ['1', 'invoice'],
        ['31', 'invoice'],
      ]);
      // the price of one: two cost 90.00
      expect(data[1]).toEqual({ id: '31', name: 'Consultation', price: 45, source: 'invoice' });
    });

    it.each(['/packages', '/billable-items'])('%s is 404 where none is active', async (path) => {
      await refused(never.call('get', path), 404, 'not_found');
      await refused(clinic.call('get', `/v2/integrations/wodify${path}`), 404, 'not_found');
      await refused(clinic.call('get', `/v2/integrations/mindbody${path}`), 400, 'invalid_request');
      const ended = await makeClinic(running, { sizes: { '*': 0 } });
      await ended.activate().expect(200);
      await ended.call('post', '/deactivate').expect(200);
      await refused(ended.call('get', path), 404, 'not_found');
    });
  });

  describe('a service, a product and a package of one bare id', () => {
    let shop: Clinic;
    const line = (kind: string, total: string) => ({ [`${kind}_id`]: 1, description: `A ${kind}`, quantity: 1, total });

    beforeAll(async () => {
      shop = await makeClinic(running, { sizes: { ...SIZES, patient_packages: 1 } });
      const { practicehub } = running.sandbox;
      const fields = { status: 'sent', items: [line('service', '10.00'), line('product', '20.00')] };
      practicehub.change({ resource: 'invoices', ids: ['1'], fields, apiKey: shop.accountKey });
      const more = { status: 'sent', items: [line('service', '10.00'), line('package', '30.00')] };
      practicehub.change({ resource: 'invoices', ids: ['2'], fields: more, apiKey: shop.accountKey });
      await shop.activate({ invoiceLookbackDays: 3650 }).expect(200);
      expect(await shop.settled()).toBe('succeeded');
    });

    it('are three billable items', async () => {
      const item = (type: string, price: number) => ({
        id: `${type}:1`,
        name: `A ${type}`,
        type,
        price,
        source: 'invoice',
      });
      const { data } = await get('/billable-items', shop);
      expect(data).toEqual([item('package', 30), item('product', 20), item('service', 10)]);
    });

    it('are three unmapped attempts, each with its own name and count', async () => {
      const { data } = await get('/unmapped-attempts', shop);
      const seen = data.map((each: any) => [each.externalPackageId, each.externalPackageName, each.count]);
      // the package itself and the line that names it
      const [{ name }] = (await get('/packages', shop)).data;
      expect(seen.sort()).toEqual(
        [
          ['package:1', name, 2],
          ['product:1', 'A product', 1],
          ['service:1', 'A service', 2],
        ].sort(),
      );
    });

    it('give a mapping the name of its kind', async () => {
      const mapped = async (mapping: object) => {
        await put([{ internalId: randomUUID(), ...mapping }], shop).expect(200);
        const [{ externalId, externalName }] = (await get('/product-mappings', shop)).data;
        return [externalId, externalName];
      };
      expect(await mapped({ externalId: 'service:1' })).toEqual(['service:1', 'A service']);
      expect(await mapped({ externalId: '1', metadata: { type: 'service' } })).toEqual(['service:1', 'A service']);
      const [{ name }] = (await get('/packages', shop)).data;
      expect(await mapped({ externalId: 'package:1' })).toEqual(['package:1', name]);
    });

    it('are a conflict for a mapping of the bare id, which names them all', async () => {
      const { error } = await refused(put([{ externalId: '1', internalId: randomUUID() }], shop), 409, 'conflict');
      expect(error).toContain('package:1, product:1, service:1');
    });

    it('are mapped apart: the others stay unmapped', async () => {
      await put([{ externalId: 'service:1', internalId: randomUUID() }], shop).expect(200);
      const { data } = await get('/unmapped-attempts', shop);
      expect(data.map((each: any) => each.externalPackageId).sort()).toEqual(['package:1', 'product:1']);
    });

    it('are removed apart, by the bare id where only one is mapped', async () => {
      const [service, product] = ['service:1', 'product:1'].map((externalId) => ({
        externalId,
        internalId: randomUUID(),
      }));
      await put([service, product], shop).expect(200);
      await refused(shop.call('delete', '/product-mappings/1'), 409, 'conflict');
      await shop.call('delete', '/product-mappings/service:1').expect(200);
      await shop.call('delete', '/product-mappings/1').expect(200);
      await refused(shop.call('delete', '/product-mappings/1'), 404, 'not_found');
    });

    it('the bare id of one kind is that one, and is the same mapping', async () => {
      await put([{ externalId: '2', internalId: randomUUID() }], shop).expect(200);
      expect((await get('/product-mappings', shop)).data[0].externalId).toBe('service:2');
      const twice = ['2', 'service:2'].map((externalId) => ({ externalId, internalId: randomUUID() }));
      await refused(put(twice, shop), 400, 'invalid_request');
      await put([], shop).expect(200);
    });
  });

  describe('plans that are sold by a row for each holder and period', () => {
    let gym: Clinic;
    const planOf = ({ fields }: any) => JSON.stringify(fields.plan);
    const truth = () => running.sandbox.wodify.providerTruth({ apiKey: gym.accountKey }).products!;

    beforeAll(async () => {
      gym = await makeClinic(running, {
        provider: 'wodify',
        sizes: { clients: 20, memberships: 60, '*': 0, locations: 1 },
      });
      await gym.activate().expect(200);
      expect(await gym.settled()).toBe('succeeded');
    });

    it('are packages once each', async () => {
      const { data } = await get('/packages', gym);
      expect(data).toHaveLength(new Set(truth().map(planOf)).size);
      const ids = new Set(truth().map(({ externalId }) => externalId));
      for (const { id } of data) expect(ids).toContain(id);
    });

    it('are unmapped once each, until any row of theirs is mapped', async () => {
      const plans = new Map<string, string[]>();
      for (const row of truth()) plans.set(planOf(row), [...(plans.get(planOf(row)) ?? []), row.externalId]);
      const before = (await get('/unmapped-attempts', gym)).data;
      expect(before.map((each: any) => each.count).sort()).toEqual(
        [...plans.values()].map((rows) => rows.length).sort(),
      );
      const rows = [...plans.values()].find(({ length }) => length > 1)!;
      await put([{ externalId: rows.at(-1)!, internalId: randomUUID() }], gym).expect(200);
      const after = (await get('/unmapped-attempts', gym)).data.map((each: any) => each.externalPackageId);
      expect(after).toHaveLength(plans.size - 1);
      expect(after.filter((id: string) => rows.includes(id))).toEqual([]);
      expect((await get('/product-mappings', gym)).data[0].externalName).not.toBeNull();
    });
  });

  describe('product mappings', () => {
    const internal = randomUUID();
    const unknown = randomUUID();

    it('replaces all, and shows the product where there is one', async () => {
      const own = { id: internal, name: 'Pass of ten', kind: 'package', amountMinor: 15_000, currency: 'GBP' };
      await clinic.call('put', '/v2/products', { products: [own] }).expect(200);
      const metadata = { name: 'Named by us', type: 'package', charge_type: 'upfront' };
      expect(
        (
          await put([
            { externalId: '31', internalId: unknown },
            { externalId: 'package:1', internalId: internal.toUpperCase() },
            { externalId: '10', internalId: internal, metadata },
          ]).expect(200)
        ).body,
      ).toEqual({ success: true, count: 3 });
      const known = {
        internalId: internal,
        productName: 'Pass of ten',
        productKind: 'package',
        productAmountMinor: 15_000,
        productCurrency: 'GBP',
      };
      const none = { productName: null, productKind: null, productAmountMinor: null, productCurrency: null };
      expect(await get('/product-mappings')).toEqual({
        success: true,
        data: [
          { externalId: '10', externalName: 'Named by us', ...known, metadata },
          {
            externalId: '31',
            externalName: expect.stringContaining('onsultation'),
            internalId: unknown,
            ...none,
            metadata: {},
          },
          { externalId: 'package:1', externalName: 'Ten visit pass', ...known, metadata: {} },
        ],
      });
      await put([{ externalId: '3', internalId: unknown }]).expect(200);
      expect((await get('/product-mappings')).data.map((each: any) => each.externalId)).toEqual(['package:3']);
      expect((await put([]).expect(200)).body).toEqual({ success: true, count: 0 });
      expect((await get('/product-mappings')).data).toEqual([]);
    });

    it('never shows half of a list, whoever writes at the same time', async () => {
      const lists = [1, 2, 3, 4].map((n) =>
        Array.from({ length: 40 }, (_, i) => ({ externalId: `${n}-${i}`, internalId: unknown })),
      );
      const reads: string[] = [];
      await Promise.all([
        ...lists.map((list) => put(list).expect(200)),
        ...Array.from({ length: 12 }, async () => {
          const prefixes = (await get('/product-mappings')).data.map((each: any) => each.externalId.split('-')[0]);
          reads.push([...new Set(prefixes)].join(',') + prefixes.length);
        }),
      ]);
      for (const read of reads) expect(read).toMatch(/^(0|[1-4]40)$/);
      expect((await get('/product-mappings')).data).toHaveLength(40);
      await put([]).expect(200);
    });

    it('belongs to merchant, environment and provider, and outlives a deactivation', async () => {
      const ended = await makeClinic(running, { sizes: { '*': 0 } });
      await ended.activate().expect(200);
      await put([{ externalId: '1', internalId: unknown }], ended).expect(200);
      await ended.settled();
      await ended.call('post', '/deactivate').expect(200);
      expect((await get('/product-mappings', ended)).data).toHaveLength(1);
      expect((await get('/product-mappings', clinic)).data).toEqual([]);
      expect((await get('/v2/integrations/wodify/product-mappings', ended)).data).toEqual([]);
      await refused(put([], ended), 404, 'not_found');
      await refused(clinic.call('delete', '/product-mappings/1'), 404, 'not_found');
      await ended.activate().expect(200);
      expect((await get('/product-mappings', ended)).data).toHaveLength(1);
    });

    it('removes one', async () => {
      await put([
        { externalId: 'a/b', internalId: unknown },
        { externalId: 'c', internalId: unknown },
      ]).expect(200);
      expect((await clinic.call('delete', '/product-mappings/a%2Fb').expect(200)).body).toEqual({ success: true });
      await refused(clinic.call('delete', '/product-mappings/a%2Fb'), 404, 'not_found');
      await refused(clinic.call('delete', '/product-mappings/%00'), 400, 'invalid_request');
      expect((await get('/product-mappings')).data.map((each: any) => each.externalId)).toEqual(['c']);
      await put([]).expect(200);
    });

    it.each<[unknown, string]>([
      [undefined, 'mappings'],
      [{}, 'mappings'],
      [[{}], 'mappings.0.externalId'],
      [[{ externalId: 1, internalId: unknown }], 'mappings.0.externalId'],
      [[{ externalId: '', internalId: unknown }], 'mappings.0.externalId'],
      [[{ externalId: 'a\0', internalId: unknown }], 'mappings.0.externalId'],
      [[{ externalId: '1', internalId: '7' }], 'mappings.0.internalId'],
      [[{ externalId: '1', internalId: unknown, more: 1 }], 'mappings.0.more'],
      [[{ externalId: '1', internalId: unknown, metadata: { other: 1 } }], 'mappings.0.metadata.other'],
      [[{ externalId: '1', internalId: unknown, metadata: { name: '\ud800' } }], 'mappings.0.metadata.name'],
      [[{ externalId: '1', internalId: unknown, metadata: { name: 'a\0' } }], 'mappings.0.metadata.name'],
      [[{ externalId: '1', internalId: unknown, metadata: 'x' }], 'mappings.0.metadata'],
      [
        [
          { externalId: '1', internalId: unknown },
          { externalId: '1', internalId: internal },
        ],
        'mappings.1.externalId',
      ],
    ])('refuses %j', async (mappings, field) => {
      const body = await refused(put(mappings), 400, 'invalid_request');
      expect(Object.keys(body.details.fields)).toContain(field);
      expect((await get('/product-mappings')).data).toEqual([]);
    });

    it('needs an active integration to be replaced, and none to be read', async () => {
      await refused(put([], never), 404, 'not_found');
      expect(await get('/product-mappings', never)).toEqual({ success: true, data: [] });
    });
  });

  describe('unmapped attempts', () => {
    it('counts what was synced without a mapping', async () => {
      await put([]).expect(200);
      const { success, data, totalCount } = await get('/unmapped-attempts');
      expect(success).toBe(true);
      expect(Object.fromEntries(data.map((each: any) => [each.externalPackageId, each.count]))).toEqual({
        'package:1': 2,
        'package:2': 1,
        'package:3': 1,
        31: 2,
      });
      expect(totalCount).toBe(6);
      const pass = data.find((each: any) => each.externalPackageId === 'package:1');
      // the package's own name, not the line's
      expect(pass).toEqual({
        externalPackageId: 'package:1',
        externalPackageName: 'Ten visit pass',
        count: 2,
        lastSeenAt: expect.stringMatching(/^\d{4}-.*Z$/),
      });
      const times = data.map((each: any) => each.lastSeenAt);
      expect(times).toEqual([...times].sort().reverse());
    });

    it('leaves out what is mapped', async () => {
      await put([
        { externalId: 'package:1', internalId: randomUUID() },
        { externalId: '31', internalId: randomUUID() },
      ]).expect(200);
      const { data, totalCount } = await get('/unmapped-attempts');
      expect(data.map((each: any) => each.externalPackageId).sort()).toEqual(['package:2', 'package:3']);
      expect(totalCount).toBe(2);
      await put([]).expect(200);
    });

    it('is empty when never configured', async () => {
      expect(await get('/unmapped-attempts', never)).toEqual({ success: true, data: [], totalCount: 0 });
    });
  });

  describe('suggestions', () => {
    const suggest = (externalItems: unknown, who: Clinic = clinic) =>
      who.call('post', '/suggest-mappings', { externalItems } as object);
    const pass = { id: randomUUID(), name: '10 visits pass', kind: 'package', amountMinor: 15_000, currency: 'GBP' };

    it('come from the merchant’s own products, and write nothing', async () => {
      await clinic.call('put', '/v2/products', { products: [pass] }).expect(200);
      const items = [
        { id: 'p1', name: 'Ten visit pass', type: 'package', charge_type: null, price: 150, source: 'package' },
        { id: 'p2', name: 'Something else', type: null, price: null, source: null },
      ];
      const { body } = await suggest(items).expect(200);
      expect(body).toEqual({
        success: true,
        suggestions: [
          {
            externalId: 'p1',
            internalId: pass.id,
            confidence: 1,
            reasoning: 'The names are the same, the price is the same and both are a package.',
          },
        ],
      });
      expect((await suggest(items).expect(200)).body).toEqual(body);
      expect((await get('/product-mappings')).data).toEqual([]);
      // products of another merchant are no candidates; no integration is needed
      expect((await suggest(items, never).expect(200)).body).toEqual({ success: true, suggestions: [] });
      expect((await suggest([]).expect(200)).body).toEqual({ success: true, suggestions: [] });
    });

    it.each<[unknown, string]>([
      [undefined, 'externalItems'],
      [[{}], 'externalItems.0.id'],
      [[{ id: '1' }], 'externalItems.0.name'],
      [[{ id: '1', name: 'x', price: '1' }], 'externalItems.0.price'],
      [[{ id: '1', name: 'x', source: 'dream' }], 'externalItems.0.source'],
      [[{ id: '1', name: 'x', more: 1 }], 'externalItems.0.more'],
      [Array.from({ length: 1_001 }, () => ({ id: '1', name: 'x' })), 'externalItems'],
    ])('refuse %#', async (items, field) => {
      const body = await refused(suggest(items), 400, 'invalid_request');
      expect(Object.keys(body.details.fields)).toContain(field);
    });
  });
});
