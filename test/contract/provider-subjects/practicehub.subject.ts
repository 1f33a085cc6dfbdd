import type { InvoiceRecord } from '../../../src/providers';
import type { ConformanceSubject, Row, StreamFacts } from '../provider-conformance/subject';

const list = (resource: string, prefix = ''): StreamFacts => ({
  resource,
  listPath: `/${resource}`,
  externalIdOf: (row: Row) => `${prefix}${String(row['id'])}`,
});

export const subject: ConformanceSubject = {
  provider: 'practicehub',
  sizes: {
    patients: 250,
    invoices: 230,
    payments: 130,
    services: 7,
    products: 5,
    patient_packages: 9,
    payment_methods: 8,
  },
  streams: {
    patients: list('patients'),
    services: list('services', 'service:'),
    products: list('products', 'product:'),
    packages: list('patient_packages', 'package:'),
    invoices: list('invoices'),
    payments: list('payments'),
  },
  mainStream: 'patients',
  credentialPaths: ['/payment_methods'],
  pageSize: 100,
  privateMark: /CLINICAL/,
  wrap: (rows) => ({ data: rows, total_entries: 6, links: { next: null } }),
  errorBody: (_status, message) => ({ message }),
  errorIn200: { body: { message: 'Something broke' }, verdict: 'contract', retried: false },
  money: {
    stream: 'invoices',
    field: 'total',
    values: [
      ['44.00', 4400],
      ['0.29', 29],
      ['1.1', 110],
      [87.5, 8750],
      [0.1 + 0.2, 30],
      ['9007199254740.99', 900719925474099],
    ],
    read: (row) => (row.record as InvoiceRecord).totalMinor,
  },
  bad: (canary) => ({ fields: { email: { home: canary } }, path: 'email' }),
  odd: (canary) => ({
    first_name: `Zo\u00eb\u0000 ${'x'.repeat(2000)}`,
    last_name: '\ud800',
    unknown: canary,
    active: '1',
  }),
  zoneless: { stream: 'invoices', field: 'created', read: (row) => (row.record as InvoiceRecord).issuedAt },
};
