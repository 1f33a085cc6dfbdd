import { hash } from 'node:crypto';
import {
  MAX_LIST_ELEMENTS,
  NotUtf8,
  parseJsonBody,
  ProviderFailure,
  type JsonElement,
  type OutboundResponse,
} from '../platform/outbound';
import { scalarText } from './scalar';

/** Stands for a row that is nested too deeply, or holds bytes that are no text: nothing is read of it but its id. */
export class UnreadRow {
  readonly id: unknown;
  /** sha256 of what was sent, hex. */
  readonly #digest: string;
  readonly #reason: string;

  constructor(value: unknown, digest: string, reason = 'is nested too deeply') {
    this.#reason = reason;
    this.id = typeof value === 'object' && value !== null && 'id' in value ? scalar(value.id) : undefined;
    this.#digest = digest;
  }

  get reason(): string {
    return this.#reason;
  }

  get digest(): string {
    return this.#digest;
  }
}

/**
 * The rows of an answer's list, unparsed; null: it has no such list. Throws a ProviderFailure `contract` for more than
 * a page may hold.
 */
export function listIn(
  { body, elements, tooDeep }: Pick<OutboundResponse, 'body' | 'elements' | 'tooDeep'>,
  member: string,
): readonly JsonElement[] | null {
  const list: unknown = typeof body === 'object' && body !== null ? (body as Record<string, unknown>)[member] : null;
  return Array.isArray(list) ? elementsOf(list, { elements, tooDeep }) : null;
}

/** The rows of an answer, unparsed; `list`: what the parsed answer has in their place. */
export function elementsOf(
  list: readonly unknown[],
  { elements, tooDeep }: Pick<OutboundResponse, 'elements' | 'tooDeep'>,
): readonly JsonElement[] {
  if (elements !== null) return elements;
  if (tooDeep) throw notUnderstood('is nested too deeply');
  if (list.length > MAX_LIST_ELEMENTS) throw notUnderstood(`holds more than ${MAX_LIST_ELEMENTS} rows`);
  return list.map((row) => ({ bytes: Buffer.from(JSON.stringify(row)), tooDeep: false }));
}

/** A row of a list as a value. */
export function rowOf({ bytes, tooDeep }: JsonElement): unknown {
  try {
    const value = parseJsonBody(bytes);
    return tooDeep ? new UnreadRow(value, hash('sha256', bytes, 'hex')) : value;
  } catch (error) {
    if (!(error instanceof NotUtf8)) throw notUnderstood('is not valid JSON');
  }
  // read as ASCII is read: which row it is can be told all the same
  const value = rowOf({ bytes: Buffer.from(bytes.toString('latin1')), tooDeep });
  return new UnreadRow(value, hash('sha256', bytes, 'hex'), 'holds bytes that are no UTF-8');
}

/** The row of an answer that shows one, bare or under a name; null: it has none. */
export function singleIn(answer: Pick<OutboundResponse, 'body' | 'tooDeep'>, member: string): object | null {
  return isObject(answer.body) ? namedOrBare(answer, answer.body[member]) : null;
}

/** The row of an answer: what stands where it should, or the answer itself; null: it has none. */
export function namedOrBare(
  { body, tooDeep }: Pick<OutboundResponse, 'body' | 'tooDeep'>,
  named: unknown,
): object | null {
  if (!isObject(body)) return null;
  // a bare row may have a field of that name
  const row = isObject(named) || (named !== undefined && !('id' in body)) ? named : body;
  if (!isObject(row)) return null;
  return tooDeep ? new UnreadRow(row, hash('sha256', `too deep: ${scalarText(row['id'])}`, 'hex')) : row;
}

export function notUnderstood(what: string): ProviderFailure {
  return new ProviderFailure('contract', `The provider’s answer ${what}.`);
}

/**
 * The failure of a list that is not there. It carries the status, by which a credential test tells a wrong base URL.
 */
export function noSuchList(status: number): ProviderFailure {
  return new ProviderFailure('contract', 'The provider’s answer says that it has no such list.', { status });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function scalar(value: unknown): unknown {
  return typeof value === 'object' ? undefined : value;
}
