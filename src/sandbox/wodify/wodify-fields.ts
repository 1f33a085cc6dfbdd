import type { SandboxRow } from '../table';

export type FieldKind = 'text' | 'number' | 'boolean' | 'date';

/** Fields that can be searched, and sorted by. `updated_on_datetime` is in no published list: the account decides. */
const searchable: Record<string, Record<string, FieldKind>> = {
  clients: {
    id: 'number',
    first_name: 'text',
    last_name: 'text',
    email: 'text',
    phone_number: 'text',
    client_status_id: 'number',
    client_status: 'text',
    location_id: 'number',
    location: 'text',
    member_since: 'date',
    last_attendance: 'date',
    updated_on_datetime: 'date',
  },
  memberships: {
    id: 'number',
    client_id: 'number',
    name: 'text',
    membership_type: 'text',
    is_active: 'boolean',
    is_deleted: 'boolean',
    start_date: 'date',
    end_date: 'date',
    expiration_date: 'date',
  },
  invoices: {
    id: 'number',
    invoice_number: 'text',
    client_id: 'number',
    invoice_header_status_id: 'number',
    invoice_header_status: 'text',
    payment_due: 'date',
    paid_on_date: 'date',
    final_charge: 'number',
  },
  locations: { id: 'number', name: 'text' },
};
const sortableBesides: Record<string, FieldKind> = { created_on_datetime: 'date', updated_on_datetime: 'date' };

export function searchKind(resource: string, field: string): FieldKind | undefined {
  const known = searchable[resource];
  return known && Object.hasOwn(known, field) ? known[field] : undefined;
}

export function sortKind(resource: string, field: string): FieldKind | undefined {
  return searchKind(resource, field) ?? (Object.hasOwn(sortableBesides, field) ? sortableBesides[field] : undefined);
}

export function fieldOf(row: SandboxRow | undefined, field: string): unknown {
  if (field === 'created_on_datetime') return (row?.['created'] as SandboxRow | undefined)?.[field];
  if (field === 'updated_on_datetime') return (row?.['updated'] as SandboxRow | undefined)?.[field];
  return row?.[field];
}
