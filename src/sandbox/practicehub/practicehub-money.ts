/** Pence as PracticeHub writes money on invoices and payments: `"44.00"`. */
export function decimalOf(pence: number): string {
  const whole = Math.trunc(Math.abs(pence) / 100);
  return `${pence < 0 ? '-' : ''}${whole}.${String(Math.abs(pence) % 100).padStart(2, '0')}`;
}

/** Pence of a decimal string or number with at most two places; `undefined` for anything else. */
export function penceOf(value: unknown): number | undefined {
  const found = /^(\d{1,9})(?:\.(\d{1,2}))?$/.exec(String(value));
  return found ? Number(found[1]) * 100 + Number((found[2] ?? '').padEnd(2, '0')) : undefined;
}
