import { listOf, page, row } from '../../../test/contract/practicehub-pages';
import type { ProviderSettings } from '../provider';
import type { CustomerRecord, InvoiceRecord, PaymentRecord, ProductRecord } from '../records';

describe('patients', () => {
  it('become customers with billing-safe fields only', async () => {
    const clinical = {
      date_of_birth: '1980-01-01',
      gender: 'F',
      notes: 'CLINICAL',
      medical_history: 'CLINICAL',
      medications: ['CLINICAL'],
      nhs_number: 'CLINICAL',
      emergency_contact: { name: 'CLINICAL' },
      practitioner_id: '4',
      occupation: 'CLINICAL',
      referral: 'CLINICAL',
    };
    const patient = await row<CustomerRecord>('patients', {
      id: 12,
      patient_number: 'P00012',
      first_name: ' Jane ',
      last_name: 'Doe',
      email: 'jane@example.org',
      mobile: 'not here',
      numbers: [
        { number: 'ask reception', iso2: null },
        { number: '07700 900001', iso2: 'GB' },
      ],
      address_1: '1 High St',
      city: 'Leeds',
      postcode: 'LS1 1AA',
      country: 'GB',
      active: 0,
      updated: '2026-05-05 10:00:00',
      ...clinical,
    });
    expect(patient).toEqual({
      externalId: '12',
      record: {
        name: 'Jane Doe',
        firstName: 'Jane',
        lastName: 'Doe',
        email: 'jane@example.org',
        phone: '+447700900001',
        address: { line1: '1 High St', line2: null, city: 'Leeds', region: null, postalCode: 'LS1 1AA', country: 'GB' },
        externalReference: 'P00012',
        active: false,
      },
      sourceUpdatedAt: new Date('2026-05-05T10:00:00Z'),
      store: 'always',
      digest: expect.stringMatching(/^[\w-]{28}$/),
    });
  });

  it('may lack almost everything', async () => {
    expect(await row('patients', { id: 1 })).toMatchObject({
      externalId: '1',
      record: { name: null, email: null, address: null, active: true },
      sourceUpdatedAt: null,
    });
  });
});

describe('services, products and packages', () => {
  it('keep their equal ids apart, and take prices as text or number', async () => {
    const [service, product, bundle] = await Promise.all([
      row<ProductRecord>('services', { id: 1, name: 'Massage', price: '45.00' }),
      row<ProductRecord>('products', { id: 1, name: 'Balm', price: 9.99, active: 0 }),
      row<ProductRecord>('packages', { id: 1, name: 'Ten', price: 87.5, visits: 10, package_type: 'visits' }),
    ]);
    expect([service, product, bundle].map(({ externalId }) => externalId)).toEqual([
      'service:1',
      'product:1',
      'package:1',
    ]);
    expect([service, product, bundle].map(({ record }) => record.amountMinor)).toEqual([4500, 999, 8750]);
    expect(product.record.active).toBe(false);
    expect(bundle.record).toMatchObject({
      kind: 'package',
      visits: 10,
      packageType: 'visits',
      customerExternalId: null,
    });
  });

  it.each<[object, string | null, string[] | undefined]>([
    [{ patient_id: '7', subscribed_patients: [{ patient_id: '8' }] }, '7', ['7', '8']],
    [{ patient_id: '7', subscribed_patients: [{ patient_id: 7 }] }, '7', undefined],
    [{ patient_id: null, subscribed_patients: [{ patient_id: 8 }] }, '8', undefined],
    [{ patient_id: null, subscribed_patients: [{ patient_id: 8 }, { patient_id: '9' }] }, null, ['8', '9']],
    [{ patient_id: '0', subscribed_patients: [] }, null, undefined],
    [{ subscribed_patients: null }, null, undefined],
    [{}, null, undefined],
  ])('the owner in %j is %s, of all holders %j', async (raw, owner, all) => {
    const bundle = await row<ProductRecord>('packages', { id: 1, name: 'Ten', price: 1, ...raw });
    expect(bundle.record.customerExternalId).toBe(owner);
    expect(bundle.record.customerExternalIds).toEqual(all);
  });

  it('a price may be missing, a name may not', async () => {
    expect((await row<ProductRecord>('services', { id: 1, name: 'x' })).record.amountMinor).toBeNull();
    expect((await page('services', () => listOf([{ id: 1, price: '1.00' }]))).rows[0]).toMatchObject({ path: 'name' });
  });
});

describe('invoices', () => {
  const invoice = (more: object, settings: Partial<ProviderSettings> = {}) =>
    row<InvoiceRecord>(
      'invoices',
      { id: 5, patient_id: '12', total: '44.00', created: '2026-05-05 10:00:00', ...more },
      settings,
    );

  it.each<[unknown, string, string]>([
    ['sent', 'open', 'always'],
    ['partial', 'partial', 'always'],
    ['overdue', 'overdue', 'always'],
    ['Overdue', 'overdue', 'always'],
    [undefined, 'unknown', 'always'],
    [null, 'unknown', 'always'],
    ['paid', 'paid', 'if_known'],
    ['void', 'void', 'if_known'],
    ['draft', 'draft', 'always'],
  ])('status %s is %s, stored %s', async (status, ours, store) => {
    expect(await invoice({ status })).toMatchObject({ record: { status: ours }, store });
  });

  it('nobody can say of one without status and balance whether it is owed', async () => {
    expect((await invoice({})).record).toMatchObject({
      status: 'unknown',
      statusSource: 'unknown',
      balanceMinor: null,
      refundedMinor: 0,
    });
  });

  it.each<[string, string, number, string]>([
    ['44.00', 'open', 4400, 'always'],
    ['4.50', 'partial', 450, 'always'],
    ['0.00', 'paid', 0, 'if_known'],
    ['-1.00', 'paid', -100, 'if_known'],
  ])('without a status a balance of %s says %s', async (balance, status, balanceMinor, store) => {
    expect(await invoice({ balance })).toMatchObject({
      record: { status, statusSource: 'provider', balanceMinor },
      store,
    });
  });

  it('number, due date and balance are taken where they are', async () => {
    const full = await invoice({ invoice_number: 'INV-5', due_date: '2026-05-19', balance: '4.50', updated: null });
    expect(full.record).toMatchObject({
      number: 'INV-5',
      balanceMinor: 450,
      dueAt: '2026-05-19T00:00:00.000Z',
      customerExternalId: '12',
    });
    expect((await invoice({})).record).toMatchObject({ number: null, balanceMinor: null, dueAt: null, lines: [] });
    expect((await invoice({ total: undefined, amount: '7.00' })).record.totalMinor).toBe(700);
  });

  it.each<[object, string | null]>([
    [{ service_id: 1 }, 'service:1'],
    [{ product_id: '1' }, 'product:1'],
    [{ package_id: 1, product_id: null }, 'package:1'],
    [{ item_id: 1, item_type: 'Service' }, 'service:1'],
    [{ item_id: 1, type: 'visit' }, '1'],
    [{ item_id: 1, type: { id: 3 } }, '1'],
    [{ id: 1 }, '1'],
    [{}, null],
  ])('the item %j is %s: each kind counts from 1', async (item, externalItemId) => {
    const { lines } = (await invoice({ items: [{ ...item, price: '4.00' }] })).record;
    expect(lines).toEqual([{ externalItemId, description: null, quantity: 1, amountMinor: 400 }]);
  });

  it('times without a zone are read in the merchant’s', async () => {
    expect((await invoice({}, { timezone: 'Europe/London' })).record.issuedAt).toBe('2026-05-05T09:00:00.000Z');
    expect((await invoice({}, { timezone: null })).record.issuedAt).toBe('2026-05-05T10:00:00.000Z');
  });

  it.each<[object, string]>([
    [{ status: 'haunted' }, 'status'],
    [{ total: 'a lot' }, 'total'],
    [{ total: null }, 'total'],
    [{ total: '44.001' }, 'total'],
    [{ created: 'yesterday' }, 'created'],
    [{ balance: {} }, 'balance'],
    [{ patient_id: [1] }, 'patient_id'],
  ])('%j goes to quarantine by its path', async (more, path) => {
    const bad = (await invoice(more)) as unknown as { path: string; externalId: string; rowDigest: string };
    expect(bad).toMatchObject({ path, externalId: '5', rowDigest: expect.stringMatching(/^[0-9a-f]{64}$/) });
  });
});

describe('payments', () => {
  const payment = (more: object) =>
    row<PaymentRecord>('payments', {
      id: 3,
      amount: '44.00',
      payment_type_id: '2',
      patient_id: '12',
      created: '2026-05-05 10:00:00',
      ...more,
    });

  it('come in with amount, method, payer and time, and without their note', async () => {
    const { record } = await payment({ note: 'paid by her sister', service: 'Massage' });
    expect(record).toEqual({
      invoiceExternalId: null,
      customerExternalId: '12',
      amountMinor: 4400,
      refundedMinor: 0,
      currency: 'GBP',
      method: '2',
      paidAt: '2026-05-05T10:00:00.000Z',
      status: 'paid',
      origin: 'provider',
    });
  });

  it.each<[string | null, string]>([
    ['interlock:abc-1', 'interlock'],
    ['Web shop. interlock:abc-1', 'interlock'],
    ['not-interlock:abc', 'provider'],
    ['interlock: thanks', 'provider'],
    [null, 'provider'],
  ])('note %j: origin %s', async (note, origin) => {
    expect((await payment({ note })).record.origin).toBe(origin);
  });

  it('money that went back is a refund', async () => {
    expect((await payment({ amount: '-5.00' })).record).toMatchObject({ amountMinor: 500, status: 'refunded' });
  });
});
