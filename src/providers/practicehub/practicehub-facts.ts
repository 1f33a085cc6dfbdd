import type { ProviderFactPage } from '../fact';
import { PRACTICEHUB_INVOICE_FACTS, PRACTICEHUB_STATUSES } from './practicehub-invoice-facts';
import { PRACTICEHUB_LIST_FACTS } from './practicehub-list-facts';
import { askPracticeHub, PRACTICEHUB_PATHS } from './practicehub-questions';
import { PRACTICEHUB_ROW_FACTS } from './practicehub-row-facts';

const at = (list: keyof typeof PRACTICEHUB_PATHS): string[] =>
  PRACTICEHUB_PATHS[list].tried.map((path) => `${list} at ${path}`);

/** What is known of PracticeHub's API, and how an account shows it. */
export const practiceHubFacts: ProviderFactPage = {
  provider: 'practicehub',
  facts: [...PRACTICEHUB_LIST_FACTS, ...PRACTICEHUB_INVOICE_FACTS, ...PRACTICEHUB_ROW_FACTS],
  lists: {
    patients: {
      path: '/patients',
      answers: ['patients', 'patients page 2', 'patients page 3'],
      fields: [
        ...['id', 'patient_number', 'custom_reference', 'title', 'first_name', 'last_name', 'email', 'numbers'],
        ...['numbers[].number', 'numbers[].iso2', 'address_1', 'address_2', 'city', 'postcode', 'country', 'active'],
        ...['created', 'updated'],
      ],
      words: {},
    },
    invoices: {
      path: '/invoices',
      answers: ['invoices'],
      fields: [
        ...['id', 'appointment_id', 'patient_id', 'total', 'amount', 'status', 'balance', 'due', 'due_date'],
        ...['created', 'updated'],
      ],
      words: { status: PRACTICEHUB_STATUSES },
    },
    payments: {
      path: '/payments',
      answers: ['payments'],
      fields: ['id', 'amount', 'payment_type_id', 'patient_id', 'service', 'note', 'created', 'updated'],
      words: {},
    },
    payment_allocations: {
      path: '/payment_allocations',
      answers: at('payment_allocations'),
      fields: ['id', 'payment_id', 'invoice_id', 'amount', 'created', 'updated'],
      words: {},
    },
    patient_packages: {
      path: '/patient_packages',
      answers: at('patient_packages'),
      fields: [
        ...['id', 'patient_id', 'subscribed_patients', 'subscribed_patients[].patient_id', 'name', 'package_type'],
        ...['active', 'visits', 'visits_left', 'price', 'balance', 'owing', 'package_balance', 'created', 'updated'],
      ],
      words: { package_type: ['visits', 'membership'] },
    },
    services: {
      path: '/services',
      answers: at('services'),
      fields: ['id', 'name', 'price', 'active', 'duration', 'created', 'updated'],
      words: {},
    },
    products: {
      path: '/products',
      answers: at('products'),
      fields: ['id', 'name', 'price', 'active', 'stock', 'created', 'updated'],
      words: {},
    },
  },
  collect: askPracticeHub,
};
