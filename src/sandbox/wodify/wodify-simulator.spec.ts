import { startSandboxServer, type SandboxServer } from '../index';

type Json = Record<string, any>;

describe('Wodify simulator', () => {
  let server: SandboxServer;
  let base: string;
  let key: string;

  beforeAll(async () => {
    server = await startSandboxServer({ reference: Date.UTC(2026, 5, 1), wodify: { settings: { ratePerSecond: 0 } } });
    const { apiKey, path } = server.sandbox.credentials.wodify;
    base = `${server.url}${path}/v1`;
    key = apiKey;
  });
  afterEach(() => server.sandbox.wodify.reset());
  afterAll(() => server.close());

  const get = async (path: string, apiKey = key): Promise<{ status: number; body: Json }> => {
    const res = await fetch(base + path, { headers: { 'x-api-key': apiKey } });
    return { status: res.status, body: (await res.json()) as Json };
  };
  const all = async (path: string, resource: string): Promise<Json[]> => {
    const rows: Json[] = [];
    for (let page = 1; ; page++) {
      const { body } = await get(`${path}${path.includes('?') ? '&' : '?'}page=${page}&page_size=100`);
      rows.push(...body[resource]);
      if (!body['pagination'].has_more) return rows;
    }
  };
  const search = (q: string, more = ''): Promise<{ status: number; body: Json }> =>
    get(`/clients/search?q=${encodeURIComponent(q)}${more}`);

  it('names the array after the resource and says whether there is more', async () => {
    const first = await get('/clients?page_size=500');
    expect(first.body['clients']).toHaveLength(100);
    expect(first.body['pagination']).toEqual({ page: 1, page_size: 100, has_more: true });
    expect(first.body).not.toHaveProperty('total_entries');
    expect(await all('/clients', 'clients')).toHaveLength(2000);
    expect(await all('/memberships', 'memberships')).toHaveLength(1200);
    expect(await all('/financials/invoices', 'invoices')).toHaveLength(3000);
    expect((await get('/customers/locations')).body['locations']).toHaveLength(3);
    expect((await get('/clients?page=21&page_size=100')).body['clients']).toEqual([]);
  });

  it('takes exactly one /v1 and a right key', async () => {
    const noRoute = { status: 403, body: { message: 'Missing Authentication Token' } };
    expect(await get('/v1/clients')).toEqual(noRoute);
    expect(await get('/nothing')).toEqual(noRoute);
    expect(await get('/nothing', 'wrong')).toEqual(noRoute);
    const res = await fetch(base.replace('/v1', '/clients'), { headers: { 'x-api-key': key } });
    expect({ status: res.status, body: await res.json() }).toEqual(noRoute);
    const refused = await get('/customers/locations', 'wrong');
    expect(refused.status).toBe(401);
    expect(Object.keys(refused.body)).toEqual(['HTTPCode', 'ErrorCode', 'DeveloperMessage', 'UserMessage', 'MoreInfo']);
  });

  it('hides failures in a 200 when about the question, or always, or never', async () => {
    expect(await get('/clients/999999')).toMatchObject({ status: 200, body: { HTTPCode: 404 } });
    expect(await search('nonsense')).toMatchObject({ status: 200, body: { HTTPCode: 400 } });
    server.sandbox.wodify.configure({ errorsIn200: 'all' });
    expect(await get('/clients', 'wrong')).toMatchObject({ status: 200, body: { HTTPCode: 401 } });
    server.sandbox.wodify.configure({ errorsIn200: 'none' });
    expect(await get('/clients/999999')).toMatchObject({ status: 404, body: { HTTPCode: 404 } });
  });

  it('gives invoice lines on the single GET only, with money as binary floats', async () => {
    const listed = await all('/financials/invoices', 'invoices');
    expect(listed.every((row) => !('invoice_details' in row) && typeof row['final_charge'] === 'number')).toBe(true);
    expect(listed.some((row) => String(row['final_charge']).length > 10)).toBe(true);
    expect(listed.some((row) => row['final_charge'] === 87.5)).toBe(true);
    expect(listed.some((row) => row['paid_on_date'] === '1900-01-01')).toBe(true);
    expect(new Set(listed.map((row) => row['invoice_header_status']))).toEqual(
      new Set(['Paid', 'Unpaid', 'Partially Paid', 'Partially Refunded', 'Refunded', 'Voided', 'Deleted']),
    );
    const { body } = await get('/financials/invoices/3505');
    expect(body['HTTPCode']).toBe(404);
    const one = (await get('/financials/invoices/2505')).body;
    expect(one).toMatchObject({
      id: 2505,
      invoice_number: '00002505',
      created: { created_on_datetime: expect.any(String) },
    });
    const sum = one['invoice_details'].reduce((total: number, line: Json) => total + line['final_charge'], 0);
    expect(sum).toBeCloseTo(one['final_charge'], 6);
  });

  it('tells what of an invoice is paid, owed and given back', async () => {
    const listed = await all('/financials/invoices', 'invoices');
    const of = (status: string): Json[] => listed.filter((row) => row['invoice_header_status'] === status);
    for (const row of [...of('Paid'), ...of('Unpaid'), ...of('Partially Paid')]) {
      expect(row['paid_amount'] + row['unpaid_amount']).toBeCloseTo(row['final_charge'], 6);
    }
    expect(of('Partially Paid').some((row) => row['paid_amount'] > 0 && row['unpaid_amount'] > 0)).toBe(true);
    for (const row of of('Partially Refunded')) {
      expect(row['final_refunded_amount']).toBeLessThan(0);
      expect(-row['final_refunded_amount']).toBeLessThanOrEqual(row['final_charge']);
    }
    const refunded = of('Refunded');
    expect(refunded.every((row) => row['final_refunded_amount'] < 0)).toBe(true);
    expect(new Set(refunded.map((row) => row['final_charge'] === 0))).toEqual(new Set([true, false]));
    for (const row of [...of('Voided'), ...of('Deleted')]) expect(row['unpaid_amount']).toBe(0);
  });

  it('moves the amounts with the status that a control call gives', async () => {
    const { wodify } = server.sandbox;
    const fields = { invoice_header_status: 'Partially Paid', final_charge: 150, paid_amount: 50, unpaid_amount: 100 };
    const [id] = wodify.create({ resource: 'invoices', fields });
    expect((await get(`/financials/invoices/${id}`)).body).toMatchObject(fields);
    wodify.change({ resource: 'invoices', ids: [id], fields: { invoice_header_status: 'Paid', final_charge: 150 } });
    expect((await get(`/financials/invoices/${id}`)).body).toMatchObject({ paid_amount: 150, unpaid_amount: 0 });
  });

  it('has a row of each billing period, and few plans', async () => {
    const rows = await all('/memberships', 'memberships');
    const byId = new Map(rows.map((row) => [row['id'], row]));
    const renewed = rows.filter((row) => row['renewed_from_membership_id'] !== null);
    expect(renewed.length).toBeGreaterThan(500);
    for (const row of renewed) {
      const before = byId.get(row['renewed_from_membership_id'])!;
      expect([before['client_id'], before['name'], before['is_active']]).toEqual([
        row['client_id'],
        row['name'],
        false,
      ]);
      expect(before['start_date'] < row['start_date']).toBe(true);
    }
    const plans = new Set(
      rows.map((row) => JSON.stringify([row['name'], row['membership_type'], row['payment_plan']])),
    );
    expect(plans.size).toBe(6);
    expect(rows[0]!['payment_plan']).toMatchObject({
      initial_payment_option: { initial_cost: expect.any(Number) },
      renewal_payment_option: { renewal_cost: expect.any(Number) },
    });
  });

  it('calls the time of creation created_on in lists and created alone', async () => {
    const [listed] = (await get('/clients')).body['clients'];
    const { body } = await get(`/clients/${listed.id}`);
    expect([Object.hasOwn(listed, 'created'), Object.hasOwn(body, 'created_on')]).toEqual([false, false]);
    expect(listed.created_on).toEqual(body['created']);
  });

  it('sorts by a field in both directions', async () => {
    const newest = await all('/financials/invoices?sort=desc_created_on_datetime', 'invoices');
    const times = newest.map((row) => row['created'].created_on_datetime);
    expect(times).toEqual([...times].sort().reverse());
    const names = (await all('/clients?sort=last_name', 'clients')).map((row) => row['last_name'].toLowerCase());
    expect(names).toEqual([...names].sort());
    const [id] = server.sandbox.wodify.create({ resource: 'invoices', fields: { final_charge: 0.30000000000000004 } });
    const [first] = (await get('/financials/invoices?sort=desc_created_on_datetime')).body['invoices'];
    expect(first).toMatchObject({ id, final_charge: 0.30000000000000004 });
  });

  it('searches in its own language', async () => {
    const ids = async (q: string): Promise<number[]> =>
      (await search(q, '&page_size=100')).body['clients']?.map((row: Json) => row['id']);
    expect(await ids('id|between|5|8')).toEqual([5, 6, 7, 8]);
    expect(await ids('id|in|{3,1};id|neq|3')).toEqual([1]);
    expect(await ids("email|eq|'person17@example.com'")).toEqual([17]);
    expect((await search("last_name|starts_with|'o';last_name|contains|';|x'")).body['clients']).toEqual([]);
    const nameless = ['last_name|eq|Smith', 'shoe_size|eq|1', "last_name|eq|'O''Brien'", 'id|in|(1,2)', 'id|eq|x'];
    for (const q of nameless) expect([q, (await search(q)).body['HTTPCode']]).toEqual([q, 400]);
    expect((await search('member_since|gte|2026-01-01')).body['clients'].length).toBeGreaterThan(10);
    expect((await search("member_since|gte|'2026-01-01'")).body['HTTPCode']).toBe(400);
    const due = await get('/financials/invoices/search?q=payment_due|gte|2026-05-01');
    expect(due.body['invoices'].every((row: Json) => row['payment_due'] >= '2026-05-01')).toBe(true);
  });

  it('refuses in the envelope that the account has', async () => {
    const { wodify } = server.sandbox;
    wodify.configure({ variants: { errorEnvelope: 'api-error' } });
    expect(await search('shoe_size|eq|1')).toEqual({
      status: 200,
      body: { APIError: { ErrorMessage: expect.any(String) } },
    });
    wodify.configure({ variants: { errorEnvelope: 'error-code' } });
    const { body } = await search('shoe_size|eq|1');
    expect([body['ErrorCode'], 'HTTPCode' in body]).toEqual(['InvalidRequest', false]);
  });

  it('finds changed clients by updated_on_datetime, unless the account will not have it', async () => {
    const { wodify } = server.sandbox;
    const since = new Date(Date.now() - 1000).toISOString().replace(/\.\d+/, '');
    const changed = wodify.change({ resource: 'clients', count: 7 });
    const found = await all(`/clients/search?q=updated_on_datetime|gte|${since}`, 'clients');
    expect(found.map((row) => row['id'])).toEqual([...changed].sort((a, b) => Number(a) - Number(b)));
    wodify.configure({ updatedFilter: 'ignored' });
    expect(await all(`/clients/search?q=updated_on_datetime|gte|${since}`, 'clients')).toHaveLength(2000);
    wodify.configure({ updatedFilter: 'equality' });
    expect(await all(`/clients/search?q=updated_on_datetime|gte|2026-01-01T00:00:07Z`, 'clients')).toEqual([]);
    wodify.configure({ updatedFilter: 'refused' });
    expect(await search(`updated_on_datetime|gte|${since}`)).toMatchObject({ status: 200, body: { HTTPCode: 400 } });
  });

  it('limits to 5 a second with a burst of 20 when told, without Retry-After', async () => {
    server.sandbox.wodify.configure({ ratePerSecond: 5, burst: 20 });
    const answers = await Promise.all(
      Array.from({ length: 30 }, () => fetch(`${base}/customers/locations`, { headers: { 'x-api-key': key } })),
    );
    const refused = answers.filter((res) => res.status === 429);
    expect(refused.length).toBeGreaterThan(5);
    expect(refused.length).toBeLessThanOrEqual(10);
    expect(refused[0]?.headers.get('retry-after')).toBeNull();
    await Promise.all(answers.map((res) => res.text()));
  });
});
