import { fullScan, stubCall, StubHttp, type StubAnswer } from '../../../test/contract/provider-stub';
import type { GoodRow, PageRequest } from '../provider';
import type { DeviceRecord, PaymentRecord } from '../records';
import { TerminalAdapter } from './terminal.adapter';

const BASE = 'https://api.revkeen.com';
const adapter = new TerminalAdapter({ liveHostSuffixes: null });
const streamOf = (key: string) => adapter.streams.find((one) => one.key === key)!;

async function page(key: string, body: unknown, request: Partial<PageRequest> = {}) {
  const http = new StubHttp((): StubAnswer => ({ body }));
  const result = await streamOf(key).fetchPage(stubCall(http, BASE), { ...fullScan, ...request });
  return { ...result, asked: http.asked };
}

const payment = (id: string, more: object = {}) => ({
  id,
  invoice_id: 'inv-1',
  device_id: 'dev-1',
  type: 'sale',
  status: 'approved',
  amount_minor: 1250,
  currency: 'gbp',
  card_scheme: 'Visa',
  masked_pan: '411111******1234',
  auth_code: '123456',
  created_at: '2026-05-05T10:00:00.000Z',
  completed_at: '2026-05-05T10:00:20.000Z',
  ...more,
});

describe('credentials', () => {
  it.each([
    'https://api.revkeen.com',
    'https://api.revkeen.com/',
    'https://api.revkeen.com/v2',
    'https://api.revkeen.com/v2/',
  ])('%s', (baseUrl) => {
    expect(adapter.normaliseCredentials({ apiKey: 'k', baseUrl }, 'live')).toEqual({ apiKey: 'k', baseUrl: BASE });
  });

  it('are tested on the devices, and the account is the host', async () => {
    const http = new StubHttp(() => ({ body: { data: [], meta: { count: 0 } } }));
    expect(await adapter.testCredentials(stubCall(http, BASE))).toEqual({ accountId: BASE });
    expect(http.asked[0]).toMatchObject({ path: '/v2/terminal-devices', headers: { 'x-api-key': 'key' } });
  });
});

describe('devices', () => {
  const device = {
    id: 'dev-1',
    device_name: 'Till 1',
    terminal_serial: '185',
    terminal_ip: '10.0.0.1',
    platform: 'PAX A920',
    status: 'online',
    last_heartbeat_at: '2026-05-05T10:00:00.000Z',
  };

  it('are read all at once, without their address', async () => {
    const { rows, next, total } = await page('devices', { data: [device], meta: { count: 1 } });
    expect({ next, total }).toEqual({ next: null, total: 1 });
    const expected: DeviceRecord = {
      name: 'Till 1',
      serial: '185',
      platform: 'PAX A920',
      status: 'online',
      lastSeenAt: '2026-05-05T10:00:00.000Z',
    };
    expect((rows[0] as GoodRow).record).toEqual(expected);
    expect(JSON.stringify(rows)).not.toContain('10.0.0.1');
  });

  it('a status that is not known goes to quarantine', async () => {
    expect((await page('devices', { data: [{ ...device, status: 'on fire' }] })).rows[0]).toMatchObject({
      externalId: 'dev-1',
      path: 'status',
    });
  });

  it('a second page that cannot be asked for fails, rather than devices being taken for deleted', async () => {
    await expect(page('devices', { data: [device], meta: { has_more: true } })).rejects.toMatchObject({
      verdict: 'contract',
    });
  });
});

describe('payments', () => {
  it('an approved sale is a payment, with four digits of its card', async () => {
    const { rows } = await page('payments', { data: [payment('p1')], has_more: false });
    const expected: PaymentRecord = {
      invoiceExternalId: 'inv-1',
      customerExternalId: null,
      amountMinor: 1250,
      refundedMinor: 0,
      currency: 'GBP',
      method: 'card',
      paidAt: '2026-05-05T10:00:20.000Z',
      status: 'paid',
      origin: 'provider',
      cardLast4: '1234',
      cardScheme: 'Visa',
    };
    expect((rows[0] as GoodRow).record).toEqual(expected);
    expect(JSON.stringify(rows)).not.toMatch(/411111|123456/);
  });

  it.each([
    ['refund', 'refunded'],
    ['void', 'void'],
  ])('an approved %s is a payment with status %s', async (type, status) => {
    const { rows } = await page('payments', { data: [payment('p1', { type })], has_more: false });
    expect((rows[0] as GoodRow).record).toMatchObject({ status, amountMinor: 1250 });
  });

  it('what was taken at the device without a request is money like any other', async () => {
    const data = [
      payment('p1', { status: 'standalone_approved', invoice_id: null }),
      payment('p2', { status: 'standalone_approved', type: 'refund', amount_minor: 700, invoice_id: undefined }),
    ];
    expect((await page('payments', { data })).rows).toMatchObject([
      { externalId: 'p1', record: { status: 'paid', amountMinor: 1250, invoiceExternalId: null } },
      { externalId: 'p2', record: { status: 'refunded', amountMinor: 700, invoiceExternalId: null } },
    ]);
  });

  it('attempts are no payments', async () => {
    const attempts = ['declined', 'cancelled', 'error', 'timed_out', 'standalone_declined'];
    const data = attempts.map((status, index) => payment(`p${index}`, { status }));
    expect((await page('payments', { data, has_more: false })).rows).toEqual([]);
  });

  it.each(['settled', 'standalone', 'approved_offline'])(
    '%s, a word that nobody knows, goes to quarantine',
    async (status) => {
      expect((await page('payments', { data: [payment('p1', { status })] })).rows).toMatchObject([
        { externalId: 'p1', path: 'status' },
      ]);
    },
  );

  describe.each(['requested', 'in_progress'])('one that is %s', (status) => {
    const just = new Date(Date.now() - 60_000).toISOString();
    const running = payment('p1', { status, completed_at: null });
    const scan = async (listed: object, single: StubAnswer) => {
      const http = new StubHttp((path) => (path.endsWith('/p1') ? single : { body: { data: [listed] } }));
      const { rows } = await streamOf('payments').fetchPage(stubCall(http, BASE), fullScan);
      return { rows, asked: http.asked.length };
    };

    it('is waited for while it can still be read again', async () => {
      const { rows, asked } = await scan({ ...running, created_at: just }, { status: 500 });
      expect({ rows, asked }).toEqual({ rows: [], asked: 1 });
    });

    it('is asked for by its id when later scans may not reach back to it', async () => {
      const { rows } = await scan(running, { body: { data: payment('p1') } });
      expect(rows).toMatchObject([{ externalId: 'p1', record: { status: 'paid' } }]);
    });

    it.each<[string, StubAnswer]>([
      ['is not final there either', { body: running }],
      ['cannot be asked for', { status: 404, body: { error: 'not_found' } }],
    ])('stands in quarantine when it %s', async (_what, single) => {
      expect((await scan(running, single)).rows).toMatchObject([{ externalId: 'p1', path: 'status' }]);
    });
  });

  it('one that was followed is a payment, in quarantine, or nothing', async () => {
    const follow = (answer: StubAnswer) =>
      streamOf('payments').followUp!(stubCall(new StubHttp(() => answer), BASE), 'p1');
    expect(await follow({ body: payment('p1') })).toMatchObject([{ stream: 'payments', row: { externalId: 'p1' } }]);
    expect(await follow({ body: payment('p1', { status: 'requested' }) })).toMatchObject([{ row: { path: 'status' } }]);
    expect(await follow({ body: payment('p1', { status: 'timed_out' }) })).toEqual([]);
    expect(await follow({ status: 404 })).toEqual([]);
  });

  it.each<[unknown, string | null]>([
    ['************4242', '4242'],
    ['4242', '4242'],
    ['371449*****8431 ', '8431'],
    ['4111111111111111', '1111'],
    ['****', null],
    [null, null],
  ])('of %p the last four are %p', async (masked_pan, last4) => {
    const { rows } = await page('payments', { data: [payment('p1', { masked_pan })], has_more: false });
    expect(((rows[0] as GoodRow).record as PaymentRecord).cardLast4).toBe(last4);
  });

  it.each<[object, string]>([
    [{ amount_minor: 12.5 }, 'amount_minor'],
    [{ amount_minor: null }, 'amount_minor'],
    [{ currency: 'pounds' }, 'currency'],
    [{ type: 'gift' }, 'type'],
    [{ status: null }, 'status'],
  ])('%j goes to quarantine', async (more, path) => {
    expect((await page('payments', { data: [payment('p1', more)], has_more: false })).rows[0]).toMatchObject({
      externalId: 'p1',
      path,
    });
  });

  it('pages by the last id, and ends by has_more or by a short page', async () => {
    const full = Array.from({ length: 100 }, (_, index) => payment(`p${index}`));
    const first = await page('payments', { data: full, has_more: true });
    expect(first.asked[0]!.query.toString()).toBe('limit=100');
    expect(first.next).toMatch(/:p99$/);
    const second = await page('payments', { data: [payment('p100')] }, { position: first.next });
    expect(second.asked[0]!.query.get('starting_after')).toBe('p99');
    expect(second.next).toBeNull();
    expect((await page('payments', { data: full })).next).toMatch(/:p99$/);
    expect((await page('payments', { data: full, has_more: false })).next).toBeNull();
    expect((await page('payments', { data: full.slice(0, 20), meta: { has_more: true } })).next).toMatch(/:p19$/);
    expect((await page('payments', { data: full.slice(0, 20), meta: { limit: 20 } })).next).toMatch(/:p19$/);
    expect((await page('payments', { data: full.slice(0, 19), meta: { limit: 20 } })).next).toBeNull();
  });

  it('a list that knows offsets only is read by them', async () => {
    const all = Array.from({ length: 150 }, (_, index) => payment(`p${index}`));
    const http = new StubHttp((_path, query) => {
      const from = Number(query.get('offset') ?? 0);
      return { body: { data: all.slice(from, from + 100) } };
    });
    const first = await streamOf('payments').fetchPage(stubCall(http, BASE), fullScan);
    const second = await streamOf('payments').fetchPage(stubCall(http, BASE), { ...fullScan, position: first.next });
    expect([...first.rows, ...second.rows].map(({ externalId }) => externalId)).toEqual(all.map(({ id }) => id));
    expect(second.next).toBeNull();
  });

  it('a provider that ignores starting_after does not send us round in circles', async () => {
    const data = [payment('p1'), payment('p2')];
    await expect(page('payments', { data, has_more: true }, { position: ':2:p2' })).rejects.toMatchObject({
      verdict: 'contract',
    });
    await expect(page('payments', { data: [], has_more: true })).rejects.toMatchObject({ verdict: 'contract' });
  });

  it('stops where rows are older than what can still change', async () => {
    const data = [payment('p2'), payment('p1', { created_at: '2026-05-01T10:00:00Z' })];
    const scan = (since: string) =>
      page('payments', { data, has_more: true }, { scan: 'incremental', since: new Date(since) });
    expect((await scan('2026-05-02T00:00:00Z')).next).toBeNull();
    expect((await scan('2026-04-01T00:00:00Z')).next).toMatch(/:p1$/);
    expect((await page('payments', { data, has_more: true }, { floor: new Date('2026-05-02') })).rows).toHaveLength(1);
  });
});
