import type { Account } from '../account';
import type { Exchange, ProviderBehaviour } from '../exchange';
import type { SimulatorDefinition } from '../simulator';
import { selectionFor } from './practicehub-filters';
import { practiceHubResources, practiceHubSizes } from './practicehub-rows';
import { practiceHubWrites } from './practicehub-writes';

const defaultPageSize = 20;
const appDetails = /^[^=]+=[^\s=@]+@[^\s=@]+$/;

export const practiceHubDefinition: SimulatorDefinition = {
  mainKey: 'sandbox-practicehub-key-5b1f0c9a47',
  sizes: practiceHubSizes,
  resources: practiceHubResources,
};

/** PracticeHub's API as integrations see it. */
export const practiceHubBehaviour: ProviderBehaviour = {
  normalise: (path) => path.replace(/^\/api(?=\/|$)/, '').replace(/\/+$/, '') || '/',
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
    const [, resource = '', id, ...more] = exchange.path.split('/');
    const unknown = !account.has(resource) || exchange.settings.missingResources.includes(resource);
    if (unknown || more.length > 0) return exchange.fail(404, 'Not found.');
    if (exchange.method === 'GET')
      return id === undefined ? list(exchange, account, resource) : one(exchange, account, resource, id);
    if (exchange.method === 'POST' && id === undefined) return create(exchange, account, resource);
    exchange.fail(405, 'Method not allowed.');
  },
};

function list(exchange: Exchange, account: Account, resource: string): void {
  const { query, settings } = exchange;
  const page = wholeFrom1(query.get('page')) ?? 1;
  const pageSize = Math.min(wholeFrom1(query.get('page_size')) ?? defaultPageSize, settings.pageCap);
  const ordinals = account.table(resource).select(selectionFor(account, resource, query, settings));
  const data = ordinals
    .slice((page - 1) * pageSize, page * pageSize)
    .map((ordinal) => account.table(resource).get(ordinal));
  // Where everything fits on one page `next` is absent; on the last of several pages it is null.
  const next = page * pageSize < ordinals.length ? exchange.urlOfPage(page + 1) : null;
  const links = ordinals.length > pageSize ? { next } : {};
  exchange.reply(200, { data, total_entries: ordinals.length, links });
}

function one(exchange: Exchange, account: Account, resource: string, id: string): void {
  const ordinal = account.definition(resource).ordinalOf(id, account);
  const row = ordinal === undefined ? undefined : account.table(resource).get(ordinal);
  if (!row) return exchange.fail(404, 'Not found.');
  exchange.reply(200, { data: row });
}

function create(exchange: Exchange, account: Account, resource: string): void {
  const write = Object.hasOwn(practiceHubWrites, resource) ? practiceHubWrites[resource] : undefined;
  if (!write) return exchange.fail(405, 'Method not allowed.');
  const { body } = exchange;
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    return exchange.fail(422, 'A JSON object is expected.');
  const outcome = write(account, { ...body });
  if ('row' in outcome) return exchange.reply(201, { data: outcome.row });
  exchange.fail(outcome.status, outcome.message);
}

function wholeFrom1(text: string | null): number | undefined {
  return text !== null && /^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined;
}
