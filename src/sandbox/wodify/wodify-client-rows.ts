import type { Account, ResourceDefinition } from '../account';
import { drawPerson } from '../people';
import { Draw } from '../random';
import { changedAtMs, createdAtMs } from '../spread';
import type { SandboxRow } from '../table';
import { dateField, msOfStamp, ordinalOfNumber, stampOf } from './wodify-values';
import { wodifyVariant } from './wodify-variants';

const statusIds: Record<string, number> = { Active: 1, Inactive: 2, Suspended: 3 };

/** What should never be kept about a client carries `PRIVATE-`. */
export const clientResource: ResourceDefinition = {
  source: (account) => ({
    size: account.size('clients'),
    row: (ordinal) => clientRow(account, ordinal),
    updatedAtMs: (ordinal) => changedAtMs(account, 'clients', ordinal),
    readUpdatedAtMs: (row) => msOfStamp((row['updated'] as SandboxRow | null | undefined)?.['updated_on_datetime']),
  }),
  touch(row, atMs, account) {
    row['updated'] = { ...(row['updated'] as SandboxRow | undefined), updated_on_datetime: stampOf(account, atMs) };
  },
  birth(row, atMs, account) {
    row['created'] = { ...(row['created'] as SandboxRow), created_on_datetime: stampOf(account, atMs) };
    row['updated'] = { updated_on_datetime: stampOf(account, atMs) };
  },
  mutate(row, serial) {
    row['last_name'] = `${String(row['last_name']).replace(/-Changed\d+$/, '')}-Changed${serial}`;
  },
  /** The column is there all the same: a filter for it may work. */
  present(row, account) {
    if (wodifyVariant(account, 'updatedOnRows') === 'present') return row;
    const { updated: _updated, ...rest } = row;
    return rest;
  },
  ordinalOf: ordinalOfNumber,
};

function clientRow(account: Account, ordinal: number): SandboxRow {
  const draw = new Draw(account.seedOf('clients', ordinal));
  const person = drawPerson(draw, ordinal);
  const createdMs = createdAtMs(account, 'clients', ordinal);
  const status = draw.pick(['Active', 'Active', 'Active', 'Inactive', 'Suspended'] as const);
  const place = locationOf(account, draw);
  const inState = draw.chance(0.5);
  return {
    id: ordinal,
    first_name: person.firstName,
    last_name: person.lastName,
    email: person.email ?? '',
    phone_number: person.phone ?? '',
    client_status_id: statusIds[status],
    client_status: status,
    location_id: place,
    location: `Box ${place}`,
    street_address_1: person.street,
    street_address_2: draw.chance(0.2) ? 'Flat 2' : '',
    city: person.town,
    state: inState ? 'Yorkshire' : '',
    province: inState ? '' : 'Kent',
    zipcode: person.postcode,
    country: 'United Kingdom',
    timezone: account.settings.timezone,
    ...dateField(account, 'member_since', createdMs),
    ...dateField(account, 'last_attendance', draw.chance(0.3) ? null : createdMs + 86_400_000),
    date_of_birth: draw.chance(0.2) ? '1900-01-01' : `PRIVATE-${draw.whole(1950, 2010)}-01-01`,
    emergency_contact: `PRIVATE-CONTACT-${ordinal}`,
    medical_notes: `PRIVATE-NOTE-${ordinal}`,
    created: { created_on_datetime: stampOf(account, createdMs), created_by_id: 1 },
    updated: { updated_on_datetime: stampOf(account, changedAtMs(account, 'clients', ordinal)) },
  };
}

export function locationOf(account: Account, draw: Draw): number {
  return draw.whole(1, Math.max(1, account.size('locations')));
}
