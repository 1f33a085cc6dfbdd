import { isRow, type Row } from './row-value';

export const MAX_NAMES = 200;
const MAX_TOKENS = 50_000;
const WORD = /^[A-Za-z]+([ _-][A-Za-z]+){0,3}$/;
export const MAX_WORD_LENGTH = 32;

/** Whether a word of one row's enumeration may be told, by the rule of a survey. */
export function mayTellWord(row: Row, path: string, word: string): boolean {
  const tokens = new ValueTokens([]);
  for (const [at, value] of leavesOf(row)) if (at !== path && typeof value === 'string') tokens.read(value);
  return hasWordForm(word) && !tokens.mayName(word);
}

export function hasWordForm(text: string): boolean {
  return text.length <= MAX_WORD_LENGTH && WORD.test(text);
}

/** Every field of a row, and of the objects one level below. */
export function* leavesOf(row: Row): Generator<readonly [path: string, value: unknown]> {
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
export class ValueTokens {
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
