import type { KnownList } from './fact';
import { isRow, type Row } from './row';
import { scalarText } from './scalar';
import { formOf } from './value-form';

export const MAX_NAMES = 200;
export const MAX_WORDS = 50;
const MAX_FORMS = 12;
const MAX_TOKENS = 50_000;
/** A field is in many rows; a key that is a person's name is in one or two. */
const LEAST_ROWS = 3;
const LEAST_SHARE = 0.05;
const IDENTIFIER = /^[a-z][A-Za-z0-9_]{0,39}$/;
const WORD = /^[A-Za-z]+([ _-][A-Za-z]+){0,3}$/;
const MAX_WORD_LENGTH = 32;
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
 * an unknown word likewise.
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
      ([word, count]) => unknown.length <= MAX_UNKNOWN_WORDS && count >= 2 && WORD.test(word) && !tokens.mayName(word),
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

/** Every field of a row, and of the objects one level below. */
function* leavesOf(row: Row): Generator<readonly [path: string, value: unknown]> {
  for (const [name, value] of Object.entries(row).slice(0, MAX_NAMES)) {
    yield [name, value];
    if (isRow(value)) yield* nested(`${name}.`, value);
    if (!Array.isArray(value)) continue;
    for (const item of value.slice(0, 20)) {
      if (isRow(item)) yield* nested(`${name}[].`, item);
      else if (typeof item === 'string') yield [`${name}[]`, item];
    }
  }
}

function* nested(prefix: string, part: Row): Generator<readonly [path: string, value: unknown]> {
  for (const [name, value] of Object.entries(part).slice(0, MAX_NAMES)) {
    yield [prefix + name, value];
    if (!isRow(value)) continue;
    for (const [deeper, leaf] of Object.entries(value).slice(0, 50)) yield [`${prefix}${name}.${deeper}`, leaf];
  }
}

/** The words that values are made of: a name that is made of them may be somebody's. */
class ValueTokens {
  private readonly all = new Set<string>();
  /** Of short texts, which names and addresses are. */
  private readonly short = new Set<string>();
  private readonly harmless: ReadonlySet<string>;

  constructor(knownFields: readonly string[]) {
    this.harmless = new Set(knownFields.flatMap((field) => [...tokensOf(field)]));
  }

  read(text: string): void {
    const isShort = text.includes('@') || text.trim().split(/\s+/).length <= 4;
    for (const token of tokensOf(text.slice(0, 500))) {
      if (this.all.size >= MAX_TOKENS) return;
      this.all.add(token);
      if (isShort && !this.harmless.has(token)) this.short.add(token);
    }
  }

  mayName(name: string): boolean {
    const parts = [...tokensOf(name)];
    return (
      parts.some((part) => this.short.has(part)) || (parts.length > 0 && parts.every((part) => this.all.has(part)))
    );
  }
}

function* tokensOf(text: string): Generator<string> {
  for (const [token] of text
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .matchAll(/\p{L}{2,}/gu))
    yield token;
}

function add(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
