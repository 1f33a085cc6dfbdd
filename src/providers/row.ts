import { hash } from 'node:crypto';
import { MAX_LIST_ELEMENTS, type JsonElement } from '../platform/outbound';
import { notUnderstood, UnreadRow } from './list-rows';
import type { BadRow, FetchedRow, GoodRow, ProviderSettings, ReceivedRows, RowAmount } from './provider';
import { isRow, type Row } from './row-value';
import { mayTellWord } from './told-words';

export { isRow, type Row } from './row-value';

/** What makes a row one that cannot be understood. Says where and what, never the value. */
export class RowProblem extends Error {
  constructor(
    readonly path: string,
    readonly reason: string,
  ) {
    super(`${path}: ${reason}`);
    this.name = 'RowProblem';
  }
}

/** A word of an enumeration that nobody has told of. */
export class UnknownWord extends RowProblem {
  constructor(
    path: string,
    noun: string,
    readonly word: string,
  ) {
    super(path, `is not a known ${noun}`);
    this.name = 'UnknownWord';
  }
}

/**
 * Maps each row; one that cannot be understood becomes a BadRow and stops nobody else's. null: not a row of this
 * stream. `amountOf`: what a row of money is about, so that a BadRow tells how much it holds back.
 */
export function mapRows(
  values: readonly unknown[],
  externalIdOf: (row: Row) => string,
  map: (row: Row, externalId: string) => Omit<GoodRow, 'externalId'> | null,
  amountOf?: (row: Row) => RowAmount,
): FetchedRow[] {
  if (values.length > MAX_LIST_ELEMENTS) throw notUnderstood(`holds more than ${MAX_LIST_ELEMENTS} rows`);
  const rows: FetchedRow[] = [];
  for (const value of values) {
    let externalId: string | null = null;
    try {
      const row = asRow(value);
      externalId = externalIdOf(row);
      if (value instanceof UnreadRow) throw new RowProblem('$', value.reason);
      const mapped = map(row, externalId);
      if (mapped !== null) rows.push({ externalId, ...mapped });
    } catch (error) {
      if (!(error instanceof RowProblem)) throw error;
      rows.push({ ...badRow(externalId, error, value), ...amountIn(value, amountOf) });
    }
  }
  return rows;
}

function amountIn(value: unknown, amountOf?: (row: Row) => RowAmount): { amount?: RowAmount } {
  if (!amountOf || !isRow(value) || value instanceof UnreadRow) return {};
  try {
    return { amount: amountOf(value) };
  } catch (error) {
    if (error instanceof RowProblem) return {};
    throw error;
  }
}

function badRow(externalId: string | null, problem: RowProblem, value: unknown): BadRow {
  return { externalId, reason: reasonOf(problem, value), path: problem.path, rowDigest: rowDigest(value) };
}

/** Which word it was is what an operator compares with the provider; what may be somebody's data is not told. */
function reasonOf(problem: RowProblem, value: unknown): string {
  const { path, reason } = problem;
  if (!(problem instanceof UnknownWord) || problem.word === '' || !isRow(value)) return reason;
  return `${reason}: ${mayTellWord(value, path, problem.word) ? problem.word : 'a word that is not shown here'}`;
}

/** sha256 of the JSON, hex. */
export function rowDigest(value: unknown): string {
  if (value instanceof UnreadRow) return value.digest;
  return hash('sha256', JSON.stringify(value) ?? 'undefined', 'hex');
}

/** Characters of a digest that say by what the row was understood. */
export const SEED_LENGTH = 6;

/**
 * What a row is understood by: how it is mapped (to be raised with every change that gives a row another record), the
 * settings, and with a zone the rules that times are read by.
 */
export function digestSeed(mappingVersion: number | string, { currency, timezone }: ProviderSettings): string {
  const zoneRules = timezone === null ? null : process.versions['tz'];
  const seed = JSON.stringify([mappingVersion, currency, timezone, zoneRules]);
  return hash('sha256', seed, 'base64url').slice(0, SEED_LENGTH);
}

/** What a page of a list held, as it came: values, or rows that are not parsed yet. */
export function receivedRows(rows: readonly JsonElement[] | readonly unknown[]): ReceivedRows {
  // by ids, so that the same rows are a page again in another order too, and when a field of theirs counts the calls
  const names = isUnparsed(rows) ? rows.map(nameOfUnparsed) : rows.map(nameOfRow);
  return { rows: rows.length, digest: hash('sha256', names.toSorted().join('\n'), 'base64url').slice(0, 22) };
}

function isUnparsed(rows: readonly JsonElement[] | readonly unknown[]): rows is readonly JsonElement[] {
  const [first] = rows;
  return isRow(first) && Buffer.isBuffer(first['bytes']);
}

/** Only where the row begins with its id: one that stands further inside may be another's. */
const LEADING_ID = /^\s*\{\s*"id"\s*:\s*(?:"([^"\\]+)"|(-?\d+))\s*[,}]/;

function nameOfUnparsed({ bytes }: JsonElement): string {
  const found = LEADING_ID.exec(bytes.toString('latin1', 0, 200));
  return found === null ? hash('sha256', bytes, 'base64url') : `id ${found[1] ?? found[2]}`;
}

function nameOfRow(row: unknown): string {
  const id = isRow(row) ? row['id'] : null;
  return typeof id === 'string' || typeof id === 'number' ? `id ${id}` : (JSON.stringify(row) ?? '');
}

/**
 * A row that comes with the same digest again would become the same record. 128 bits of sha256, and the seed before
 * them.
 */
export function listedDigest(row: Buffer | string, seed: string): string {
  return seed + hash('sha256', row, 'base64url').slice(0, 22);
}

export function asRow(value: unknown, path = '$'): Row {
  if (isRow(value)) return value;
  throw new RowProblem(path, 'is not an object');
}

/** A nested object; an absent one reads as empty. */
export function partOf(row: Row, path: string): Row {
  const value = row[path];
  return value === null || value === undefined ? {} : asRow(value, path);
}

/** The first of several names that the provider may use for one thing. */
export function nameIn(row: Row, ...names: readonly string[]): string {
  for (const name of names) {
    const value = row[name];
    if (value !== undefined && value !== null && value !== '') return name;
  }
  return names[0]!;
}

export function requiredId(row: Row, path: string): string {
  const id = optionalId(row, path);
  if (id === null) throw new RowProblem(path, 'is missing');
  return id;
}

/** A way up, where an id stands in a path. */
const DOTS = /^\.{1,2}$/;

/** Own ids come as numbers and foreign keys as strings: both become the same text. 0 and '' mean none. */
export function optionalId(row: Row, path: string): string | null {
  const value = row[path];
  if (value === null || value === undefined || value === '' || value === 0 || value === '0') return null;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0) return String(value);
  const id = typeof value === 'string' ? value.trim() : '';
  if (/^[\w.:~-]{1,128}$/.test(id) && !DOTS.test(id)) return id;
  throw new RowProblem(path, 'is not an id');
}

export function requiredText(row: Row, path: string): string {
  const value = text(row, path);
  if (value === null) throw new RowProblem(path, 'is missing');
  return value;
}

/** Printable ASCII without a blank at either end, which nearly all texts are: clean as it is. */
const CLEAN = /^[!-~](?:[ -~]*[!-~])?$/;
const CONTROL = /\p{Cc}/u;

/** Trimmed and cut; empty is null. Control characters go: the database takes no NUL, and nobody bills with one. */
export function text(row: Row, path: string, maxLength = 500): string | null {
  const value = row[path];
  if (value === null || value === undefined) return null;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value !== 'string') throw new RowProblem(path, 'is not a text');
  if (value.length <= maxLength && CLEAN.test(value)) return value;
  // a lone half of a surrogate pair is no text either, and goes: nothing stands for what was not sent
  const clean = (CONTROL.test(value) ? value.replace(/\p{Cc}+/gu, ' ') : value).replace(/\p{Cs}/gu, '').trim();
  return clean === '' ? null : cut(clean, maxLength);
}

/** First and last name as one text; null when both are missing. */
export function fullName(firstName: string | null, lastName: string | null): string | null {
  const name = [firstName, lastName].filter((part) => part !== null).join(' ');
  return name === '' ? null : cut(name, 500);
}

/** By characters, not by halves of them. */
function cut(value: string, maxLength: number): string {
  return value.length <= maxLength ? value : [...value.slice(0, maxLength * 2)].slice(0, maxLength).join('').trimEnd();
}

/** 0 and 1, as number, string or boolean. */
export function flag(row: Row, path: string, whenAbsent: boolean): boolean {
  const value = row[path];
  if (value === null || value === undefined || value === '') return whenAbsent;
  if (value === true || value === 1 || value === '1' || value === 'true') return true;
  if (value === false || value === 0 || value === '0' || value === 'false') return false;
  throw new RowProblem(path, 'is neither yes nor no');
}

export function wholeNumber(row: Row, path: string): number | null {
  const value = row[path];
  if (value === null || value === undefined || value === '') return null;
  const number = typeof value === 'string' && /^-?\d+$/.test(value.trim()) ? Number(value) : value;
  if (typeof number === 'number' && Number.isSafeInteger(number)) return number;
  throw new RowProblem(path, 'is not a whole number');
}

/** How many of an invoice's item; 1 where the row does not say. */
export function quantityIn(row: Row, path: string): number {
  const value = row['quantity'];
  const quantity = typeof value === 'number' || (typeof value === 'string' && value.length <= 64) ? Number(value) : NaN;
  if (!Number.isFinite(quantity)) return 1;
  const size = Math.abs(quantity);
  // 1e308 would be three hundred digits as soon as the database writes it out
  if (size > 1e12 || (size < 1e-9 && size > 0)) throw new RowProblem(path, 'is out of range');
  return quantity;
}
