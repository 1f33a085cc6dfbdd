import type { KnownList } from './fact';
import type { Row } from './row-value';
import { scalarText } from './scalar';
import { hasWordForm, leavesOf, MAX_NAMES, MAX_WORD_LENGTH, ValueTokens } from './told-words';
import { formOf } from './value-form';

export const MAX_WORDS = 50;
const MAX_FORMS = 12;
/** A field is in many rows; a key that is a person's name is in one or two. */
const LEAST_ROWS = 3;
const LEAST_SHARE = 0.05;
const IDENTIFIER = /^[a-z][A-Za-z0-9_]{0,39}$/;
/** Fields of which nobody has seen more words than this are no enumerations. */
const MAX_UNKNOWN_WORDS = 20;

/** What may be told of a list's rows: names, forms, words of enumerations, counts. */
export interface ListSurvey {
  readonly rows: number;
  /** Top-level fields. */
  readonly fields: readonly string[];
  /** Of every field, nested ones included, how many rows have it in which form. */
  readonly forms: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly words: Readonly<Record<string, readonly string[]>>;
  /** Names and words that are not told, because they might be somebody's data. */
  readonly withheld: number;
}

/**
 * Surveys rows that may hold anything, also in their keys. Known names are told wherever they are. An unknown name is
 * told where it looks like an identifier, repeats over rows, and is not made of words that stand in the rows' values;
 * an unknown word of an enumeration also where one row has it, because a word that is new is in few.
 */
export function surveyOf(rows: readonly Row[], known: KnownList): ListSurvey {
  const fields = new Map<string, { rows: number; forms: Map<string, number>; words: Map<string, number> }>();
  const tokens = new ValueTokens(known.fields);
  for (const row of rows) {
    const inRow = new Set<string>();
    for (const [path, value] of leavesOf(row)) {
      if (path.endsWith('[]')) {
        tokens.read(scalarText(value) ?? '');
        continue;
      }
      if (fields.size >= MAX_NAMES * 5 && !fields.has(path)) continue;
      const field = fields.get(path) ?? { rows: 0, forms: new Map(), words: new Map() };
      fields.set(path, field);
      if (!inRow.has(path)) field.rows += 1;
      inRow.add(path);
      const form = formOf(value);
      if (field.forms.has(form) || field.forms.size < MAX_FORMS) add(field.forms, form);
      const isEnumeration = Object.hasOwn(known.words, path);
      if (typeof value !== 'string') continue;
      if (isEnumeration && value.length <= MAX_WORD_LENGTH && field.words.size < 500) add(field.words, value);
      if (!isEnumeration) tokens.read(value);
    }
  }
  let withheld = 0;
  const forms: Record<string, Record<string, number>> = {};
  const words: Record<string, string[]> = {};
  const isTold = (path: string, count: number): boolean =>
    known.fields.includes(path) ||
    (path.split(/\[\]\.|\./).every((name) => IDENTIFIER.test(name) && !/\d{4}/.test(name)) &&
      count >= Math.max(LEAST_ROWS, rows.length * LEAST_SHARE) &&
      !tokens.mayName(path));
  for (const [path, field] of fields) {
    const parent = path.replace(/(\[\])?\.[^.]*$/, '');
    const isWithheld = !isTold(path, field.rows) || (parent !== path && forms[parent] === undefined);
    if (isWithheld || Object.keys(forms).length >= MAX_NAMES) {
      withheld += 1;
      continue;
    }
    forms[path] = Object.fromEntries(field.forms);
    const vocabulary = known.words[path];
    if (vocabulary === undefined) continue;
    const unknown = [...field.words].filter(([word]) => !vocabulary.includes(word));
    const told = unknown.filter(
      ([word]) => unknown.length <= MAX_UNKNOWN_WORDS && hasWordForm(word) && !tokens.mayName(word),
    );
    withheld += unknown.length - told.length;
    const seen = vocabulary.filter((word) => field.words.has(word));
    words[path] = [...seen, ...told.map(([word]) => word).sort()].slice(0, MAX_WORDS);
  }
  return {
    rows: rows.length,
    fields: Object.keys(forms).filter((path) => !path.includes('.')),
    forms,
    words,
    withheld,
  };
}

function add(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
