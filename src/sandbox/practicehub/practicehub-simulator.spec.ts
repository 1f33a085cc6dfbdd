import { startSandboxServer, type SandboxServer } from '../index';

type Json = Record<string, any>;

describe('PracticeHub simulator', () => {
  const reference = Date.UTC(2026, 5, 1, 12);
  let server: SandboxServer;
  let base: string;
  let headers: Record<string, string>;

  beforeAll(async () => {
    server = await startSandboxServer({ reference, practicehub: { settings: { ratePerSecond: 0 } } });
    const { apiKey, path } = server.sandbox.credentials.practicehub;
    base = server.url + path;
    headers = { 'x-practicehub-key': apiKey, 'x-app-details': 'Interlock=dev@example.com' };
  });
  afterEach(() => {
    server.sandbox.practicehub.reset();
  });
  afterAll(() => server.close());

  const get = async (
    path: string,
    more: Record<string, string> = {},
  ): Promise<{ status: number; body: Json; res: Response }> => {
    const res = await fetch(base + path, { headers: { ...headers, ...more } });
    return { status: res.status, body: (await res.json()) as Json, res };
  };
  const post = async (path: string, body: unknown): Promise<{ status: number; body: Json }> => {
    const res = await fetch(base + path, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return { status: res.status, body: (await res.json()) as Json };
  };
  const all = async (path: string): Promise<Json[]> => {
    const rows: Json[] = [];
    let url: string | null = `${base}${path}${path.includes('?') ? '&' : '?'}page_size=100`;
    while (url) {
      const res: Response = await fetch(url, { headers });
      const body = (await res.json()) as Json;
      rows.push(...body['data']);
      url = body['links'].next ?? null;
    }
    return rows;
  };

  it('answers 401 with a message unless both headers are right', async () => {
    for (const wrong of [
      {},
      { 'x-practicehub-key': headers['x-practicehub-key'] ?? '' },
      { 'x-app-details': 'Interlock=dev@example.com' },
      { ...headers, 'x-practicehub-key': 'no' },
      { ...headers, 'x-app-details': 'Interlock' },
    ]) {
      const res = await fetch(`${base}/payment_methods?page_size=1`, { headers: wrong as Record<string, string> });
      expect(res.status).toBe(401);
      expect(await res.json()).toEqual({ message: expect.any(String) });
    }
    expect((await get('/payment_methods?page_size=1')).status).toBe(200);
  });

  it.each([
    ['patients', 2000],
    ['invoices', 3000],
    ['payments', 2500],
    ['services', 25],
    ['products', 15],
    ['packages', 20],
    ['payment_methods', 8],
    ['payment_allocations', 2500],
  ])('lists every one of %s once', async (resource, count) => {
    const rows = await all(`/${resource}`);
    expect(new Set(rows.map((row) => row['id'])).size).toBe(count);
    expect(rows).toHaveLength(count);
  });

  it('caps page_size at 100 and pages to the end and no further', async () => {
    const first = await get('/api/patients?page_size=500');
    expect(first.body['data']).toHaveLength(100);
    expect(first.body['total_entries']).toBe(2000);
    expect(first.body['links'].next).toContain('/sandbox/practicehub/api/patients?page_size=500&page=2');
    expect((await get('/patients?page_size=100&page=20')).body['links']).toEqual({ next: null });
    expect((await get('/patients?page_size=100&page=21')).body['data']).toEqual([]);
    expect((await get('/services?page_size=100')).body['links']).toEqual({});
    expect(first.res.headers.get('date')).toBeTruthy();
  });

  it('writes money, ids, keys and times the way PracticeHub does', async () => {
    const invoices = await all('/invoices');
    const payments = await all('/payments');
    const packages = await all('/packages');
    const owned = await all('/patient_packages');
    expect(invoices.every((row) => /^\d+\.\d\d$/.test(row['total'] ?? row['amount']))).toBe(true);
    expect(invoices.some((row) => row['status'] === undefined && row['balance'] === undefined)).toBe(true);
    expect(new Set(invoices.map((row) => row['status']))).toEqual(
      new Set(['paid', 'partial', 'sent', 'overdue', 'void', undefined]),
    );
    expect(payments.every((row) => typeof row['amount'] === 'string' && typeof row['patient_id'] === 'string')).toBe(
      true,
    );
    expect(packages.every((row) => typeof row['price'] === 'number')).toBe(true);
    expect(owned.filter((row) => row['patient_id'] === null).length).toBeGreaterThan(100);
    expect(owned.every((row) => typeof row['subscribed_patients'][0].patient_id === 'string')).toBe(true);
    expect(invoices.every((row) => /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(row['created']))).toBe(true);
    expect(invoices.filter((row) => row['updated'] === undefined).length).toBeGreaterThan(3);
    const within90Days = invoices.filter(
      (row) => Date.parse(`${row['created']}Z`) > reference - 90 * 86_400_000,
    ).length;
    expect(within90Days).toBeGreaterThan(1200);
    expect(within90Days).toBeLessThan(1500);
  });

  it('carries clinical fields on patients', async () => {
    const { body } = await get('/patients/17');
    expect(JSON.stringify(body)).toContain('CLINICAL-NOTE-17');
    expect(body['data']).toMatchObject({ id: 17, date_of_birth: expect.any(String) });
  });

  it('agrees with itself: a payment is what its invoice lacks', async () => {
    const { data: allocation } = (await get('/payment_allocations/40')).body;
    const { data: payment } = (await get(`/payments/${allocation.payment_id}`)).body;
    const { data: invoice } = (await get(`/invoices/${allocation.invoice_id}`)).body;
    expect(payment.amount).toBe(allocation.amount);
    expect(payment.patient_id).toBe(invoice.patient_id);
    expect(Number(invoice.balance ?? 0) + Number(allocation.amount)).toBeCloseTo(
      Number(invoice.total ?? invoice.amount),
      2,
    );
  });

  it('gives equal rows for equal seeds and others for other seeds', () => {
    const { practicehub } = server.sandbox;
    const read = (): string => JSON.stringify(practicehub.truth({ resource: 'patients' }));
    const first = read();
    practicehub.reset();
    expect(read()).toBe(first);
    practicehub.reset({ seed: 2 });
    expect(read()).not.toBe(first);
    practicehub.reset({ seed: 1 });
    expect(read()).toBe(first);
  });

  it('filters by the operations it knows and ignores all others', async () => {
    const total = async (query: string): Promise<number> => (await get(`/patients?${query}`)).body['total_entries'];
    const active = await total('active=eq:1');
    expect(active).toBeGreaterThan(1800);
    expect(active).toBeLessThan(2000);
    expect(await total('id=between:11,20')).toBe(10);
    expect(await total('id=gt:1990&active=gte:0')).toBe(10);
    expect(await total('id=lte:5')).toBe(5);
    expect(await total('active=like:1')).toBe(2000);
    expect(await total('active=1')).toBe(2000);
    expect(await total('medications=eq:x')).toBe(2000);
    const from = '2026-03-01 00:00:00';
    const expected = (await all('/invoices')).filter(
      (row) => row['created'] >= from && row['created'] <= '2026-04-01 00:00:00',
    );
    expect(await all(`/invoices?created=between:${from},2026-04-01 00:00:00`)).toEqual(expected);
  });

  it('answers updated= with the rows changed since, and with everything when that is off', async () => {
    const since = '2026-05-20T00:00:00Z';
    const expected = (await all('/patients')).filter((row) => row['updated'] >= '2026-05-20 00:00:00');
    expect(expected.length).toBeGreaterThan(50);
    expect(await all(`/patients?updated=${since}`)).toEqual(expected);
    server.sandbox.practicehub.configure({ updatedFilter: 'off' });
    expect((await get(`/patients?updated=${since}`)).body['total_entries']).toBe(2000);
  });

  it('shows exactly the changed rows, while a filter is being paged', async () => {
    const { practicehub } = server.sandbox;
    const since = new Date(Date.now() - 1000).toISOString().replace(/\.\d+/, '');
    expect(await all(`/patients?updated=${since}`)).toEqual([]);
    const ids = practicehub.change({ resource: 'patients', count: 7 });
    expect((await all(`/patients?updated=${since}`)).map((row) => row['id'])).toEqual(
      [...ids].sort((a, b) => Number(a) - Number(b)),
    );
    const [created] = practicehub.create({ resource: 'patients', fields: { last_name: 'New' } });
    expect(created).toBe(2001);
    expect((await get('/patients/2001')).body['data'].last_name).toBe('New');
    expect((await get('/patients')).body['total_entries']).toBe(2001);
    practicehub.delete({ resource: 'patients', ids: [created, ids[0]] });
    expect((await get('/patients/2001')).status).toBe(404);
    expect(await all(`/patients?updated=${since}`)).toHaveLength(6);
    expect((await get('/patients')).body['total_entries']).toBe(1999);
  });

  it('takes any value for a field', async () => {
    const { practicehub } = server.sandbox;
    practicehub.change({
      resource: 'invoices',
      ids: [3],
      fields: { total: 'twelve', patient_id: null },
      unset: ['status'],
    });
    const { data } = (await get('/invoices/3')).body;
    expect(data).toMatchObject({ total: 'twelve', patient_id: null });
    expect(data).not.toHaveProperty('status');
  });

  it('takes payments, twice when sent twice, and settles invoices by allocations', async () => {
    const [invoice] = server.sandbox.practicehub.truth({ resource: 'invoices', where: { status: 'sent' } }) as Json[];
    const body = { patient_id: invoice!['patient_id'], amount: '1.00', payment_type_id: '2', note: 'ref-1' };
    const first = await post('/payments', body);
    const second = await post('/payments', body);
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.body['data'].id).toBe(first.body['data'].id + 1);
    const allocation = { payment_id: first.body['data'].id, invoice_id: invoice!['id'], amount: '1.00' };
    expect((await post('/payment_allocations', allocation)).status).toBe(201);
    const { data } = (await get(`/invoices/${invoice!['id']}`)).body;
    expect(data.status).toBe('partial');
    expect(Number(data.balance)).toBeCloseTo(Number(invoice!['balance']) - 1, 2);
    const rest = await post('/payments', { ...body, amount: data.balance });
    await post('/payment_allocations', { payment_id: rest.body['data'].id, invoice_id: data.id, amount: data.balance });
    expect((await get(`/invoices/${data.id}`)).body['data']).toMatchObject({ status: 'paid', balance: '0.00' });
    expect(await post('/payment_allocations', allocation)).toMatchObject({
      status: 422,
      body: { message: expect.any(String) },
    });
    expect((await post('/payments', { ...body, payment_type_id: '99' })).status).toBe(422);
    expect((await post('/payments', { ...body, amount: '1.001' })).status).toBe(422);
    const log = { patient_id: body.patient_id, type: 'billing', sub_type: 'payment', data: { a: 1 } };
    expect((await post('/patient_logs', log)).status).toBe(201);
    expect((await get('/patient_logs')).body['total_entries']).toBe(1);
  });

  it('writes times in the zone of the practice', async () => {
    const { practicehub } = server.sandbox;
    const [utc] = practicehub.truth({ resource: 'payments', ids: [2500] }) as Json[];
    practicehub.configure({ timezone: 'Australia/Brisbane' });
    const [local] = practicehub.truth({ resource: 'payments', ids: [2500] }) as Json[];
    expect(Date.parse(`${local!['created']}Z`) - Date.parse(`${utc!['created']}Z`)).toBe(10 * 3_600_000);
    const since = '2026-05-31T00:00:00Z';
    practicehub.configure({ timezone: 'UTC' });
    const before = (await all(`/payments?updated=${since}`)).map((row) => row['id']);
    practicehub.configure({ timezone: 'Europe/London' });
    expect((await all(`/payments?updated=${since}`)).map((row) => row['id'])).toEqual(before);
  });
});
