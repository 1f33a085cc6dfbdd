import type { PaymentRecord } from '../../../src/providers';
import type { ConformanceSubject } from '../provider-conformance/subject';

/** Also what was taken at the device without a request. */
const MONEY = ['approved', 'standalone_approved'];

export const subject: ConformanceSubject = {
  provider: 'terminal',
  sizes: { devices: 8, payments: 330 },
  streams: {
    devices: { resource: 'devices', listPath: '/terminal-devices', externalIdOf: (row) => String(row['id']) },
    payments: {
      resource: 'payments',
      listPath: '/terminal-payments',
      externalIdOf: (row) => (MONEY.includes(String(row['status'])) ? String(row['id']) : null),
      newRow: { type: 'sale', status: 'approved', completed_at: '2026-01-01T00:00:00.000Z' },
    },
  },
  mainStream: 'payments',
  credentialPaths: ['/terminal-devices'],
  pageSize: 100,
  privateMark: /\d{6}\*|10\.0\.\d|auth_code|order-\d/,
  wrap: (rows) => ({ data: rows, has_more: false }),
  errorBody: (_status, message) => ({ error: 'unauthenticated', message, code: 'unauthenticated' }),
  errorIn200: {
    body: { error: 'internal_error', message: 'Later', code: 'internal_error' },
    verdict: 'contract',
    retried: false,
  },
  money: {
    stream: 'payments',
    field: 'amount_minor',
    values: [
      [1, 1],
      [40000, 40000],
      [9007199254740991, 9007199254740991],
    ],
    read: (row) => (row.record as PaymentRecord).amountMinor,
  },
  bad: (canary) => ({ fields: { amount_minor: canary }, path: 'amount_minor' }),
  odd: (canary) => ({ card_scheme: `Vi\u0000sa ${'x'.repeat(2000)}`, unknown: canary, currency: 'gbp' }),
};
