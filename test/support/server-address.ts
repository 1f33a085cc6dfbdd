import type { NetConnectOpts } from 'node:net';

/** Where the PostgreSQL of a URL listens: a unix socket when the URL's host is a folder, else TCP. */
export function addressOf(serverUrl: string): NetConnectOpts {
  const { hostname, port } = new URL(serverUrl);
  const host = decodeURIComponent(hostname);
  return host.startsWith('/') ? { path: `${host}/.s.PGSQL.${port}` } : { host, port: Number(port) };
}

/** The same database through something that listens on this machine. */
export function throughPort(databaseUrl: string, port: number): string {
  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String(port);
  return url.href;
}
