import type { ResourceDefinition, Sizes } from '../account';
import { drawPerson } from '../people';
import { Draw } from '../random';
import { createdAtMs } from '../spread';
import { invoiceRows, paymentAllocationRows, paymentMethodRows, paymentRows } from './practicehub-billing-rows';
import { decimalOf, penceOf } from './practicehub-money';
import { numbersOf } from './practicehub-numbers';
import { patientPackageRows } from './practicehub-package-rows';
import { practiceHubResource, type PracticeHubRows } from './practicehub-resource';

export const practiceHubSizes: Sizes = {
  patients: 2000,
  invoices: 3000,
  payments: 2500,
  services: 25,
  products: 15,
  payment_methods: 8,
  // Follows from invoices and payments.
  payment_allocations: 0,
  patient_packages: 20,
  appointments: 600,
  appointment_types: 10,
  practitioners: 6,
  care_plans: 80,
  files: 40,
  patient_logs: 0,
};

const conditions = ['lower back pain', 'migraine', 'asthma', 'knee injury', 'hypertension'] as const;

/** Clinical texts all carry `CLINICAL-`, so that a search for it finds what should never have been kept. */
const patientRows: PracticeHubRows = {
  make(account, ordinal) {
    const draw = new Draw(account.seedOf('patients', ordinal));
    const person = drawPerson(draw, ordinal);
    return {
      patient_number: `P${String(ordinal).padStart(5, '0')}`,
      custom_reference: draw.chance(0.2) ? `REF-${ordinal}` : null,
      title: draw.chance(0.5) ? 'Ms' : 'Mr',
      first_name: person.firstName,
      last_name: person.lastName,
      email: person.email,
      ...numbersOf(account, ordinal, person.phone),
      address_1: person.street,
      city: person.town,
      postcode: person.postcode,
      country: 'GB',
      active: draw.chance(0.95) ? 1 : 0,
      date_of_birth: `${draw.whole(1935, 2015)}-${String(draw.whole(1, 12)).padStart(2, '0')}-${String(draw.whole(1, 28)).padStart(2, '0')}`,
      gender: draw.chance(0.5) ? 'F' : 'M',
      notes: `CLINICAL-NOTE-${ordinal}: reports ${draw.pick(conditions)}`,
      medical_history: `CLINICAL-HISTORY-${ordinal}: ${draw.pick(conditions)} since ${draw.whole(1990, 2024)}`,
      medications: [`CLINICAL-MEDICATION-${ordinal}`],
      allergies: `CLINICAL-ALLERGY-${ordinal}`,
      nhs_number: `CLINICAL-NHS-${ordinal}`,
      emergency_contact: { name: `CLINICAL-CONTACT-${ordinal}`, phone: '07700 900999' },
      practitioner_id: String(draw.whole(1, Math.max(1, account.size('practitioners')))),
    };
  },
  mutate(row, serial) {
    row['last_name'] = `${String(row['last_name']).replace(/-Changed\d+$/, '')}-Changed${serial}`;
  },
};

const sellable = (label: string, more: (draw: Draw) => object): PracticeHubRows => ({
  make(account, ordinal) {
    const draw = new Draw(account.seedOf(label, ordinal));
    const pence = draw.whole(10, 120) * 125;
    return {
      name: `${label} ${ordinal}`,
      price: decimalOf(pence),
      active: draw.chance(0.9) ? 1 : 0,
      ...more(draw),
    };
  },
  mutate(row, serial) {
    const pence = (penceOf(row['price']) ?? 0) + 100 + (serial % 50);
    row['price'] = decimalOf(pence);
  },
});

const appointmentRows: PracticeHubRows = {
  make(account, ordinal) {
    const draw = new Draw(account.seedOf('appointments', ordinal));
    const startMs = createdAtMs(account, 'appointments', ordinal) + draw.whole(1, 14 * 24) * 3_600_000;
    return {
      patient_id: String(draw.whole(1, Math.max(1, account.size('patients')))),
      practitioner_id: String(draw.whole(1, Math.max(1, account.size('practitioners')))),
      appointment_type_id: String(draw.whole(1, Math.max(1, account.size('appointment_types')))),
      start: account.times.format(startMs),
      end: account.times.format(startMs + 1_800_000),
      notes: `CLINICAL-APPOINTMENT-${ordinal}`,
    };
  },
  mutate(row, serial) {
    row['notes'] = `CLINICAL-APPOINTMENT changed ${serial}`;
  },
};

const named = (label: string, more: (ordinal: number) => object = () => ({})): PracticeHubRows => ({
  make: (_account, ordinal) => ({ name: `${label} ${ordinal}`, active: 1, ...more(ordinal) }),
  mutate(row, serial) {
    row['name'] = `${label} changed ${serial}`;
  },
});

const rows: Record<string, PracticeHubRows> = {
  patients: patientRows,
  invoices: invoiceRows,
  payments: paymentRows,
  payment_allocations: paymentAllocationRows,
  payment_methods: paymentMethodRows,
  services: sellable('Service', (draw) => ({ duration: draw.whole(1, 6) * 15 })),
  products: sellable('Product', (draw) => ({ stock: draw.whole(0, 80) })),
  patient_packages: patientPackageRows,
  appointments: appointmentRows,
  appointment_types: named('Appointment type', (ordinal) => ({ duration: ordinal * 15 })),
  practitioners: named('Practitioner'),
  care_plans: named('Care plan', (ordinal) => ({ patient_id: String(ordinal), goals: `CLINICAL-GOAL-${ordinal}` })),
  files: named('File', (ordinal) => ({ patient_id: String(ordinal), file_name: `CLINICAL-FILE-${ordinal}.pdf` })),
  patient_logs: named('Log'),
};

export const practiceHubResources: Record<string, ResourceDefinition> = Object.fromEntries(
  Object.entries(rows).map(([resource, made]) => [resource, practiceHubResource(resource, made)]),
);
