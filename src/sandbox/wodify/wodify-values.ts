/** Wodify has no null dates. */
export const missingDate = '1900-01-01';
export const missingDateTime = '1900-01-01T00:00:00Z';

export function stampOf(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

export function dateOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

/** Ids count from 1 in every resource. */
export function ordinalOfNumber(id: unknown): number | undefined {
  return /^[1-9]\d{0,9}$/.test(String(id)) ? Number(id) : undefined;
}
