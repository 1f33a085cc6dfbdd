import { isLoopbackHost } from './loopback';

export interface RedisNode {
  readonly host: string;
  readonly port: number;
}

/** Who is asking; undefined: nobody says so. */
export interface RedisUser {
  readonly username?: string;
  readonly password?: string;
}

/** What REDIS_URL says: one server, servers that Sentinels watch, or the nodes of a Cluster. */
export interface RedisAddress {
  readonly kind: 'server' | 'sentinel' | 'cluster';
  /** The server, the Sentinels, or nodes that know the others. */
  readonly nodes: readonly RedisNode[];
  readonly user: RedisUser;
  readonly db: number;
  /** What the client reads of one server: the URL without the parameters that are ours. */
  readonly url: string | null;
  /** The name by which Sentinels know the primary. */
  readonly primaryName: string | null;
  readonly sentinelUser: RedisUser;
  /** null: in clear. The files, where the authorities of the machine do not know the server or it asks who calls. */
  readonly tls: Readonly<Record<'caFile' | 'certFile' | 'keyFile', string | null>> | null;
}

/** Scheme, kind, user, nodes, path and parameters; a password may hold an @. */
const FORM = /^(rediss?)(\+sentinel|\+cluster)?:\/\/(?:([^/?#]*)@)?([^/?#]*)(?:\/([^?#]*))?(?:\?([^#]*))?$/;
const TLS_PARAMETERS = ['ssl_ca_certs', 'ssl_certfile', 'ssl_keyfile'] as const;
const SENTINEL_PARAMETERS = ['sentinel_username', 'sentinel_password'] as const;
const SERVER_PORT = 6379;
const SENTINEL_PORT = 26_379;

/** The rule that a URL breaks; never a part of it, which may be a secret. */
export class RedisUrlError extends Error {}

export function redisAddressOf(url: string): RedisAddress {
  const [, scheme, suffix = '', user, hosts, path = '', query = ''] = FORM.exec(url) ?? refuse('must be a Redis URL');
  const kind = suffix === '+sentinel' ? 'sentinel' : suffix === '+cluster' ? 'cluster' : 'server';
  const parameters = new URLSearchParams(query);
  const parameter = (name: string): string | undefined => parameters.get(name) || undefined;
  const [caFile, certFile, keyFile] = TLS_PARAMETERS.map((name) => parameter(name) ?? null);
  if (scheme === 'redis' && TLS_PARAMETERS.some(parameter)) refuse('has ssl_ parameters, which rediss:// alone takes');
  if (certFile === null ? keyFile !== null : keyFile === null) {
    refuse('must have both of ssl_certfile and ssl_keyfile, or neither');
  }
  // a server's other parameters are options of the client
  const known: readonly string[] = [...TLS_PARAMETERS, ...(kind === 'sentinel' ? SENTINEL_PARAMETERS : [])];
  if (kind !== 'server' && [...parameters.keys()].some((name) => !known.includes(name))) {
    refuse(`has a parameter that is none of ${known.join(', ')}`);
  }
  const nodes = nodesOf(hosts!, kind);
  const [name, db, ...rest] = kind === 'sentinel' ? path.split('/') : ['', path];
  if (kind === 'sentinel' && !name) refuse('must name the primary behind the Sentinels, such as /mymaster');
  if (kind === 'cluster' && path !== '') refuse('must have no path: a Cluster has database 0 alone');
  if (rest.length > 0 || !/^\d{0,5}$/.test(db ?? '')) refuse('must have the number of a database at its end, or none');
  return {
    kind,
    nodes,
    user: userOf(...(user ?? '').split(/:(.*)/s)),
    db: Number(db ?? 0),
    url: kind === 'server' ? withoutOurs(url, parameters) : null,
    primaryName: kind === 'sentinel' ? decoded(name!) : null,
    sentinelUser:
      kind === 'sentinel' ? { username: parameter('sentinel_username'), password: parameter('sentinel_password') } : {},
    tls: scheme === 'rediss' ? { caFile: caFile!, certFile: certFile!, keyFile: keyFile! } : null,
  };
}

/** Whether what is said to it can be read on its way to another machine. */
export function redisLeavesInClear(url: unknown): boolean {
  try {
    const { tls, nodes } = redisAddressOf(String(url));
    return tls === null && nodes.some(({ host }) => !isLoopbackHost(host));
  } catch {
    return false;
  }
}

function refuse(rule: string): never {
  throw new RedisUrlError(rule);
}

function nodesOf(hosts: string, kind: RedisAddress['kind']): RedisNode[] {
  const parts = hosts.split(',');
  if (kind === 'server' && parts.length > 1) {
    refuse('must name one server; several are redis+sentinel:// or redis+cluster://');
  }
  return parts.map((part) => {
    const [, host, port] = /^(\[[0-9a-fA-F:.]+\]|[^:[\]\s]*)(?::(\d{1,5}))?$/.exec(part) ?? [];
    // a server's address may be left out, as ever
    if (host === undefined || (host === '' && kind !== 'server') || Number(port ?? 1) > 65_535) {
      return refuse('must have hosts with ports between the commas');
    }
    return {
      host: host.replace(/^\[|\]$/g, '') || 'localhost',
      port: Number(port ?? (kind === 'sentinel' ? SENTINEL_PORT : SERVER_PORT)),
    };
  });
}

function userOf(username = '', password = ''): RedisUser {
  return { username: decoded(username) || undefined, password: decoded(password) || undefined };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return refuse('must have % in its user and password written as %25');
  }
}

/** As it was given where nothing is ours: the client reads it as it always has. */
function withoutOurs(url: string, parameters: URLSearchParams): string {
  if (!URL.canParse(url)) refuse('must be a Redis URL');
  if (!TLS_PARAMETERS.some((name) => parameters.has(name))) return url;
  const cleared = new URL(url);
  for (const name of TLS_PARAMETERS) cleared.searchParams.delete(name);
  return cleared.href;
}
