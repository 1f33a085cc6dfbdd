import { distance } from 'fastest-levenshtein';
import { exponentOf } from '../providers';
import type { MerchantProduct } from './merchant-products';

export interface ExternalItem {
  readonly id: string;
  readonly name: string;
  readonly type?: string | null;
  readonly charge_type?: string | null;
  /** In major units. */
  readonly price?: number | null;
}

export interface Suggestion {
  readonly externalId: string;
  readonly internalId: string;
  /** 0 to 1; below the threshold nothing is suggested. */
  readonly confidence: number;
  readonly reasoning: string;
}

/** Less than this is a guess, not a suggestion. */
const MIN_CONFIDENCE = 0.5;
/** Price and kind can only support a name: two things that cost the same are not the same. */
const MIN_NAME_SIMILARITY = 0.4;
const WEIGHTS = { name: 0.7, price: 0.2, kind: 0.1 } as const;
/** What is not known counts as neither for nor against, a little below the middle of the road. */
const UNKNOWN = 0.6;
/** Two words this alike are one word: plurals, typing errors. */
const SAME_WORD = 0.8;
/** Prices this far apart, as a share of the larger one, have nothing to do with each other. */
const PRICE_TOLERANCE = 0.25;

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
/** Words that different systems have for one kind. */
const KINDS: Readonly<Record<string, string>> = {
  pack: 'package',
  bundle: 'package',
  visits: 'package',
  subscription: 'membership',
  plan: 'membership',
  treatment: 'service',
  appointment: 'service',
  consultation: 'service',
  item: 'product',
  goods: 'product',
  retail: 'product',
};
const KNOWN_KINDS = new Set(['product', 'service', 'package', 'membership']);

interface Prepared {
  readonly product: MerchantProduct;
  readonly words: readonly string[];
}

/** The words of a name as they are compared: no case, accents, punctuation or fillers; numbers as digits, plurals as singulars. */
export function wordsOf(name: string): string[] {
  const plain = name.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  const words = plain.match(/\p{N}+|\p{L}+/gu) ?? [];
  return words.filter((word) => !FILLERS.has(word)).map(normaliseWord);
}

function normaliseWord(word: string): string {
  const number = NUMBER_WORDS.indexOf(word);
  if (number >= 0) return String(number);
  if (/^\p{N}+$/u.test(word)) return word.replace(/^0+(?=.)/, '');
  const full = Object.hasOwn(ABBREVIATIONS, word) ? ABBREVIATIONS[word]! : word;
  if (full.length > 4 && full.endsWith('ies')) return `${full.slice(0, -3)}y`;
  return full.length > 3 && full.endsWith('s') && !full.endsWith('ss') ? full.slice(0, -1) : full;
}

/** Finds, for each external item, the one product that it most likely is. Pure: equal input, equal answer, in any order. */
export class SuggestionFinder {
  private readonly products: readonly Prepared[];
  /** Similar pairs of words recur all the time; their measure is kept. */
  private readonly wordSimilarities = new Map<string, number>();

  constructor(products: readonly MerchantProduct[]) {
    this.products = products.map((product) => ({ product, words: wordsOf(product.name) }));
  }

  /** null: nothing is like it enough. */
  find(item: ExternalItem): Suggestion | null {
    const words = wordsOf(item.name);
    if (words.length === 0) return null;
    let best: { product: MerchantProduct; score: Score } | null = null;
    for (const candidate of this.products) {
      const score = this.score(item, words, candidate);
      if (score !== null && (best === null || isBetter(score, candidate.product, best))) {
        best = { product: candidate.product, score };
      }
    }
    if (best === null || best.score.confidence < MIN_CONFIDENCE) return null;
    return {
      externalId: item.id,
      internalId: best.product.id,
      confidence: best.score.confidence,
      reasoning: reasoningOf(best.score, best.product),
    };
  }

  private score(item: ExternalItem, words: readonly string[], candidate: Prepared): Score | null {
    const name = this.nameSimilarity(words, candidate.words);
    if (name.similarity < MIN_NAME_SIMILARITY) return null;
    const price = priceSimilarity(item.price, candidate.product);
    const kind = kindSimilarity(item.type, candidate.product.kind);
    const confidence =
      WEIGHTS.name * name.similarity + WEIGHTS.price * (price ?? UNKNOWN) + WEIGHTS.kind * (kind ?? UNKNOWN);
    return { ...name, price, kind, confidence: Math.round(confidence * 100) / 100 };
  }

  /** Dice's coefficient over words, where words that are nearly the same count as much as they are alike. */
  private nameSimilarity(left: readonly string[], right: readonly string[]): NameSimilarity {
    const rest = [...right];
    let alike = 0;
    let shared = 0;
    for (const word of left) {
      let bestIndex = -1;
      let bestSimilarity = SAME_WORD;
      rest.forEach((other, index) => {
        const similarity = this.wordSimilarity(word, other);
        if (similarity > bestSimilarity || (similarity === bestSimilarity && bestIndex < 0)) {
          bestIndex = index;
          bestSimilarity = similarity;
        }
      });
      if (bestIndex < 0) continue;
      rest.splice(bestIndex, 1);
      alike += bestSimilarity;
      shared++;
    }
    const total = left.length + right.length;
    const dice = total === 0 ? 0 : (2 * alike) / total;
    // "10 visits" and "5 visits" share a word and are two products
    const similarity = numbersDiffer(left, right) ? dice / 2 : dice;
    return { similarity, shared, of: Math.max(left.length, right.length) };
  }

  private wordSimilarity(left: string, right: string): number {
    if (left === right) return 1;
    // a number is itself or another one; a length apart by a fifth is already too far
    if (/^\p{N}/u.test(left) || /^\p{N}/u.test(right)) return 0;
    const longer = Math.max(left.length, right.length);
    if (Math.abs(left.length - right.length) > longer * (1 - SAME_WORD)) return 0;
    const key = left < right ? `${left} ${right}` : `${right} ${left}`;
    let similarity = this.wordSimilarities.get(key);
    if (similarity === undefined) {
      similarity = 1 - distance(left, right) / longer;
      if (this.wordSimilarities.size < 100_000) this.wordSimilarities.set(key, similarity);
    }
    return similarity;
  }
}

interface NameSimilarity {
  readonly similarity: number;
  readonly shared: number;
  readonly of: number;
}

interface Score extends NameSimilarity {
  /** null: not known on one side. */
  readonly price: number | null;
  readonly kind: number | null;
  readonly confidence: number;
}

/** On a tie the better name wins, then the smaller id, so that the order of the products decides nothing. */
function isBetter(score: Score, product: MerchantProduct, best: { product: MerchantProduct; score: Score }): boolean {
  if (score.confidence !== best.score.confidence) return score.confidence > best.score.confidence;
  if (score.similarity !== best.score.similarity) return score.similarity > best.score.similarity;
  return product.id < best.product.id;
}

function numbersDiffer(left: readonly string[], right: readonly string[]): boolean {
  const numbers = (words: readonly string[]): string[] => words.filter((word) => /^\p{N}/u.test(word)).sort();
  const [ours, theirs] = [numbers(left), numbers(right)];
  return ours.length > 0 && theirs.length > 0 && ours.join(' ') !== theirs.join(' ');
}

function priceSimilarity(price: number | null | undefined, product: MerchantProduct): number | null {
  if (price === null || price === undefined) return null;
  const own = product.amountMinor / 10 ** exponentOf(product.currency);
  const larger = Math.max(Math.abs(price), own);
  if (larger === 0) return 1;
  return Math.max(0, 1 - Math.abs(price - own) / larger / PRICE_TOLERANCE);
}

/** Words that mean no kind known here say nothing against it. */
function kindSimilarity(type: string | null | undefined, kind: string): number | null {
  if (!type) return null;
  const [left, right] = [kindOf(type), kindOf(kind)];
  if (left === right) return 1;
  return KNOWN_KINDS.has(left) && KNOWN_KINDS.has(right) ? 0 : null;
}

function kindOf(word: string): string {
  const plain = word.trim().toLowerCase();
  const singular = KNOWN_KINDS.has(plain.replace(/s$/, '')) ? plain.replace(/s$/, '') : plain;
  return Object.hasOwn(KINDS, singular) ? KINDS[singular]! : singular;
}

function reasoningOf(score: Score, product: MerchantProduct): string {
  const name =
    score.similarity === 1
      ? 'The names are the same'
      : `The names share ${score.shared} of ${score.of} words (${Math.round(score.similarity * 100)} % alike)`;
  const price =
    score.price === null
      ? 'the price is not known'
      : score.price === 1
        ? 'the price is the same'
        : score.price > 0
          ? 'the prices are close'
          : 'the prices differ';
  const kind =
    score.kind === null
      ? 'the kind is not known'
      : score.kind === 1
        ? `both are a ${product.kind}`
        : 'the kinds differ';
  return `${name}, ${price} and ${kind}.`;
}
