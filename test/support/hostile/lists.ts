import type { ListShape } from './attacks';

const NOW = new Date().toISOString().slice(0, 19);
const TIMES = `"created":"${NOW}","updated":"${NOW}","created_at":"${NOW}Z","completed_at":"${NOW}Z"`;
const WODIFY_TIMES = `"created":{"created_on_datetime":"${NOW}"},"updated":{"updated_on_datetime":"${NOW}"}`;

function shapeOf(
  name: string,
  members: string,
  end: (hasMore: boolean) => string,
  lines = 'items',
  times = TIMES,
): ListShape {
  return {
    // what comes later counts: an attack may say a member again
    row: (id, more = '"x":1') => `{"id":${id},${times},${members},${more}}`,
    body: (rows, hasMore) => `{"${name}":[${rows}],${end(hasMore)}}`,
    lines,
  };
}
const practicehub = (members: string): ListShape =>
  shapeOf('data', members, (hasMore) => `"links":{"next":${hasMore ? '"more"' : 'null'}}`);
const wodify = (name: string, members: string, lines?: string): ListShape =>
  shapeOf(name, members, (hasMore) => `"pagination":{"has_more":${hasMore}}`, lines, WODIFY_TIMES);
const terminal = (members: string): ListShape => shapeOf('data', members, (hasMore) => `"has_more":${hasMore}`);
const CATALOGUE = practicehub('"name":"n","price":"1.00"');

/** Every list that an adapter reads, by its path. */
export const LISTS: Readonly<Record<string, ListShape>> = {
  '/api/patients': practicehub('"first_name":"n","last_name":"n"'),
  '/api/services': CATALOGUE,
  '/api/products': CATALOGUE,
  '/api/patient_packages': CATALOGUE,
  '/api/invoices': practicehub('"patient_id":"1","total":"1.00","status":"open"'),
  '/api/payments': practicehub('"patient_id":"1","amount":"1.00"'),
  '/api/payment_methods': practicehub('"name":"n"'),
  '/v1/clients': wodify('clients', '"first_name":"n","last_name":"n"'),
  '/v1/clients/search': wodify('clients', '"first_name":"n","last_name":"n"'),
  '/v1/memberships': wodify('memberships', '"name":"n"'),
  '/v1/financials/invoices': wodify(
    'invoices',
    '"client_id":1,"final_charge":"1.00","invoice_header_status":"Paid"',
    'invoice_details',
  ),
  '/v1/customers/locations': wodify('locations', '"name":"n"'),
  '/v2/terminal-devices': terminal('"device_name":"n","status":"online"'),
  '/v2/terminal-payments': terminal('"status":"approved","type":"sale","amount_minor":1,"currency":"GBP"'),
};
/** What credentials are tested by. */
export const TESTED = new Set(['/api/payment_methods', '/v1/customers/locations', '/v2/terminal-devices']);
