import type { AccountAnswer, Answers } from './account-reader';
import { cannotTell, shows, type Shown } from './fact';
import type { Row } from './row';
import { scalarNumber } from './scalar';

/** Probes that several providers' facts share. Pure over what was answered. */

/** The row order of an unsorted list: by ids that count up, or by a time. */
export function orderOf(keys: readonly (number | null)[], changed: readonly (number | null)[] = []): Shown {
  const known = keys.filter((key) => key !== null);
  if (known.length < 5) return cannotTell('too few rows to see an order');
  if (isOrdered(known, 1)) return shows('oldest', `${known.length} rows, oldest first`);
  if (isOrdered(known, -1)) return shows('newest', `${known.length} rows, newest first`);
  const times = changed.filter((time) => time !== null);
  if (times.length >= 5 && new Set(times).size > 1 && isOrdered(times, -1)) {
    return shows('last-changed', `${times.length} rows, the last changed first`);
  }
  return shows('scattered', `${known.length} rows in no order that can be seen`);
}

function isOrdered(numbers: readonly number[], direction: 1 | -1): boolean {
  return numbers.every((number, at) => at === 0 || (number - numbers[at - 1]!) * direction >= 0);
}

export function isRefused(answer: AccountAnswer): boolean {
  return answer.status !== null && answer.status >= 400 && answer.status < 500;
}

/**
 * What a filter for changes does: `future` asked for a time at which nothing can have changed yet, `past` for one
 * before everything. A filter that is ignored returns rows for both, one that is read as equality none for either.
 */
export function changedSince(
  { future, past }: { future: AccountAnswer | undefined; past: AccountAnswer | undefined },
  all: readonly Row[],
  refuses: (answer: AccountAnswer) => boolean = isRefused,
): 'honoured' | 'ignored' | 'refused' | 'equality' | null {
  if (future === undefined || future.status === null) return null;
  if (refuses(future)) return 'refused';
  if (all.length === 0) return null;
  if (future.rows.length > 0) return 'ignored';
  if (past === undefined || past.status === null) return null;
  if (refuses(past)) return 'refused';
  return past.rows.length > 0 ? 'honoured' : 'equality';
}

export const CHANGED_SINCE_SHOWN = {
  honoured: 'a time to come returned nothing, a time long ago returned rows',
  ignored: 'a time to come returned rows: the filter is ignored',
  refused: 'the question was refused',
  equality: 'neither a time to come nor one long ago returned a row: read as equality, or not kept for rows',
} as const;

/** How a 429 said when to come back; a check is paced and does not provoke one. */
export function retryAfterShown({ retryAfters }: Answers): Shown {
  const forms = [...new Set(retryAfters)];
  if (forms.length === 0) return cannotTell('no call was refused for its rate');
  return shows(forms.length === 1 ? forms[0]! : 'several', `${retryAfters.length} answers 429`);
}

/** How often rows have a field. */
export function presence(rows: readonly Row[], field: string): { readonly having: number; readonly text: string } {
  const having = rows.filter((row) => row[field] !== undefined).length;
  return { having, text: `on ${having} of ${rows.length} rows` };
}

/** Words that are on no list, counted; the words themselves only go through `told-names.ts`. */
export function unknownWords(rows: readonly Row[], field: string, known: readonly string[]): Shown {
  const words = rows.map((row) => row[field]).filter((word) => typeof word === 'string' && word !== '');
  if (words.length === 0) return cannotTell(`no row has \`${field}\``);
  const strange = words.filter((word) => !known.includes(word as string)).length;
  return strange === 0
    ? shows('none', `${words.length} rows, every word is known`)
    : shows('some', `${strange} of ${words.length} rows have a word that is on no list`);
}

/** An id that counts up. */
export function idNumber(row: Row): number | null {
  const id = scalarNumber(row['id']);
  return Number.isSafeInteger(id) ? id : null;
}

export function timeNumber(value: unknown): number | null {
  const ms = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(ms) ? null : ms;
}

/** The value that all of these have; null: they differ, or there are none. */
export function only<T>(values: readonly T[]): T | null {
  return values.length > 0 && values.every((value) => value === values[0]) ? values[0]! : null;
}
