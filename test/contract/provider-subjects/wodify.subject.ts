import type { InvoiceRecord } from '../../../src/providers';
import type { ConformanceSubject } from '../provider-conformance/subject';

export const subject: ConformanceSubject = {
  provider: 'wodify',
  sizes: { clients: 250, memberships: 120, invoices: 130, locations: 3 },
  streams: {
    clients: { resource: 'clients', listPath: '/clients', externalIdOf: (row) => String(row['id']) },
    memberships: {
      resource: 'memberships',
      listPath: '/memberships',
      externalIdOf: (row) => `membership:${String(row['id'])}`,
    },
    invoices: { resource: 'invoices', listPath: '/financials/invoices', externalIdOf: (row) => String(row['id']) },
    invoice_payments: {
      resource: 'invoices',
      listPath: '/financials/invoices',
      externalIdOf: (row) => (row['invoice_header_status'] === 'Unpaid' ? null : `invoice:${String(row['id'])}`),
      newRow: { invoice_header_status: 'Paid', paid_on_date: '2026-06-01' },
    },
  },
  mainStream: 'clients',
  credentialPaths: ['/customers/locations'],
  pageSize: 100,
  privateMark: /PRIVATE/,
  wrap: (rows) => ({ clients: rows, pagination: { page: 1, page_size: 100, has_more: false } }),
  errorBody: (status, message) => ({
    HTTPCode: status,
    ErrorCode: 'Error',
    DeveloperMessage: 'Ask the support',
    UserMessage: message,
    MoreInfo: 'https://docs.wodify.com',
  }),
  errorIn200: {
    body: { HTTPCode: 503, ErrorCode: 'Unavailable', UserMessage: 'Later' },
    verdict: 'provider_down',
    retried: true,
  },
  money: {
    stream: 'invoices',
    field: 'final_charge',
    values: [
      [87.5, 8750],
      [0.29, 29],
      [0.1 + 0.2, 30],
      [3 * 29.1, 8730],
      [1234567.89, 123456789],
      ['12.35', 1235],
    ],
    read: (row) => (row.record as InvoiceRecord).totalMinor,
  },
  bad: (canary) => ({ fields: { email: { home: canary } }, path: 'email' }),
  odd: (canary) => ({ first_name: `Zo\u00eb\u0000 ${'x'.repeat(2000)}`, last_name: '\ud800', unknown: canary }),
};
