import { exponentOf } from '../providers';
import type { MerchantProduct } from './merchant-products';
import { isNumber, SAME_WORD, wordSimilarity, wordsOf } from './name-words';
import { WordIndex } from './word-index';

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
/** Prices this far apart, as a share of the larger one, have nothing to do with each other. */
const PRICE_TOLERANCE = 0.25;
/** Products that are compared word by word with an item: those that an estimate puts first. */
const MAX_SCORED = 20;

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
  readonly numbers: string;
  readonly kind: string;
}

/** What was worked out once about an item. */
interface Asked {
  readonly item: ExternalItem;
  readonly words: readonly string[];
  readonly numbers: string;
  readonly kind: string | null;
}

/**
 * Finds, for each external item, the one product that it most likely is. Pure: equal input, equal answer, in any order.
 * What one item costs is bounded by the number of products, not by what is written in them.
 */
export class SuggestionFinder {
  private readonly products: Prepared[] = [];
  private readonly index = new WordIndex();
  /** By place of the product; made once all are there. */
  private alike = new Float64Array(0);
  private metBy = new Int32Array(0);

  constructor(products: readonly MerchantProduct[] = []) {
    for (const product of products) this.add(product);
  }

  /** Precondition: nothing was looked for yet. */
  add(product: MerchantProduct): void {
    const words = wordsOf(product.name);
    this.index.add(words, this.products.length);
    this.products.push({ product, words, numbers: numbersOf(words), kind: kindOf(product.kind) });
  }

  /** null: nothing is like it enough. */
  find(item: ExternalItem): Suggestion | null {
    const words = wordsOf(item.name);
    const asked: Asked = { item, words, numbers: numbersOf(words), kind: item.type ? kindOf(item.type) : null };
    let best: { product: MerchantProduct; score: Score } | null = null;
    for (const candidate of this.candidates(asked)) {
      const score = scoreOf(asked, candidate, nameSimilarity(asked, candidate));
      if (score.similarity < MIN_NAME_SIMILARITY) continue;
      if (best === null || isBetter(score, candidate.product, best)) best = { product: candidate.product, score };
    }
    if (best === null || best.score.confidence < MIN_CONFIDENCE) return null;
    return {
      externalId: item.id,
      internalId: best.product.id,
      confidence: best.score.confidence,
      reasoning: reasoningOf(best.score, best.product),
    };
  }

  /**
   * Only what shares a word can be alike. The estimate lets two words of the item meet the same word of the product: it
   * is hardly ever above the true similarity.
   */
  private candidates(asked: Asked): Prepared[] {
    const shortlist = new Shortlist(MAX_SCORED);
    for (const place of this.meet(asked.words)) {
      const candidate = this.products[place]!;
      const total = asked.words.length + candidate.words.length;
      const similarity = similarityOf(this.alike[place]!, total, asked.numbers, candidate.numbers);
      if (similarity < MIN_NAME_SIMILARITY) continue;
      shortlist.offer(candidate, scoreOf(asked, candidate, { similarity, shared: 0, of: 0 }));
    }
    return shortlist.best.map(({ candidate }) => candidate);
  }

  /** The places of products that share a word; `alike` holds how much of the words each shares. */
  private meet(words: readonly string[]): number[] {
    if (this.alike.length !== this.products.length) {
      this.alike = new Float64Array(this.products.length);
      this.metBy = new Int32Array(this.products.length);
    }
    this.metBy.fill(0);
    const met: number[] = [];
    words.forEach((word, index) => {
      // the most alike comes first: it is the one that counts
      for (const { similarity, places } of this.index.similar(word)) {
        for (const place of places) {
          if (this.metBy[place] === index + 1) continue;
          if (this.metBy[place] === 0) {
            met.push(place);
            this.alike[place] = 0;
          }
          this.metBy[place] = index + 1;
          this.alike[place]! += similarity;
        }
      }
    });
    return met;
  }
}

/** The best few of many, kept in order. */
class Shortlist {
  readonly best: { readonly product: MerchantProduct; readonly score: Score; readonly candidate: Prepared }[] = [];

  constructor(private readonly size: number) {}

  offer(candidate: Prepared, score: Score): void {
    const { product } = candidate;
    if (this.best.length === this.size && !isBetter(score, product, this.best.at(-1)!)) return;
    let place = this.best.length;
    while (place > 0 && isBetter(score, product, this.best[place - 1]!)) place--;
    this.best.splice(place, 0, { product, score, candidate });
    if (this.best.length > this.size) this.best.pop();
  }
}

function scoreOf(asked: Asked, candidate: Prepared, name: NameSimilarity): Score {
  const price = priceSimilarity(asked.item.price, candidate.product);
  const kind = kindSimilarity(asked.kind, candidate.kind);
  const confidence =
    WEIGHTS.name * name.similarity + WEIGHTS.price * (price ?? UNKNOWN) + WEIGHTS.kind * (kind ?? UNKNOWN);
  return { ...name, price, kind, confidence: Math.round(confidence * 100) / 100 };
}

/** Dice's coefficient over words, where words that are nearly the same count as much as they are alike. */
function nameSimilarity(left: Asked, right: Prepared): NameSimilarity {
  const rest = [...right.words];
  let alike = 0;
  let shared = 0;
  for (const word of left.words) {
    let bestIndex = -1;
    let bestSimilarity = SAME_WORD;
    rest.forEach((other, index) => {
      const similarity = wordSimilarity(word, other);
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
  const [ours, theirs] = [left.words.length, right.words.length];
  const similarity = similarityOf(alike, ours + theirs, left.numbers, right.numbers);
  return { similarity, shared, of: Math.max(ours, theirs) };
}

function similarityOf(alike: number, total: number, ourNumbers: string, theirNumbers: string): number {
  const dice = total === 0 ? 0 : Math.min(1, (2 * alike) / total);
  // "10 visits" and "5 visits" share a word and are two products
  return ourNumbers !== '' && theirNumbers !== '' && ourNumbers !== theirNumbers ? dice / 2 : dice;
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

function numbersOf(words: readonly string[]): string {
  return words.filter(isNumber).sort().join(' ');
}

function priceSimilarity(price: number | null | undefined, product: MerchantProduct): number | null {
  if (price === null || price === undefined) return null;
  const own = product.amountMinor / 10 ** exponentOf(product.currency);
  const larger = Math.max(Math.abs(price), own);
  if (larger === 0) return 1;
  return Math.max(0, 1 - Math.abs(price - own) / larger / PRICE_TOLERANCE);
}

/** Words that mean no kind known here say nothing against it. */
function kindSimilarity(left: string | null, right: string): number | null {
  if (left === null) return null;
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
