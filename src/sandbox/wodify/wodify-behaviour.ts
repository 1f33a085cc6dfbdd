import type { Account } from '../account';
import type { Exchange, ProviderBehaviour } from '../exchange';
import { pathWithout } from '../request-path';
import type { SimulatorDefinition } from '../simulator';
import type { SandboxRow } from '../table';
import { wodifyErrorBody } from './wodify-errors';
import { WodifyQueryError } from './wodify-query';
import { wodifyResources, wodifySizes } from './wodify-rows';
import { wodifySelection } from './wodify-selection';
import { wodifyTruth } from './wodify-truth';
import { wodifyVariant, wodifyVariants } from './wodify-variants';

const largestPage = 100;

/** The simulator answers 50 requests a second; Wodify itself 5, with a burst of 20, which the settings can say. */
export const wodifyDefinition: SimulatorDefinition = {
  mainKey: 'sandbox-wodify-key-91d3e27f60',
  sizes: wodifySizes,
  resources: wodifyResources,
  variants: wodifyVariants,
  truth: wodifyTruth,
  wordFields: ['invoices.invoice_header_status'],
  listNames: { clients: { created: 'created_on' } },
};

const paths: Record<string, string> = {
  '/clients': 'clients',
  '/memberships': 'memberships',
  '/financials/invoices': 'invoices',
  '/customers/locations': 'locations',
};

/** What a path names: a list, a search, or one row. */
function placeOf(path: string): { resource: string; tail?: string } | undefined {
  const whole = paths[path];
  if (whole) return { resource: whole };
  const cut = path.lastIndexOf('/');
  const resource = paths[path.slice(0, cut)];
  return resource ? { resource, tail: path.slice(cut + 1) } : undefined;
}

/** The call's place, if it is there: below exactly one `/v1`, and to be read only. */
function placeIn({ req, method, path, settings }: Exchange): ReturnType<typeof placeOf> {
  const place = req.path.startsWith('/v1/') && method === 'GET' ? placeOf(path) : undefined;
  return place && settings.missingResources.includes(place.resource) ? undefined : place;
}

/** Wodify's API as integrations see it. */
export const wodifyBehaviour: ProviderBehaviour = {
  normalise: (path) => pathWithout('/v1', path),
  apiKeyOf: (headers) => {
    const key = headers['x-api-key'];
    return typeof key === 'string' ? key : undefined;
  },
  authenticate(exchange, account) {
    // The gateway in front knows the paths, and asks for no key where there is none: its answer is no envelope of
    // Wodify's.
    if (!placeIn(exchange)) {
      exchange.reply(403, { message: 'Missing Authentication Token' });
      return undefined;
    }
    if (!account) exchange.fail(401, 'The API key is not valid.');
    return account;
  },
  errorBody: wodifyErrorBody,
  httpStatusOf(status, { errorsIn200: hidden }) {
    const aboutTheQuestion = status === 400 || status === 404;
    return hidden === 'all' || (hidden === 'some' && aboutTheQuestion) ? 200 : status;
  },
  handle(exchange, account) {
    const { resource = '', tail } = placeIn(exchange) ?? {};
    if (tail === undefined || tail === 'search') return list(exchange, account, resource, tail === 'search');
    one(exchange, account, resource, tail);
  },
};

function list(exchange: Exchange, account: Account, resource: string, search: boolean): void {
  const { query, settings } = exchange;
  const q = search ? query.get('q') : null;
  if (search && q === null) return exchange.fail(400, 'q is missing.');
  const page = wholeFrom1(query.get('page'), 1);
  const pageSize = Math.min(wholeFrom1(query.get('page_size'), largestPage), settings.pageCap);
  const table = account.table(resource);
  let ordinals: readonly number[];
  try {
    ordinals = table.select(wodifySelection(account, resource, { q, sort: query.get('sort') }));
  } catch (error) {
    if (error instanceof WodifyQueryError) return exchange.fail(400, error.message);
    throw error;
  }
  const rows = ordinals
    .slice((page - 1) * pageSize, page * pageSize)
    .map((ordinal) => listed(resource, account.show(resource, table.get(ordinal) ?? {})));
  exchange.reply(200, {
    [resource]: rows,
    pagination: { page, page_size: pageSize, has_more: page * pageSize < ordinals.length },
    wodify_validation_result: '',
  });
}

/** Lists leave out an invoice's lines, and call a client's `created` another name. */
function listed(resource: string, row: SandboxRow): SandboxRow {
  if (resource === 'invoices') {
    const { invoice_details: _lines, ...rest } = row;
    return rest;
  }
  const names = wodifyDefinition.listNames?.[resource] ?? {};
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [names[name] ?? name, value]));
}

function one(exchange: Exchange, account: Account, resource: string, id: string): void {
  const ordinal = account.definition(resource).ordinalOf(id, account);
  const row = ordinal === undefined ? undefined : account.table(resource).get(ordinal);
  if (!row) return exchange.fail(404, 'There is no such row.');
  const shown = account.show(resource, row);
  exchange.reply(200, wodifyVariant(account, 'single') === 'wrapped' ? { [resource.slice(0, -1)]: shown } : shown);
}

function wholeFrom1(text: string | null, otherwise: number): number {
  return text !== null && /^[1-9]\d{0,8}$/.test(text) ? Number(text) : otherwise;
}
