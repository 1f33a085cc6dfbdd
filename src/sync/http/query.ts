import { InterlockError } from '../../platform/errors';
import { isFitText, isUuid, parseTimestamp, TIMESTAMP_RULE } from '../../platform/http';

export type Query = Readonly<Record<string, unknown>>;

const MAX_TEXT_LENGTH = 1024;

/** A query parameter that occurs once and that PostgreSQL could store; an empty one counts as left out. */
export function textQuery(query: Query, name: string): string | undefined {
  const value = query[name];
  if (value === undefined || value === '') return undefined;
  if (typeof value !== 'string' || value.length > MAX_TEXT_LENGTH || !isFitText(value)) {
    throw InterlockError.invalidField(
      name,
      `must be one text of at most ${MAX_TEXT_LENGTH} characters, without control characters`,
    );
  }
  return value;
}

export function oneOfQuery<T extends string>(query: Query, name: string, allowed: readonly T[]): T | undefined {
  const value = textQuery(query, name);
  if (value === undefined) return undefined;
  const known = allowed.find((each) => each === value);
  if (known === undefined) throw InterlockError.invalidField(name, `must be one of ${allowed.join(', ')}`);
  return known;
}

export function flagQuery(query: Query, name: string, fallback: boolean): boolean {
  const value = oneOfQuery(query, name, ['true', 'false']);
  return value === undefined ? fallback : value === 'true';
}

export function uuidQuery(query: Query, name: string): string | undefined {
  const value = textQuery(query, name);
  if (value !== undefined && !isUuid(value)) throw InterlockError.invalidField(name, 'must be a UUID');
  return value;
}

/** Without a zone it is UTC, as everywhere in this API. */
export function dateTimeQuery(query: Query, name: string): Date | undefined {
  const value = textQuery(query, name);
  return value === undefined ? undefined : parseDateTime(value, name);
}

export function parseDateTime(value: string, field: string): Date {
  const date = parseTimestamp(value);
  if (date === null) throw InterlockError.invalidField(field, TIMESTAMP_RULE);
  return date;
}
