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
  private nextId = 1;

  add(rules: FaultRule[]): number[] {
    for (const rule of rules) check(rule);
    const characters = this.characters + JSON.stringify(rules).length;
    if (this.stored.length + rules.length > mostRules || characters > mostCharacters) {
      throw new Error('there are too many faults: clear those that are done with');
    }
    this.characters = characters;
    return rules.map((rule) => {
      const id = this.nextId++;
      this.stored.push({ id, rule, hits: 0, skipped: 0 });
      return id;
    });
  }

  clear(): void {
    this.stored = [];
    this.characters = 0;
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
  if (String(rule.match?.path ?? '').length > longestPattern) {
    throw new Error(`the path of a fault has ${longestPattern} characters at most`);
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
