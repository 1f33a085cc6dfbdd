import { isSameContent } from './outbound-payment';

const PAYMENT = {
  reference: 'r-1',
  externalInvoiceId: '7',
  amountMinor: 4_400,
  currency: 'GBP',
  method: 'card',
  paidAt: new Date('2026-05-05T10:00:00Z'),
} as const;

describe('two payments with one reference', () => {
  it('are the same when all that was asked is the same', () => {
    expect(isSameContent(PAYMENT, { ...PAYMENT, paidAt: new Date(PAYMENT.paidAt) })).toBe(true);
  });

  it.each([
    { reference: 'r-2' },
    { externalInvoiceId: '8' },
    { amountMinor: 4_401 },
    { currency: 'EUR' },
    { method: 'cheque' },
    { paidAt: new Date('2026-05-05T10:00:01Z') },
  ])('are not when one says %j', (other) => {
    expect(isSameContent(PAYMENT, { ...PAYMENT, ...other })).toBe(false);
  });
});
