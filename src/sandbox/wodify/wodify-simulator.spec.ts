import { type SandboxServer, startSandboxServer } from '../index';

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
    expect((await get('/v1/clients')).body['HTTPCode']).toBe(404);
    const res = await fetch(base.replace('/v1', '/clients'), { headers: { 'x-api-key': key } });
    expect(await res.json()).toMatchObject({ HTTPCode: 404 });
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
      new Set(['Paid', 'Unpaid', 'Partially Refunded', 'Refunded', 'Voided']),
    );
    const { body } = await get('/financials/invoices/3505');
    expect(body['HTTPCode']).toBe(404);
    const one = (await get('/financials/invoices/2505')).body;
    expect(one).toMatchObject({
      id: 2505,
      invoice_number: '00002505',
      created: { created_on_datetime: expect.any(String) },
    });
    const total = one['invoice_details'].reduce((sum: number, line: Json) => sum + line['final_charge'], 0);
    expect(total).toBeCloseTo(one['final_charge'], 6);
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
    expect(await ids('id|between|5,8')).toEqual([5, 6, 7, 8]);
    expect(await ids('id|in|(3,1);id|neq|3')).toEqual([1]);
    expect(await ids("email|eq|'person17@example.com'")).toEqual([17]);
    expect((await search("last_name|eq|'O''Brien'")).body['clients'][0].last_name).toBe("O'Brien");
    expect((await search("last_name|starts_with|'o'';|x'")).body['clients']).toEqual([]);
    expect((await search('last_name|eq|Smith')).body['HTTPCode']).toBe(400);
    expect((await search('shoe_size|eq|1')).body['HTTPCode']).toBe(400);
    expect((await search("updated_on_datetime|gte|'yesterday'")).body['HTTPCode']).toBe(400);
  });

  it('finds changed clients by updated_on_datetime, unless that is off', async () => {
    const { wodify } = server.sandbox;
    const since = new Date(Date.now() - 1000).toISOString().replace(/\.\d+/, '');
    const changed = wodify.change({ resource: 'clients', count: 7 });
    const found = await all(`/clients/search?q=updated_on_datetime|gte|'${since}'`, 'clients');
    expect(found.map((row) => row['id'])).toEqual([...changed].sort((a, b) => Number(a) - Number(b)));
    expect((await all(`/clients/search?q=updated_on_datetime|lt|1950-01-01`, 'clients')).length).toBeGreaterThan(0);
    wodify.configure({ updatedFilter: 'off' });
    expect(await all(`/clients/search?q=updated_on_datetime|gte|'${since}'`, 'clients')).toHaveLength(2000);
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
