import { DestinationRefused } from './destination';
import { ProviderFailure } from './verdict';
import { TooManyHints, TotalTimeout, type WireError } from './wire-exchange';

const TIMEOUT_CODES = new Set([
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'ETIMEDOUT',
]);
/** The name is not there, or the certificate does not fit: asking again in a second gives the same answer. */
const FINAL_CODES = /^(ENOTFOUND|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_TLS_CERT|ERR_SSL_)/;
/** Faults that the address itself has, whatever happens at the provider. */
const ADDRESS_RULES: Readonly<Record<string, string>> = {
  ENOTFOUND: 'must name a host that exists',
  ERR_TLS_CERT_ALTNAME_INVALID: 'must name a host that the certificate of its server is for',
  ERR_SSL_WRONG_VERSION_NUMBER: 'must lead to a port that speaks https',
};

/** The failure for a broken exchange, in words about the called server. */
export function networkFailure(error: WireError, callee: 'provider' | 'endpoint' = 'provider'): ProviderFailure {
  const cause = rootCause(error.cause);
  if (cause instanceof ProviderFailure) return cause;
  const code = codeOf(cause);
  const nothingSent = !error.sent;
  if (cause instanceof TotalTimeout || TIMEOUT_CODES.has(code)) {
    return new ProviderFailure('network', `The ${callee} did not answer in time.`, {
      timedOut: true,
      nothingSent,
      cause,
    });
  }
  if (cause instanceof TooManyHints) {
    return new ProviderFailure('contract', `The ${callee} sends preliminary answers without end.`, {
      nothingSent,
      cause,
    });
  }
  if (code === 'UND_ERR_HEADERS_OVERFLOW' || code.startsWith('HPE_')) {
    return new ProviderFailure('contract', `The ${callee}’s answer is not valid HTTP.`, { nothingSent, cause });
  }
  const message =
    code === 'ENOTFOUND'
      ? `The ${callee}’s host name does not exist.`
      : error.sent
        ? `The connection to the ${callee} broke.`
        : `The ${callee} could not be reached.`;
  const addressRule = ADDRESS_RULES[code] ?? null;
  return new ProviderFailure('network', message, { nothingSent, final: FINAL_CODES.test(code), addressRule, cause });
}

function rootCause(error: unknown): unknown {
  if (error instanceof DestinationRefused) return error;
  // happy eyeballs: one error per address tried
  if (error instanceof AggregateError) return error.errors.find((one) => one instanceof DestinationRefused) ?? error;
  return error;
}

function codeOf(error: unknown): string {
  if (error === null || typeof error !== 'object' || !('code' in error)) return '';
  return String(error.code);
}
