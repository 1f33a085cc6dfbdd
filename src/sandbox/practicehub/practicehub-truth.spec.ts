import { createSandbox, type TrueRecord } from '../index';

const sizes = { '*': 0, patients: 20, payment_methods: 4 };

describe('the truth of a PracticeHub account', () => {
  const { practicehub } = createSandbox({ reference: Date.UTC(2026, 5, 1), now: () => Date.UTC(2026, 5, 1, 12) });

  beforeEach(() => practicehub.reset({ sizes }));

  const invoice = (fields: object): string => {
    const usual = { patient_id: '7', total: '44.00' };
    const [id] = practicehub.create({
      resource: 'invoices',
      fields: { ...usual, ...fields },
      unset: ['amount', ...('amount' in fields ? ['total'] : [])].filter((name) => !(name in fields)),
    });
    return String(id);
  };
  const pay = (fields: object = {}): string => {
    const [id] = practicehub.create({ resource: 'payments', fields: { patient_id: '7', amount: '44.00', ...fields } });
    return String(id);
  };
  const allocate = (payment: string, to: string, amount = '44.00'): void => {
    const fields = { payment_id: payment, invoice_id: to, amount };
    practicehub.create({ resource: 'payment_allocations', fields });
  };
  const record = (kind: 'invoices' | 'payments' | 'products' | 'customers', id: string): TrueRecord | undefined =>
    practicehub.providerTruth()[kind]?.find(({ externalId }) => externalId === id);

  const UNKNOWN = { status: 'unknown', statusSource: 'unknown', totalMinor: 4400 };
  const DERIVED = { status: 'paid', statusSource: 'derived', balanceMinor: 0 };

  it('says of an invoice without a status that nobody knows, and never that it is owed', () => {
    const fields = record('invoices', invoice({}))!.fields;
    expect(fields).toMatchObject(UNKNOWN);
    expect(fields).not.toHaveProperty('balanceMinor');
  });

  it.each([
    ['a payment of the same patient, amount and day', {}, true],
    ['another amount', { amount: '43.99' }, false],
    ['another patient', { patient_id: '8' }, false],
    ['another day', { created: '2026-05-31 12:00:00' }, false],
  ])('derives from a payment that it is paid: %s', (_case, payment, isPaid) => {
    const id = invoice({});
    pay(payment);
    expect(record('invoices', id)!.fields).toMatchObject(isPaid ? DERIVED : UNKNOWN);
  });

  it('derives nothing where two could be meant', () => {
    const [one, two] = [invoice({}), invoice({})];
    pay();
    for (const id of [one, two]) expect(record('invoices', id)!.fields).toMatchObject(UNKNOWN);
    const other = invoice({ patient_id: '9' });
    pay({ patient_id: '9' });
    pay({ patient_id: '9' });
    expect(record('invoices', other)!.fields).toMatchObject(UNKNOWN);
  });

  it('follows an allocation that names the invoice, whatever the day, and only as far as it covers it', () => {
    const [whole, part] = [invoice({}), invoice({})];
    const payment = pay({ created: '2026-04-01 09:00:00', amount: '88.00' });
    allocate(payment, whole, '24.00');
    allocate(payment, whole, '20.00');
    allocate(payment, part, '43.00');
    expect(record('invoices', whole)!.fields).toMatchObject(DERIVED);
    expect(record('invoices', part)!.fields).toMatchObject(UNKNOWN);
    practicehub.configure({ variants: { allocationsPath: '404' } });
    expect(record('invoices', whole)!.fields).toMatchObject(UNKNOWN);
  });

  it.each([
    [{ status: 'sent' }, { status: 'open', statusSource: 'provider' }],
    [
      { status: 'overdue', balance: '44.00' },
      { status: 'overdue', balanceMinor: 4400 },
    ],
    [
      { status: 'partial', balance: '12.50' },
      { status: 'partial', balanceMinor: 1250 },
    ],
    [{ status: 'paid' }, { status: 'paid', balanceMinor: 0 }],
    [{ status: 'void' }, { status: 'void', balanceMinor: 0 }],
    [{ balance: '44.00' }, { status: 'open', balanceMinor: 4400 }],
    [{ balance: '4.00' }, { status: 'partial', balanceMinor: 400 }],
    [{ balance: '0.00' }, { status: 'paid', balanceMinor: 0 }],
    [{ amount: '10.10' }, { totalMinor: 1010 }],
  ])('uses what the provider says: %j', (fields, expected) => {
    expect(record('invoices', invoice(fields))!.fields).toMatchObject(expected);
  });

  it('sets aside what cannot be understood, and lets a word that nobody knows be either', () => {
    expect(record('invoices', invoice({ total: 'twelve' }))!.quarantined).toBe('must');
    expect(record('invoices', invoice({ status: 'Suspended' }))).toMatchObject({
      quarantined: 'may',
      fields: { status: 'unknown' },
    });
    expect(record('payments', pay({ amount: '1.001' }))!.quarantined).toBe('must');
    expect(record('payments', pay())).toEqual({
      externalId: expect.any(String),
      fields: expect.objectContaining({ amountMinor: 4400, refundedMinor: 0, status: 'paid' }),
    });
  });

  it('has one record of a package with several holders, and names a holder who is alone', () => {
    const make = (fields: object): string =>
      `package:${String(practicehub.create({ resource: 'patient_packages', fields: { price: 87.5, ...fields } })[0])}`;
    const shared = make({ patient_id: null, subscribed_patients: [{ patient_id: '1' }, { patient_id: '2' }] });
    const alone = make({ patient_id: null, subscribed_patients: [{ patient_id: '3' }] });
    const named = make({ patient_id: '4', subscribed_patients: [] });
    expect(record('products', shared)!.fields).toMatchObject({ kind: 'package', amountMinor: 8750 });
    expect(record('products', shared)!.fields).not.toHaveProperty('customerExternalId');
    expect(record('products', alone)!.fields).toMatchObject({ customerExternalId: '3' });
    expect(record('products', named)!.fields).toMatchObject({ customerExternalId: '4' });
    practicehub.configure({ variants: { packagesPath: '404' } });
    expect(practicehub.providerTruth().products).toEqual([]);
  });

  it.each([
    [[{ number: '07700 900123', iso2: 'GB' }], '+447700900123'],
    [
      [
        { number: 'n/a', iso2: null },
        { number: '+61 491 570 156', iso2: null },
      ],
      '+61491570156',
    ],
    [[{ number: '07700 900123', iso2: null }], undefined],
    [[], null],
    [undefined, null],
    [[null, 'x', { number: 5 }], null],
  ])('reads the first usable number of %j', (numbers, expected) => {
    practicehub.change({
      resource: 'patients',
      ids: [1],
      ...(numbers ? { fields: { numbers } } : { unset: ['numbers'] }),
    });
    expect(record('customers', '1')!.fields['phone']).toBe(expected);
  });

  it('tells times as instants, in the zone that the account writes them in', () => {
    const id = pay({ created: '2026-07-01 10:00:00' });
    practicehub.configure({ timezone: 'Europe/London' });
    expect(record('payments', id)!.fields['paidAt']).toBe('2026-07-01T09:00:00.000Z');
  });

  it.each([
    ['Europe/London', '2026-10-25 00:59:59', '2026-10-24T23:59:59.000Z'],
    ['Europe/London', '2026-10-25 01:00:00', undefined],
    ['Europe/London', '2026-10-25 01:59:59', undefined],
    ['Europe/London', '2026-10-25 02:00:00', '2026-10-25T02:00:00.000Z'],
    ['Australia/Lord_Howe', '2026-04-05 01:40:00', undefined],
  ])('says of no time that %s shows twice which of the two it is: %s', (timezone, created, expected) => {
    const id = pay({ created });
    practicehub.configure({ timezone });
    expect(record('payments', id)!.fields['paidAt']).toBe(expected);
  });
});
