import { phoneNumber } from '../phone';
import type { GoodRow } from '../provider';
import type { Address, CustomerRecord } from '../records';
import { fullName, nameIn, text, type Row } from '../row';
import { updatedAt } from './wodify-times';

/** No other word says that somebody is a client now: leads, suspended and deactivated ones are none. */
const ACTIVE = 'active';

/** A client as a customer: billing-safe fields only, read by name. */
export function mapClient(row: Row): Omit<GoodRow, 'externalId'> {
  const firstName = text(row, 'first_name');
  const lastName = text(row, 'last_name');
  const record: CustomerRecord = {
    name: fullName(firstName, lastName),
    firstName,
    lastName,
    email: text(row, 'email', 254),
    phone: phoneNumber(text(row, 'phone_number', 64), text(row, 'country', 64)),
    address: mapAddress(row),
    externalReference: null,
    active: (text(row, 'client_status', 64)?.toLowerCase() ?? ACTIVE) === ACTIVE,
  };
  return { record, sourceUpdatedAt: updatedAt(row), store: 'always', digest: null };
}

function mapAddress(row: Row): Address | null {
  const address: Address = {
    line1: text(row, nameIn(row, 'street_address_1', 'address_line_1', 'address_1', 'street_address')),
    line2: text(row, nameIn(row, 'street_address_2', 'address_line_2', 'address_2')),
    city: text(row, 'city'),
    region: text(row, nameIn(row, 'state', 'province', 'region')),
    postalCode: text(row, nameIn(row, 'zipcode', 'zip_code', 'postal_code', 'postcode'), 32),
    country: text(row, 'country', 64),
  };
  return Object.values(address).every((part) => part === null) ? null : address;
}
