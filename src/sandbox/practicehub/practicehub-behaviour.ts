import type { Account } from '../account';
import type { Exchange, ProviderBehaviour } from '../exchange';
import { pathWithout } from '../request-path';
import { toldTotal } from '../row-order';
import type { SimulatorDefinition } from '../simulator';
import type { SandboxRow } from '../table';
import { RefusedFilterError, selectionFor } from './practicehub-filters';
import { placeOf } from './practicehub-paths';
import { practiceHubResources, practiceHubSizes } from './practicehub-rows';
import { practiceHubTruth } from './practicehub-truth';
import { practicehubVariant, practiceHubVariants } from './practicehub-variants';
import { practiceHubWrites, writeVariantOf } from './practicehub-writes';

const largestPage = 100;
const appDetails = /^[^=]+=[^\s=@]+@[^\s=@]+$/;

export const practiceHubDefinition: SimulatorDefinition = {
  mainKey: 'sandbox-practicehub-key-5b1f0c9a47',
  sizes: practiceHubSizes,
  resources: practiceHubResources,
  variants: practiceHubVariants,
  truth: practiceHubTruth,
  wordFields: ['invoices.status'],
};

/** PracticeHub's API as integrations see it. */
export const practiceHubBehaviour: ProviderBehaviour = {
  normalise: (path) => pathWithout('/api', path),
  apiKeyOf: (headers) => {
    const key = headers['x-practicehub-key'];
    return typeof key === 'string' ? key : undefined;
  },
  authenticate(exchange, account) {
    const details = exchange.req.headers['x-app-details'];
    if (account && typeof details === 'string' && appDetails.test(details)) return account;
    exchange.fail(401, 'Unauthenticated.');
    return undefined;
  },
  errorBody: (_status, message) => ({ message }),
  handle(exchange, account) {
    const place = placeOf(account, exchange.path);
    if (!place || exchange.settings.missingResources.includes(place.resource)) return exchange.fail(404, 'Not found.');
    const { resource, id } = place;
    if (exchange.method === 'GET')
      return id === undefined ? list(exchange, account, resource) : one(exchange, account, resource, id);
    if (exchange.method === 'POST' && id === undefined) return create(exchange, account, resource);
    exchange.fail(405, 'Method not allowed.');
  },
};

function list(exchange: Exchange, account: Account, resource: string): void {
  const { query, settings } = exchange;
  const page = wholeFrom1(query.get('page')) ?? 1;
  const pageSize = Math.min(wholeFrom1(query.get('page_size')) ?? largestPage, settings.pageCap);
  const table = account.table(resource);
  let ordinals: readonly number[];
  try {
    ordinals = table.select(selectionFor(account, resource, query, settings));
  } catch (error) {
    if (error instanceof RefusedFilterError) return exchange.fail(400, error.message);
    throw error;
  }
  const data = ordinals
    .slice((page - 1) * pageSize, page * pageSize)
    .map((ordinal) => account.show(resource, table.get(ordinal) ?? {}));
  const total = toldTotal(account, ordinals.length, page);
  exchange.reply(200, {
    data,
    ...(total !== undefined && { total_entries: total }),
    links: linksOf(exchange, account, page, page * pageSize < ordinals.length),
  });
}

function linksOf(exchange: Exchange, account: Account, page: number, more: boolean): SandboxRow {
  const next = more ? exchange.urlOfPage(page + 1) : null;
  const previous = page > 1 ? exchange.urlOfPage(page - 1) : null;
  const self = exchange.urlOfPage(page);
  if (practicehubVariant(account, 'links') === 'null-at-ends') return { self, next, previous };
  return { self, ...(next !== null && { next }), ...(previous !== null && { previous }) };
}

function one(exchange: Exchange, account: Account, resource: string, id: string): void {
  const ordinal = account.definition(resource).ordinalOf(id, account);
  const row = ordinal === undefined ? undefined : account.table(resource).get(ordinal);
  if (!row) return exchange.fail(404, 'Not found.');
  const shown = account.show(resource, row);
  exchange.reply(200, practicehubVariant(account, 'single') === 'bare' ? shown : { data: shown });
}

function create(exchange: Exchange, account: Account, resource: string): void {
  const write = Object.hasOwn(practiceHubWrites, resource) ? practiceHubWrites[resource] : undefined;
  if (!write) return exchange.fail(405, 'Method not allowed.');
  const form = writeVariantOf(account, resource);
  if (form === '404') return exchange.fail(404, 'Not found.');
  if (form === 'refused') return exchange.fail(422, 'This cannot be created here.');
  const { body } = exchange;
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    return exchange.fail(422, 'A JSON object is expected.');
  const outcome = write(account, { ...body });
  if (!('row' in outcome)) return exchange.fail(outcome.status, outcome.message);
  const shown = account.show(resource, outcome.row);
  exchange.reply(201, form === 'no-body' ? {} : form === 'bare' ? shown : { data: shown });
}

function wholeFrom1(text: string | null): number | undefined {
  return text !== null && /^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined;
}
