import type { Account } from '../account';
import type { Exchange, ProviderBehaviour } from '../exchange';
import type { SimulatorDefinition } from '../simulator';
import type { Row } from '../table';
import { deviceResource } from './terminal-device-rows';
import { paymentResource, paymentStatuses, paymentTypes } from './terminal-payment-rows';

const readScope = 'terminal:read';
const defaultLimit = 20;

export const terminalDefinition: SimulatorDefinition = {
  mainKey: 'sandbox-terminal-key-c84a6d1b25',
  sizes: { devices: 8, payments: 1500 },
  resources: { devices: deviceResource, payments: paymentResource },
  scopes: [readScope],
};

const codes: Record<number, string> = {
  400: 'invalid_request',
  401: 'unauthenticated',
  403: 'permission_denied',
  404: 'not_found',
  405: 'method_not_allowed',
  429: 'rate_limited',
};
const paths: Record<string, string> = { '/terminal-devices': 'devices', '/terminal-payments': 'payments' };

/** The terminal API as integrations see it. */
export const terminalBehaviour: ProviderBehaviour = {
  normalise: (path) => path.replace(/^\/v2(?=\/|$)/, '').replace(/\/+$/, '') || '/',
  apiKeyOf: (headers) => {
    const key = headers['x-api-key'];
    return typeof key === 'string' ? key : undefined;
  },
  authenticate(exchange, account) {
    if (!account) {
      exchange.fail(401, 'The API key is missing or not valid.');
      return undefined;
    }
    if (account.options.scopes.includes(readScope)) return account;
    exchange.fail(403, `The API key lacks the scope ${readScope}.`);
    return undefined;
  },
  errorBody(status, message) {
    const code = codes[status] ?? 'internal_error';
    return { error: code, message, code };
  },
  handle(exchange, account) {
    const resource = exchange.req.path.startsWith('/v2/') ? paths[exchange.path] : undefined;
    if (!resource || exchange.settings.missingResources.includes(resource)) return exchange.fail(404, 'Not found.');
    if (exchange.method !== 'GET') return exchange.fail(405, 'Method not allowed.');
    if (resource === 'devices') return listDevices(exchange, account);
    listPayments(exchange, account);
  },
};

/** Devices are few: all of them on one page. */
function listDevices(exchange: Exchange, account: Account): void {
  const ordinals = account.table('devices').select({ key: '', accepts: () => true });
  const data = ordinals.map((ordinal) => shown(account, 'devices', ordinal));
  exchange.reply(200, { data, meta: { count: data.length } });
}

/** Newest first. Filters see payments as they are at this moment, which no kept answer could: so rows are looked through. */
function listPayments(exchange: Exchange, account: Account): void {
  const { query, settings } = exchange;
  const wanted = { status: query.get('status'), type: query.get('type'), device_id: query.get('device_id') };
  if (wanted.status !== null && !paymentStatuses.includes(wanted.status))
    return exchange.fail(400, 'status has no such value');
  if (wanted.type !== null && !paymentTypes.includes(wanted.type)) return exchange.fail(400, 'type has no such value');
  const limit = Number(query.get('limit') ?? defaultLimit);
  if (!Number.isInteger(limit) || limit < 1) return exchange.fail(400, 'limit must be a number from 1 to 100');
  const table = account.table('payments');
  const cursor = query.get('starting_after');
  const after = cursor === null ? table.highest + 1 : account.definition('payments').ordinalOf(cursor, account);
  if (after === undefined || after > table.highest + 1) return exchange.fail(400, 'starting_after names no payment');
  const most = Math.min(limit, settings.pageCap);
  const found: Row[] = [];
  for (let ordinal = after - 1; ordinal >= 1 && found.length <= most; ordinal--) {
    const row = shown(account, 'payments', ordinal);
    if (row && Object.entries(wanted).every(([name, value]) => value === null || row[name] === value)) found.push(row);
  }
  const more = found.length > most;
  exchange.reply(200, { data: found.slice(0, most), ...(settings.hasMore === 'on' && { has_more: more }) });
}

function shown(account: Account, resource: string, ordinal: number): Row | undefined {
  const row = account.table(resource).get(ordinal);
  return row && (account.definition(resource).present?.(row, account) ?? row);
}
