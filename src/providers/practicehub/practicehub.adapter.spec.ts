import { adapter, BASE, failureOf, listOf, page } from '../../../test/contract/practicehub-pages';
import { fullScan, stubCall, StubHttp, type StubAnswer } from '../../../test/contract/provider-stub';
import { DestinationRefused } from '../../platform/outbound';
import { BUILT_IN_CATALOGUE } from '../catalogue';
import { checkedCredentials } from '../checked-credentials';
import type { FetchedRow, GoodRow } from '../provider';
import { PracticeHubAdapter } from './practicehub.adapter';

describe('credentials', () => {
  const normalise = (baseUrl: string, more: object = {}, environment: 'sandbox' | 'live' = 'live') =>
    adapter.normaliseCredentials(
      checkedCredentials(BUILT_IN_CATALOGUE.practicehub, { apiKey: 'k', baseUrl, ...more }),
      environment,
    );

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
