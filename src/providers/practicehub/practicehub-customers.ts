import { firstNumber, type WrittenNumber } from '../phone';
import type { GoodRow } from '../provider';
import type { Address, CustomerRecord } from '../records';
import { flag, fullName, isRow, nameIn, RowProblem, text, type Row } from '../row';
import { timeIn } from '../zoned-time';
import type { MappingContext } from './practicehub-mapping';

/**
 * A patient as a customer. Only what is needed to bill somebody is read; whatever else stands in the row (birth dates,
 * notes, histories, identifiers of a health service) is never touched, so that a new field cannot leak by being there.
 */
export function mapPatient(row: Row, { timezone }: MappingContext): Omit<GoodRow, 'externalId'> {
  const firstName = text(row, nameIn(row, 'first_name', 'firstname'));
  const lastName = text(row, nameIn(row, 'last_name', 'lastname'));
  const record: CustomerRecord = {
    name: fullName(firstName, lastName) ?? text(row, 'name'),
    firstName,
    lastName,
    email: text(row, 'email', 254),
    phone: firstNumber(numbersOf(row)),
    address: mapAddress(row),
    externalReference: text(row, 'patient_number', 128),
    active: flag(row, 'active', true),
  };
  return { record, sourceUpdatedAt: timeIn(row, 'updated', timezone), store: 'always', digest: null };
}

/** Telephone numbers stand in a list only, in the practice's own order, each with its country. */
function numbersOf(row: Row): WrittenNumber[] {
  const numbers = row['numbers'] ?? [];
  if (!Array.isArray(numbers)) throw new RowProblem('numbers', 'is not a list');
  return numbers.filter(isRow).map((entry) => ({ number: text(entry, 'number', 64), country: text(entry, 'iso2', 8) }));
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
