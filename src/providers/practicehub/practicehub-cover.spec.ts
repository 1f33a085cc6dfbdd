import { fullScan, stubCall, StubHttp, type StubAnswer } from '../../../test/contract/provider-stub';
import type { GoodRow } from '../provider';
import type { InvoiceRecord } from '../records';
import { PracticeHubAdapter } from './practicehub.adapter';

const BASE = 'https://clinic.practicehub.io/api';
const DAY = '2026-05-04';
type Row = Record<string, unknown>;

const invoice = (id: number, more: Row = {}) => ({
  ...{ id, appointment_id: null, patient_id: '7', total: '44.00', created: `${DAY} 09:00:00` },
  ...more,
});
const payment = (id: number, more: Row = {}) => ({
  ...{ id, amount: '44.00', payment_type_id: '1', patient_id: '7', note: '', created: `${DAY} 23:30:00` },
  ...more,
});
const allocation = (invoice_id: string, payment_id: string, amount: unknown) => ({
  id: 1,
  invoice_id,
  payment_id,
  amount,
});

interface Account {
  readonly invoices: readonly Row[];
  readonly payments?: readonly Row[];
  /** Absent: the account has no such list. */
  readonly payment_allocations?: readonly Row[];
}

/** An account that takes a filter by ids, and reads no other. */
function answers(
  account: Account,
  spoil: (path: string, query: URLSearchParams) => StubAnswer | undefined = () => undefined,
) {
  return (path: string, query: URLSearchParams): StubAnswer => {
    const spoilt = spoil(path, query);
    if (spoilt) return spoilt;
    const [, list, id] = /\/api\/(\w+)(?:\/(\w+))?$/.exec(path)!;
    const rows = { payments: [], ...account }[list as keyof Account];
    if (rows === undefined) return { status: 404, body: { message: 'no such path' } };
    if (id !== undefined) return { body: { data: rows.find((row) => String(row['id']) === id) } };
    const wanted = rows.filter((row) =>
      ['invoice_id', 'payment_id'].every((field) => {
        const ids = query.get(field)?.replace('in:', '').split(',');
        return ids === undefined || ids.includes(String(row[field]));
      }),
    );
    return { body: { data: wanted, total_entries: wanted.length, links: {} } };
  };
}

const stream = new PracticeHubAdapter({ liveHostSuffixes: null }).streams.find(({ key }) => key === 'invoices')!;

async function shown(...args: Parameters<typeof answers>): Promise<Record<string, string>> {
  const { rows } = await stream.fetchPage(stubCall(new StubHttp(answers(...args)), BASE), fullScan);
  return Object.fromEntries(
    (rows as GoodRow[]).map(({ externalId, record, store }) => {
      const { status, statusSource, balanceMinor } = record as InvoiceRecord;
      return [externalId, `${status} ${statusSource} ${balanceMinor} ${store}`];
    }),
  );
}

const PAID = 'paid derived 0 always';
const UNKNOWN = 'unknown unknown null always';

describe('an invoice without a status is paid', () => {
  it.each<[string, Account]>([
    [
      'that one payment of the patient, day and amount is there for',
      { invoices: [invoice(1)], payments: [payment(8)], payment_allocations: [] },
    ],
    [
      'on an account without allocations too',
      { invoices: [invoice(1), invoice(2, { patient_id: '8' })], payments: [payment(8)] },
    ],
    [
      'that an allocation names, whenever it was paid',
      { invoices: [invoice(1)], payment_allocations: [allocation('1', '8', '44.00')] },
    ],
    [
      'that several allocations cover together',
      { invoices: [invoice(1)], payment_allocations: [allocation('1', '8', '40.00'), allocation('1', '9', 4)] },
    ],
  ])('%s', async (_what, account) => {
    expect((await shown(account))['1']).toBe(PAID);
  });
});

it.each<[string, StubAnswer]>([
  ['refuses a filter by creation', { status: 400, body: { message: 'no' } }],
  ['returns nothing for one', { body: { data: [], total_entries: 0, links: {} } }],
])('also on an account that %s', async (_what, answer) => {
  const account = { invoices: [invoice(1)], payments: [payment(8)] };
  expect(await shown(account, (_path, query) => (query.has('created') ? answer : undefined))).toEqual({ 1: PAID });
});

describe('an invoice without a status stays unknown', () => {
  it.each<[string, Account]>([
    ['without a payment', { invoices: [invoice(1)] }],
    ['of another amount', { invoices: [invoice(1)], payments: [payment(8, { amount: '43.99' })] }],
    ['of another patient', { invoices: [invoice(1)], payments: [payment(8, { patient_id: '8' })] }],
    ['of another day', { invoices: [invoice(1)], payments: [payment(8, { created: '2026-05-05 00:10:00' })] }],
    ['whose payment could be for another one too', { invoices: [invoice(1), invoice(2)], payments: [payment(8)] }],
    ['that two payments could be for', { invoices: [invoice(1)], payments: [payment(8), payment(9)] }],
    ['whose payment went back', { invoices: [invoice(1)], payments: [payment(8), payment(9, { amount: '-44.00' })] }],
    [
      'whose payment is allocated to another one',
      { invoices: [invoice(1)], payments: [payment(8)], payment_allocations: [allocation('5', '8', '44.00')] },
    ],
    [
      'that is allocated only a part',
      { invoices: [invoice(1)], payments: [payment(8)], payment_allocations: [allocation('1', '9', '40.00')] },
    ],
    [
      'where an allocation cannot be understood',
      { invoices: [invoice(1)], payments: [payment(8)], payment_allocations: [allocation('1', '9', 'much')] },
    ],
    ['of nothing', { invoices: [invoice(1, { total: '0.00' })], payments: [payment(8, { amount: '0.00' })] }],
  ])('%s', async (_what, account) => {
    expect((await shown(account))['1']).toBe(UNKNOWN);
  });

  const COVERED: Account = { invoices: [invoice(1)], payments: [payment(8)], payment_allocations: [] };
  it.each(['payments', 'payment_allocations'])('where the list of %s is refused', async (list) => {
    const refused = { status: 400, body: { message: 'no' } };
    expect(await shown(COVERED, (path) => (path.endsWith(list) ? refused : undefined))).toEqual({ 1: UNKNOWN });
  });

  it('where more payments come than are looked at', async () => {
    const endless = { body: { data: [payment(8)], links: { next: '/more' } } };
    expect(await shown(COVERED, (path) => (path.endsWith('payments') ? endless : undefined))).toEqual({ 1: UNKNOWN });
  });

  it('an outage is no answer', async () => {
    const down = (path: string) => (path.endsWith('payments') ? { status: 503, body: {} } : undefined);
    await expect(shown(COVERED, down)).rejects.toMatchObject({ verdict: 'provider_down' });
  });
});

it('what the provider says is never changed, and costs no further call', async () => {
  const http = new StubHttp(answers({ invoices: [invoice(1, { status: 'sent' })], payments: [payment(8)] }));
  const { rows } = await stream.fetchPage(stubCall(http, BASE), fullScan);
  expect(rows).toMatchObject([{ record: { status: 'open', statusSource: 'provider' } }]);
  expect(http.asked).toHaveLength(1);
});

it('one that is asked for by its id is told as its list tells it', async () => {
  const http = new StubHttp(answers({ invoices: [invoice(1)], payments: [payment(8)] }));
  expect(await stream.fetchOne!(stubCall(http, BASE), '1')).toMatchObject({ record: { statusSource: 'derived' } });
});

it('payments are asked for by the days of the page, and one more on either side', async () => {
  const http = new StubHttp(answers({ invoices: [invoice(1), invoice(2, { created: '2026-05-09 10:00:00' })] }));
  await stream.fetchPage(stubCall(http, BASE), fullScan);
  const asked = http.asked.find(({ path }) => path.endsWith('/payments'))!;
  expect(asked.query.get('created')).toBe('between:2026-05-03 00:00:00,2026-05-10 23:59:59');
});
