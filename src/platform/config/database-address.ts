import { leavesInClear } from './risks';

const TARGETS = ['any', 'read-write', 'primary'] as const;
/** Which of several servers is meant, in libpq's words. */
export type TargetSession = (typeof TARGETS)[number];

/** What DATABASE_URL says: one server, or several of which one has the database at a time. */
export interface DatabaseAddress {
  /** A URL of each server, as node-postgres reads it, in the order given. */
  readonly servers: readonly string[];
  readonly target: TargetSession;
}

/** Scheme, user, hosts and the rest; a password may hold an @. */
const FORM = /^(postgres(?:ql)?:\/\/)([^/?#]*@)?([^/?#]*)(.*)$/s;
/** Path, query and fragment. */
const QUERY = /^([^?#]*)(?:\?([^#]*))?(.*)$/s;
const HOST = /^(\[[0-9a-fA-F:.]+\]|[^:[\]\s]+)(?::(\d{1,5}))?$/;
const TARGET = 'target_session_attrs';

/** The rule that a URL breaks; never a part of it, which may be a secret. */
export class DatabaseUrlError extends Error {}

/** As libpq reads it. But of several servers the one that takes writes is meant, unless the URL says otherwise. */
export function databaseAddressOf(url: string): DatabaseAddress {
  const [, scheme, user = '', hosts, rest] = FORM.exec(url) ?? refuse('must be a postgres:// URL');
  const [, path, query, fragment] = QUERY.exec(rest!)!;
  const pieces = (query?.split('&') ?? []).map((text) => {
    const [[name, value] = ['', '']] = new URLSearchParams(text);
    return { text, name, value };
  });
  const parts = hosts!.split(',');
  for (const { name, value } of pieces) {
    if ((name === 'host' || name === 'port') && (parts.length > 1 || value.includes(',')))
      refuse('must have several hosts before its path, not in a parameter');
  }
  if (parts.length > 1 && !parts.every(isServer)) refuse('must have hosts with ports between the commas');
  // the last one counts
  const named = pieces.findLast(({ name }) => name === TARGET)?.value ?? (parts.length > 1 ? 'read-write' : 'any');
  const target =
    TARGETS.find((each) => each === named) ?? refuse(`must have ${TARGETS.join(', ')} or nothing as ${TARGET}`);
  // each server is given to the client in the words of the URL
  const kept = pieces.filter(({ name }) => name !== TARGET).map(({ text }) => text);
  const tail =
    kept.length === pieces.length ? rest : `${path}${kept.length > 0 ? `?${kept.join('&')}` : ''}${fragment}`;
  return { servers: parts.map((host) => `${scheme}${user}${host}${tail}`), target };
}

/** Whether what is said to one of them can be read on its way to another machine. */
export function databaseLeavesInClear(url: unknown): boolean {
  try {
    return databaseAddressOf(String(url)).servers.some(leavesInClear);
  } catch {
    return false;
  }
}

function isServer(part: string): boolean {
  const [, host, port] = HOST.exec(part) ?? [];
  return host !== undefined && Number(port ?? 1) <= 65_535;
}

function refuse(rule: string): never {
  throw new DatabaseUrlError(rule);
}
