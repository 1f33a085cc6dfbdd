import { isLoopbackHost } from './loopback';

/** A variable that is set in a way that production should not need, and what that means. Never its value. */
export interface Risk {
  readonly variable: string;
  readonly risk: string;
}

interface Rule {
  readonly variable: string;
  readonly applies: (value: unknown) => boolean;
  readonly risk: string;
}

const rules: Rule[] = [];

/** Says beside a variable of the schema which values are a risk in production; several may stand beside one. */
export function Risky(applies: (value: unknown) => boolean, risk: string): PropertyDecorator {
  return (_schema, variable) => {
    rules.push({ variable: String(variable), applies, risk });
  };
}

export function risksOf(environment: object): Risk[] {
  const values = new Map<string, unknown>(Object.entries(environment));
  return rules
    .filter(({ variable, applies }) => values.get(variable) !== undefined && applies(values.get(variable)))
    .map(({ variable, risk }) => ({ variable, risk }));
}

const PROTECTED_SCHEMES = new Set(['https:', 'rediss:']);
const UNPROTECTED_SSL_MODES = new Set(['', 'disable', 'allow', 'prefer']);

/** A URL over which what is said can be read on its way. */
export function isInClear(value: unknown): boolean {
  const url = urlOf(value);
  if (url === null || PROTECTED_SCHEMES.has(url.protocol)) return false;
  if (!/^postgres(ql)?:$/.test(url.protocol)) return true;
  return UNPROTECTED_SSL_MODES.has(url.searchParams.get('sslmode') ?? '') && url.searchParams.get('ssl') !== 'true';
}

/** The same, to another machine: no host, or a folder in its place, is a socket of this one. */
export function leavesInClear(value: unknown): boolean {
  const { hostname = '' } = urlOf(value) ?? {};
  const isSocket = hostname === '' || /^%2f/i.test(hostname);
  return !isSocket && !isLoopbackHost(hostname) && isInClear(value);
}

function urlOf(value: unknown): URL | null {
  const text = String(value);
  return URL.canParse(text) ? new URL(text) : null;
}

/** What decides whom to trust: over https, or on this machine. */
export function isGuarded(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === 'https:' || isLoopbackHost(hostname);
}
