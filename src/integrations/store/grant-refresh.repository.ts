import { Injectable } from '@nestjs/common';
import { Database, sqlOf, type Tx } from '../../platform/database';

export interface RefreshLease {
  readonly integrationId: string;
  readonly fence: string;
  /** Another refresh was asked for before, and nobody knows what came of it. */
  readonly wasAsked: boolean;
}

/** One row for each integration that has refreshed its grant: who does it now, on the database's clock. */
@Injectable()
export class GrantRefreshRepository {
  constructor(private readonly database: Database) {}

  /** Says that a refresh is asked for, until its outcome is known; null: somebody else is at it. */
  async take(integrationId: string, owner: string, leaseMs: number): Promise<RefreshLease | null> {
    const rows = await this.database.query<Omit<RefreshLease, 'integrationId'>>(
      `INSERT INTO grant_refreshes AS r (integration_id, fence, lease_owner, lease_until, asked_at)
       VALUES ($1, 1, $2, now() + $3 * interval '1 millisecond', now())
       ON CONFLICT (integration_id) DO UPDATE SET fence = r.fence + 1, lease_owner = excluded.lease_owner,
         lease_until = excluded.lease_until, asked_at = coalesce(r.asked_at, excluded.asked_at)
       WHERE r.lease_until IS NULL OR r.lease_until <= now()
       RETURNING r.fence::text AS fence, r.asked_at < now() AS "wasAsked"`,
      [integrationId, owner, leaseMs],
    );
    const [row] = rows;
    return row ? { integrationId, ...row } : null;
  }

  /** Who is at it; null: nobody. */
  async owner(integrationId: string): Promise<string | null> {
    const rows = await this.database.query<{ owner: string | null }>(
      `SELECT lease_owner AS owner FROM grant_refreshes WHERE integration_id = $1 AND lease_until > now()`,
      [integrationId],
    );
    return rows[0]?.owner ?? null;
  }

  /** The process that was at it is gone; what came of its refresh stays unknown. */
  async endLease(integrationId: string, owner: string): Promise<void> {
    await this.database.execute(
      `UPDATE grant_refreshes SET lease_until = NULL WHERE integration_id = $1 AND lease_owner = $2`,
      [integrationId, owner],
    );
  }

  /** The outcome is known; false: somebody else has taken over since. */
  async settle(tx: Tx, { integrationId, fence }: RefreshLease): Promise<boolean> {
    const settled = await sqlOf(tx).execute(
      `UPDATE grant_refreshes SET lease_until = NULL, asked_at = NULL WHERE integration_id = $1 AND fence = $2::bigint`,
      [integrationId, fence],
    );
    return settled === 1;
  }

  /** `isAsked`: what came of a refresh is still not known. */
  async letGo({ integrationId, fence }: RefreshLease, isAsked: boolean): Promise<void> {
    await this.database.execute(
      `UPDATE grant_refreshes SET lease_until = NULL, asked_at = CASE WHEN $3 THEN asked_at END
       WHERE integration_id = $1 AND fence = $2::bigint`,
      [integrationId, fence, isAsked],
    );
  }
}
