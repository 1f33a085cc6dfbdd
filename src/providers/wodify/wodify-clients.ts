import type { GoodRow, ProviderSettings } from '../provider';
import type { Address, CustomerRecord } from '../records';
import { fullName, nameIn, text, type Row } from '../row';
import { updatedAt } from './wodify-times';

const INACTIVE = new Set(['inactive', 'deactivated', 'archived', 'deleted', 'suspended']);

/** A client as a customer: billing-safe fields only, read by name. */
export function mapClient(row: Row, { timezone }: ProviderSettings): Omit<GoodRow, 'externalId'> {
  const firstName = text(row, 'first_name');
  const lastName = text(row, 'last_name');
  const record: CustomerRecord = {
    name: fullName(firstName, lastName),
    firstName,
    lastName,
    email: text(row, 'email', 254),
    phone: text(row, nameIn(row, 'phone_number', 'mobile_number'), 64),
    address: mapAddress(row),
    externalReference: null,
    active: !INACTIVE.has(text(row, 'client_status', 64)?.toLowerCase() ?? ''),
  };
  return { record, sourceUpdatedAt: updatedAt(row, timezone), store: 'always', digest: null };
}

function mapAddress(row: Row): Address | null {
  const address: Address = {
    line1: text(row, nameIn(row, 'street_address_1', 'address_line_1', 'address_1', 'street_address')),
    line2: text(row, nameIn(row, 'street_address_2', 'address_line_2', 'address_2')),
    city: text(row, 'city'),
    region: text(row, nameIn(row, 'state', 'region')),
    postalCode: text(row, nameIn(row, 'zip_code', 'postal_code', 'zipcode', 'postcode'), 32),
    country: text(row, 'country', 64),
  };
  return Object.values(address).every((part) => part === null) ? null : address;
}
