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
    ['patient_packages', 20],
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
    expect(Object.keys(first.body['links'])).toEqual(['self', 'next']);
    expect(Object.keys((await get('/patients?page=2')).body['links'])).toEqual(['self', 'next', 'previous']);
    expect(Object.keys((await get('/patients?page=20')).body['links'])).toEqual(['self', 'previous']);
    expect((await get('/patients?page_size=100&page=21')).body['data']).toEqual([]);
    expect(Object.keys((await get('/services')).body['links'])).toEqual(['self']);
    expect(first.res.headers.get('date')).toBeTruthy();
  });

  it('writes money, ids, keys and times the way PracticeHub does', async () => {
    const invoices = await all('/invoices');
    const payments = await all('/payments');
    const packages = await all('/patient_packages');
    expect(invoices.every((row) => /^\d+\.\d\d$/.test(row['total'] ?? row['amount']))).toBe(true);
    expect(invoices.some((row) => 'amount' in row)).toBe(true);
    for (const name of ['status', 'balance', 'due']) expect(invoices.some((row) => name in row)).toBe(false);
    expect(payments.some((row) => 'invoice_id' in row)).toBe(false);
    expect(payments.every((row) => typeof row['amount'] === 'string' && typeof row['patient_id'] === 'string')).toBe(
      true,
    );
    expect(packages.every((row) => typeof row['price'] === 'number' && row['owing'] === '')).toBe(true);
    const shared = packages.filter((row) => row['patient_id'] === null);
    expect(shared.length).toBeGreaterThan(2);
    expect(shared.every((row) => row['subscribed_patients'].length > 1)).toBe(true);
    for (const row of packages) {
      expect(row['balance']).toBeCloseTo((row['visits_left'] * row['price']) / row['visits'], 2);
      expect(row['package_balance']).toBeLessThanOrEqual(0);
    }
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
    expect(Number(allocation.amount)).toBeLessThanOrEqual(Number(invoice.total ?? invoice.amount));
    expect(payment.created >= invoice.created).toBe(true);
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
    expect(await total('id=in:3,5,7')).toBe(3);
    expect(await total('id=not-in:3,5,7')).toBe(1997);
    expect((await total('email=null')) + (await total('email=not-null:'))).toBe(2000);
    expect(await total('email=like:person17@%')).toBe(1);
    expect(await total('last_name=like:brien')).toBe(await total("last_name=eq:O'Brien"));
    expect(await total('last_name=ne:Smith')).toBe(2000 - (await total('last_name=eq:Smith')));
    // invalid filters are ignored
    for (const invalid of ['active=1', 'active=near:1', 'id=between:1']) {
      expect([invalid, await total(invalid)]).toEqual([invalid, 2000]);
    }
    expect(await total('created=gte:2026-03-01T00:00:00Z')).toBe(2000);
    const from = '2026-03-01 00:00:00';
    const expected = (await all('/invoices')).filter(
      (row) => row['created'] >= from && row['created'] <= '2026-04-01 00:00:00',
    );
    expect(await all(`/invoices?created=between:${from},2026-04-01 00:00:00`)).toEqual(expected);
  });

  it('answers updated=gte: with the rows changed since, and ignores a time without an operation', async () => {
    const since = '2026-05-20 00:00:00';
    const rows = await all('/patients');
    const expected = rows.filter((row) => row['updated'] >= since);
    expect(expected.length).toBeGreaterThan(50);
    expect(await all(`/patients?updated=gte:${since}`)).toEqual(expected);
    const total = async (query: string): Promise<number> => (await get(`/patients?${query}`)).body['total_entries'];
    expect(await total('updated=2026-05-20T00:00:00Z')).toBe(2000);
    const { practicehub } = server.sandbox;
    practicehub.configure({ variants: { bareUpdated: 'since' } });
    expect(await total('updated=2026-05-20T00:00:00Z')).toBe(expected.length);
    practicehub.configure({ variants: { bareUpdated: 'equality' } });
    expect(await total('updated=2026-05-20T00:00:00Z')).toBe(0);
  });

  it('ignores, refuses or takes for equality a filter for the time of change', async () => {
    const { practicehub } = server.sandbox;
    const since = '2026-05-20 00:00:00';
    const ask = (): ReturnType<typeof get> => get(`/patients?updated=gte:${since}`);
    practicehub.configure({ variants: { updatedFilter: 'ignored' } });
    expect((await ask()).body['total_entries']).toBe(2000);
    practicehub.configure({ variants: { updatedFilter: 'refused' } });
    expect(await ask()).toMatchObject({ status: 400, body: { message: expect.any(String) } });
    expect((await get('/patients')).status).toBe(200);
    practicehub.configure({ variants: { updatedFilter: 'equality' } });
    expect((await ask()).body['total_entries']).toBe(0);
    practicehub.change({ resource: 'patients', ids: [5], fields: { updated: since }, touch: false });
    expect((await ask()).body['data'].map((row: Json) => row['id'])).toEqual([5]);
  });

  it('shows exactly the changed rows, while a filter is being paged', async () => {
    const { practicehub } = server.sandbox;
    const since = new Date(Date.now() - 1000).toISOString().slice(0, 19).replace('T', ' ');
    const changedNow = (): Promise<Json[]> => all(`/patients?updated=gte:${since}`);
    expect(await changedNow()).toEqual([]);
    const ids = practicehub.change({ resource: 'patients', count: 7 });
    expect((await changedNow()).map((row) => row['id'])).toEqual([...ids].sort((a, b) => Number(a) - Number(b)));
    const [created] = practicehub.create({ resource: 'patients', fields: { last_name: 'New' } });
    expect(created).toBe(2001);
    expect((await get('/patients/2001')).body['data'].last_name).toBe('New');
    expect((await get('/patients')).body['total_entries']).toBe(2001);
    practicehub.delete({ resource: 'patients', ids: [created, ids[0]] });
    expect((await get('/patients/2001')).status).toBe(404);
    expect(await changedNow()).toHaveLength(6);
    expect((await get('/patients')).body['total_entries']).toBe(1999);
  });

  it('takes any value for a field', async () => {
    const { practicehub } = server.sandbox;
    practicehub.change({
      resource: 'invoices',
      ids: [3],
      fields: { total: 'twelve', patient_id: null },
      unset: ['appointment_id'],
    });
    const { data } = (await get('/invoices/3')).body;
    expect(data).toMatchObject({ total: 'twelve', patient_id: null });
    expect(data).not.toHaveProperty('appointment_id');
  });

  it('takes payments, twice when sent twice, and settles invoices by allocations', async () => {
    server.sandbox.practicehub.configure({ variants: { invoiceStatus: 'all' } });
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
    practicehub.configure({ timezone: 'UTC' });
    const before = (await all('/payments?updated=gte:2026-05-31 00:00:00')).map((row) => row['id']);
    expect(before.length).toBeGreaterThan(10);
    practicehub.configure({ timezone: 'Europe/London' });
    expect((await all('/payments?updated=gte:2026-05-31 01:00:00')).map((row) => row['id'])).toEqual(before);
  });
});
