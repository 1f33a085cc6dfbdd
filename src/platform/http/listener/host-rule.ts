import type { IncomingMessage, Server } from 'node:http';
import { isLoopbackHost } from '../../config';
import { InterlockError } from '../../errors';

/** The names that a listener is known by. */
export interface KnownHosts {
  /** ALLOWED_HOSTS: `.example.com` is every name below it; null: unset. */
  readonly allowedHosts: readonly string[] | null;
  /** Origins whose host is known too; null: there is none. */
  readonly ownOrigins: readonly (string | null)[];
}

/** Whether a request names a host that it may name. */
export type HostRule = (request: IncomingMessage) => boolean;

const AUTHORITY = /^(\[[0-9a-f:.]+\]|[a-z0-9_-]+(?:\.[a-z0-9_-]+)*)\.?(?::\d{0,5})?$/;
const ABSOLUTE_FORM = /^https?:\/\/([^/?#]*)/i;

/**
 * A name of somebody else that leads to a listener on loopback (DNS rebinding) would make its pages same-origin with
 * that name. So a listener on loopback is known by loopback names and by those it was given; any other by those it was
 * given, or by every name when it was given none.
 */
export function hostRule(server: Server, known: KnownHosts): HostRule {
  const given = [
    ...(known.allowedHosts ?? []),
    ...known.ownOrigins.flatMap((origin) => (origin === null ? [] : [new URL(origin).hostname])),
  ];
  const isGiven = (host: string): boolean =>
    given.some((name) => (name.startsWith('.') ? host.endsWith(name) && host.length > name.length : host === name));
  let onLoopback: boolean | null = null;
  return (request) => {
    const hosts = hostsOf(request);
    if (hosts === null) return false;
    onLoopback ??= listensOnLoopback(server);
    if (!onLoopback && known.allowedHosts === null) return true;
    return hosts.length > 0 && hosts.every((host) => isGiven(host) || (onLoopback === true && isLoopbackHost(host)));
  };
}

export function unknownHost(): InterlockError {
  return new InterlockError('invalid_request', { message: 'The Host header does not name this service.' });
}

/** Every host that the request names, in the header and in an absolute-form target; null: what HTTP does not allow. */
function hostsOf(request: IncomingMessage): string[] | null {
  const headers = request.headersDistinct['host'] ?? [];
  const needsOne = request.httpVersionMajor === 1 && request.httpVersionMinor === 1;
  if (headers.length > 1 || (needsOne && headers.length === 0)) return null;
  const { url = '' } = request;
  const authority = ABSOLUTE_FORM.exec(url)?.[1];
  if (authority === undefined && !url.startsWith('/') && url !== '*') return null;
  const hosts: string[] = [];
  for (const named of authority === undefined ? headers : [...headers, authority]) {
    const host = AUTHORITY.exec(named.toLowerCase())?.[1];
    if (host === undefined) return null;
    hosts.push(host);
  }
  return hosts;
}

function listensOnLoopback(server: Server): boolean {
  const address = server.address();
  return address !== null && typeof address === 'object' && isLoopbackHost(address.address);
}
