import type { InvoiceRecord } from '../providers';
import { checkPayment, type PaymentFacts } from './payment-checks';

const content = {
  externalInvoiceId: '5',
  amountMinor: 4400,
  currency: 'GBP',
  method: 'card',
  paidAt: new Date('2026-05-05T10:00:00Z'),
  reference: 'r',
};
const invoice: InvoiceRecord = {
  number: null,
  customerExternalId: '7',
  status: 'open',
  currency: 'GBP',
  totalMinor: 5000,
  statusSource: 'provider',
  balanceMinor: 4400,
  refundedMinor: 0,
  issuedAt: null,
  dueAt: null,
  lines: [],
};
const facts: PaymentFacts = { invoice, externalMethodId: '2', reservedMinor: 0 };
const of = (more: Partial<InvoiceRecord>): PaymentFacts => ({ ...facts, invoice: { ...invoice, ...more } });

describe('a payment that is asked for', () => {
  it('goes to the customer of its invoice, by the mapped method', () => {
    expect(checkPayment(content, facts)).toEqual({ externalCustomerId: '7', externalMethodId: '2' });
  });

  it.each<[string, PaymentFacts, RegExp | null]>([
    ['an unknown invoice', { ...facts, invoice: null }, /externalInvoiceId/],
    ['no customer', of({ customerExternalId: null }), /customer/],
    ['another currency', of({ currency: 'EUR' }), /EUR/],
    ['no mapping', { ...facts, externalMethodId: null }, /mapping/],
    ['a paid invoice', of({ status: 'paid', balanceMinor: 4400 }), /paid/],
    ['a void invoice', of({ status: 'void', balanceMinor: null }), /void/],
    ['a refunded invoice', of({ status: 'refunded' }), /refunded/],
    ['one penny too much', of({ balanceMinor: 4399 }), /exceeds/],
    ['an invoice that shows no balance', of({ balanceMinor: null }), null],
    ['a balance below nothing', of({ balanceMinor: -100 }), /: 0 /],
    ['a balance that others take', { ...facts, reservedMinor: 1 }, /4399, 1 of its balance/],
  ])('%s', (_what, found, words) => {
    const check = () => checkPayment(content, found);
    if (words === null) expect(check).not.toThrow();
    else expect(check).toThrow(words);
  });
});
