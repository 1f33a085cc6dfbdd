import { ProviderFailure, type Verdict } from '../platform/outbound';
import type { BadRow } from './provider';
import { digestOf } from './row';

/** These say something of the row that was asked for; every other verdict speaks of the account, of the provider, or of us. */
const OF_ONE_ROW: ReadonlySet<Verdict> = new Set(['permission', 'contract', 'provider_down', 'network']);
const OUTAGES: ReadonlySet<Verdict> = new Set(['provider_down', 'network']);
/** So many rows in a row that the provider fails to show are an outage, and no longer a matter of rows. */
const MAX_OUTAGES_IN_A_ROW = 3;

/**
 * Calls for single rows. One that fails is that row's business: it becomes a bad row for the quarantine, and the others go on. What
 * speaks of more than the row is thrown.
 */
export class RowCalls {
  private outages = 0;

  async ask<T>(externalId: string, listed: unknown, call: () => Promise<T>): Promise<T | BadRow> {
    try {
      const answer = await call();
      this.outages = 0;
      return answer;
    } catch (error) {
      if (!(error instanceof ProviderFailure) || !OF_ONE_ROW.has(error.verdict)) throw error;
      this.outages = OUTAGES.has(error.verdict) ? this.outages + 1 : 0;
      if (this.outages >= MAX_OUTAGES_IN_A_ROW) throw error;
      return {
        externalId,
        reason: `cannot be read by its id (${error.verdict})`,
        path: '',
        rowDigest: digestOf(listed),
      };
    }
  }
}
