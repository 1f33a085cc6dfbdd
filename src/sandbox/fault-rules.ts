import { globMatches } from './glob';

export const faultKinds = [
  'status',
  'delay',
  'html',
  'truncated',
  'cut',
  'empty',
  'huge',
  'redirect',
  'hang',
  'reset-connection',
  'wrong-json',
  'bomb',
] as const;

export type FaultKind = (typeof faultKinds)[number];

/** One thing that shall go wrong. Which calls it hits: all that equal every part of `match`. */
export interface FaultRule {
  kind: FaultKind;
  match?: {
    method?: string;
    /** Without base and version, `*` standing for anything: `/patients`, `/invoices/*`. */
    path?: string;
    apiKey?: string;
    page?: number;
    query?: Record<string, string>;
  };
  /** How often; until cleared when absent. */
  times?: number;
  /** How many matching calls pass before the first one is hit. */
  skip?: number;
  /** The call takes effect first, only its answer goes wrong. */
  afterEffect?: boolean;
  status?: number;
  retryAfter?: number | string;
  body?: unknown;
  /** Wait before anything else, with every kind. */
  delayMs?: number;
  location?: string;
  /** Size of the answer for `huge`, unpacked size for `bomb`. */
  bytes?: number;
}

export interface FaultTarget {
  method: string;
  path: string;
  apiKey: string | undefined;
  query: URLSearchParams;
}

/** Far more than a test orders; what is left is what a caller could fill the memory with. */
const mostRules = 10_000;
const mostCharacters = 32 * 1024 * 1024;
const longestPattern = 500;
/** Of all rules together: each call is compared with each of them. */
const mostPatternCharacters = 100_000;
const longestDelayMs = 600_000;

interface StoredRule {
  id: number;
  rule: FaultRule;
  hits: number;
  skipped: number;
}

/** The faults that a test has ordered. The oldest rule that matches wins. */
export class FaultRules {
  private stored: StoredRule[] = [];
  private characters = 0;
  private patternCharacters = 0;
  private nextId = 1;

  add(rules: FaultRule[]): number[] {
    for (const rule of rules) check(rule);
    const characters = this.characters + JSON.stringify(rules).length;
    const patternCharacters = rules.reduce(
      (sum, { match }) => sum + (match?.path?.length ?? 0),
      this.patternCharacters,
    );
    if (
      this.stored.length + rules.length > mostRules ||
      characters > mostCharacters ||
      patternCharacters > mostPatternCharacters
    ) {
      throw new Error('there are too many faults: clear those that are done with');
    }
    this.characters = characters;
    this.patternCharacters = patternCharacters;
    return rules.map((rule) => {
      const id = this.nextId++;
      this.stored.push({ id, rule, hits: 0, skipped: 0 });
      return id;
    });
  }

  clear(): void {
    this.stored = [];
    this.characters = 0;
    this.patternCharacters = 0;
  }

  list(): readonly StoredRule[] {
    return this.stored;
  }

  /** The fault for this call, counted as used. */
  take(target: FaultTarget): FaultRule | undefined {
    for (const entry of this.stored) {
      const { rule } = entry;
      if (entry.hits >= (rule.times ?? Infinity) || !hits(rule, target)) continue;
      if (entry.skipped < (rule.skip ?? 0)) {
        entry.skipped += 1;
        continue;
      }
      entry.hits += 1;
      return rule;
    }
    return undefined;
  }
}

function hits({ match = {} }: FaultRule, { method, path, apiKey, query }: FaultTarget): boolean {
  if (match.method !== undefined && match.method.toUpperCase() !== method) return false;
  if (match.path !== undefined && !globMatches(match.path, path)) return false;
  if (match.apiKey !== undefined && match.apiKey !== apiKey) return false;
  if (match.page !== undefined && match.page !== Number(query.get('page') ?? 1)) return false;
  return Object.entries(match.query ?? {}).every(([name, value]) => query.get(name) === value);
}

function check(rule: FaultRule): void {
  if (typeof rule !== 'object' || rule === null || !faultKinds.includes(rule.kind)) {
    throw new Error(`a fault needs a kind, one of ${faultKinds.join(', ')}`);
  }
  if (rule.status !== undefined && !(Number.isInteger(rule.status) && rule.status >= 200 && rule.status <= 599)) {
    throw new Error('status of a fault must be from 200 to 599');
  }
  checkMatch(rule.match);
  if ((rule.match?.path ?? '').length > longestPattern) {
    throw new Error(`the path of a fault has ${longestPattern} characters at most`);
  }
  if (!isOf(rule.location, 'string') || !(isOf(rule.retryAfter, 'string') || isOf(rule.retryAfter, 'number'))) {
    throw new Error('location is a text, retryAfter a text or a number');
  }
  if (![rule.retryAfter ?? '', rule.location ?? ''].every((value) => /^[\x20-\x7e]{0,2000}$/.test(String(value)))) {
    throw new Error('what goes into a header is printable, and 2000 characters at most');
  }
  if ((rule.delayMs ?? 0) > longestDelayMs) throw new Error(`delayMs is ${longestDelayMs} at most`);
  for (const name of ['times', 'skip', 'delayMs', 'bytes'] as const) {
    const value = rule[name];
    if (value !== undefined && !(typeof value === 'number' && value >= 0))
      throw new Error(`${name} must be a number from 0`);
  }
}

/** Rules come as JSON: a list or a number would break the call that is compared with it. */
function checkMatch(match: unknown): void {
  if (match === undefined) return;
  if (!isPlain(match)) throw new Error('match must be an object');
  for (const name of ['method', 'path', 'apiKey']) {
    if (!isOf(match[name], 'string')) throw new Error(`${name} of a match must be a text`);
  }
  if (!isOf(match['page'], 'number')) throw new Error('page of a match must be a number');
  const { query = {} } = match;
  if (!isPlain(query) || !Object.values(query).every((value) => isOf(value, 'string'))) {
    throw new Error('query of a match must be an object of texts');
  }
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Or left out. */
function isOf(value: unknown, type: 'string' | 'number'): boolean {
  return value === undefined || typeof value === type;
}
