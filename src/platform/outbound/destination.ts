import { isIP } from 'node:net';
import { mayConnect } from './ip-ranges';
import { ProviderFailure } from './verdict';

export interface DestinationPolicy {
  /**
   * OUTBOUND_ALLOW_PRIVATE: private addresses and plain http are allowed too. Metadata and reserved addresses never
   * are.
   */
  readonly allowPrivate: boolean;
  /** `.practicehub.io` allows every host below it, `api.example.com` that host alone; null: any public host. */
  readonly allowedHostSuffixes: readonly string[] | null;
  /** Origin and path of the service's own simulator, exempt from every other rule; null: none. */
  readonly exemptPrefix: string | null;
}

export type RefusalReason =
  'malformed' | 'scheme' | 'userinfo' | 'host_form' | 'host_not_allowed' | 'port' | 'address' | 'redirect';

const RULES: Readonly<Record<RefusalReason, string>> = {
  malformed: 'must be a well-formed URL',
  scheme: 'must begin with https://',
  userinfo: 'must not contain a user name or password',
  host_form: 'must name a public host, not an address or a local name',
  host_not_allowed: 'must be a host of the provider',
  port: 'must not use this port',
  address: 'must not lead to a private or reserved address',
  redirect: 'must not redirect to another host',
};

/** The destination may not be called. The API answers it as 400 `invalid_request` on `field`; nothing was sent. */
export class DestinationRefused extends ProviderFailure {
  readonly reason: RefusalReason;

  constructor(reason: RefusalReason) {
    super('configuration', RULES[reason], { nothingSent: reason !== 'redirect', field: 'credentials.baseUrl' });
    this.name = 'DestinationRefused';
    this.reason = reason;
  }
}

export interface Destination {
  readonly url: URL;
  readonly exempt: boolean;
}

/** Names that resolve inside the machine or the network, whatever DNS says. */
const LOCAL_NAME =
  /(^|\.)(localhost|local|localdomain|svc|internal|intranet|lan|home|corp|arpa|onion|invalid|test|example)$/;

/** Ports above 1023 that browsers refuse, and those of databases: no HTTP API is there. */
const BAD_PORTS = new Set([
  1719, 1720, 1723, 2049, 2375, 2379, 3306, 3659, 4045, 4190, 5060, 5061, 5432, 6000, 6379, 6566, 6665, 6666, 6667,
  6668, 6669, 6679, 6697, 9200, 10080, 11211, 27017,
]);

/**
 * The rules that need no network: form, scheme, host, port, literal address. Throws DestinationRefused. Passing is not
 * enough to connect: the guarded connector checks the address that the name leads to.
 */
export function checkDestination(text: string, policy: DestinationPolicy): Destination {
  // the URL parser forgives tabs, line breaks and backslashes: a filter that reads the text would see another host
  if (text.length > 8192 || /[\s\\\p{Cc}]/u.test(text)) throw new DestinationRefused('malformed');
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new DestinationRefused('malformed');
  }
  if (url.username !== '' || url.password !== '') throw new DestinationRefused('userinfo');
  if (isExempt(url, policy.exemptPrefix)) return { url, exempt: true };
  if (url.protocol !== 'https:' && !(policy.allowPrivate && url.protocol === 'http:')) {
    throw new DestinationRefused('scheme');
  }
  if (!/^https?:\/\/[^/]/i.test(text)) throw new DestinationRefused('malformed');
  checkHost(url, text, policy);
  checkPort(url, policy.allowPrivate);
  return { url, exempt: false };
}

function checkHost(url: URL, text: string, policy: DestinationPolicy): void {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0) {
    if (!policy.allowPrivate) throw new DestinationRefused('host_form');
    // decimal, octal and hexadecimal forms parse to an address that is not what the text shows
    if (isIP(host) === 4 && !text.toLowerCase().includes(`//${host}`)) throw new DestinationRefused('host_form');
    if (!mayConnect(host, true)) throw new DestinationRefused('address');
  } else if (!policy.allowPrivate) {
    const wellFormed =
      host.length <= 253 && /^([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z][a-z0-9-]*[a-z0-9]$/.test(host);
    if (!wellFormed || LOCAL_NAME.test(host)) throw new DestinationRefused('host_form');
  }
  const suffixes = policy.allowedHostSuffixes;
  if (suffixes !== null && !suffixes.some((suffix) => hostIsUnder(host, suffix))) {
    throw new DestinationRefused('host_not_allowed');
  }
}

/** Whether a host stands under a suffix of a live-host list. */
export function hostIsUnder(host: string, suffix: string): boolean {
  const wanted = suffix.toLowerCase();
  return wanted.startsWith('.') ? host.endsWith(wanted) && host.length > wanted.length : host === wanted;
}

function checkPort(url: URL, allowPrivate: boolean): void {
  if (url.port === '' || allowPrivate) return;
  const port = Number(url.port);
  if (port < 1024 || BAD_PORTS.has(port)) throw new DestinationRefused('port');
}

function isExempt(url: URL, prefix: string | null): boolean {
  if (prefix === null) return false;
  const own = new URL(prefix);
  const path = own.pathname.replace(/\/+$/, '');
  // an encoded slash or dot could be read as a path separator behind the prefix
  if (url.origin !== own.origin || /%2f|%5c|%2e/i.test(url.pathname)) return false;
  return url.pathname === path || url.pathname.startsWith(`${path}/`);
}
