import { ProviderFailure, type Verdict } from '../platform/outbound';
import type { BadRow } from './provider';
import { rowDigest } from './row';

/** These say something of the row that was asked for, and of nothing else. */
const OF_ONE_ROW: ReadonlySet<Verdict> = new Set(['permission', 'contract']);
/** These may say something of the account or the provider, or of the row alone: whether the list answers tells. */
const DOUBTFUL: ReadonlySet<Verdict> = new Set(['auth', 'configuration']);
const OUTAGES: ReadonlySet<Verdict> = new Set(['provider_down', 'network']);
/** So many rows in a row that the provider fails to show may be an outage. */
const OUTAGES_IN_A_ROW = 3;
/** So many, and no more are asked for: each costs a call with all its retries. */
const MAX_OUTAGES_IN_A_ROW = 12;

/**
 * Calls for single rows. One that fails is that row's business: it becomes a bad row for the quarantine, and the others
 * go on. What speaks of more than the row is thrown: a list that does not answer either shows it.
 */
export class RowCalls {
  private outages = 0;

  /** `listAnswers`: asks for the list that the rows are on, and throws what is wrong with it. */
  constructor(private readonly listAnswers: () => Promise<unknown>) {}

  /** The provider shows its list and none of the rows: those that are left are not asked for. */
  get isGivenUp(): boolean {
    return this.outages >= MAX_OUTAGES_IN_A_ROW;
  }

  async ask<T>(externalId: string, listed: unknown, call: () => Promise<T>): Promise<T | BadRow> {
    if (this.isGivenUp) return unreadable(externalId, listed, 'was not asked for, because others could not be read');
    try {
      const answer = await call();
      this.outages = 0;
      return answer;
    } catch (error) {
      if (!(error instanceof ProviderFailure) || !(await this.isOfTheRow(error.verdict))) throw error;
      return unreadable(externalId, listed, `cannot be read by its id (${error.verdict})`);
    }
  }

  private async isOfTheRow(verdict: Verdict): Promise<boolean> {
    this.outages = OUTAGES.has(verdict) ? this.outages + 1 : 0;
    const asksTheList = DOUBTFUL.has(verdict) || (this.outages > 0 && this.outages % OUTAGES_IN_A_ROW === 0);
    if (asksTheList) await this.listAnswers();
    return OF_ONE_ROW.has(verdict) || DOUBTFUL.has(verdict) || OUTAGES.has(verdict);
  }
}

function unreadable(externalId: string, listed: unknown, reason: string): BadRow {
  return { externalId, reason, path: '', rowDigest: rowDigest(listed) };
}
