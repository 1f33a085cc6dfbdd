import { createSandbox, type TrueRecord } from '../index';

describe('the truth of a Wodify account', () => {
  const { wodify } = createSandbox({ reference: Date.UTC(2026, 5, 1), now: () => Date.UTC(2026, 5, 1, 12) });

  beforeEach(() => wodify.reset({ sizes: { '*': 0, clients: 3, locations: 1 } }));

  const make = (fields: Record<string, unknown>): string => String(wodify.create({ resource: 'invoices', fields })[0]);
  const record = (kind: 'invoices' | 'payments' | 'products' | 'customers', id: string): TrueRecord | undefined =>
    wodify.providerTruth()[kind]?.find(({ externalId }) => externalId === id);
  const both = (fields: Record<string, unknown>): [TrueRecord | undefined, TrueRecord | undefined] => {
    const id = make(fields);
    return [record('invoices', id), record('payments', `invoice:${id}`)];
  };

  it('has what is owed of a part-paid invoice, and what was taken', () => {
    const [invoice, payment] = both({
      ...{ invoice_header_status: 'Partially Paid', final_charge: 150 },
      ...{ paid_amount: 50, unpaid_amount: 100, final_refunded_amount: 0 },
    });
    expect(invoice!.fields).toMatchObject({
      status: 'partial',
      totalMinor: 15_000,
      balanceMinor: 10_000,
      refundedMinor: 0,
    });
    expect(payment!.fields).toMatchObject({ status: 'paid', amountMinor: 5000, refundedMinor: 0 });
  });

  it.each([0, 364])('keeps total and amount of a refunded invoice whose charge is now %d', (final_charge) => {
    const [invoice, payment] = both({
      ...{ invoice_header_status: 'Refunded', final_charge, paid_amount: final_charge },
      ...{ unpaid_amount: 0, final_refunded_amount: -364 },
    });
    expect(invoice!.fields).toMatchObject({
      status: 'refunded',
      totalMinor: 36_400,
      balanceMinor: 0,
      refundedMinor: 36_400,
    });
    expect(payment!.fields).toMatchObject({ status: 'refunded', amountMinor: 36_400, refundedMinor: 36_400 });
  });

  it('shows a partial refund', () => {
    const [invoice, payment] = both({
      ...{ invoice_header_status: 'Partially Refunded', final_charge: 87.5, paid_amount: 87.5 },
      ...{ unpaid_amount: 0, final_refunded_amount: -20.15 },
    });
    expect(invoice!.fields).toMatchObject({ status: 'paid', totalMinor: 8750, balanceMinor: 0, refundedMinor: 2015 });
    expect(payment!.fields).toMatchObject({ status: 'paid', amountMinor: 8750, refundedMinor: 2015 });
  });

  it.each(['Voided', 'Deleted'])('takes %s for void, with no money', (invoice_header_status) => {
    const [invoice, payment] = both({ invoice_header_status });
    expect(invoice!.fields).toMatchObject({ status: 'void', balanceMinor: 0 });
    expect(payment).toMatchObject({ optional: true, fields: { status: 'void' } });
  });

  it('has no payment of an unpaid invoice, and the whole of a paid one', () => {
    expect(both({ invoice_header_status: 'Unpaid', final_charge: 29.1 })[0]!.fields).toMatchObject({
      status: 'open',
      balanceMinor: 2910,
    });
    expect(both({ invoice_header_status: 'Unpaid', final_charge: 29.1 })[1]).toBeUndefined();
    expect(both({ invoice_header_status: 'Paid', final_charge: 3 * 29.1 })[1]!.fields).toMatchObject({
      amountMinor: 8730,
    });
  });

  it('says nothing of amounts that the account does not tell', () => {
    wodify.configure({ variants: { amounts: 'absent' } });
    const [part, payment] = both({ invoice_header_status: 'Partially Paid', final_charge: 150 });
    expect(part!.fields).not.toHaveProperty('balanceMinor');
    expect(payment).toBeUndefined();
    expect(both({ invoice_header_status: 'Unpaid', final_charge: 150 })[0]!.fields).toMatchObject({
      balanceMinor: 15_000,
    });
    expect(both({ invoice_header_status: 'Paid', final_charge: 150 })[1]!.fields).toMatchObject({
      amountMinor: 15_000,
    });
  });

  it('sets aside a charge that is none, and lets a status that nobody knows be either', () => {
    expect(both({ invoice_header_status: 'Paid', final_charge: '44.005' })[0]!.quarantined).toBe('must');
    expect(both({ invoice_header_status: 'Suspended', final_charge: 10 })[0]).toMatchObject({
      quarantined: 'may',
      fields: { status: 'unknown' },
    });
  });

  it('has a product of every billing period, priced as its period is, under one plan', () => {
    wodify.reset({ sizes: { '*': 0, clients: 3, memberships: 600, locations: 1 } });
    const products = wodify.providerTruth().products!;
    expect(products).toHaveLength(600);
    expect(new Set(products.map(({ fields }) => JSON.stringify(fields['plan']))).size).toBe(6);
    const rows = wodify.truth({ resource: 'memberships' });
    for (const [at, { fields }] of products.entries()) {
      const plan = fields['plan'] as Record<string, number>;
      const renewed = rows[at]!['renewed_from_membership_id'] !== null;
      expect(fields['amountMinor']).toBe(renewed ? plan['renewalMinor'] : plan['initialMinor']);
    }
  });

  it.each([[null], ['x'], [[null, 5]], [{}]])('is told of rows that hold anything: %j', (invoice_details) => {
    const [invoice] = both({ invoice_header_status: 'Paid', final_charge: 10, invoice_details });
    expect(invoice!.fields).toMatchObject({ totalMinor: 1000, lines: [] });
    const id = make({ payment_plan: 'x', created: null });
    expect(record('invoices', id)!.fields).toMatchObject({ issuedAt: null });
    wodify.change({ resource: 'invoices', ids: [id], unset: ['invoice_details'] });
    wodify.change({ resource: 'invoices', ids: [id] });
    wodify.change({ resource: 'clients', ids: [1], fields: { email: { home: 'x' } } });
    expect(record('customers', '1')!.quarantined).toBe('must');
  });
});
