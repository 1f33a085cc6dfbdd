import { SIMULATOR_PATH, stamp, startAccount, type AccountStandIn, type Row } from '../support/account-stand-in';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic, type Clinic } from '../support/clinic';

const RESOURCES = ['customers', 'products', 'payment_methods', 'invoices', 'payments'];

/** What a failure in one list means for the others, and what the log says of each. */
describe('the resources of a run', () => {
  let running: TestApp;
  let account: AccountStandIn;
  let clinic: Clinic;

  beforeAll(async () => {
    account = await startAccount({});
    running = await startTestApp({ environment: { SANDBOX_ORIGIN: account.url, SANDBOX_RATE_PER_SECOND: '0' } });
  }, 60_000);
  afterAll(async () => {
    await running.close();
    await account.close();
  });
  beforeEach(async () => {
    account.override = () => undefined;
    const row = (id: number, more: object): Row => ({ id, created: stamp(86_400), updated: stamp(86_400), ...more });
    account.lists['patients'] = [row(1, { first_name: 'A' }), row(2, { first_name: 'B' })];
    account.lists['services'] = [row(1, { name: 'S', price: '1.00' })];
    account.lists['products'] = [row(1, { name: 'P', price: '1.00' })];
    account.lists['invoices'] = [row(1, { patient_id: '1', total: '44.00' })];
    clinic = await makeClinic(running);
    const credentials = { apiKey: 'stand-in-key', baseUrl: account.url + SIMULATOR_PATH };
    await clinic.activate({ credentials, timezone: 'UTC' }).expect(200);
    expect(await clinic.settled()).toBe('succeeded');
  });

  const logs = async (): Promise<Record<string, Record<string, any>>> => {
    const { body } = await clinic.call('get', '/sync-logs?latestOnly=true').expect(200);
    return Object.fromEntries(body.data.map((log: Record<string, any>) => [log['resourceType'], log]));
  };
  const statuses = async () =>
    Object.fromEntries(Object.entries(await logs()).map(([resource, { status }]) => [resource, status]));
  const states = async () => {
    const rows = await clinic.sql(
      `SELECT stream, last_sync_status AS status FROM sync_cursors c JOIN integrations i ON i.id = c.integration_id
       WHERE i.merchant_id = $1 ORDER BY stream`,
      [clinic.merchantId],
    );
    return Object.fromEntries(rows.map(({ stream, status }) => [stream, status]));
  };
  const answers = (path: RegExp, answer: { status?: number; body: unknown }) => {
    account.override = (url) => (path.test(url.pathname) ? answer : undefined);
  };
  const all = (of: Record<string, unknown>, status: string) =>
    Object.fromEntries(Object.keys(of).map((name) => [name, status]));

  it('are all read, each counted once, in their order', async () => {
    Object.assign(account.lists['patients']![0]!, { first_name: 'New', updated: stamp(60) });
    expect(await clinic.sync({ fullResync: true })).toBe('succeeded');
    const found = await logs();
    expect(await statuses()).toEqual(all(found, 'success'));
    const held = 'r.lease_owner IS NOT NULL OR r.lease_until IS NOT NULL';
    const runs = `SELECT FROM sync_runs r JOIN integrations i ON i.id = r.integration_id WHERE i.merchant_id = $1`;
    expect(await clinic.sql(`${runs} AND (${held})`, [clinic.merchantId])).toEqual([]);
    const pages = `SELECT FROM sync_scan_pages p JOIN integrations i ON i.id = p.integration_id WHERE i.merchant_id = $1`;
    expect(await clinic.sql(pages, [clinic.merchantId])).toEqual([]);
    expect(found['customers']).toMatchObject({
      recordsFetched: 2,
      recordsCreated: 0,
      recordsUpdated: 1,
      recordsUnchanged: 1,
      recordsDeleted: 0,
    });
    const rows = await clinic.sql(
      `SELECT l.resource_type AS resource, l.started_at AS at, l.finished_at AS until FROM sync_logs l
       JOIN integrations i ON i.id = l.integration_id WHERE i.merchant_id = $1 AND l.run_id = (
         SELECT run_id FROM sync_logs WHERE integration_id = i.id ORDER BY created_at DESC LIMIT 1) ORDER BY l.created_at`,
      [clinic.merchantId],
    );
    expect(rows.map(({ resource }) => resource)).toEqual(RESOURCES.filter((name) => name in found));
    for (const [index, { at, until }] of rows.entries()) {
      expect(until.getTime()).toBeGreaterThanOrEqual(at.getTime());
      // a beginning is reckoned by the process's clock, from when the database last told its time
      if (index > 0) expect(at.getTime()).toBeGreaterThanOrEqual(rows[index - 1]!['until'].getTime() - 50);
    }
  });

  it('are read though the answer for one of them is no list: it fails alone, and the run with it', async () => {
    answers(/^\/api\/patients$/, { body: { data: [], total_entries: 0, links: {} } });
    expect(await clinic.sync({ fullResync: true })).toBe('failed');
    const found = await statuses();
    expect(found).toEqual({ ...all(found, 'success'), customers: 'failed' });
    expect((await logs())['customers']).toMatchObject({ errorCode: 'provider_error', recordsFetched: 0 });
    expect(await states()).toEqual({ ...all(await states(), 'success'), patients: 'error' });
  });

  it('are not asked for when one shows that the provider is away', async () => {
    answers(/^\/api\/patients$/, { status: 500, body: {} });
    const asked = account.requests.length;
    expect(await clinic.sync({ fullResync: true })).toBe('failed');
    const found = await statuses();
    expect(found).toEqual({ ...all(found, 'skipped'), customers: 'failed' });
    expect(account.requests.slice(asked).every(({ pathname }) => pathname.startsWith('/api/patients'))).toBe(true);
  });

  it('keep the pages that came before a failure, and go on behind them', async () => {
    account.lists['patients'] = Array.from({ length: 250 }, (_, index): Row => {
      return { id: index + 1, first_name: 'P', created: stamp(86_400), updated: stamp(86_400 - index) };
    });
    account.override = (url) =>
      url.pathname === '/api/patients' && url.searchParams.get('page') === '3' ? { status: 500, body: {} } : undefined;
    expect(await clinic.sync({ fullResync: true })).toBe('failed');
    expect((await logs())['customers']).toMatchObject({ status: 'failed', recordsFetched: 200 });
    expect(await clinic.records('customers')).toHaveLength(200);
    account.override = () => undefined;
    const asked = account.requests.length;
    expect(await clinic.sync()).toBe('succeeded');
    expect(await clinic.records('customers')).toHaveLength(250);
    const first = account.requests.slice(asked).find(({ pathname }) => pathname === '/api/patients');
    expect(first!.searchParams.get('page')).toBe('3');
  });

  it('are read once by a run that finds that a list does not hold together: it fails', async () => {
    const [first, second] = account.lists['patients']!;
    answers(/^\/api\/patients$/, { body: { data: [first, second], total_entries: 1, links: {} } });
    const asked = account.requests.length;
    expect(await clinic.sync({ fullResync: true })).toBe('failed');
    const pages = account.requests.slice(asked).filter(({ pathname }) => pathname === '/api/patients');
    expect(pages).toHaveLength(1);
    expect(await statuses()).toMatchObject({ customers: 'failed', invoices: 'success' });
  });

  it('are read from their beginning where what an earlier run had read does not hold together with the rest', async () => {
    account.lists['patients'] = Array.from({ length: 250 }, (_, index): Row => {
      return { id: index + 1, first_name: 'P', created: stamp(86_400), updated: stamp(86_400 - index) };
    });
    account.override = (url) =>
      url.pathname === '/api/patients' && url.searchParams.get('page') === '3' ? { status: 500, body: {} } : undefined;
    expect(await clinic.sync({ fullResync: true })).toBe('failed');
    const [last] = account.lists['patients'].slice(-1);
    let counted = 0;
    account.override = (url) =>
      url.pathname === '/api/patients' && url.searchParams.get('page') === '3' && counted++ === 0
        ? { body: { data: [last], total_entries: 250, links: {} } }
        : undefined;
    expect(await clinic.sync()).toBe('succeeded');
    expect(await clinic.records('customers')).toHaveLength(250);
  });

  it('are each as they ended, also where an invoice was asked for by its id', async () => {
    const [integration] = await clinic.sql('SELECT id FROM integrations WHERE merchant_id = $1', [clinic.merchantId]);
    await clinic.sql(
      `INSERT INTO sync_quarantine (integration_id, stream, row_key, external_id, resource_type, reason, path, row_digest, run_id)
       VALUES ($1, 'invoices', '1', '1', 'invoices', 'r', '$', 'd', gen_random_uuid())`,
      [integration!['id']],
    );
    const asked = account.requests.length;
    expect(await clinic.sync()).toBe('succeeded');
    expect(account.requests.slice(asked).map(({ pathname }) => pathname)).toContain('/api/invoices/1');
    expect(await statuses()).toEqual(all(await statuses(), 'success'));
    expect(await clinic.sql('SELECT FROM sync_quarantine WHERE integration_id = $1', [integration!['id']])).toEqual([]);
  });

  it('say which of their lists is not there, and keep what it held', async () => {
    answers(/^\/api\/services$/, { status: 404, body: {} });
    expect(await clinic.sync({ fullResync: true })).toBe('succeeded');
    expect((await logs())['products']).toMatchObject({
      status: 'success',
      notes: [expect.objectContaining({ code: 'list_absent' })],
    });
    expect((await clinic.records('products')).map(({ operation }) => operation)).toEqual(['created', 'created']);
    expect((await logs())['customers']!['notes']).toEqual([]);
  });
});
