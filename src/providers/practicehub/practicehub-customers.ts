import type { GoodRow } from '../provider';
import type { Address, CustomerRecord } from '../records';
import { flag, fullName, nameIn, text, type Row } from '../row';
import { timeIn } from '../zoned-time';
import type { MappingContext } from './practicehub-mapping';

/**
 * A patient as a customer. Only what is needed to bill somebody is read; whatever else stands in the row (birth dates, notes,
 * histories, identifiers of a health service) is never touched, so that a new field cannot leak by being there.
 */
export function mapPatient(row: Row, { timezone }: MappingContext): Omit<GoodRow, 'externalId'> {
  const firstName = text(row, nameIn(row, 'first_name', 'firstname'));
  const lastName = text(row, nameIn(row, 'last_name', 'lastname'));
  const record: CustomerRecord = {
    name: fullName(firstName, lastName) ?? text(row, 'name'),
    firstName,
    lastName,
    email: text(row, 'email', 254),
    phone: text(row, nameIn(row, 'mobile', 'phone', 'mobile_phone', 'home_phone'), 64),
    address: mapAddress(row),
    externalReference: text(row, 'patient_number', 128),
    active: flag(row, 'active', true),
  };
  return { record, sourceUpdatedAt: timeIn(row, 'updated', timezone), store: 'always', digest: null };
}

function mapAddress(row: Row): Address | null {
  const address: Address = {
    line1: text(row, nameIn(row, 'address_1', 'address', 'address_line_1')),
    line2: text(row, nameIn(row, 'address_2', 'address_line_2')),
    city: text(row, nameIn(row, 'city', 'town', 'suburb')),
    region: text(row, nameIn(row, 'region', 'state', 'county')),
    postalCode: text(row, nameIn(row, 'postcode', 'postal_code', 'zip'), 32),
    country: text(row, 'country', 64),
  };
  return Object.values(address).every((part) => part === null) ? null : address;
}
