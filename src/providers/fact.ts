import type { Answers, Ask } from './account-reader';
import type { BuiltInId } from './catalogue';

/** How sure a fact is: documentation, live code, the platform's own SDK, or nobody has shown it. */
export type Certainty = 'doc' | 'live' | 'owner' | 'inferred';

/**
 * What an account shows of one fact. No value of a row, no personal data: `because` is made of counts, of our own
 * words, and of names that `told-names.ts` passes.
 */
export interface Shown {
  /**
   * One of the fact's values, or another short word where the account does something that nobody expected; null: cannot
   * tell.
   */
  readonly value: string | null;
  readonly because: string;
}

/** One statement about a provider's API, and how an account is asked about it. */
export interface ProviderFact {
  /** Where the provider's simulator has a switch for the point, the switch's key. */
  readonly id: string;
  /** As the facts about the provider say it. */
  readonly words: string;
  readonly certainty: Certainty;
  /** What accounts show where the fact holds; null: any value is as good as another. */
  readonly expected: string | null;
  /** Of a point that the simulator has no switch for. */
  readonly notSimulated?: true;
  /** What the adapter does about it. */
  readonly adapter: string;
  readonly ifWrong: string;
  /** Pure; null: no call that only reads shows it. */
  readonly probe: ((seen: Answers) => Shown) | null;
}

/** A list's rows as far as they are known: names and words beside these are new. */
export interface KnownList {
  /** Fields by name; of a nested object `parent.name`, of a list's objects `parent[].name`. */
  readonly fields: readonly string[];
  /** Fields that hold one of a few words, with the known ones. */
  readonly words: Readonly<Record<string, readonly string[]>>;
  /** Where it is listed, as the adapter asks for it. */
  readonly path: string;
  /** Answers of the check that hold its rows: of lists, and of single rows. */
  readonly answers: readonly string[];
}

/** All that is known of one provider's API. */
export interface ProviderFactPage {
  readonly provider: BuiltInId;
  readonly facts: readonly ProviderFact[];
  /** By resource, named as the simulator names it. */
  readonly lists: Readonly<Record<string, KnownList>>;
  /** Asks an account all that the facts look at: a bounded number of GETs. */
  collect(ask: Ask): Promise<void>;
}

export const cannotTell = (because: string): Shown => ({ value: null, because });
export const shows = (value: string, because: string): Shown => ({ value, because });
