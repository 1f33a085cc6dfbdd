import type { Doubt } from './outbound-payment';

/** What is known about the call that a payment waits for, when it is about to be made. */
export interface SendingFacts {
  /** It was begun before, however that ended. */
  readonly tried: boolean;
  /** It waits in another history of the database: what was done after the last commit that is known here is lost. */
  readonly otherDatabase: boolean;
  /** It has waited since before this process, or the database's server, was started. */
  readonly outlivedStart: boolean;
  /**
   * The payment may repeat one whose row is lost: asked for within minutes, or within days, of another history's begin.
   */
  readonly mayRepeatLost: 'no' | 'days' | 'minutes';
}

/** Whether a call may have been made of which nothing is known here; null: this process knows that there was none. */
export function doubtOf(facts: SendingFacts): Doubt | null {
  if (facts.otherDatabase || facts.mayRepeatLost === 'minutes') return 'grave';
  if (facts.tried || facts.outlivedStart || facts.mayRepeatLost === 'days') return 'slight';
  return null;
}
