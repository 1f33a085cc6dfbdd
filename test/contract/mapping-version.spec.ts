import { isBadRow, understood, type Stream } from '../../src/providers';
import { createAdapter } from '../../src/providers/adapters';
import { PRACTICEHUB_MAPPING_VERSION as PRACTICEHUB } from '../../src/providers/practicehub/practicehub-mapping';
import { WODIFY_MAPPING_VERSION as WODIFY } from '../../src/providers/wodify/wodify-mapping';
import { canonicalRecord, sha256 } from '../../src/sync/content-hash';
import { fullScan, stubCall, StubHttp } from './provider-stub';

const TIMES = { created: '2026-05-01 09:00:00', updated: '2026-06-02 10:30:00' };
const PATIENTS = [
  {
    ...{ id: 1, patient_number: 'P1', first_name: ' Jane ', last_name: 'Doe', email: 'jane@example.org' },
    ...{
      numbers: [{ number: '07700 900001', iso2: 'GB' }],
      address_1: '1 High St',
      city: 'Leeds',
      region: 'Yorkshire',
      postcode: 'LS1',
    },
    ...{ country: 'GB', active: 0, ...TIMES },
  },
  {
    id: '2',
    name: 'A practice\u0000 ltd',
    firstname: 'Zoë',
    numbers: [{ number: '1' }],
    address: 'a',
    address_line_2: 'b',
    town: 'c',
  },
  { id: 3, email: '', state: 'NSW', zip: 2000, home_phone: 1234 },
];
const PRODUCTS = [
  { id: 1, name: 'Massage', price: '45.00', active: 1, ...TIMES },
  { id: 2, title: 'Ten visits', amount: 300, visits: '10', patient_id: 7, interval: 'month', package_type: 'x' },
  {
    id: 3,
    name: 'On offer',
    fee: '9.99',
    currency: 'EUR',
    subscribed_patients: [{ patient_id: '8' }],
    charge_type: 'y',
  },
];
const INVOICES = [
  {
    ...{ id: 1, invoice_number: 'I1', patient_id: 7, status: 'Sent', total: '120.50', balance: '20.50', ...TIMES },
    ...{ due_date: '2026-07-01', items: [{ service_id: 3, description: 'A', quantity: '2', total: '120.50' }] },
  },
  {
    id: 2,
    number: 'I2',
    status: 'paid',
    amount: 10,
    currency: 'EUR',
    lines: [{ item_id: 4, item_type: 'product', price: 10 }],
  },
  { id: 3, total: '1', line_items: [{ id: 5, name: 'B', amount: '1' }] },
];
const PAYMENTS = [
  {
    id: 1,
    amount: '10.00',
    patient_id: 7,
    invoice_id: 1,
    payment_type_id: 2,
    paid_at: '2026-05-03 12:00:00',
    note: 'interlock:x',
  },
  { id: 2, total: -5, payment_method_id: '3', payment_date: '2026-05-04' },
];
const WODIFY_INVOICES = [
  {
    ...{ id: 1, invoice_number: 'W1', client_id: 7, invoice_header_status: 'Unpaid', final_charge: '50.00' },
    ...{
      created_on_datetime: '2026-05-01T09:00:00',
      updated_on_datetime: '2026-06-02T10:30:00',
      payment_due: '2026-07-01',
    },
    invoice_details: [{ product_id: 3, product: 'Drop-in', quantity: 1, final_charge: '50.00' }],
  },
  {
    id: 2,
    invoice_header_status: 'Partially Refunded',
    final_charge: 20,
    invoice_details: [{ description: 'x', sales_price: '20' }],
  },
  {
    ...{ id: 3, invoice_header_status: 'Partially Refunded', final_charge: 15, final_refunded_amount: -5 },
    invoice_details: [{ description: 'x', sales_price: '20' }],
  },
];

/** What a stream makes of the rows, in one line. */
async function recordsOf(stream: Stream, answer: (path: string) => object): Promise<string> {
  const http = new StubHttp((path) => ({ body: answer(path) }));
  const call = stubCall(http, 'https://provider.example/api', { currency: 'GBP', timezone: 'Europe/London' });
  const { rows } = await stream.fetchPage(call, fullScan);
  const made = rows.map(understood).map((row) => {
    if (isBadRow(row)) throw new Error(`${stream.key}: ${row.path} ${row.reason}`);
    return [row.externalId, row.record, row.sourceUpdatedAt?.toISOString() ?? null, row.store];
  });
  return sha256(canonicalRecord(made)).slice(0, 16);
}

/**
 * A row that comes with a known digest is not mapped again: what is stored stays as an older mapping made it, unless
 * its version tells the digests apart. Whoever changes what a row becomes raises the version, and pins the records
 * anew.
 */
describe('a change of a mapping raises its version', () => {
  it('of PracticeHub', async () => {
    const rowsOf: Record<string, object[]> = { patients: PATIENTS, invoices: INVOICES, payments: PAYMENTS };
    const records: Record<string, string> = {};
    for (const stream of createAdapter('practicehub').streams) {
      const data = rowsOf[stream.key] ?? PRODUCTS;
      records[stream.key] = await recordsOf(stream, () => ({
        data,
        total_entries: data.length,
        links: { next: null },
      }));
    }
    expect({ version: PRACTICEHUB, records }).toEqual({
      version: 3,
      records: {
        invoices: '2cb14749b9eafee8',
        packages: '5ad05f67de0f3283',
        patients: '7a9ed386935fa11d',
        payments: 'ea56da37d72a0ce6',
        products: 'f0a18addb3e7b17d',
        services: '37f5438d6439d3bb',
      },
    });
  });

  it('of Wodify’s invoices', async () => {
    const stream = createAdapter('wodify').streams.find(({ key }) => key === 'invoices')!;
    const records = await recordsOf(stream, (path) =>
      path.endsWith('/invoices')
        ? { invoices: WODIFY_INVOICES, pagination: { has_more: false } }
        : { invoice: WODIFY_INVOICES.find(({ id }) => path.endsWith(`/${id}`)) },
    );
    expect({ version: WODIFY, records }).toEqual({ version: 3, records: 'bd1583a68dde4e86' });
  });
});
