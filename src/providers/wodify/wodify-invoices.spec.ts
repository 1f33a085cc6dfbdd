import { fullScan, stubCall, StubHttp, type StubAnswer } from '../../../test/contract/provider-stub';
import { BASE, created, invoice, page, shop, streamOf } from '../../../test/contract/wodify-pages';
import { EMPTY_CURSOR } from '../../sync/cursor';
import { planScan } from '../../sync/scan-plan';
import type { GoodRow, PageRequest } from '../provider';
import type { InvoiceRecord, PaymentRecord } from '../records';
import { digestSeed, listedDigest } from '../row';
import { WODIFY_MAPPING_VERSION } from './wodify-mapping';

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
      statusSource: 'provider',
      currency: 'GBP',
      totalMinor: 8750,
      balanceMinor: 0,
      refundedMinor: 0,
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
    ['Deleted', 'void', 0],
    ['Partially Paid', 'partial', null],
  ])('%s is %s', async (invoice_header_status, status, balanceMinor) => {
    expect(await record({ invoice_header_status })).toMatchObject({ status, balanceMinor });
  });

  it.each<[string, object, object]>([
    [
      'owed in part',
      { invoice_header_status: 'Partially Paid', final_charge: 150, paid_amount: 50, unpaid_amount: 100 },
      { status: 'partial', totalMinor: 15000, balanceMinor: 10000, refundedMinor: 0 },
    ],
    [
      'called unpaid although part of it is paid',
      { invoice_header_status: 'Unpaid', final_charge: 150, paid_amount: 50, unpaid_amount: 100 },
      { status: 'open', totalMinor: 15000, balanceMinor: 10000 },
    ],
    [
      'refunded, with the refund in place of the total',
      { invoice_header_status: 'Refunded', final_charge: 0, paid_amount: 0, final_refunded_amount: -364 },
      { status: 'refunded', totalMinor: 36400, balanceMinor: 0, refundedMinor: 36400 },
    ],
    [
      'refunded, with its lines only to say what it was',
      { invoice_header_status: 'Refunded', final_charge: 0 },
      { status: 'refunded', totalMinor: 8750, balanceMinor: 0, refundedMinor: 8750 },
    ],
    [
      'refunded in part',
      { invoice_header_status: 'Partially Refunded', paid_amount: 87.5, final_refunded_amount: -20 },
      { status: 'paid', totalMinor: 8750, balanceMinor: 0, refundedMinor: 2000 },
    ],
    [
      'refunded in part, with what is left in place of the total and of what was paid',
      {
        invoice_header_status: 'Partially Refunded',
        final_charge: 67.5,
        paid_amount: 67.5,
        final_refunded_amount: -20,
      },
      { status: 'paid', totalMinor: 8750, balanceMinor: 0, refundedMinor: 2000 },
    ],
    [
      'refunded in part, with what is left in place of the total',
      {
        invoice_header_status: 'Partially Refunded',
        ...{ final_charge: 80, paid_amount: 100, final_refunded_amount: -20, invoice_details: [] },
      },
      { status: 'paid', totalMinor: 10000, refundedMinor: 2000 },
    ],
    [
      'refunded in part, with a total that nothing else speaks of',
      {
        invoice_header_status: 'Partially Refunded',
        ...{ final_charge: 80, paid_amount: 80, final_refunded_amount: -20, invoice_details: [] },
      },
      { status: 'paid', totalMinor: 8000, refundedMinor: 2000 },
    ],
    [
      'refunded in part, nobody says how much',
      { invoice_header_status: 'Partially Refunded' },
      { status: 'paid', totalMinor: 8750, balanceMinor: 0, refundedMinor: null },
    ],
    [
      'deleted while it was owed',
      { invoice_header_status: 'Deleted', unpaid_amount: 87.5 },
      { status: 'void', totalMinor: 8750, balanceMinor: 0, refundedMinor: 0 },
    ],
  ])('one that is %s', async (_what, more, expected) => {
    expect(await record(more)).toMatchObject(expected);
  });

  it('instants are UTC, also without a Z and whatever the gym’s zone; days are the gym’s', async () => {
    const row = invoice(501, { created: { created_on_datetime: '2026-05-05T10:00:00' } });
    const call = stubCall(new StubHttp(shop([row])), BASE, { currency: 'USD', timezone: 'America/New_York' });
    const { rows } = await streamOf('invoices').fetchPage(call, fullScan);
    expect((rows[0] as GoodRow).record).toMatchObject({
      issuedAt: '2026-05-05T10:00:00.000Z',
      dueAt: '2026-05-12T04:00:00.000Z',
    });
  });

  it('an order that is refused is not asked for again in that scan, and the list is read to its end', async () => {
    const rows = [invoice(1, created('01-01')), invoice(9, created('05-09'))];
    const answer = (path: string, query: URLSearchParams): StubAnswer =>
      query.has('sort') ? { body: { HTTPCode: 400, UserMessage: 'cannot sort' } } : shop(rows, true)(path);
    const first = await page('invoices', answer, { scan: 'incremental', since: new Date('2026-05-05') });
    expect(first).toMatchObject({ orderIgnored: true });
    const second = await page('invoices', answer, { position: first.next });
    expect(second.asked.filter(({ query }) => query.has('sort'))).toEqual([]);
  });

  it('one that is followed comes with its payment', async () => {
    const follow = (rows: { id: number }[]) =>
      streamOf('invoices').followUp!(stubCall(new StubHttp(shop(rows)), BASE), '7');
    expect(await follow([invoice(7)])).toMatchObject([
      { stream: 'invoices', row: { externalId: '7', record: { status: 'paid' } } },
      { stream: 'invoice_payments', row: { externalId: 'invoice:7', record: { amountMinor: 8750 } } },
    ]);
    expect(await follow([invoice(7, { invoice_header_status: 'Unpaid' })])).toMatchObject([{ stream: 'invoices' }]);
    expect(await follow([])).toEqual([]);
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
    expect((await page('invoices', shop(rows, true), since('04-01'))).next).toMatch(/^2~:/);
    expect((await page('invoices', shop(rows, true), { floor: new Date('2026-05-05') })).rows).toHaveLength(2);
  });

  it.each(['invoices', 'invoice_payments'])(
    'are read again for the 45 days in which they change unannounced (%s)',
    async (key) => {
      const day = 86_400_000;
      const now = new Date('2026-05-20T00:00:00Z');
      const read = { readAs: 'seed', readBackTo: '2025-01-01T00:00:00.000Z', fullScanAt: now.toISOString() };
      const cursor = { ...EMPTY_CURSOR, ...read, watermark: now.toISOString() };
      const plan = { readAs: 'seed', now, runId: 'run', fullResync: false, lookbackDays: 365, timezone: 'UTC' };
      const { since } = planScan({ ...plan, stream: streamOf(key), cursor });
      const goesOn = async (daysAgo: number): Promise<boolean> => {
        const ago = (days: number) => new Date(now.getTime() - days * day).toISOString();
        const rows = [daysAgo - 1, daysAgo].map((days) =>
          invoice(days, { created: { created_on_datetime: ago(days) } }),
        );
        const request = { scan: 'incremental', since: new Date(since!) } as const;
        return (await page(key, shop(rows, true), request)).next !== null;
      };
      expect([await goesOn(45), await goesOn(46)]).toEqual([true, false]);
    },
  );

  it('an order that is not kept is no reason to stop', async () => {
    const rows = [invoice(1, created('01-01')), invoice(9, created('05-09')), invoice(2, created('01-02'))];
    const result = await page('invoices', shop(rows, true), { scan: 'incremental', since: new Date('2026-05-05') });
    expect(result).toMatchObject({ next: expect.stringMatching(/^2~:/), orderIgnored: true });
  });

  it('only new and changed ones cost a call; the others are said to be unchanged', async () => {
    const rows = [invoice(9), invoice(8), invoice(7)];
    const digest = (row: object) =>
      listedDigest(JSON.stringify(row), digestSeed(WODIFY_MAPPING_VERSION, { currency: 'GBP', timezone: 'UTC' }));
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

  it.each(['invoices', 'invoice_payments'])(
    'of %s one that is listed, and not found by its id, is set aside',
    async (key) => {
      const refunded = { invoice_header_status: 'Refunded', final_charge: 0 };
      const current = shop([invoice(9, refunded), invoice(8, refunded)]);
      const { rows } = await page(key, (path) => (path.endsWith('/9') ? { status: 404, body: {} } : current(path)));
      const externalIds = key === 'invoices' ? ['9', '8'] : ['invoice:9', 'invoice:8'];
      expect(rows.map(({ externalId }) => externalId).toSorted()).toEqual(externalIds.toSorted());
      expect(rows.find(({ externalId }) => externalId === externalIds[0])).toMatchObject({
        reason: 'cannot be read by its id (contract)',
      });
    },
  );

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
  it('are whatever was taken; one that was voided follows what is known', async () => {
    const { rows } = await page(
      'invoice_payments',
      shop([
        invoice(1),
        invoice(2, { invoice_header_status: 'Unpaid' }),
        invoice(3, { invoice_header_status: 'Refunded', final_charge: 0, final_refunded_amount: -87.5 }),
        invoice(4, { invoice_header_status: 'Partially Refunded', final_refunded_amount: -7.5 }),
        invoice(5, { invoice_header_status: 'Voided', paid_on_date: '1900-01-01' }),
        invoice(6, { invoice_header_status: 'Partially Paid', paid_amount: 50, unpaid_amount: 37.5 }),
        invoice(7, { invoice_header_status: 'Partially Paid', unpaid_amount: 37.5 }),
        invoice(8, { invoice_header_status: 'Unpaid', paid_amount: 10, unpaid_amount: 77.5 }),
        invoice(9, { invoice_header_status: 'Partially Paid' }),
      ]),
    );
    const shown = rows.map((row) => {
      const { status, amountMinor, refundedMinor } = (row as GoodRow).record as PaymentRecord;
      return [row.externalId, status, amountMinor, refundedMinor, (row as GoodRow).store];
    });
    expect(shown.toSorted()).toEqual([
      ['invoice:1', 'paid', 8750, 0, 'always'],
      ['invoice:3', 'refunded', 8750, 8750, 'always'],
      ['invoice:4', 'paid', 8750, 750, 'always'],
      ['invoice:5', 'void', 8750, 0, 'if_known'],
      ['invoice:6', 'paid', 5000, 0, 'always'],
      ['invoice:7', 'paid', 5000, 0, 'always'],
      ['invoice:8', 'paid', 1000, 0, 'always'],
    ]);
    expect((rows[0] as GoodRow).record).toMatchObject({
      invoiceExternalId: '1',
      paidAt: '2026-05-06T00:00:00.000Z',
    });
  });

  it('of a refunded invoice whose list row does not say what it was, the single one does', async () => {
    const answer = shop([invoice(3, { invoice_header_status: 'Refunded', final_charge: 0 }), invoice(1)]);
    const { rows, asked } = await page('invoice_payments', answer);
    expect(asked.map(({ path }) => path)).toEqual(['/v1/financials/invoices', '/v1/financials/invoices/3']);
    expect(rows).toContainEqual(
      expect.objectContaining({ record: expect.objectContaining({ amountMinor: 8750, refundedMinor: 8750 }) }),
    );
  });

  it('of an invoice that was refunded in part and may show what is left, the single one says it, once', async () => {
    const left = { final_charge: 67.5, paid_amount: 67.5, final_refunded_amount: -20 };
    const answer = shop([invoice(3, { invoice_header_status: 'Partially Refunded', ...left }), invoice(1)]);
    const first = await page('invoice_payments', answer);
    expect(first.asked.map(({ path }) => path)).toEqual(['/v1/financials/invoices', '/v1/financials/invoices/3']);
    const row = first.rows.find(({ externalId }) => externalId === 'invoice:3') as GoodRow;
    expect(row.record).toMatchObject({ amountMinor: 8750, refundedMinor: 2000 });
    const second = await page('invoice_payments', answer, {
      asStored: async (rows) =>
        rows.map(({ externalId, digest }) => externalId === 'invoice:3' && digest === row.digest),
    });
    expect(second.asked.map(({ path }) => path)).toEqual(['/v1/financials/invoices']);
    expect(second).toMatchObject({ unchanged: ['invoice:3'], rows: [{ externalId: 'invoice:1' }] });
  });

  it('an invoice that is owed again carries none', async () => {
    const call = stubCall(new StubHttp(() => ({ body: invoice(1, { invoice_header_status: 'Unpaid' }) })), BASE);
    expect(await streamOf('invoice_payments').fetchOne!(call, 'invoice:1')).toBe('gone');
  });
});
