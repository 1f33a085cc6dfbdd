import { Injectable } from '@nestjs/common';
import { Database, sqlOf, type Tx } from '../../platform/database';

export interface RefreshLease {
  readonly credentialId: string;
  readonly fence: string;
  /** Another refresh was asked for before, and nobody knows what came of it. */
  readonly wasAsked: boolean;
}

/** One row for each credential whose grant was refreshed: who does it now, on the database's clock. */
@Injectable()
export class GrantRefreshRepository {
  constructor(private readonly database: Database) {}

  /** null: somebody else is at it. */
  async take(credentialId: string, owner: string, leaseMs: number): Promise<RefreshLease | null> {
    const rows = await this.database.query<Omit<RefreshLease, 'credentialId'>>(
      `INSERT INTO grant_refreshes AS r (credential_id, fence, lease_owner, lease_until)
       VALUES ($1, 1, $2, now() + $3 * interval '1 millisecond')
       ON CONFLICT (credential_id) DO UPDATE SET fence = r.fence + 1, lease_owner = excluded.lease_owner,
         lease_until = excluded.lease_until
       WHERE r.lease_until IS NULL OR r.lease_until <= now()
       RETURNING r.fence::text AS fence, r.asked_at IS NOT NULL AS "wasAsked"`,
      [credentialId, owner, leaseMs],
    );
    const [row] = rows;
    return row ? { credentialId, ...row } : null;
  }

  /** Who is at it; null: nobody. */
  async owner(credentialId: string): Promise<string | null> {
    const rows = await this.database.query<{ owner: string | null }>(
      `SELECT lease_owner AS owner FROM grant_refreshes WHERE credential_id = $1 AND lease_until > now()`,
      [credentialId],
    );
    return rows[0]?.owner ?? null;
  }

  /** The process that was at it is gone; what came of its refresh stays unknown. */
  async endLease(credentialId: string, owner: string): Promise<void> {
    await this.database.execute(
      `UPDATE grant_refreshes SET lease_until = NULL WHERE credential_id = $1 AND lease_owner = $2`,
      [credentialId, owner],
    );
  }

  /** Before the provider is asked. */
  async ask({ credentialId, fence }: RefreshLease): Promise<void> {
    await this.database.execute(
      `UPDATE grant_refreshes SET asked_at = coalesce(asked_at, now()) WHERE credential_id = $1 AND fence = $2::bigint`,
      [credentialId, fence],
    );
  }

  /** The outcome is known; false: somebody else has taken over since. */
  async settle(tx: Tx, { credentialId, fence }: RefreshLease): Promise<boolean> {
    const settled = await sqlOf(tx).execute(
      `UPDATE grant_refreshes SET lease_until = NULL, asked_at = NULL WHERE credential_id = $1 AND fence = $2::bigint`,
      [credentialId, fence],
    );
    return settled === 1;
  }

  /** `isAsked`: what came of a refresh is still not known. */
  async letGo({ credentialId, fence }: RefreshLease, isAsked: boolean): Promise<void> {
    await this.database.execute(
      `UPDATE grant_refreshes SET lease_until = NULL, asked_at = CASE WHEN $3 THEN asked_at END
       WHERE credential_id = $1 AND fence = $2::bigint`,
      [credentialId, fence, isAsked],
    );
  }
}
