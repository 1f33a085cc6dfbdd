import { createHash } from 'node:crypto';
import { fullScan, StubHttp, stubCall, type StubAnswer } from '../../../test/contract/provider-stub';
import { EMPTY_CURSOR, planScan } from '../../sync/cursor';
import type { GoodRow, PageRequest } from '../provider';
import type { CustomerRecord, InvoiceRecord, PaymentRecord, ProductRecord } from '../records';
import { digestSeed, listedDigest } from '../row';
import { WODIFY_MAPPING_VERSION } from './wodify-mapping';
import { WodifyAdapter } from './wodify.adapter';

const BASE = 'https://api.wodify.com/v1';
const adapter = new WodifyAdapter({ liveHostSuffixes: ['.wodify.com'] });
const streamOf = (key: string) => adapter.streams.find((one) => one.key === key)!;

const listOf = (name: string, rows: unknown[], hasMore = false): StubAnswer => ({
  body: { [name]: rows, pagination: { page: 1, page_size: 100, has_more: hasMore } },
});

async function page(
  key: string,
  answer: (path: string, query: URLSearchParams) => StubAnswer,
  request: Partial<PageRequest> = {},
) {
  const http = new StubHttp(answer);
  const result = await streamOf(key).fetchPage(stubCall(http, BASE), { ...fullScan, ...request });
  return { ...result, asked: http.asked };
}

const created = (day: string) => ({ created: { created_on_datetime: `2026-${day}T10:00:00Z` } });
const invoice = (id: number, more: object = {}) => ({
  id,
  invoice_number: String(id).padStart(8, '0'),
  client_id: 12,
  invoice_header_status: 'Paid',
  payment_due: '2026-05-12',
  paid_on_date: '2026-05-06',
  final_charge: 87.5,
  ...created('05-05'),
  ...more,
});
const lines = {
  invoice_details: [{ product_id: 3, product: 'Class', quantity: 2, sales_price: 43.75, final_charge: 87.5 }],
};

/** A list of invoices and each of them with its lines. */
const shop =
  (rows: { id: number }[], hasMore = false) =>
  (path: string): StubAnswer => {
    const id = /invoices\/(\d+)$/.exec(path)?.[1];
    if (id === undefined) return listOf('invoices', rows, hasMore);
    const row = rows.find((one) => String(one.id) === id);
    return row === undefined ? { body: { HTTPCode: 404 } } : { body: { ...row, ...lines } };
  };

describe('credentials', () => {
  it.each([
    'https://api.wodify.com',
    'https://api.wodify.com/',
    'https://api.wodify.com/v1',
    'https://api.wodify.com/v1/v1/',
  ])('%s becomes the base with exactly one /v1', (baseUrl) => {
    expect(adapter.normaliseCredentials({ apiKey: 'k', baseUrl }, 'live')).toEqual({ apiKey: 'k', baseUrl: BASE });
  });

  it('live: only hosts of Wodify', () => {
    for (const baseUrl of ['https://wodify.com.evil.com', 'https://notwodify.com', 'https://wodify.com']) {
      expect(() => adapter.normaliseCredentials({ apiKey: 'k', baseUrl }, 'live')).toThrow(
        'must be a host of the provider',
      );
    }
  });

  it('the account is its locations, in whatever order they come', async () => {
    const account = async (ids: number[]) => {
      const http = new StubHttp(() =>
        listOf(
          'locations',
          ids.map((id) => ({ id })),
        ),
      );
      return (await adapter.testCredentials(stubCall(http, BASE))).accountId;
    };
    expect(await account([1, 2])).toBe(await account([2, 1]));
    expect(await account([1, 2])).not.toBe(await account([12]));
    expect(await account([1, 2])).toBe('locations:1,2');
  });
});

describe('an error inside a 200', () => {
  it.each([
    [401, 'auth'],
    [403, 'permission'],
    [429, 'rate_limited'],
    [500, 'provider_down'],
    ['503', 'provider_down'],
    [400, 'contract'],
  ])('HTTPCode %p is %s', async (HTTPCode, verdict) => {
    await expect(page('clients', () => ({ body: { HTTPCode, UserMessage: 'no' } }))).rejects.toMatchObject({ verdict });
  });

  it('HTTPCode 404 on a single row is gone, on a list it is a broken promise', async () => {
    const call = stubCall(new StubHttp(() => ({ body: { HTTPCode: 404 } })), BASE);
    expect(await streamOf('clients').fetchOne!(call, '7')).toBe('gone');
    expect(await streamOf('invoices').fetchOne!(call, '7')).toBe('gone');
    await expect(page('clients', () => ({ body: { HTTPCode: 404 } }))).rejects.toMatchObject({ verdict: 'contract' });
  });

  it('HTTPCode 200 is none', async () => {
    expect((await page('clients', () => ({ body: { HTTPCode: 200, clients: [], pagination: {} } }))).rows).toEqual([]);
  });
});

describe('errors in other forms', () => {
  it.each<[string, object, string]>([
    ['an ErrorCode alone', { ErrorCode: 'InvalidRequest', UserMessage: 'no' }, 'contract'],
    ['an ErrorCode alone, of a key', { ErrorCode: 'Unauthorized' }, 'auth'],
    ['an ErrorCode alone, of too many calls', { ErrorCode: 'TooManyRequests' }, 'rate_limited'],
    ['an ErrorCode that is a status', { ErrorCode: '503' }, 'provider_down'],
    ['the other envelope', { APIError: { ErrorMessage: 'no' } }, 'contract'],
  ])('%s inside a 200', async (_what, body, verdict) => {
    await expect(page('clients', () => ({ body }))).rejects.toMatchObject({ verdict });
  });

  it('an empty ErrorCode is none', async () => {
    expect((await page('clients', () => ({ body: { ErrorCode: '', clients: [], pagination: {} } }))).rows).toEqual([]);
  });

  it('an unknown path is no missing permission', async () => {
    const answer = () => ({ status: 403, body: { message: 'Missing Authentication Token' } });
    await expect(page('clients', answer)).rejects.toMatchObject({ verdict: 'contract' });
    await expect(adapter.testCredentials(stubCall(new StubHttp(answer), BASE))).rejects.toMatchObject({
      verdict: 'configuration',
    });
    const denied = () => ({ status: 403, body: { message: 'Forbidden' } });
    await expect(page('clients', denied)).rejects.toMatchObject({ verdict: 'permission' });
  });
});

describe('paging', () => {
  it('goes on while has_more says so, and nothing counts', async () => {
    const first = await page('clients', () => listOf('clients', [{ id: 1 }], true));
    expect(first.asked[0]!.query.toString()).toBe('page=1&page_size=100');
    expect(first).toMatchObject({ next: '2~', total: null });
    expect((await page('clients', () => listOf('clients', [{ id: 2 }]), { position: '2' })).next).toBeNull();
  });

  it.each<[string, unknown]>([
    ['another resource’s array', { memberships: [], pagination: {} }],
    ['nothing', {}],
    ['an end in another form', { clients: [], pagination: { has_more: 'false' } }],
  ])('%s is no page', async (_name, body) => {
    await expect(page('clients', () => ({ body }))).rejects.toMatchObject({ verdict: 'contract' });
  });
});

describe('clients', () => {
  const since = new Date('2026-07-10T12:00:00Z');

  it('are searched by time of change, which goes without quotes', async () => {
    const { asked } = await page('clients', () => listOf('clients', []), { scan: 'incremental', since });
    expect(asked[0]!.path).toBe('/v1/clients/search');
    expect(asked[0]!.query.get('q')).toBe('updated_on_datetime|gte|2026-07-10T12:00:00Z');
  });

  it('an ignored search is noticed', async () => {
    const old = { id: 1, updated: { updated_on_datetime: '2024-01-01T00:00:00Z' } };
    expect((await page('clients', () => listOf('clients', [old]), { scan: 'incremental', since })).filterIgnored).toBe(
      true,
    );
    const never = { id: 1, updated: { updated_on_datetime: '1900-01-01T00:00:00Z' } };
    expect(
      (await page('clients', () => listOf('clients', [never]), { scan: 'incremental', since })).filterIgnored,
    ).toBeUndefined();
  });

  it.each([
    ['United States', '(415) 555-2671', '+14155552671'],
    ['GB', '07700 900001', '+447700900001'],
    [null, '07700 900001', '07700 900001'],
  ])('in %s have a telephone number of that country', async (country, phone_number, phone) => {
    const { rows } = await page('clients', () => listOf('clients', [{ id: 12, country, phone_number }]));
    expect(rows).toMatchObject([{ record: { phone } }]);
  });

  it('become customers with billing-safe fields only', async () => {
    const { rows } = await page('clients', () =>
      listOf('clients', [
        {
          id: 12,
          first_name: 'Jane',
          last_name: 'Doe',
          email: '',
          phone_number: '07700 900001',
          client_status: 'Inactive',
          street_address_1: '1 High St',
          zipcode: 'LS1 1AA',
          state: '',
          province: 'Kent',
          date_of_birth: 'PRIVATE',
          emergency_contact: 'PRIVATE',
          medical_notes: 'PRIVATE',
          updated: { updated_on_datetime: '1900-01-01T00:00:00Z' },
        },
      ]),
    );
    expect(JSON.stringify(rows)).not.toContain('PRIVATE');
    expect(rows[0]).toMatchObject({ externalId: '12', sourceUpdatedAt: null });
    expect((rows[0] as GoodRow).record as CustomerRecord).toMatchObject({
      name: 'Jane Doe',
      email: null,
      active: false,
      address: { line1: '1 High St', postalCode: 'LS1 1AA', region: 'Kent', city: null },
    });
  });
});

describe('memberships', () => {
  const membership = async (more: object) => {
    const row = { id: 70, client_id: 12, name: 'Monthly', is_active: true, is_deleted: false, ...more };
    return (await page('memberships', () => listOf('memberships', [row]))).rows[0] as GoodRow & {
      record: ProductRecord;
    };
  };

  const plan = {
    membership_type: 'Class Plan',
    payment_plan: {
      payment_plan_name: 'Monthly',
      is_auto_renew: true,
      initial_payment_option: { initial_payment_option_type: 'Recurring', initial_cost: 49.5 },
      renewal_payment_option: { renewal_payment_option_type: 'Recurring', renewal_cost: 1.1 * 3 },
      initial_commitment_length: 1,
      initial_commitment_time_unit: 'Months',
    },
    end_date: '1900-01-01',
  };

  it('become the product that one client holds', async () => {
    expect(await membership(plan)).toMatchObject({
      externalId: 'membership:70',
      store: 'always',
      record: { kind: 'membership', customerExternalId: '12', amountMinor: 4950, interval: '1 Months', active: true },
    });
    expect((await membership({})).record).toMatchObject({ amountMinor: null, interval: null });
    expect((await membership({ payment_plan: null })).record).toMatchObject({ amountMinor: null, interval: null });
  });

  it.each<[string, object, number]>([
    ['a first period', { renewed_from_membership_id: null }, 4950],
    ['a first period, said with 0', { renewed_from_membership_id: 0 }, 4950],
    ['a renewal', { renewed_from_membership_id: 69 }, 330],
  ])('of %s the price is that of its period', async (_what, more, amountMinor) => {
    expect((await membership({ ...plan, ...more })).record.amountMinor).toBe(amountMinor);
  });

  it('rows of one plan say so: by name, type and prices', async () => {
    const key = async (more: object) => (await membership({ ...plan, ...more })).record.planKey;
    const own = await key({});
    expect(await key({ id: 71, client_id: 13, renewed_from_membership_id: 70, is_active: false })).toBe(own);
    for (const more of [{ name: 'Yearly' }, { membership_type: 'Class Pack' }, { payment_plan: null }]) {
      expect(await key(more)).not.toBe(own);
    }
  });

  it('a deleted one is stored, and is not active', async () => {
    expect(await membership({ is_deleted: true })).toMatchObject({ store: 'always', record: { active: false } });
  });

  it('are asked for one by one under their own id', async () => {
    const http = new StubHttp(() => ({ body: { id: 70, name: 'x' } }));
    expect(await streamOf('memberships').fetchOne!(stubCall(http, BASE), 'membership:70')).toMatchObject({
      externalId: 'membership:70',
    });
    expect(http.asked[0]!.path).toBe('/v1/memberships/70');
  });
});

describe('invoices', () => {
  const record = async (more: object) => {
    const { rows } = await page('invoices', shop([invoice(501, more)]));
    return (rows[0] as GoodRow).record as InvoiceRecord;
  };

  it('come with the lines of the single invoice', async () => {
    expect(await record({})).toEqual({
      number: '00000501',
      customerExternalId: '12',
      status: 'paid',
      statusSource: 'provider',
      currency: 'GBP',
      totalMinor: 8750,
      balanceMinor: 0,
      refundedMinor: 0,
      issuedAt: '2026-05-05T10:00:00.000Z',
      dueAt: '2026-05-12T00:00:00.000Z',
      lines: [{ externalItemId: 'product:3', description: 'Class', quantity: 2, amountMinor: 8750 }],
    });
  });

  it.each<[string, string, number | null]>([
    ['Paid', 'paid', 0],
    ['Unpaid', 'open', 8750],
    ['Partially Refunded', 'paid', 0],
    ['Refunded', 'refunded', 0],
    ['Voided', 'void', 0],
    ['Deleted', 'void', 0],
    ['Partially Paid', 'partial', null],
  ])('%s is %s', async (invoice_header_status, status, balanceMinor) => {
    expect(await record({ invoice_header_status })).toMatchObject({ status, balanceMinor });
  });

  it.each<[string, object, object]>([
    [
      'owed in part',
      { invoice_header_status: 'Partially Paid', final_charge: 150, paid_amount: 50, unpaid_amount: 100 },
      { status: 'partial', totalMinor: 15000, balanceMinor: 10000, refundedMinor: 0 },
    ],
    [
      'called unpaid although part of it is paid',
      { invoice_header_status: 'Unpaid', final_charge: 150, paid_amount: 50, unpaid_amount: 100 },
      { status: 'open', totalMinor: 15000, balanceMinor: 10000 },
    ],
    [
      'refunded, with the refund in place of the total',
      { invoice_header_status: 'Refunded', final_charge: 0, paid_amount: 0, final_refunded_amount: -364 },
      { status: 'refunded', totalMinor: 36400, balanceMinor: 0, refundedMinor: 36400 },
    ],
    [
      'refunded, with its lines only to say what it was',
      { invoice_header_status: 'Refunded', final_charge: 0 },
      { status: 'refunded', totalMinor: 8750, balanceMinor: 0, refundedMinor: 8750 },
    ],
    [
      'refunded in part',
      { invoice_header_status: 'Partially Refunded', paid_amount: 87.5, final_refunded_amount: -20 },
      { status: 'paid', totalMinor: 8750, balanceMinor: 0, refundedMinor: 2000 },
    ],
    [
      'refunded in part, with what is left in place of the total and of what was paid',
      {
        invoice_header_status: 'Partially Refunded',
        final_charge: 67.5,
        paid_amount: 67.5,
        final_refunded_amount: -20,
      },
      { status: 'paid', totalMinor: 8750, balanceMinor: 0, refundedMinor: 2000 },
    ],
    [
      'refunded in part, with what is left in place of the total',
      {
        invoice_header_status: 'Partially Refunded',
        ...{ final_charge: 80, paid_amount: 100, final_refunded_amount: -20, invoice_details: [] },
      },
      { status: 'paid', totalMinor: 10000, refundedMinor: 2000 },
    ],
    [
      'refunded in part, with a total that nothing else speaks of',
      {
        invoice_header_status: 'Partially Refunded',
        ...{ final_charge: 80, paid_amount: 80, final_refunded_amount: -20, invoice_details: [] },
      },
      { status: 'paid', totalMinor: 8000, refundedMinor: 2000 },
    ],
    [
      'refunded in part, nobody says how much',
      { invoice_header_status: 'Partially Refunded' },
      { status: 'paid', totalMinor: 8750, balanceMinor: 0, refundedMinor: null },
    ],
    [
      'deleted while it was owed',
      { invoice_header_status: 'Deleted', unpaid_amount: 87.5 },
      { status: 'void', totalMinor: 8750, balanceMinor: 0, refundedMinor: 0 },
    ],
  ])('one that is %s', async (_what, more, expected) => {
    expect(await record(more)).toMatchObject(expected);
  });

  it('instants are UTC, also without a Z and whatever the gym’s zone; days are the gym’s', async () => {
    const row = invoice(501, { created: { created_on_datetime: '2026-05-05T10:00:00' } });
    const call = stubCall(new StubHttp(shop([row])), BASE, { currency: 'USD', timezone: 'America/New_York' });
    const { rows } = await streamOf('invoices').fetchPage(call, fullScan);
    expect((rows[0] as GoodRow).record).toMatchObject({
      issuedAt: '2026-05-05T10:00:00.000Z',
      dueAt: '2026-05-12T04:00:00.000Z',
    });
  });

  it('an order that is refused is not asked for again in that scan, and the list is read to its end', async () => {
    const rows = [invoice(1, created('01-01')), invoice(9, created('05-09'))];
    const answer = (path: string, query: URLSearchParams): StubAnswer =>
      query.has('sort') ? { body: { HTTPCode: 400, UserMessage: 'cannot sort' } } : shop(rows, true)(path);
    const first = await page('invoices', answer, { scan: 'incremental', since: new Date('2026-05-05') });
    expect(first).toMatchObject({ orderIgnored: true });
    const second = await page('invoices', answer, { position: first.next });
    expect(second.asked.filter(({ query }) => query.has('sort'))).toEqual([]);
  });

  it('one that is followed comes with its payment', async () => {
    const follow = (rows: { id: number }[]) =>
      streamOf('invoices').followUp!(stubCall(new StubHttp(shop(rows)), BASE), '7');
    expect(await follow([invoice(7)])).toMatchObject([
      { stream: 'invoices', row: { externalId: '7', record: { status: 'paid' } } },
      { stream: 'invoice_payments', row: { externalId: 'invoice:7', record: { amountMinor: 8750 } } },
    ]);
    expect(await follow([invoice(7, { invoice_header_status: 'Unpaid' })])).toMatchObject([{ stream: 'invoices' }]);
    expect(await follow([])).toEqual([]);
  });

  it('money without binary drift, dates that are not there', async () => {
    expect(await record({ final_charge: 3 * 29.1, payment_due: '1900-01-01' })).toMatchObject({
      totalMinor: 8730,
      dueAt: null,
    });
  });

  it('are read newest first down to the cutoff', async () => {
    const rows = [invoice(9, created('05-09')), invoice(8, created('05-08')), invoice(7, created('05-01'))];
    const since = (day: string) => ({ scan: 'incremental' as const, since: new Date(`2026-${day}T00:00:00Z`) });
    const stops = await page('invoices', shop(rows, true), since('05-05'));
    expect(stops.asked[0]!.query.get('sort')).toBe('desc_created_on_datetime');
    expect(stops.next).toBeNull();
    expect((await page('invoices', shop(rows, true), since('04-01'))).next).toMatch(/^2~:/);
    expect((await page('invoices', shop(rows, true), { floor: new Date('2026-05-05') })).rows).toHaveLength(2);
  });

  it.each(['invoices', 'invoice_payments'])(
    'are read again for the 45 days in which they change unannounced (%s)',
    async (key) => {
      const day = 86_400_000;
      const now = new Date('2026-05-20T00:00:00Z');
      const read = { readAs: 'seed', readBackTo: '2025-01-01T00:00:00.000Z', fullScanAt: now.toISOString() };
      const cursor = { ...EMPTY_CURSOR, ...read, watermark: now.toISOString() };
      const plan = { readAs: 'seed', now, runId: 'run', fullResync: false, lookbackDays: 365, timezoneKnown: true };
      const { since } = planScan({ ...plan, stream: streamOf(key), cursor });
      const goesOn = async (daysAgo: number): Promise<boolean> => {
        const ago = (days: number) => new Date(now.getTime() - days * day).toISOString();
        const rows = [daysAgo - 1, daysAgo].map((days) =>
          invoice(days, { created: { created_on_datetime: ago(days) } }),
        );
        const request = { scan: 'incremental', since: new Date(since!) } as const;
        return (await page(key, shop(rows, true), request)).next !== null;
      };
      expect([await goesOn(45), await goesOn(46)]).toEqual([true, false]);
    },
  );

  it('an order that is not kept is no reason to stop', async () => {
    const rows = [invoice(1, created('01-01')), invoice(9, created('05-09')), invoice(2, created('01-02'))];
    const result = await page('invoices', shop(rows, true), { scan: 'incremental', since: new Date('2026-05-05') });
    expect(result).toMatchObject({ next: expect.stringMatching(/^2~:/), orderIgnored: true });
  });

  it('only new and changed ones cost a call; the others are said to be unchanged', async () => {
    const rows = [invoice(9), invoice(8), invoice(7)];
    const digest = (row: object) =>
      listedDigest(JSON.stringify(row), digestSeed(WODIFY_MAPPING_VERSION, { currency: 'GBP', timezone: 'UTC' }));
    const asStored: PageRequest['asStored'] = async (listed) => {
      expect(listed).toEqual(rows.map((row) => ({ externalId: String(row.id), digest: digest(row) })));
      return [false, true, false];
    };
    const result = await page('invoices', shop(rows), { asStored });
    expect(result.asked.map(({ path }) => path)).toEqual([
      '/v1/financials/invoices',
      '/v1/financials/invoices/9',
      '/v1/financials/invoices/7',
    ]);
    expect(result.unchanged).toEqual(['8']);
    expect(result.rows.map((row) => [row.externalId, (row as GoodRow).digest])).toEqual([
      ['9', digest(rows[0]!)],
      ['7', digest(rows[2]!)],
    ]);
  });

  it.each([
    ['status', { invoice_header_status: 'Unpaid' }],
    ['total', { final_charge: 80 }],
    ['time of change', { updated: { updated_on_datetime: '2026-05-05 10:00:00' } }],
  ])('one whose %s is behind its list gets no digest, so that it is asked for again', async (_what, behind) => {
    const rows = [invoice(9, { updated: { updated_on_datetime: '2026-05-06 10:00:00' } }), invoice(8)];
    const current = shop(rows);
    const result = await page('invoices', (path) => {
      const answer = current(path);
      return path.endsWith('/9') ? { body: { ...(answer.body as object), ...behind } } : answer;
    });
    expect(result.rows.map((row) => (row as GoodRow).digest !== null)).toEqual([false, true]);
  });

  it.each(['invoices', 'invoice_payments'])(
    'of %s one that is listed, and not found by its id, is set aside',
    async (key) => {
      const refunded = { invoice_header_status: 'Refunded', final_charge: 0 };
      const current = shop([invoice(9, refunded), invoice(8, refunded)]);
      const { rows } = await page(key, (path) => (path.endsWith('/9') ? { status: 404, body: {} } : current(path)));
      const externalIds = key === 'invoices' ? ['9', '8'] : ['invoice:9', 'invoice:8'];
      expect(rows.map(({ externalId }) => externalId).toSorted()).toEqual(externalIds.toSorted());
      expect(rows.find(({ externalId }) => externalId === externalIds[0])).toMatchObject({
        reason: 'cannot be read by its id (contract)',
      });
    },
  );

  it('one that cannot be understood goes to quarantine, and the next one comes', async () => {
    const { rows } = await page(
      'invoices',
      shop([invoice(9, { final_charge: 'much' }), invoice(8, { invoice_header_status: '?' }), invoice(7)]),
    );
    expect(rows).toMatchObject([
      { externalId: '9', path: 'final_charge' },
      { externalId: '8', path: 'invoice_header_status' },
      { record: {} },
    ]);
  });
});

describe('payments', () => {
  it('are whatever was taken; one that was voided follows what is known', async () => {
    const { rows } = await page(
      'invoice_payments',
      shop([
        invoice(1),
        invoice(2, { invoice_header_status: 'Unpaid' }),
        invoice(3, { invoice_header_status: 'Refunded', final_charge: 0, final_refunded_amount: -87.5 }),
        invoice(4, { invoice_header_status: 'Partially Refunded', final_refunded_amount: -7.5 }),
        invoice(5, { invoice_header_status: 'Voided', paid_on_date: '1900-01-01' }),
        invoice(6, { invoice_header_status: 'Partially Paid', paid_amount: 50, unpaid_amount: 37.5 }),
        invoice(7, { invoice_header_status: 'Partially Paid', unpaid_amount: 37.5 }),
        invoice(8, { invoice_header_status: 'Unpaid', paid_amount: 10, unpaid_amount: 77.5 }),
        invoice(9, { invoice_header_status: 'Partially Paid' }),
      ]),
    );
    const shown = rows.map((row) => {
      const { status, amountMinor, refundedMinor } = (row as GoodRow).record as PaymentRecord;
      return [row.externalId, status, amountMinor, refundedMinor, (row as GoodRow).store];
    });
    expect(shown.toSorted()).toEqual([
      ['invoice:1', 'paid', 8750, 0, 'always'],
      ['invoice:3', 'refunded', 8750, 8750, 'always'],
      ['invoice:4', 'paid', 8750, 750, 'always'],
      ['invoice:5', 'void', 8750, 0, 'if_known'],
      ['invoice:6', 'paid', 5000, 0, 'always'],
      ['invoice:7', 'paid', 5000, 0, 'always'],
      ['invoice:8', 'paid', 1000, 0, 'always'],
    ]);
    expect((rows[0] as GoodRow).record).toMatchObject({
      invoiceExternalId: '1',
      paidAt: '2026-05-06T00:00:00.000Z',
    });
  });

  it('of a refunded invoice whose list row does not say what it was, the single one does', async () => {
    const answer = shop([invoice(3, { invoice_header_status: 'Refunded', final_charge: 0 }), invoice(1)]);
    const { rows, asked } = await page('invoice_payments', answer);
    expect(asked.map(({ path }) => path)).toEqual(['/v1/financials/invoices', '/v1/financials/invoices/3']);
    expect(rows).toContainEqual(
      expect.objectContaining({ record: expect.objectContaining({ amountMinor: 8750, refundedMinor: 8750 }) }),
    );
  });

  it('of an invoice that was refunded in part and may show what is left, the single one says it, once', async () => {
    const left = { final_charge: 67.5, paid_amount: 67.5, final_refunded_amount: -20 };
    const answer = shop([invoice(3, { invoice_header_status: 'Partially Refunded', ...left }), invoice(1)]);
    const first = await page('invoice_payments', answer);
    expect(first.asked.map(({ path }) => path)).toEqual(['/v1/financials/invoices', '/v1/financials/invoices/3']);
    const row = first.rows.find(({ externalId }) => externalId === 'invoice:3') as GoodRow;
    expect(row.record).toMatchObject({ amountMinor: 8750, refundedMinor: 2000 });
    const second = await page('invoice_payments', answer, {
      asStored: async (rows) =>
        rows.map(({ externalId, digest }) => externalId === 'invoice:3' && digest === row.digest),
    });
    expect(second.asked.map(({ path }) => path)).toEqual(['/v1/financials/invoices']);
    expect(second).toMatchObject({ unchanged: ['invoice:3'], rows: [{ externalId: 'invoice:1' }] });
  });

  it('an invoice that is owed again carries none', async () => {
    const call = stubCall(new StubHttp(() => ({ body: invoice(1, { invoice_header_status: 'Unpaid' }) })), BASE);
    expect(await streamOf('invoice_payments').fetchOne!(call, 'invoice:1')).toBe('gone');
  });
});

describe('the identity of a gym', () => {
  const digest = (...ids: string[]) => createHash('sha256').update(ids.sort().join('\n')).digest('hex');

  it.each<[string, string, string, boolean]>([
    ['the same locations', 'locations:1,2', 'locations:1,2', true],
    ['one more', 'locations:1', 'locations:1,2', true],
    ['one fewer', 'locations:1,2,3', 'locations:2,3', true],
    ['others', 'locations:1', 'locations:2', false],
    ['some of each', 'locations:1,2', 'locations:2,3', false],
    ['none, as before', 'locations:', 'locations:', true],
    ['none, and then one', 'locations:', 'locations:1', false],
    ['as named by a former version', digest('2', '1'), 'locations:1,2', true],
    ['others, as named by a former version', digest('1'), 'locations:1,2', false],
  ])('%s: %s, then %s', (_name, before, now, same) => {
    expect(adapter.isSameAccount(before, now)).toBe(same);
  });
});

it('of payments, which carry when they were paid, two scans that miss one prove nothing', () => {
  const cut = adapter.streams.filter((stream) => stream.cutByAnotherTime).map(({ resource }) => resource);
  expect(cut).toEqual(['payments']);
});
