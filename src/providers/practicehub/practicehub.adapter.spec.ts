import { fullScan, StubHttp, stubCall, type StubAnswer } from '../../../test/contract/provider-stub';
import { DestinationRefused, ProviderFailure } from '../../platform/outbound';
import { checkedCredentials } from '../checked-credentials';
import { type FetchedRow, type GoodRow, type PageRequest, type ProviderSettings, understood } from '../provider';
import type { CustomerRecord, InvoiceRecord, PaymentRecord, ProductRecord } from '../records';
import { PracticeHubAdapter } from './practicehub.adapter';

const BASE = 'https://clinic.practicehub.io/api';
const adapter = new PracticeHubAdapter({ liveHostSuffixes: ['.practicehub.io'] });

const listOf = (rows: unknown[], more: object = {}): StubAnswer => ({
  body: { data: rows, total_entries: rows.length, links: { next: null }, ...more },
});

async function page(
  key: string,
  answer: (path: string, query: URLSearchParams) => StubAnswer,
  request: Partial<PageRequest> = {},
  settings: Partial<ProviderSettings> = {},
) {
  const http = new StubHttp(answer);
  const stream = adapter.streams.find((one) => one.key === key)!;
  const result = await stream.fetchPage(stubCall(http, BASE, settings), { ...fullScan, ...request });
  return { ...result, rows: result.rows.map(understood), asked: http.asked };
}

async function row<Data>(
  key: string,
  raw: object,
  settings: Partial<ProviderSettings> = {},
): Promise<GoodRow & { record: Data }> {
  const { rows } = await page(key, () => listOf([raw]), {}, settings);
  return rows[0] as GoodRow & { record: Data };
}

const failureOf = (call: () => unknown): ProviderFailure => {
  try {
    call();
  } catch (error) {
    if (error instanceof ProviderFailure) return error;
  }
  throw new Error('was not refused');
};

describe('credentials', () => {
  const normalise = (baseUrl: string, more: object = {}, environment: 'sandbox' | 'live' = 'live') =>
    adapter.normaliseCredentials(checkedCredentials('practicehub', { apiKey: 'k', baseUrl, ...more }), environment);

  it.each([
    'https://clinic.practicehub.io',
    'https://clinic.practicehub.io/',
    'https://clinic.practicehub.io/api',
    'https://clinic.practicehub.io/api/',
    'https://clinic.practicehub.io//api//',
    'https://clinic.practicehub.io/api/api',
    'https://CLINIC.practicehub.io/API',
    ' https://clinic.practicehub.io/?tab=1#/dashboard ',
  ])('%j becomes the API’s base', (pasted) => {
    expect(normalise(pasted).baseUrl).toBe(BASE);
  });

  it('keeps the simulator’s path, and fills in who is asking', () => {
    expect(normalise('http://127.0.0.1:3000/sandbox/practicehub', {}, 'sandbox')).toEqual({
      apiKey: 'k',
      baseUrl: 'http://127.0.0.1:3000/sandbox/practicehub/api',
      appName: 'RevKeen',
      appEmail: 'info@revkeen.com',
    });
  });

  it.each(['https://practicehub.io.evil.com', 'https://evilpracticehub.io', 'https://api.wodify.com'])(
    'live: %s is none of PracticeHub’s hosts',
    (baseUrl) => {
      expect(failureOf(() => normalise(baseUrl))).toMatchObject({
        reason: 'host_not_allowed',
        field: 'credentials.baseUrl',
      });
      expect(normalise(baseUrl, {}, 'sandbox').baseUrl).toBe(`${baseUrl}/api`);
    },
  );

  it('the list of live hosts can be set', () => {
    const other = new PracticeHubAdapter({ liveHostSuffixes: ['.practicehub.io', 'ph.example.org'] });
    const normalised = other.normaliseCredentials({ apiKey: 'k', baseUrl: 'https://ph.example.org' }, 'live');
    expect(normalised.baseUrl).toBe('https://ph.example.org/api');
  });

  it.each<[object, string]>([
    [{ baseUrl: 'ftp://clinic.practicehub.io' }, 'credentials.baseUrl'],
    [{ baseUrl: 'https://me:pw@clinic.practicehub.io' }, 'credentials.baseUrl'],
  ])('%j is refused by field', (change, field) => {
    const failure = failureOf(() => normalise('https://clinic.practicehub.io', change));
    expect(failure).toMatchObject({ verdict: 'configuration', field });
    for (const value of Object.values(change)) expect(failure.message).not.toContain(String(value).slice(0, 40) || '?');
  });

  it('are tested with a call that is not personal, with both headers', async () => {
    const http = new StubHttp(() => listOf([{ id: 1, name: 'Cash' }]));
    expect(await adapter.testCredentials(stubCall(http, BASE))).toEqual({ accountId: 'https://clinic.practicehub.io' });
    expect(http.asked).toHaveLength(1);
    expect(http.asked[0]).toMatchObject({
      method: 'GET',
      path: '/api/payment_methods',
      headers: { 'x-practicehub-key': 'key', 'x-app-details': 'RevKeen=info@revkeen.com' },
    });
  });

  it.each([
    [401, 'auth'],
    [403, 'permission'],
    [404, 'configuration'],
    [429, 'rate_limited'],
    [500, 'provider_down'],
    [422, 'contract'],
  ])('status %d is %s', async (status, verdict) => {
    const call = stubCall(new StubHttp(() => ({ status, body: { message: 'no' } })), BASE);
    await expect(adapter.testCredentials(call)).rejects.toMatchObject({ verdict });
  });
});

describe('paging', () => {
  const rows = (count: number, from = 1) => Array.from({ length: count }, (_, index) => ({ id: from + index }));

  it('asks for 100 from page 1, and goes on while there is a next', async () => {
    const first = await page('patients', () =>
      listOf(rows(100), { total_entries: 150, links: { next: 'https://evil/' } }),
    );
    expect(first.asked[0]!.query.toString()).toBe('page=1&page_size=100');
    expect(first).toMatchObject({ next: '2:100', total: 150 });
    const second = await page('patients', () => listOf(rows(50, 101), { total_entries: 150 }), { position: '2:100' });
    expect(second.asked[0]!.query.get('page')).toBe('2');
    expect(second.next).toBeNull();
  });

  it.each<[string, object, string | null]>([
    ['next is null, and the count agrees', { links: { next: null }, total_entries: 100 }, null],
    ['next is null, and nothing counts', { links: { next: null }, total_entries: undefined }, null],
    ['next is null, but more are counted: the chain was cut', { links: { next: null }, total_entries: 999 }, '2:100?'],
    ['links are absent, more are counted', { links: undefined, total_entries: 101 }, '2:100?'],
    ['links are absent, no more are counted', { links: undefined, total_entries: 100 }, null],
    ['next is absent, no count, a full page', { links: {}, total_entries: undefined }, '2:100?'],
  ])('%s', async (_name, more, next) => {
    expect((await page('patients', () => listOf(rows(100), more))).next).toBe(next);
  });

  it.each<[string, unknown[], object, string | null]>([
    ['the count goes beyond the next page', rows(100), { total_entries: 201, links: { next: 'x' } }, '3:200'],
    ['the next page is the last by the count', rows(100), { total_entries: 200, links: { next: 'x' } }, null],
    ['pages are smaller than asked for', rows(30), { total_entries: 61, links: { next: 'x' } }, '3~:60'],
    ['nothing counts', rows(100), { total_entries: undefined, links: { next: 'x' } }, null],
    ['the next page is doubtful', rows(100), { total_entries: 999, links: { next: null } }, null],
    ['this is the last page', rows(100), { total_entries: 100 }, null],
  ])('knows the page after the next only where that is sure: %s', async (_name, list, more, afterNext) => {
    expect((await page('patients', () => listOf(list, more))).afterNext).toBe(afterNext);
  });

  it('an empty page is the end, whatever the count says: the engine compares the two', async () => {
    const empty = () => listOf([], { total_entries: 999 });
    expect((await page('patients', empty, { position: '2:100?' })).next).toBeNull();
    expect(await page('patients', empty, { position: '2:100' })).toMatchObject({ next: null, total: 999 });
  });

  it('pages that are smaller than asked for are counted as they are', async () => {
    const small = await page('patients', () => listOf(rows(30), { total_entries: 250, links: undefined }), {
      position: '5:120?',
    });
    expect(small.next).toBe('6~:150?');
  });

  it.each<[string, unknown]>([
    ['an empty body', {}],
    ['another shape', { result: 'ok' }],
    ['a list', []],
    ['a count that is a text', { data: [], total_entries: '3000', links: {} }],
    ['a next page that is no link', { data: [], links: { next: 2 } }],
  ])('%s is no page', async (_name, body) => {
    await expect(page('patients', () => ({ body }))).rejects.toMatchObject({ verdict: 'contract' });
  });

  it('a row that is no JSON, which only reading it shows, makes its page none', async () => {
    const text = '{"data":[{"id":1},{"id":2,"first_name":Ann}],"total_entries":2,"links":{"next":null}}';
    await expect(page('patients', () => ({ text }))).rejects.toMatchObject({ verdict: 'contract' });
    await expect(page('invoices', () => ({ text }))).rejects.toMatchObject({ verdict: 'contract' });
  });

  it('an account without services has none; an account without patients is no account', async () => {
    for (const key of ['services', 'products', 'packages']) {
      expect(await page(key, () => ({ status: 404 }))).toMatchObject({ rows: [], next: null, total: 0 });
    }
    await expect(page('patients', () => ({ status: 404 }))).rejects.toMatchObject({ verdict: 'contract' });
  });

  it('takes the catalogue’s paths from its options', async () => {
    const other = new PracticeHubAdapter({ liveHostSuffixes: [], paths: { services: '/treatments' } });
    const http = new StubHttp(() => listOf([]));
    await other.streams.find(({ key }) => key === 'services')!.fetchPage(stubCall(http, BASE), fullScan);
    expect(http.asked[0]!.path).toBe('/api/treatments');
  });
});

describe('changed since', () => {
  const since = new Date('2026-07-10T12:00:00.500Z');
  const incremental = { scan: 'incremental' as const, since };

  it.each<[string | null, string]>([
    [null, 'gte:2026-07-10 12:00:00'],
    ['UTC', 'gte:2026-07-10 12:00:00'],
    // the earlier of the two readings: too much is harmless, too little is lost
    ['Europe/London', 'gte:2026-07-10 12:00:00'],
    ['America/Los_Angeles', 'gte:2026-07-10 05:00:00'],
    ['Pacific/Auckland', 'gte:2026-07-10 12:00:00'],
  ])('in zone %s asks for %s', async (timezone, updated) => {
    const { asked } = await page('patients', () => listOf([]), incremental, { timezone });
    expect(asked[0]!.query.get('updated')).toBe(updated);
  });

  it('notices that the filter is ignored', async () => {
    const old = await page('patients', () => listOf([{ id: 1, updated: '2025-01-01 10:00:00' }]), incremental);
    expect(old.filterIgnored).toBe(true);
    expect(old.rows).toHaveLength(1);
  });

  it.each([
    [{ id: 1 }],
    [{ id: 1, updated: '2026-07-10 13:00:00' }],
    [{ id: 1, updated: '2026-07-09 15:00:00' }],
    [{ id: 1, updated: 'soon' }],
  ])('%j proves nothing', async (raw) => {
    expect((await page('patients', () => listOf([raw]), incremental)).filterIgnored).toBeUndefined();
  });

  it('a full scan asks for everything', async () => {
    const { asked } = await page('patients', () => listOf([]), { since });
    expect(asked[0]!.query.has('updated')).toBe(false);
  });
});

describe('the floor', () => {
  const floor = new Date('2026-01-01T00:00:00Z');
  const rows = [
    { id: 1, total: '1.00', status: 'sent', created: '2026-02-01 00:00:00' },
    { id: 2, total: '1.00', status: 'sent', created: '2025-02-01 00:00:00' },
    { id: 3, total: '1.00', status: 'sent' },
  ];
  const kept = (fetched: readonly FetchedRow[]) => fetched.map((one) => [one.externalId, (one as GoodRow).store]);

  it('a full scan leaves older rows out, whether or not the provider did', async () => {
    const result = await page('invoices', () => listOf(rows), { floor });
    expect(result.asked[0]!.query.get('created')).toBe('between:2025-12-30 22:00:00,2999-12-31 23:59:59');
    expect(kept(result.rows)).toEqual([
      ['1', 'always'],
      ['3', 'always'],
    ]);
  });

  it('an incremental scan follows an older row that is known', async () => {
    const result = await page('invoices', () => listOf(rows), { scan: 'incremental', since: floor, floor });
    expect(result.asked[0]!.query.has('created')).toBe(false);
    expect(kept(result.rows)).toEqual([
      ['1', 'always'],
      ['2', 'if_known'],
      ['3', 'always'],
    ]);
  });

  describe('where the account does not take the filter', () => {
    const two = (rows: unknown[], page: string | null) => ({
      ...listOf(page === '2' ? rows.slice(2) : rows.slice(0, 2), { total_entries: rows.length }),
    });
    it.each<[string, StubAnswer | null, boolean]>([
      ['refuses it', { status: 400, body: { message: 'created cannot be filtered' } }, false],
      ['refuses it in other words', { status: 422, body: { message: 'created cannot be filtered' } }, false],
      ['returns nothing for it', null, true],
    ])('and %s, the whole list is read, without it', async (_what, answer, asksTwice) => {
      const account = (_path: string, query: URLSearchParams): StubAnswer =>
        query.has('created') ? (answer ?? listOf([])) : two(rows, query.get('page'));
      const first = await page('invoices', account, { floor });
      expect(first.asked.map(({ query }) => query.has('created'))).toEqual([true, ...(asksTwice ? [true] : []), false]);
      expect(first.rangeIgnored).toBe(true);
      expect(kept(first.rows)).toEqual([['1', 'always']]);
      const second = await page('invoices', account, { floor, position: first.next });
      expect(second.asked.map(({ query }) => query.has('created'))).toEqual([false]);
      expect(kept(second.rows)).toEqual([['3', 'always']]);
      expect(second.next).toBeNull();
    });

    it('a list that has only older rows is believed', async () => {
      const account = (_path: string, query: URLSearchParams) =>
        listOf(query.get('created')?.startsWith('between:1970') ? [rows[1]] : []);
      const result = await page('invoices', account, { floor });
      expect(result).toMatchObject({ rows: [], next: null });
      expect(result.asked).toHaveLength(2);
      expect(result.rangeIgnored).toBeUndefined();
    });

    it('a list that has no rows at all is empty, and nothing is said of the filter', async () => {
      const result = await page('invoices', () => listOf([]), { floor });
      expect(result).toMatchObject({ rows: [], next: null });
      expect(result.rangeIgnored).toBeUndefined();
    });

    it('every other failure is the list’s', async () => {
      const down = () => ({ status: 503, body: { message: 'down' } });
      await expect(page('invoices', down, { floor })).rejects.toMatchObject({ verdict: 'provider_down' });
    });
  });

  it('does not apply to patients', async () => {
    expect(
      (await page('patients', () => listOf([{ id: 9, created: '2001-01-01 00:00:00' }]), { floor })).rows,
    ).toHaveLength(1);
  });
});

describe('patients', () => {
  it('become customers with billing-safe fields only', async () => {
    const clinical = {
      date_of_birth: '1980-01-01',
      gender: 'F',
      notes: 'CLINICAL',
      medical_history: 'CLINICAL',
      medications: ['CLINICAL'],
      nhs_number: 'CLINICAL',
      emergency_contact: { name: 'CLINICAL' },
      practitioner_id: '4',
      occupation: 'CLINICAL',
      referral: 'CLINICAL',
    };
    const patient = await row<CustomerRecord>('patients', {
      id: 12,
      patient_number: 'P00012',
      first_name: ' Jane ',
      last_name: 'Doe',
      email: 'jane@example.org',
      mobile: 'not here',
      numbers: [
        { number: 'ask reception', iso2: null },
        { number: '07700 900001', iso2: 'GB' },
      ],
      address_1: '1 High St',
      city: 'Leeds',
      postcode: 'LS1 1AA',
      country: 'GB',
      active: 0,
      updated: '2026-05-05 10:00:00',
      ...clinical,
    });
    expect(patient).toEqual({
      externalId: '12',
      record: {
        name: 'Jane Doe',
        firstName: 'Jane',
        lastName: 'Doe',
        email: 'jane@example.org',
        phone: '+447700900001',
        address: { line1: '1 High St', line2: null, city: 'Leeds', region: null, postalCode: 'LS1 1AA', country: 'GB' },
        externalReference: 'P00012',
        active: false,
      },
      sourceUpdatedAt: new Date('2026-05-05T10:00:00Z'),
      store: 'always',
      digest: expect.stringMatching(/^[\w-]{28}$/),
    });
  });

  it('may lack almost everything', async () => {
    expect(await row('patients', { id: 1 })).toMatchObject({
      externalId: '1',
      record: { name: null, email: null, address: null, active: true },
      sourceUpdatedAt: null,
    });
  });
});

describe('services, products and packages', () => {
  it('keep their equal ids apart, and take prices as text or number', async () => {
    const [service, product, bundle] = await Promise.all([
      row<ProductRecord>('services', { id: 1, name: 'Massage', price: '45.00' }),
      row<ProductRecord>('products', { id: 1, name: 'Balm', price: 9.99, active: 0 }),
      row<ProductRecord>('packages', { id: 1, name: 'Ten', price: 87.5, visits: 10, package_type: 'visits' }),
    ]);
    expect([service, product, bundle].map(({ externalId }) => externalId)).toEqual([
      'service:1',
      'product:1',
      'package:1',
    ]);
    expect([service, product, bundle].map(({ record }) => record.amountMinor)).toEqual([4500, 999, 8750]);
    expect(product.record.active).toBe(false);
    expect(bundle.record).toMatchObject({
      kind: 'package',
      visits: 10,
      packageType: 'visits',
      customerExternalId: null,
    });
  });

  it.each<[object, string | null, string[] | undefined]>([
    [{ patient_id: '7', subscribed_patients: [{ patient_id: '8' }] }, '7', ['7', '8']],
    [{ patient_id: '7', subscribed_patients: [{ patient_id: 7 }] }, '7', undefined],
    [{ patient_id: null, subscribed_patients: [{ patient_id: 8 }] }, '8', undefined],
    [{ patient_id: null, subscribed_patients: [{ patient_id: 8 }, { patient_id: '9' }] }, null, ['8', '9']],
    [{ patient_id: '0', subscribed_patients: [] }, null, undefined],
    [{ subscribed_patients: null }, null, undefined],
    [{}, null, undefined],
  ])('the owner in %j is %s, of all holders %j', async (raw, owner, all) => {
    const bundle = await row<ProductRecord>('packages', { id: 1, name: 'Ten', price: 1, ...raw });
    expect(bundle.record.customerExternalId).toBe(owner);
    expect(bundle.record.customerExternalIds).toEqual(all);
  });

  it('a price may be missing, a name may not', async () => {
    expect((await row<ProductRecord>('services', { id: 1, name: 'x' })).record.amountMinor).toBeNull();
    expect((await page('services', () => listOf([{ id: 1, price: '1.00' }]))).rows[0]).toMatchObject({ path: 'name' });
  });
});

describe('invoices', () => {
  const invoice = (more: object, settings: Partial<ProviderSettings> = {}) =>
    row<InvoiceRecord>(
      'invoices',
      { id: 5, patient_id: '12', total: '44.00', created: '2026-05-05 10:00:00', ...more },
      settings,
    );

  it.each<[unknown, string, string]>([
    ['sent', 'open', 'always'],
    ['partial', 'partial', 'always'],
    ['overdue', 'overdue', 'always'],
    ['Overdue', 'overdue', 'always'],
    [undefined, 'unknown', 'always'],
    [null, 'unknown', 'always'],
    ['paid', 'paid', 'if_known'],
    ['void', 'void', 'if_known'],
    ['draft', 'draft', 'always'],
  ])('status %s is %s, stored %s', async (status, ours, store) => {
    expect(await invoice({ status })).toMatchObject({ record: { status: ours }, store });
  });

  it('nobody can say of one without status and balance whether it is owed', async () => {
    expect((await invoice({})).record).toMatchObject({
      status: 'unknown',
      statusSource: 'unknown',
      balanceMinor: null,
      refundedMinor: 0,
    });
  });

  it.each<[string, string, number, string]>([
    ['44.00', 'open', 4400, 'always'],
    ['4.50', 'partial', 450, 'always'],
    ['0.00', 'paid', 0, 'if_known'],
    ['-1.00', 'paid', -100, 'if_known'],
  ])('without a status a balance of %s says %s', async (balance, status, balanceMinor, store) => {
    expect(await invoice({ balance })).toMatchObject({
      record: { status, statusSource: 'provider', balanceMinor },
      store,
    });
  });

  it('number, due date and balance are taken where they are', async () => {
    const full = await invoice({ invoice_number: 'INV-5', due_date: '2026-05-19', balance: '4.50', updated: null });
    expect(full.record).toMatchObject({
      number: 'INV-5',
      balanceMinor: 450,
      dueAt: '2026-05-19T00:00:00.000Z',
      customerExternalId: '12',
    });
    expect((await invoice({})).record).toMatchObject({ number: null, balanceMinor: null, dueAt: null, lines: [] });
    expect((await invoice({ total: undefined, amount: '7.00' })).record.totalMinor).toBe(700);
  });

  it.each<[object, string | null]>([
    [{ service_id: 1 }, 'service:1'],
    [{ product_id: '1' }, 'product:1'],
    [{ package_id: 1, product_id: null }, 'package:1'],
    [{ item_id: 1, item_type: 'Service' }, 'service:1'],
    [{ item_id: 1, type: 'visit' }, '1'],
    [{ item_id: 1, type: { id: 3 } }, '1'],
    [{ id: 1 }, '1'],
    [{}, null],
  ])('the item %j is %s: each kind counts from 1', async (item, externalItemId) => {
    const { lines } = (await invoice({ items: [{ ...item, price: '4.00' }] })).record;
    expect(lines).toEqual([{ externalItemId, description: null, quantity: 1, amountMinor: 400 }]);
  });

  it('times without a zone are read in the merchant’s', async () => {
    expect((await invoice({}, { timezone: 'Europe/London' })).record.issuedAt).toBe('2026-05-05T09:00:00.000Z');
    expect((await invoice({}, { timezone: null })).record.issuedAt).toBe('2026-05-05T10:00:00.000Z');
  });

  it.each<[object, string]>([
    [{ status: 'haunted' }, 'status'],
    [{ total: 'a lot' }, 'total'],
    [{ total: null }, 'total'],
    [{ total: '44.001' }, 'total'],
    [{ created: 'yesterday' }, 'created'],
    [{ balance: {} }, 'balance'],
    [{ patient_id: [1] }, 'patient_id'],
  ])('%j goes to quarantine by its path', async (more, path) => {
    const bad = (await invoice(more)) as unknown as { path: string; externalId: string; rowDigest: string };
    expect(bad).toMatchObject({ path, externalId: '5', rowDigest: expect.stringMatching(/^[0-9a-f]{64}$/) });
  });
});

describe('payments', () => {
  const payment = (more: object) =>
    row<PaymentRecord>('payments', {
      id: 3,
      amount: '44.00',
      payment_type_id: '2',
      patient_id: '12',
      created: '2026-05-05 10:00:00',
      ...more,
    });

  it('come in with amount, method, payer and time, and without their note', async () => {
    const { record } = await payment({ note: 'paid by her sister', service: 'Massage' });
    expect(record).toEqual({
      invoiceExternalId: null,
      customerExternalId: '12',
      amountMinor: 4400,
      refundedMinor: 0,
      currency: 'GBP',
      method: '2',
      paidAt: '2026-05-05T10:00:00.000Z',
      status: 'paid',
      origin: 'provider',
    });
  });

  it.each<[string | null, string]>([
    ['interlock:abc-1', 'interlock'],
    ['Web shop. interlock:abc-1', 'interlock'],
    ['not-interlock:abc', 'provider'],
    ['interlock: thanks', 'provider'],
    [null, 'provider'],
  ])('note %j: origin %s', async (note, origin) => {
    expect((await payment({ note })).record.origin).toBe(origin);
  });

  it('money that went back is a refund', async () => {
    expect((await payment({ amount: '-5.00' })).record).toMatchObject({ amountMinor: 500, status: 'refunded' });
  });
});

describe('one row', () => {
  const one = (key: string, externalId: string, answer: StubAnswer) => {
    const http = new StubHttp(() => answer);
    const stream = adapter.streams.find((candidate) => candidate.key === key)!;
    return stream
      .fetchOne(stubCall(http, BASE), externalId)
      .then((fetched) => ({ fetched, path: http.asked[0]!.path }));
  };

  it('is asked for by the provider’s own id', async () => {
    expect(await one('services', 'service:7', { body: { data: { id: 7, name: 'x' } } })).toMatchObject({
      path: '/api/services/7',
      fetched: { externalId: 'service:7' },
    });
    expect(await one('patients', '7', { body: { id: 7 } })).toMatchObject({
      path: '/api/patients/7',
      fetched: { externalId: '7' },
    });
  });

  it('is gone at 404 only', async () => {
    expect((await one('patients', '7', { status: 404 })).fetched).toBe('gone');
    await expect(one('patients', '7', { body: { data: { id: 8 } } })).rejects.toMatchObject({ verdict: 'contract' });
    await expect(one('patients', '7', { body: [] })).rejects.toMatchObject({ verdict: 'contract' });
    await expect(one('patients', '7', { status: 500 })).rejects.toMatchObject({ verdict: 'provider_down' });
  });
});

it('payment methods are listed to the end', async () => {
  const call = stubCall(
    new StubHttp((_path, query) =>
      query.get('page') === '1'
        ? listOf([{ id: 1, name: 'Cash', active: 1, sort_order: 10 }], { total_entries: 2, links: { next: 'x' } })
        : listOf([{ id: '2', name: 'Card', active: 0 }], { total_entries: 2 }),
    ),
    BASE,
  );
  expect(await adapter.listPaymentMethods(call, { limit: 10, cursor: null })).toEqual({
    entries: [
      { id: 1, name: 'Cash', active: true, sort_order: 10 },
      { id: 2, name: 'Card', active: false, sort_order: 0 },
    ],
    next: null,
  });
});

it('a refused destination is told apart from other failures', () => {
  expect(
    failureOf(() => adapter.normaliseCredentials({ apiKey: 'k', baseUrl: 'ftp://x.io' }, 'sandbox')),
  ).toBeInstanceOf(DestinationRefused);
});

it('of payments, which carry when they were paid, two scans that miss one prove nothing', () => {
  const cut = adapter.streams.filter((stream) => stream.cutByAnotherTime).map(({ resource }) => resource);
  expect(cut).toEqual(['payments']);
});
