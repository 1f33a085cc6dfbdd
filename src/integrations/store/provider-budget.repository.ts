import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database';

export interface BudgetLease {
  /** How many calls may be made now; 0: none before `waitMs`. */
  readonly granted: number;
  readonly waitMs: number;
  /** The provider has told us to stay away until then; false: our own rate is used up, or there is no wait. */
  readonly blocked: boolean;
}

/** Token buckets of provider accounts, on the database's clock, shared by all processes. */
@Injectable()
export class ProviderBudgetRepository {
  constructor(private readonly database: Database) {}

  /** `pastBlock`: a block does not count, the rate does. */
  async lease(
    accountKey: string,
    rate: { perSecond: number; burst: number },
    want: number,
    pastBlock = false,
  ): Promise<BudgetLease> {
    const taken = await this.take(accountKey, rate, want, pastBlock);
    if (taken) return taken;
    // the account's first call for a long time
    await this.ensure(accountKey, rate.burst);
    return (await this.take(accountKey, rate, want, pastBlock)) ?? { granted: 0, waitMs: 1_000, blocked: false };
  }

  /** The provider said to stay away: nobody calls this account before then. */
  async block(accountKey: string, burst: number, blockedMs: number): Promise<void> {
    await this.ensure(accountKey, burst);
    await this.database.execute(
      `UPDATE provider_budgets SET blocked_until = greatest(blocked_until, clock_timestamp() + $2 * interval '1 millisecond')
       WHERE account_key = $1`,
      [accountKey, blockedMs],
    );
  }

  /** Writes nothing where there is no block. */
  async lift(accountKey: string): Promise<void> {
    await this.database.execute(
      `UPDATE provider_budgets SET blocked_until = NULL WHERE account_key = $1 AND blocked_until > clock_timestamp()`,
      [accountKey],
    );
  }

  /**
   * Looks at `limit` buckets in the order of their keys, from the one behind `after`, and removes those that nobody has
   * used for a day: a new one begins as full as they are. No index on the time of use: it would make each lease dearer.
   * `last` null: the end was reached.
   */
  async removeIdle(after: string, limit: number): Promise<{ removed: number; last: string | null }> {
    const rows = await this.database.query<{ removed: number; last: string | null }>(
      `WITH seen AS (
         SELECT account_key FROM provider_budgets WHERE account_key > $1 ORDER BY account_key LIMIT $2),
       gone AS (
         DELETE FROM provider_budgets b USING seen WHERE b.account_key = seen.account_key
           AND b.refilled_at < now() - interval '1 day' AND (b.blocked_until IS NULL OR b.blocked_until < now())
         RETURNING 1)
       SELECT (SELECT count(*) FROM gone) AS removed, CASE WHEN count(*) = $2 THEN max(account_key) END AS last FROM seen`,
      [after, limit],
    );
    return rows[0]!;
  }

  /** Null: the account has no bucket yet. */
  private async take(
    accountKey: string,
    rate: { perSecond: number; burst: number },
    want: number,
    pastBlock: boolean,
  ): Promise<BudgetLease | null> {
    const rows = await this.database.query<BudgetLease>(
      `WITH bucket AS (
         SELECT account_key, CASE WHEN $5 THEN 0 ELSE greatest(0, extract(epoch FROM blocked_until - clock_timestamp())) END
             AS blocked_seconds,
           least($3::float8, tokens + greatest(0, extract(epoch FROM clock_timestamp() - refilled_at)) * $2::float8) AS available
         FROM provider_budgets WHERE account_key = $1 FOR UPDATE),
       grant_now AS (
         SELECT account_key, available, coalesce(blocked_seconds, 0) AS blocked_seconds,
           CASE WHEN coalesce(blocked_seconds, 0) > 0 THEN 0 ELSE least(floor(available), $4::float8) END AS granted
         FROM bucket)
       UPDATE provider_budgets b SET tokens = g.available - g.granted, refilled_at = clock_timestamp()
       FROM grant_now g WHERE b.account_key = g.account_key
       RETURNING g.granted::float8 AS granted, g.blocked_seconds > 0 AS blocked,
         ceil(1000 * greatest(g.blocked_seconds, CASE WHEN g.granted > 0 THEN 0 ELSE (1 - g.available) / $2::float8 END))::float8
           AS "waitMs"`,
      [accountKey, rate.perSecond, rate.burst, want, pastBlock],
    );
    return rows[0] ?? null;
  }

  private async ensure(accountKey: string, burst: number): Promise<void> {
    await this.database.execute(
      `INSERT INTO provider_budgets (account_key, tokens) VALUES ($1, $2) ON CONFLICT (account_key) DO NOTHING`,
      [accountKey, burst],
    );
  }
}
