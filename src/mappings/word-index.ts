import { isNumber, SAME_WORD, wordSimilarity } from './name-words';

/** A word that is the same word as the one asked for, or nearly, and where it occurs. */
export interface SimilarWord {
  readonly similarity: number;
  readonly places: readonly number[];
}

/**
 * Words that one word is held against, at most: whoever fills a catalogue with near-equal words pays with precision,
 * not with time.
 */
const MAX_COMPARED = 100;
const MAX_REMEMBERED = 20_000;
const END = 2;

/**
 * Where words occur, and which words are like a given one. A typing error leaves the beginning or the end of a word as
 * it was, so only words that share one of them, and are of about that length, are compared.
 */
export class WordIndex {
  private readonly places = new Map<string, number[]>();
  private readonly byEnds = new Map<string, string[]>();
  private readonly known = new Map<string, readonly SimilarWord[]>();

  /** Precondition: nothing was looked up yet. */
  add(words: readonly string[], place: number): void {
    for (const word of new Set(words)) {
      const places = this.places.get(word);
      if (places) {
        places.push(place);
        continue;
      }
      this.places.set(word, [place]);
      if (isNumber(word)) continue;
      for (const key of endsOf(word, word.length)) {
        const bucket = this.byEnds.get(key);
        if (bucket) bucket.push(word);
        else this.byEnds.set(key, [word]);
      }
    }
  }

  /** The most alike first. */
  similar(word: string): readonly SimilarWord[] {
    let similar = this.known.get(word);
    if (!similar) {
      similar = this.find(word);
      if (this.known.size < MAX_REMEMBERED) this.known.set(word, similar);
    }
    return similar;
  }

  private find(word: string): readonly SimilarWord[] {
    const found: SimilarWord[] = [];
    const itself = this.places.get(word);
    if (itself) found.push({ similarity: 1, places: itself });
    if (isNumber(word)) return found;
    for (const other of this.neighbours(word)) {
      const similarity = wordSimilarity(word, other);
      if (other !== word && similarity >= SAME_WORD) found.push({ similarity, places: this.places.get(other)! });
    }
    return found.sort((a, b) => b.similarity - a.similarity);
  }

  /** The order of additions decides nothing: of too many the first of the alphabet are taken. */
  private neighbours(word: string): string[] {
    const neighbours = new Set<string>();
    const longest = Math.floor(word.length / SAME_WORD);
    for (let length = Math.ceil(word.length * SAME_WORD); length <= longest; length++) {
      for (const key of endsOf(word, length)) for (const other of this.byEnds.get(key) ?? []) neighbours.add(other);
    }
    return neighbours.size <= MAX_COMPARED ? [...neighbours] : [...neighbours].sort().slice(0, MAX_COMPARED);
  }
}

/** Keys of the words of that length which begin or end like this one. */
function endsOf(word: string, length: number): [string, string] {
  return [`${length}^${word.slice(0, END)}`, `${length}$${word.slice(-END)}`];
}
