import type { Mutation } from './mutations';

/** A mutation of one file, and what tests it. */
export interface Mutant extends Mutation {
  /** Of the file and the place in it: the same in each run on the same code. */
  readonly id: string;
  /** From the root of the checkout. */
  readonly file: string;
  readonly kind: 'unit' | 'database';
  readonly suites: readonly string[];
}

/**
 * `invalid` is no program or no statement of SQL, and `undecided` hung where the suite is too slow to tell: neither
 * counts.
 */
export type Verdict = 'caught' | 'survived' | 'invalid' | 'undecided';

/** Of each mutant by its id; one that is missing was not reached within the time. */
export type Verdicts = Map<string, Verdict>;
