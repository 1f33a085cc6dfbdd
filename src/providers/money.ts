import { isCurrency } from '../platform/http';
import type { RowAmount } from './provider';
import { nameIn, RowProblem, type Row } from './row';

/** ISO 4217 minor units where they are not 2. */
const EXPONENTS: Readonly<Record<string, number>> = Object.fromEntries([
  ...'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'.split(' ').map((code) => [code, 0]),
  ...'BHD IQD JOD KWD LYD OMR TND'.split(' ').map((code) => [code, 3]),
  ...'CLF UYW'.split(' ').map((code) => [code, 4]),
]);

const MAX_DIGITS = 64;

export function exponentOf(currency: string): number {
  return EXPONENTS[currency] ?? 2;
}

const CURRENCY_FIELDS = ['currency', 'currency_code', 'currencyCode', 'currency_iso', 'iso_currency_code'];

/**
 * The row's own currency where it names one; otherwise the merchant's. A row that names its currency in any other form
 * than the ISO 4217 code (a symbol, a number, an object) cannot be understood: to take the merchant's instead would be
 * another amount.
 */
export function currencyIn(row: Row, fallback: string): string {
  const field = CURRENCY_FIELDS.find((name) => row[name] !== undefined && row[name] !== null && row[name] !== '');
  return field === undefined ? fallback : currencyCode(row[field], field);
}

/** An ISO 4217 code, in any letter case. */
export function currencyCode(value: unknown, path: string): string {
  const code = typeof value === 'string' ? value.trim().toUpperCase() : '';
  if (!isCurrency(code)) throw new RowProblem(path, 'is not a currency code');
  return code;
}

/**
 * A decimal amount, string or JSON number, as integer minor units. Works on the digits, never on a product of floats. A
 * JSON number that arithmetic at the provider has left a hair beside a minor unit (30.000000000000004) is taken for
 * that unit; an amount that really lies between two units is refused, because money is exact or not at all.
 */
export function toMinor(value: unknown, currency: string, path: string): number {
  const plain = plainDecimal(value);
  // as many digits as the largest amount could have by far; more take long to read
  const found = plain === null || plain.length > MAX_DIGITS ? null : /^(-?)(\d+)(?:\.(\d+))?$/.exec(plain);
  if (found === null) throw new RowProblem(path, 'is not an amount of money');
  const [, sign, whole = '', fraction = ''] = found;
  const exponent = exponentOf(currency);
  const kept = BigInt(whole + fraction.slice(0, exponent).padEnd(exponent, '0'));
  const rest = fraction.slice(exponent);
  const minor = kept + roundUp(rest, typeof value === 'number' && plain!.length > 15, path);
  if (minor > BigInt(Number.MAX_SAFE_INTEGER)) throw new RowProblem(path, 'is too large an amount');
  return sign === '-' && minor !== 0n ? -Number(minor) : Number(minor);
}

export function moneyIn(row: Row, path: string, currency: string): number {
  const amount = optionalMoneyIn(row, path, currency);
  if (amount === null) throw new RowProblem(path, 'is missing');
  return amount;
}

export function optionalMoneyIn(row: Row, path: string, currency: string): number | null {
  const value = row[path];
  return value === null || value === undefined || value === '' ? null : toMinor(value, currency, path);
}

/** Of the first of several names that the provider may use. */
export function rowAmount(row: Row, fallback: string, ...names: readonly string[]): RowAmount {
  const currency = currencyIn(row, fallback);
  return { amountMinor: moneyIn(row, nameIn(row, ...names), currency), currency };
}

/** Minor units as the decimal string that providers take: 4400 GBP is `44.00`. */
export function fromMinor(amountMinor: number, currency: string): string {
  if (!Number.isSafeInteger(amountMinor)) throw new RangeError('an amount is a whole number of minor units');
  const exponent = exponentOf(currency);
  const digits = String(Math.abs(amountMinor)).padStart(exponent + 1, '0');
  const sign = amountMinor < 0 ? '-' : '';
  if (exponent === 0) return sign + digits;
  return `${sign}${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`;
}

function plainDecimal(value: unknown): string | null {
  if (typeof value === 'string') return value.trim();
  if (typeof value !== 'number' || !Number.isFinite(value)) return null;
  // the shortest text that reads back as the same double: what the provider wrote, unless it wrote more digits than a
  // double has
  const shortest = String(value);
  // 5e-16 is what 0.1 + 0.2 - 0.3 leaves
  return shortest.includes('e-') && Math.abs(value) < 1e-9 ? '0' : shortest;
}

/** 0 or 1 minor unit for the digits behind the last kept one. */
function roundUp(rest: string, mayDrift: boolean, path: string): bigint {
  if (/^0*$/.test(rest)) return 0n;
  if (mayDrift && /^0{4,}/.test(rest)) return 0n;
  if (mayDrift && /^9{4,}/.test(rest)) return 1n;
  throw new RowProblem(path, 'has more decimals than its currency');
}
