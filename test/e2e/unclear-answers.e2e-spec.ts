import { BUILT_IN_CATALOGUE } from '../../src/providers';
import { pageOf, stamp, startAccount, type AccountStandIn, type Override, type Row } from '../support/account-stand-in';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic, type Clinic } from '../support/clinic';

const PATIENTS = 250;
const patients = (): Row[] =>
  Array.from({ length: PATIENTS }, (_, index) => ({
    id: index + 1,
    first_name: `P${index + 1}`,
    last_name: 'X',
    city: 'old',
    created: '2026-01-01 10:00:00',
    // every row with a time of its own: what the filter is proven by
    updated: `2026-01-0${1 + (index % 9)} 10:00:${String(index % 60).padStart(2, '0')}`,
  }));

/** What a provider says that is no clear answer: nothing may be concluded from it, and nothing may be lost by it. */
describe('an unclear answer', () => {
  let running: TestApp;
  let account: AccountStandIn;
  let clinic: Clinic;

  beforeAll(async () => {
    // the stand-in has no rate limit; keeping to PracticeHub's would be most of the time
    jest.replaceProperty(BUILT_IN_CATALOGUE.practicehub, 'rate', { perSecond: 1_000, burst: 1_000, per: 'account' });
    running = await startTestApp({ environment: { OUTBOUND_ALLOW_PRIVATE: 'true' } });
  }, 60_000);
  afterAll(() => running.close());
  beforeEach(async () => {
    account = await startAccount({ patients: patients() });
    clinic = await makeClinic(running);
    await clinic
      .activate({ credentials: { apiKey: 'stand-in-key', baseUrl: account.url }, timezone: 'UTC' })
      .expect(200);
    expect(await clinic.settled()).toBe('succeeded');
  });
  afterEach(() => account.close());

  const lastLog = async (resourceType: string) =>
    (await clinic.call('get', `/sync-logs?latestOnly=true&resourceType=${resourceType}`).expect(200)).body.data[0];
  const noteCodes = async (resourceType: string): Promise<string[]> =>
    (await lastLog(resourceType)).notes.map(({ code }: { code: string }) => code);
  const stored = async () =>
    Object.fromEntries(
      (await clinic.records('customers')).map(({ externalId, operation, data }) => [
        externalId,
        operation === 'deleted' ? null : data.address.city,
      ]),
    );
  const truth = () => Object.fromEntries(account.lists['patients']!.map(({ id, city }) => [String(id), city]));
  const onList = (answer: (url: URL, page: number) => ReturnType<Override>): Override => {
    return (url) => {
      if (url.pathname !== '/api/patients') return undefined;
      return answer(url, Number(url.searchParams.get('page')));
    };
  };
  const sound = (url: URL) => pageOf(url, account.lists['patients']!);

  const breaches: [string, () => Override][] = [
    ['404 in the middle of a list', () => onList((_url, page) => (page === 2 ? { status: 404, body: {} } : undefined))],
    [
      'the same page again',
      () =>
        onList((url, page) =>
          page === 2 ? { body: { ...sound(url), data: account.lists['patients']!.slice(0, 100) } } : undefined,
        ),
    ],
    [
      'the same page again in another order, each row with the time of the call',
      () => {
        let calls = 0;
        return onList(() => {
          calls += 1;
          const rows = account.lists['patients']!.slice(0, 50).map((row) => ({ ...row, seen: calls }));
          return { body: { data: calls % 2 ? rows : rows.toReversed(), links: { next: '/api/patients?page=2' } } };
        });
      },
    ],
    [
      'a list without end',
      () =>
        onList(() => ({
          body: { data: account.lists['patients']!.slice(0, 3), links: { next: '/api/patients?page=2' } },
        })),
    ],
    ['a count of more than is listed', () => onList((url) => ({ body: { ...sound(url), total_entries: 900 } }))],
    ['a count of less than is listed', () => onList((url) => ({ body: { ...sound(url), total_entries: 120 } }))],
    ['a next page in another form', () => onList((url) => ({ body: { ...sound(url), links: { next: { page: 2 } } } }))],
    [
      'an empty page with more to come',
      () => onList((url, page) => (page === 2 ? { body: { ...sound(url), data: [] } } : undefined)),
    ],
    [
      'a web page',
      () =>
        onList((_url, page) =>
          page === 3 ? { body: '<html>Sorry</html>', headers: { 'content-type': 'text/html' } } : undefined,
        ),
    ],
    ['an error with status 200', () => onList(() => ({ body: { message: 'Something went wrong' } }))],
  ];

  it.each(breaches)('%s deletes nothing and is no success; what comes later is not lost', async (_name, breach) => {
    account.override = breach();
    expect(await clinic.sync({ fullResync: true })).toBe('failed');
    expect(await stored()).toEqual(truth());
    const log = await lastLog('customers');
    expect(log).toMatchObject({ status: 'failed', errorCode: 'provider_error', recordsDeleted: 0 });
    // the other resources are not held up
    expect((await lastLog('payments')).status).toBe('success');

    account.override = () => undefined;
    Object.assign(account.lists['patients']![7]!, { city: 'new', updated: stamp() });
    account.lists['patients']!.splice(40, 1);
    account.lists['patients']!.push({ ...patients()[0]!, id: 999, city: 'later', updated: stamp() });
    expect(await clinic.sync()).toBe('succeeded');
    expect(await clinic.sync({ fullResync: true })).toBe('succeeded');
    expect(await stored()).toEqual({ ...truth(), 41: null });
  });

  it('a row that slips to a page which was read, in the first sync and under a count that stays, is not lost', async () => {
    let moves = 0;
    account.override = onList((_url, page) => {
      if (page !== 2 || moves++ > 0) return undefined;
      account.lists['patients']!.splice(40, 1);
      account.lists['patients']!.push({ ...patients()[0]!, id: 999, city: 'later', updated: stamp() });
      return undefined;
    });
    clinic = await makeClinic(running);
    const credentials = { apiKey: 'stand-in-key', baseUrl: account.url };
    await clinic.activate({ credentials, timezone: 'UTC' }).expect(200);
    expect(await clinic.settled()).toBe('succeeded');
    expect(await stored()).toEqual({ ...truth(), 41: null });
  });

  it.each([
    [1, 403],
    [1, 400],
    [1, 401],
    [4, 500],
  ])('of %i rows, %i, stops nobody else and is shown', async (count, status) => {
    const gone = account.lists['patients']!.splice(1, count).map(({ id }) => id);
    account.override = (url) =>
      gone.some((id) => url.pathname === `/api/patients/${id}`)
        ? { status, body: { message: 'not this one' } }
        : undefined;
    const withGone = (city: string | null) => ({ ...truth(), ...Object.fromEntries(gone.map((id) => [id, city])) });
    expect(await clinic.sync({ fullResync: true })).toBe('succeeded');
    expect(await lastLog('customers')).toMatchObject({
      status: 'success',
      recordsDeleted: 0,
      recordsQuarantined: count,
      notes: [expect.objectContaining({ code: 'rows_not_understood' })],
    });
    Object.assign(account.lists['patients']![0]!, { city: 'new', updated: stamp() });
    expect(await clinic.sync()).toBe('succeeded');
    expect(await stored()).toEqual(withGone('old'));
    // missed by a second full scan it is gone, although nobody says so of the row itself
    expect(await clinic.sync({ fullResync: true })).toBe('succeeded');
    expect(await stored()).toEqual(withGone(null));
  });

  it('"not found" by id is believed only where a listed row is found by id', async () => {
    account.lists['patients']!.splice(1, 1);
    account.override = (url) => (/^\/api\/patients\//.test(url.pathname) ? { status: 404, body: {} } : undefined);
    expect(await clinic.sync({ fullResync: true })).toBe('succeeded');
    expect(await stored()).toEqual({ ...truth(), 2: 'old' });
    expect(await noteCodes('customers')).toContain('lookup_unproven');
    // two scans in a row that miss it say so too
    expect(await clinic.sync({ fullResync: true })).toBe('succeeded');
    expect(await stored()).toEqual({ ...truth(), 2: null });
  });

  it('a row that is seen again between two full scans is not missed twice in a row', async () => {
    const [row] = account.lists['patients']!.splice(1, 1);
    account.override = (url) => (/^\/api\/patients\//.test(url.pathname) ? { status: 404, body: {} } : undefined);
    await clinic.sync({ fullResync: true });
    account.lists['patients']!.push(row!);
    // listed by an incremental scan, as it is stored
    Object.assign(row!, { updated: stamp() });
    expect(await clinic.sync()).toBe('succeeded');
    account.lists['patients']!.pop();
    expect(await clinic.sync({ fullResync: true })).toBe('succeeded');
    expect((await stored())[2]).toBe('old');
  });

  const filters: [string, Override, string][] = [
    ['ignored', (url) => filtered(url, (rows) => rows), 'ignored'],
    [
      'refused',
      (url) => (url.searchParams.has('updated') ? { status: 400, body: { message: 'no' } } : undefined),
      'refused',
    ],
    [
      'taken as equality',
      (url) => filtered(url, (rows, since) => rows.filter((row) => row['updated'] === since)),
      'unproven',
    ],
    ['answered with nothing', (url) => filtered(url, () => []), 'unproven'],
  ];
  const filtered = (url: URL, choose: (rows: Row[], since: string) => Row[]): ReturnType<Override> => {
    const since = url.searchParams.get('updated')?.replace(/^gte:/, '');
    if (url.pathname !== '/api/patients' || since === undefined) return undefined;
    const plain = new URL(url);
    plain.searchParams.delete('updated');
    return { body: pageOf(plain, choose(account.lists['patients']!, since)) };
  };
  const filterState = async () =>
    (
      await clinic.sql(
        `SELECT cursor->'filter'->>'state' AS state FROM sync_cursors c JOIN integrations i ON i.id = c.integration_id
         WHERE i.merchant_id = $1 AND stream = 'patients'`,
        [clinic.merchantId],
      )
    )[0]!['state'];

  const reasons = async (): Promise<string[]> => {
    const { body } = await clinic.call('get', '/explain').expect(200);
    return body.data.reasons.map(({ code, nextAction }: Record<string, string>) => `${code} ${nextAction}`);
  };

  it.each(filters)('a changed-since filter that is %s loses no row, and is told', async (_name, override, state) => {
    expect(await filterState()).toBe('honoured');
    expect(await reasons()).toEqual(['scheduled none']);
    account.override = override;
    // proven again by each full scan
    expect(await clinic.sync({ fullResync: true })).toBe('succeeded');
    expect(await filterState()).toBe(state);
    expect(await reasons()).toEqual(['scheduled none', `filter_${state} none`]);
    expect((await clinic.integration())['filters']).toMatchObject([{ stream: 'patients', state }]);
    for (const city of ['first', 'second']) {
      Object.assign(account.lists['patients']![3]!, { city, updated: stamp() });
      expect(await clinic.sync()).toBe('succeeded');
      expect(await stored()).toEqual(truth());
      expect(await noteCodes('customers')).toEqual([`filter_${state}`]);
    }
    account.override = () => undefined;
    expect(await clinic.sync({ fullResync: true })).toBe('succeeded');
    expect(await filterState()).toBe('honoured');
    expect(await reasons()).toEqual(['scheduled none']);
    account.requests.length = 0;
    expect(await clinic.sync()).toBe('succeeded');
    const asked = account.requests.filter(({ pathname }) => pathname === '/api/patients');
    expect(asked.every(({ searchParams }) => searchParams.has('updated'))).toBe(true);
  });

  it('a changed-since filter that leaves out the day it is asked for is not used', async () => {
    const dayOf = (time: unknown) => String(time).slice(0, 10);
    // no two changes on one day: all that came after a known one are found by such a filter too
    account.lists['patients']!.forEach((row, index) => {
      const day = dayOf(new Date(Date.UTC(2026, 0, 10 + index)).toISOString());
      Object.assign(row, { city: 'moved', updated: `${day} 10:00:00` });
    });
    account.override = (url) =>
      filtered(url, (rows, since) => rows.filter((row) => dayOf(row['updated']) > dayOf(since)));
    expect(await clinic.sync({ fullResync: true })).toBe('succeeded');
    expect(await filterState()).toBe('unproven');
    for (const city of ['first', 'second']) {
      Object.assign(account.lists['patients']![3]!, { city, updated: stamp() });
      expect(await clinic.sync()).toBe('succeeded');
      expect(await stored()).toEqual(truth());
    }
  });

  it('a list that the account has not got is told by its resource, until it is there', async () => {
    const { services = [] } = account.lists;
    delete account.lists['services'];
    expect(await clinic.sync()).toBe('succeeded');
    expect(await noteCodes('products')).toEqual(['list_absent']);
    expect(await reasons()).toEqual(['scheduled none', 'list_absent contact_support']);
    account.lists['services'] = services;
    expect(await clinic.sync()).toBe('succeeded');
    expect(await reasons()).toEqual(['scheduled none']);
  });

  it('a filter by creation that is refused costs no invoice, and is noted', async () => {
    account.lists['invoices']!.push({ id: 1, patient_id: '1', total: '44.00', created: stamp() });
    account.override = (url) =>
      url.searchParams.has('created') ? { status: 400, body: { message: 'no' } } : undefined;
    expect(await clinic.sync()).toBe('succeeded');
    expect((await clinic.records('invoices')).map(({ externalId }) => externalId)).toEqual(['1']);
    expect(await noteCodes('invoices')).toEqual(['range_ignored']);
  });

  it.each([
    ['leaves out', 'unproven', () => undefined],
    [
      'returns',
      'honoured',
      (url: URL) => filtered(url, (rows, since) => rows.filter(({ updated }) => !updated || String(updated) >= since)),
    ],
  ] as [string, string, Override][])(
    'a changed-since filter that %s rows without a time of change loses none of them, once it is known that they change',
    async (_name, state, override) => {
      account.override = override;
      const [row] = account.lists['patients']!.slice(6);
      Object.assign(row!, { city: 'first', updated: null });
      expect(await clinic.sync({ fullResync: true })).toBe('succeeded');
      expect(await clinic.sync({ fullResync: true })).toBe('succeeded');
      expect(await filterState()).toBe(state);
      row!.city = 'second';
      account.lists['patients']!.push({ ...row!, id: 999, city: 'new' });
      expect(await clinic.sync()).toBe('succeeded');
      expect(await stored()).toEqual(truth());
    },
  );

  it('a filter that is refused after it was honoured costs no run', async () => {
    account.override = filters[1]![1];
    Object.assign(account.lists['patients']![3]!, { city: 'new', updated: stamp() });
    expect(await clinic.sync()).toBe('succeeded');
    expect(await stored()).toEqual(truth());
    expect(await filterState()).toBe('refused');
    expect(await clinic.sync()).toBe('succeeded');
    expect(await noteCodes('customers')).toEqual(['filter_refused']);
  });

  it('a filtered list whose second page is refused, for good, costs no run', async () => {
    account.override = (url) =>
      url.searchParams.has('updated') && url.searchParams.get('page') === '2' ? { status: 400, body: {} } : undefined;
    for (const row of account.lists['patients']!) Object.assign(row, { city: 'new', updated: stamp() });
    expect(await clinic.sync()).toBe('succeeded');
    expect(await stored()).toEqual(truth());
  });

  it('a run reads what changed before it was asked for, also on a page that a failed run before it has read', async () => {
    expect(await clinic.sync({ fullResync: true })).toBe('succeeded');
    account.override = (url) =>
      url.pathname === '/api/patients' && Number(url.searchParams.get('page') ?? 1) > 1
        ? { status: 400, body: {} }
        : undefined;
    expect(await clinic.sync({ fullResync: true })).toBe('failed');
    account.override = () => undefined;
    Object.assign(account.lists['patients']![3]!, { city: 'between', updated: stamp() });
    expect(await clinic.sync()).toBe('succeeded');
    expect(await stored()).toEqual(truth());
  });

  it.each([-48, 48])('a provider clock that is %i hours off loses no change', async (hours) => {
    const date = () => new Date(Date.now() + hours * 3_600_000).toUTCString();
    account.override = (url) => {
      const list = /^\/api\/(\w+)$/.exec(url.pathname)?.[1];
      return list && account.lists[list]
        ? { body: pageOf(url, account.lists[list]), headers: { date: date() } }
        : undefined;
    };
    expect(await clinic.sync()).toBe('succeeded');
    expect(await clinic.sync({ fullResync: true })).toBe('succeeded');
    account.override = () => undefined;
    Object.assign(account.lists['patients']![3]!, { city: 'new', updated: stamp() });
    expect(await clinic.sync()).toBe('succeeded');
    expect(await stored()).toEqual(truth());
  });

  it('a provider clock that is put back while it is behind ours loses no change once two runs have come', async () => {
    let behindMs = 0;
    const clock = () => new Date(Date.now() - behindMs);
    const write = (row: number, city: string) =>
      Object.assign(account.lists['patients']![row]!, { city, updated: stamp(behindMs / 1_000) });
    const runs = async (count: number) => {
      for (let run = 0; run < count; run++) expect(await clinic.sync()).toBe('succeeded');
    };
    account.override = (url) => {
      const list = /^\/api\/(\w+)$/.exec(url.pathname)?.[1];
      const headers = { date: clock().toUTCString() };
      return list && account.lists[list] ? { body: pageOf(url, account.lists[list]), headers } : undefined;
    };
    try {
      behindMs = 3 * 3_600_000;
      write(3, 'first');
      await runs(2);
      behindMs = 2 * 3_600_000;
      write(3, 'ahead');
      write(4, 'ahead');
      await runs(1);
      behindMs = 3 * 3_600_000;
      write(3, 'back');
      await runs(2);
      expect(await stored()).toEqual(truth());
      // its stamp is from before the step, also when the step is long over
      write(4, 'later');
      await runs(1);
      expect(await stored()).toEqual(truth());
    } finally {
      account.override = () => undefined;
    }
  });
});
