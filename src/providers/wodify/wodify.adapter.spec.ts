import { createHash } from 'node:crypto';
import { fullScan, StubHttp, stubCall, type StubAnswer } from '../../../test/contract/provider-stub';
import { EMPTY_CURSOR, planScan } from '../../sync/cursor';
import type { GoodRow, PageRequest } from '../provider';
import type { CustomerRecord, InvoiceRecord, PaymentRecord, ProductRecord } from '../records';
import { digestSeed, listedDigest } from '../row';
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
    expect(adapter.normaliseCredentials({ apiKey: ' k ', baseUrl }, 'live')).toEqual({ apiKey: 'k', baseUrl: BASE });
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

describe('paging', () => {
  it('goes on while has_more says so, and nothing counts', async () => {
    const first = await page('clients', () => listOf('clients', [{ id: 1 }], true));
    expect(first.asked[0]!.query.toString()).toBe('page=1&page_size=100');
    expect(first).toMatchObject({ next: '2', total: null });
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

  it('are searched by time of change, quoted as Wodify wants texts', async () => {
    const { asked } = await page('clients', () => listOf('clients', []), { scan: 'incremental', since });
    expect(asked[0]!.path).toBe('/v1/clients/search');
    expect(asked[0]!.query.get('q')).toBe("updated_on_datetime|gte|'2026-07-10T12:00:00Z'");
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
          zip_code: 'LS1 1AA',
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
      address: { line1: '1 High St', postalCode: 'LS1 1AA', city: null },
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

  it('become the product that one client holds', async () => {
    const plan = { payment_plan: { payment_plan_name: 'Monthly', amount: 1.1 * 3 }, end_date: '1900-01-01' };
    expect(await membership(plan)).toMatchObject({
      externalId: 'membership:70',
      store: 'always',
      record: { kind: 'membership', customerExternalId: '12', amountMinor: 330, interval: 'Monthly', active: true },
    });
    expect((await membership({})).record).toMatchObject({ amountMinor: null, interval: null });
  });

  it('a deleted one only follows a record that is known', async () => {
    expect(await membership({ is_deleted: true })).toMatchObject({ store: 'if_known', record: { active: false } });
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
      currency: 'GBP',
      totalMinor: 8750,
      balanceMinor: 0,
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
  ])('%s is %s', async (invoice_header_status, status, balanceMinor) => {
    expect(await record({ invoice_header_status })).toMatchObject({ status, balanceMinor });
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
    expect((await page('invoices', shop(rows, true), since('04-01'))).next).toMatch(/^2:/);
    expect((await page('invoices', shop(rows, true), { floor: new Date('2026-05-05') })).rows).toHaveLength(2);
  });

  it.each(['invoices', 'invoice_payments'])(
    'are read again for the 45 days in which they change unannounced (%s)',
    async (key) => {
      const day = 86_400_000;
      const now = new Date('2026-05-20T00:00:00Z');
      const cursor = { ...EMPTY_CURSOR, readAs: 'seed', watermark: now.toISOString(), fullScanAt: now.toISOString() };
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
      expect([await goesOn(44), await goesOn(46)]).toEqual([true, false]);
    },
  );

  it('an order that is not kept is no reason to stop', async () => {
    const rows = [invoice(1, created('01-01')), invoice(9, created('05-09')), invoice(2, created('01-02'))];
    const result = await page('invoices', shop(rows, true), { scan: 'incremental', since: new Date('2026-05-05') });
    expect(result).toMatchObject({ next: expect.stringMatching(/^2:/), orderIgnored: true });
  });

  it('only new and changed ones cost a call; the others are said to be unchanged', async () => {
    const rows = [invoice(9), invoice(8), invoice(7)];
    const digest = (row: object) =>
      listedDigest(JSON.stringify(row), digestSeed(1, { currency: 'GBP', timezone: 'UTC' }));
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
  it('are the paid invoices; what was taken back follows what is known', async () => {
    const { rows } = await page('invoice_payments', () =>
      listOf('invoices', [
        invoice(1),
        invoice(2, { invoice_header_status: 'Unpaid' }),
        invoice(3, { invoice_header_status: 'Refunded' }),
        invoice(4, { invoice_header_status: 'Partially Refunded' }),
        invoice(5, { invoice_header_status: 'Voided', paid_on_date: '1900-01-01' }),
      ]),
    );
    expect(
      rows.map((row) => [row.externalId, ((row as GoodRow).record as PaymentRecord).status, (row as GoodRow).store]),
    ).toEqual([
      ['invoice:1', 'paid', 'always'],
      ['invoice:3', 'refunded', 'if_known'],
      ['invoice:4', 'paid', 'always'],
      ['invoice:5', 'void', 'if_known'],
    ]);
    expect((rows[0] as GoodRow).record).toMatchObject({
      invoiceExternalId: '1',
      amountMinor: 8750,
      paidAt: '2026-05-06T00:00:00.000Z',
    });
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
