import { distance } from 'fastest-levenshtein';

/** No product is told from another by what comes after; and what comes after would have to be compared, too. */
const MAX_WORDS = 10;
const MAX_WORD_LENGTH = 32;
/** Two words this alike are one word: plurals, typing errors. */
export const SAME_WORD = 0.8;

const FILLERS = new Set(['a', 'an', 'and', 'the', 'of', 'for', 'with', 'per', 'x', 'in', 'to']);
const NUMBER_WORDS = 'zero one two three four five six seven eight nine ten eleven twelve'.split(' ');
const ABBREVIATIONS: Readonly<Record<string, string>> = {
  min: 'minute',
  mins: 'minute',
  hr: 'hour',
  hrs: 'hour',
  mth: 'month',
  mo: 'month',
  wk: 'week',
  appt: 'appointment',
  consult: 'consultation',
  init: 'initial',
  intro: 'introductory',
  std: 'standard',
  unltd: 'unlimited',
};

/**
 * The words of a name as they are compared: no case, accents, punctuation or fillers; numbers as digits, plurals as
 * singulars; so many, of such a length.
 */
export function wordsOf(name: string): string[] {
  const plain = name.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  const words = plain.match(/\p{N}+|\p{L}+/gu) ?? [];
  return words
    .filter((word) => !FILLERS.has(word))
    .slice(0, MAX_WORDS)
    .map((word) => normaliseWord(word).slice(0, MAX_WORD_LENGTH));
}

function normaliseWord(word: string): string {
  const number = NUMBER_WORDS.indexOf(word);
  if (number >= 0) return String(number);
  if (/^\p{N}+$/u.test(word)) return word.replace(/^0+(?=.)/, '');
  const full = Object.hasOwn(ABBREVIATIONS, word) ? ABBREVIATIONS[word]! : word;
  if (full.length > 4 && full.endsWith('ies')) return `${full.slice(0, -3)}y`;
  return full.length > 3 && full.endsWith('s') && !full.endsWith('ss') ? full.slice(0, -1) : full;
}

export function isNumber(word: string): boolean {
  return /^\p{N}/u.test(word);
}

/** 0 to 1, by the edits that lead from one to the other. */
export function wordSimilarity(left: string, right: string): number {
  if (left === right) return 1;
  // a number is itself or another one; a length apart by a fifth is already too far
  if (isNumber(left) || isNumber(right)) return 0;
  const longer = Math.max(left.length, right.length);
  if (Math.abs(left.length - right.length) > longer * (1 - SAME_WORD)) return 0;
  return 1 - distance(left, right) / longer;
}
