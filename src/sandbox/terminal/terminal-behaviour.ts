import type { Account } from '../account';
import type { Exchange, ProviderBehaviour } from '../exchange';
import { pathWithout } from '../request-path';
import type { SimulatorDefinition } from '../simulator';
import { deviceResource } from './terminal-device-rows';
import { BadQuestionError, pageOf } from './terminal-payment-list';
import { paymentResource } from './terminal-payment-rows';
import { terminalTruth } from './terminal-truth';
import { terminalVariant, terminalVariants } from './terminal-variants';

const readScope = 'terminal:read';

export const terminalDefinition: SimulatorDefinition = {
  mainKey: 'sandbox-terminal-key-c84a6d1b25',
  sizes: { devices: 8, payments: 1500 },
  resources: { devices: deviceResource, payments: paymentResource },
  scopes: [readScope],
  variants: terminalVariants,
  truth: terminalTruth,
  wordFields: ['payments.status'],
};

const codes: Record<number, string> = {
  400: 'invalid_request',
  401: 'unauthenticated',
  403: 'permission_denied',
  404: 'not_found',
  405: 'method_not_allowed',
  429: 'rate_limited',
};
const paths: Record<string, string> = { 'terminal-devices': 'devices', 'terminal-payments': 'payments' };

/** The terminal API as integrations see it. */
export const terminalBehaviour: ProviderBehaviour = {
  normalise: (path) => pathWithout('/v2', path),
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
    const [, place = '', id, ...more] = exchange.path.split('/');
    const resource = exchange.req.path.startsWith('/v2/') && Object.hasOwn(paths, place) ? paths[place] : undefined;
    const unknown = !resource || more.length > 0 || exchange.settings.missingResources.includes(resource);
    if (unknown) return exchange.fail(404, 'Not found.');
    if (exchange.method !== 'GET') return exchange.fail(405, 'Method not allowed.');
    if (id !== undefined) return one(exchange, account, resource, id);
    if (resource === 'devices') return listDevices(exchange, account);
    listPayments(exchange, account);
  },
};

/** Devices are few: all of them on one page. */
function listDevices(exchange: Exchange, account: Account): void {
  const table = account.table('devices');
  const ordinals = table.select({ key: '', accepts: () => true });
  const data = ordinals.map((ordinal) => account.show('devices', table.get(ordinal) ?? {}));
  exchange.reply(200, {
    data,
    ...(terminalVariant(account, 'metaCount') !== 'absent' && { meta: { count: data.length } }),
  });
}

function listPayments(exchange: Exchange, account: Account): void {
  try {
    exchange.reply(200, pageOf(account, exchange.query));
  } catch (error) {
    if (error instanceof BadQuestionError) return exchange.fail(400, error.message);
    throw error;
  }
}

function one(exchange: Exchange, account: Account, resource: string, id: string): void {
  const form = terminalVariant(account, 'single');
  const ordinal = account.definition(resource).ordinalOf(id, account);
  const row = ordinal === undefined ? undefined : account.table(resource).get(ordinal);
  if (!row || form === '404') return exchange.fail(404, 'Not found.');
  const shown = account.show(resource, row);
  exchange.reply(200, form === 'bare' ? shown : { data: shown });
}
