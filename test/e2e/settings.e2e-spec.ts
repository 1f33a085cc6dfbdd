import { startTestApp, type TestApp } from '../support/app';
import { makeClinic, type Clinic } from '../support/clinic';

const MAPPINGS = [{ id: 'card', revkeenMethod: 'card', practiceHubMethodId: '2' }];

describe('the settings of an integration', () => {
  let running: TestApp;
  let clinic: Clinic;
  beforeAll(async () => {
    running = await startTestApp();
  }, 60_000);
  afterAll(() => running.close());
  beforeEach(async () => {
    clinic = await makeClinic(running, { sizes: { patients: 3, invoices: 3, services: 2, '*': 0 } });
    await clinic.activate({ syncProducts: false }).expect(200);
    await clinic.settled();
  });
  const runs = (): Promise<{ fullResync: boolean }[]> =>
    clinic.sql(
      `SELECT r.full_resync AS "fullResync" FROM sync_runs r JOIN integrations i ON i.id = r.integration_id
       WHERE i.merchant_id = $1 ORDER BY r.created_at, r.id`,
      [clinic.merchantId],
    );
  const logsOfLastRun = async (): Promise<Record<string, number>> => {
    const { data } = (await clinic.call('get', '/sync-logs?latestOnly=true').expect(200)).body;
    return Object.fromEntries(data.map((log: Record<string, any>) => [log['resourceType'], log['recordsFetched']]));
  };

  it('change together, without disconnecting, and what is left out stays', async () => {
    const before = await clinic.integration();
    const change = { syncIntervalMinutes: 30, invoiceLookbackDays: 60, pushPayments: true, autoSendInvoices: true };
    const { body } = await clinic.call('patch', '', { ...change, paymentMappings: MAPPINGS }).expect(200);
    const configuration = { ...before['configuration'], ...change };
    expect(body).toMatchObject({ success: true, data: { id: before['id'], isActive: true, configuration } });
    expect(body.data.syncInterval.intervalMs).toBe(30 * 60_000);
    expect((await clinic.call('get', '/payment-mappings').expect(200)).body).toEqual({ success: true, data: MAPPINGS });
    // nothing of it changes how rows are read
    await clinic.settled();
    expect(await runs()).toHaveLength(1);
    const [entry] = await clinic.sql(
      `SELECT details FROM audit_entries WHERE merchant_id = $1 AND action = 'integration.configured'`,
      [clinic.merchantId],
    );
    expect(entry!['details']).toEqual({ ...change, paymentMappings: true });
  });

  it.each([
    ['currency', { currency: 'EUR' }],
    ['time zone', { timezone: 'America/New_York' }],
    ['resource', { syncProducts: true }],
  ])('of another %s start a full scan at once', async (_, change) => {
    await clinic.call('patch', '', change).expect(200);
    await clinic.settled();
    expect((await runs()).map(({ fullResync }) => fullResync)).toEqual([false, true]);
    expect(await logsOfLastRun()).toMatchObject({ customers: 3 });
  });

  it('of another currency are those of every record after the scan', async () => {
    await clinic.call('patch', '', { currency: 'EUR' }).expect(200);
    await clinic.settled();
    const invoices = await clinic.records('invoices');
    expect(invoices).not.toEqual([]);
    expect(new Set(invoices.map(({ data }) => data.currency))).toEqual(new Set(['EUR']));
  });

  it('that are as they were change nothing', async () => {
    const { configuration, syncEnabled } = await clinic.integration();
    const { baseUrl: _url, credentialHint: _hint, ...settings } = configuration;
    await clinic.call('patch', '', { ...settings, syncEnabled }).expect(200);
    await clinic.call('patch', '', { currency: null, syncProducts: null, invoiceLookbackDays: null }).expect(200);
    await clinic.call('patch', '', {}).expect(200);
    expect((await clinic.integration())['configuration']).toEqual(configuration);
    expect(await runs()).toHaveLength(1);
  });

  it('switch the schedule off and on, and begin no run while it is off', async () => {
    await clinic.call('patch', '', { syncEnabled: false, currency: 'EUR' }).expect(200);
    expect(await clinic.integration()).toMatchObject({ syncEnabled: false, configuration: { currency: 'EUR' } });
    expect(await runs()).toHaveLength(1);
    await clinic.call('patch', '', { syncEnabled: true }).expect(200);
    await clinic.sync();
    expect(await logsOfLastRun()).toMatchObject({ customers: 3 });
  });

  it.each([
    ['failures', false, 'open'],
    ['failures', true, 'closed'],
    ['auth', false, 'open'],
    ['auth', true, 'open'],
  ])(
    'by which the schedule is switched leave a pause by %s: switched on %s, it is %s',
    async (cause, enabled, after) => {
      const paused = `FROM integrations i WHERE i.id = h.integration_id AND i.merchant_id = $1`;
      await clinic.sql(`UPDATE sync_health h SET breaker = 'open', breaker_cause = $2, failed_runs = 5 ${paused}`, [
        clinic.merchantId,
        cause,
      ]);
      await clinic.sql(`UPDATE sync_schedules h SET breaker_open = true ${paused}`, [clinic.merchantId]);
      await clinic.call('put', '/sync-toggle', { enabled }).expect(200);
      const found = await clinic.sql(
        `SELECT h.breaker, s.breaker_open AS open FROM sync_health h JOIN sync_schedules s USING (integration_id)
       JOIN integrations i ON i.id = h.integration_id WHERE i.merchant_id = $1`,
        [clinic.merchantId],
      );
      expect(found).toEqual([{ breaker: after, open: after === 'open' }]);
    },
  );

  it('that are wrong are named, and none of them is taken', async () => {
    const before = await clinic.integration();
    const wrong: [object, string][] = [
      [{ syncIntervalMinutes: 1 }, 'syncIntervalMinutes'],
      [{ timezone: 'Mars/Olympus' }, 'timezone'],
      [{ credentials: clinic.credentials }, 'credentials'],
      [{ paymentMappings: [...MAPPINGS, ...MAPPINGS] }, 'paymentMappings.1.id'],
    ];
    for (const [change, field] of wrong) {
      const answer = await clinic.call('patch', '', { invoiceLookbackDays: 7, ...change });
      expect([answer.status, answer.body.code]).toEqual([400, 'invalid_request']);
      expect(Object.keys(answer.body.details.fields)).toContain(field);
    }
    expect(await clinic.integration()).toEqual(before);
  });

  it('are 404 where none is active; mappings are kept and shown', async () => {
    await clinic.call('patch', '', { paymentMappings: MAPPINGS }).expect(200);
    await clinic.call('post', '/deactivate', {}).expect(200);
    await clinic.call('patch', '', { currency: 'EUR' }).expect(404);
    expect((await clinic.call('get', '/payment-mappings').expect(200)).body.data).toEqual(MAPPINGS);
    const other = await makeClinic(running, { provider: 'terminal', sizes: { '*': 0 } });
    await other.call('patch', '', {}).expect(404);
    await other.call('get', '/payment-mappings').expect(404);
  });
});
