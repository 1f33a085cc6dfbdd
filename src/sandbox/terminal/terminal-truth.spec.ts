import { createSandbox, type TrueRecord } from '../index';

describe('the truth of a terminal account', () => {
  const nowMs = Date.UTC(2026, 5, 1, 12);
  const { terminal } = createSandbox({ reference: nowMs, now: () => nowMs });

  beforeEach(() => terminal.reset({ sizes: { devices: 1, payments: 0 } }));

  const of = (fields: object): TrueRecord | undefined => {
    const times = { created_at: '2026-05-31T10:00:00.000Z', completed_at: '2026-05-31T10:00:20.000Z' };
    const [id] = terminal.create({ resource: 'payments', fields: { type: 'sale', ...times, ...fields } });
    return terminal.providerTruth().payments?.find(({ externalId }) => externalId === id);
  };

  it.each([
    ['approved', 'sale', 'paid'],
    ['standalone_approved', 'sale', 'paid'],
    ['standalone_approved', 'refund', 'refunded'],
    ['approved', 'void', 'void'],
  ])('%s %s is money', (status, type, expected) => {
    expect(of({ status, type, amount_minor: 2500, masked_pan: '411111******4242' })!.fields).toMatchObject({
      ...{ amountMinor: 2500, currency: 'GBP', status: expected },
      ...{ cardLast4: '4242', paidAt: '2026-05-31T10:00:20.000Z' },
    });
  });

  it.each(['declined', 'cancelled', 'error', 'timed_out', 'standalone_declined'])('%s is no money', (status) => {
    expect(of({ status })).toBeUndefined();
  });

  it('is money only once it is approved', () => {
    expect(
      of({ status: 'approved', created_at: new Date(nowMs).toISOString(), completed_at: '2026-06-02T00:00:00Z' }),
    ).toBeUndefined();
  });

  it.each([{ status: 'reversed' }, { status: 'approved', type: 'tip' }, { status: 'approved', amount_minor: 'x' }])(
    'sets aside %j',
    (fields) => {
      expect(of(fields)!.quarantined).toBe('must');
    },
  );
});
