import { minorOf } from '../provider-truth';

/** Pence as PracticeHub writes money on invoices and payments: `"44.00"`. */
export function decimalOf(pence: number): string {
  const whole = Math.trunc(Math.abs(pence) / 100);
  return `${pence < 0 ? '-' : ''}${whole}.${String(Math.abs(pence) % 100).padStart(2, '0')}`;
}

/** Pence of a positive amount with at most two decimals. */
export function penceOf(value: unknown): number | undefined {
  const pence = minorOf(value);
  return pence !== undefined && pence >= 0 ? pence : undefined;
}
