import type { Account, ResourceDefinition, Sizes } from '../account';
import { drawPerson } from '../people';
import { Draw } from '../random';
import { changedAtMs, createdAtMs } from '../spread';
import type { Row } from '../table';
import { invoiceResource } from './wodify-invoice-rows';
import { dateOf, missingDate, missingDateTime, ordinalOfNumber, stampOf } from './wodify-values';

export const wodifySizes: Sizes = { clients: 2000, memberships: 1200, invoices: 3000, locations: 3 };

function location(account: Account, draw: Draw): number {
  return draw.whole(1, Math.max(1, account.size('locations')));
}

/** What should never be kept about a client carries `PRIVATE-`. */
const clientResource: ResourceDefinition = {
  source: (account) => ({
    size: account.size('clients'),
    row(ordinal) {
      const draw = new Draw(account.seedOf('clients', ordinal));
      const person = drawPerson(draw, ordinal);
      const updatedAtMs = changedAtMs(account, 'clients', ordinal);
      return {
        id: ordinal,
        first_name: person.firstName,
        last_name: person.lastName,
        email: person.email ?? '',
        phone_number: person.phone ?? '',
        client_status: draw.pick(['Active', 'Active', 'Active', 'Inactive', 'Suspended'] as const),
        location_id: location(account, draw),
        street_address_1: person.street,
        city: person.town,
        zip_code: person.postcode,
        country: 'United Kingdom',
        date_of_birth: draw.chance(0.2) ? missingDate : `PRIVATE-${draw.whole(1950, 2010)}-01-01`,
        emergency_contact: `PRIVATE-CONTACT-${ordinal}`,
        medical_notes: `PRIVATE-NOTE-${ordinal}`,
        created: { created_on_datetime: stampOf(createdAtMs(account, 'clients', ordinal)), created_by_id: 1 },
        updated: { updated_on_datetime: updatedAtMs === null ? missingDateTime : stampOf(updatedAtMs) },
      };
    },
    updatedAtMs: (ordinal) => changedAtMs(account, 'clients', ordinal) ?? Date.parse(missingDateTime),
    readUpdatedAtMs(row) {
      const ms = Date.parse(String((row['updated'] as Row | null | undefined)?.['updated_on_datetime']));
      return Number.isNaN(ms) ? null : ms;
    },
  }),
  touch(row, atMs) {
    row['updated'] = { ...(row['updated'] as Row | undefined), updated_on_datetime: stampOf(atMs) };
  },
  birth(row, atMs) {
    row['created'] = { ...(row['created'] as Row), created_on_datetime: stampOf(atMs) };
    row['updated'] = { updated_on_datetime: stampOf(atMs) };
  },
  mutate(row, serial) {
    row['last_name'] = `${String(row['last_name']).replace(/-Changed\d+$/, '')}-Changed${serial}`;
  },
  ordinalOf: ordinalOfNumber,
};

const plans = ['Monthly', 'Yearly', 'Class pack', 'Drop-in'] as const;

/** Memberships do not say when they changed. */
const membershipResource: ResourceDefinition = {
  source: (account) => ({
    size: account.size('memberships'),
    row(ordinal) {
      const draw = new Draw(account.seedOf('memberships', ordinal));
      const startMs = createdAtMs(account, 'memberships', ordinal);
      const plan = draw.pick(plans);
      const ended = draw.chance(0.2);
      return {
        id: ordinal,
        client_id: draw.whole(1, Math.max(1, account.size('clients'))),
        name: `${plan} membership`,
        membership_type: plan === 'Class pack' ? 'ClassPack' : 'Membership',
        is_active: !ended,
        is_deleted: draw.chance(0.02),
        start_date: dateOf(startMs),
        end_date: ended ? dateOf(startMs + 30 * 86_400_000) : missingDate,
        expiration_date: draw.chance(0.5) ? missingDate : dateOf(startMs + 365 * 86_400_000),
        payment_plan: { payment_plan_name: plan, commitment_total: draw.whole(20, 400) * 1.1, currency: 'GBP' },
        location_id: location(account, draw),
      };
    },
    updatedAtMs: () => null,
    readUpdatedAtMs: () => null,
  }),
  touch: () => undefined,
  birth(row, atMs) {
    row['start_date'] = dateOf(atMs);
  },
  mutate(row, serial) {
    row['name'] = `${String(row['name']).replace(/ changed \d+$/, '')} changed ${serial}`;
  },
  ordinalOf: ordinalOfNumber,
};

const locationResource: ResourceDefinition = {
  source: (account) => ({
    size: account.size('locations'),
    row: (ordinal) => ({ id: ordinal, name: `Box ${ordinal}`, time_zone: 'Europe/London', is_active: true }),
    updatedAtMs: () => null,
    readUpdatedAtMs: () => null,
  }),
  touch: () => undefined,
  birth: () => undefined,
  mutate(row, serial) {
    row['name'] = `Box changed ${serial}`;
  },
  ordinalOf: ordinalOfNumber,
};

export const wodifyResources: Record<string, ResourceDefinition> = {
  clients: clientResource,
  memberships: membershipResource,
  invoices: invoiceResource,
  locations: locationResource,
};
