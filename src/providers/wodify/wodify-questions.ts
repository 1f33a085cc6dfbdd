import type { AccountAnswer, Ask } from '../account-reader';
import { isRow } from '../row';
import { scalarNumber } from '../scalar';

const DAY_MS = 86_400_000;
const PAGE = 'page=1&page_size=100';

/** All that is asked of a Wodify account. */
export async function askWodify(ask: Ask): Promise<void> {
  const clients = await ask('clients', `/clients?${PAGE}`, { list: 'clients' });
  await ask('memberships', `/memberships?${PAGE}`, { list: 'memberships' });
  const invoices = await ask('invoices', `/financials/invoices?${PAGE}`, { list: 'invoices' });
  for (const sort of ['desc_created_on_datetime', 'created_on_datetime']) {
    await ask(`sort ${sort}`, `/financials/invoices?sort=${sort}&${PAGE}`, { list: 'invoices' });
  }
  const search = (name: string, resource: string, q: string): Promise<AccountAnswer> =>
    ask(name, `${resource}/search?${new URLSearchParams({ q, page: '1', page_size: '100' })}`, {
      list: resource === '/clients' ? 'clients' : 'invoices',
    });
  const withStatus = (status: string): Promise<AccountAnswer> =>
    search(`invoices ${status}`, '/financials/invoices', `invoice_header_status|eq|'${status}'`);
  await withStatus('Refunded');
  await withStatus('Deleted');
  const refundedInPart = [invoices, await withStatus('Partially Refunded')]
    .flatMap(({ rows }) => rows)
    .find((row) => row['invoice_header_status'] === 'Partially Refunded');
  const toCome = new Date(ask.now.getTime() + 3 * DAY_MS).toISOString().slice(0, 19);
  await search('updated to come', '/clients', `updated_on_datetime|gte|${toCome}Z`);
  await search('updated long ago', '/clients', 'updated_on_datetime|gte|1990-01-01T00:00:00Z');
  await search('unquoted date', '/clients', 'member_since|gt|1950-01-01');
  await search('quoted date', '/clients', "member_since|gt|'1950-01-01'");
  await search('unsearchable field', '/clients', 'interlock_no_such_field|eq|1');
  for (const [name, path, row] of [
    ['client', '/clients', clients.rows[0]],
    ['invoice', '/financials/invoices', invoices.rows[0]],
    ['invoice refunded in part', '/financials/invoices', refundedInPart],
  ] as const) {
    const id = row?.['id'];
    if (typeof id === 'number' || (typeof id === 'string' && /^[\w-]{1,64}$/.test(id)))
      await ask(name, `${path}/${id}`);
  }
  await ask('no such client', '/clients/999999999999');
  await ask('no such path', '/interlock-check/no-such-path');
  await ask('without key', '/clients?page=1&page_size=1', { withoutKey: true });
}

/** How an answer says that it is a failure; null: it is none. */
export function envelopeOf({ status, body }: AccountAnswer): 'flat' | 'api-error' | 'error-code' | 'other' | null {
  if (isRow(body)) {
    if (scalarNumber(body['HTTPCode']) >= 400) return 'flat';
    if (isRow(body['APIError'])) return 'api-error';
    if (typeof body['ErrorCode'] === 'string' && body['ErrorCode'] !== '') return 'error-code';
  }
  return status !== null && status >= 400 ? 'other' : null;
}

export const isFailure = (answer: AccountAnswer): boolean => envelopeOf(answer) !== null;
