import type { Account } from '../account';
import type { Exchange, ProviderBehaviour } from '../exchange';
import type { SimulatorDefinition } from '../simulator';
import type { Row } from '../table';
import { WodifyQueryError } from './wodify-query';
import { wodifyResources, wodifySizes } from './wodify-rows';
import { wodifySelection } from './wodify-selection';

const defaultPageSize = 20;

/** The simulator answers 50 requests a second; Wodify itself 5, with a burst of 20, which the settings can say. */
export const wodifyDefinition: SimulatorDefinition = {
  mainKey: 'sandbox-wodify-key-91d3e27f60',
  sizes: wodifySizes,
  // No Retry-After is documented.
  settings: { retryAfter: 'off' },
  resources: wodifyResources,
};

const paths: Record<string, string> = {
  '/clients': 'clients',
  '/memberships': 'memberships',
  '/financials/invoices': 'invoices',
  '/customers/locations': 'locations',
};
const errorCodes: Record<number, string> = {
  400: 'InvalidRequest',
  401: 'Unauthorized',
  404: 'NotFound',
  429: 'TooManyRequests',
};

/** Wodify's API as integrations see it. */
export const wodifyBehaviour: ProviderBehaviour = {
  normalise: (path) => path.replace(/^\/v1(?=\/|$)/, '').replace(/\/+$/, '') || '/',
  apiKeyOf: (headers) => {
    const key = headers['x-api-key'];
    return typeof key === 'string' ? key : undefined;
  },
  authenticate(exchange, account) {
    if (!account) exchange.fail(401, 'The API key is not valid.');
    return account;
  },
  errorBody: (status, message) => ({
    HTTPCode: status,
    ErrorCode: errorCodes[status] ?? 'Error',
    DeveloperMessage: message,
    UserMessage: message,
    MoreInfo: 'https://docs.wodify.com/errors',
  }),
  httpStatusOf(status, { errorsIn200 }) {
    const aboutTheQuestion = status === 400 || status === 404;
    return errorsIn200 === 'all' || (errorsIn200 === 'some' && aboutTheQuestion) ? 200 : status;
  },
  handle(exchange, account) {
    const found = /^(.*?)(?:\/([^/]+))?$/.exec(exchange.path);
    const whole = paths[exchange.path];
    const resource = whole ?? paths[found?.[1] ?? ''];
    const tail = whole ? undefined : found?.[2];
    const versioned = exchange.req.path.startsWith('/v1/');
    if (!versioned || !resource || exchange.settings.missingResources.includes(resource)) {
      return exchange.fail(404, 'There is no such resource.');
    }
    if (exchange.method !== 'GET') return exchange.fail(405, 'The method is not allowed.');
    if (tail === undefined || tail === 'search') return list(exchange, account, resource, tail === 'search');
    one(exchange, account, resource, tail);
  },
};

function list(exchange: Exchange, account: Account, resource: string, search: boolean): void {
  const { query, settings } = exchange;
  const q = search ? query.get('q') : null;
  if (search && q === null) return exchange.fail(400, 'q is missing.');
  const page = wholeFrom1(query.get('page'), 1);
  const pageSize = Math.min(wholeFrom1(query.get('page_size'), defaultPageSize), settings.pageCap);
  const table = account.table(resource);
  let ordinals: readonly number[];
  try {
    ordinals = table.select(wodifySelection(account, resource, { q, sort: query.get('sort') }, settings));
  } catch (error) {
    if (error instanceof WodifyQueryError) return exchange.fail(400, error.message);
    throw error;
  }
  const rows = ordinals.slice((page - 1) * pageSize, page * pageSize).map((ordinal) => listed(table.get(ordinal)));
  exchange.reply(200, {
    [resource]: rows,
    pagination: { page, page_size: pageSize, has_more: page * pageSize < ordinals.length },
  });
}

/** Lists leave out an invoice's lines. */
function listed(row: Row = {}): Row {
  if (!('invoice_details' in row)) return row;
  const { invoice_details: _lines, ...rest } = row;
  return rest;
}

function one(exchange: Exchange, account: Account, resource: string, id: string): void {
  const ordinal = account.definition(resource).ordinalOf(id, account);
  const row = ordinal === undefined ? undefined : account.table(resource).get(ordinal);
  if (!row) return exchange.fail(404, 'There is no such row.');
  exchange.reply(200, row);
}

function wholeFrom1(text: string | null, otherwise: number): number {
  return text !== null && /^[1-9]\d{0,8}$/.test(text) ? Number(text) : otherwise;
}
