import { Injectable } from '@nestjs/common';
import { Database, sqlOf, type Tx } from '../../platform/database';
import type { ResourceType } from '../../providers';

/**
 * Of a record: that it belongs to the account which the integration is connected to now. One of a former account may be
 * live in the table until its tombstone is written, and is shown to nobody. `integrationId`: an expression of SQL.
 */
export function ofCurrentAccount(integrationId: string): string {
  return `epoch = (SELECT current.epoch FROM integration_view current WHERE current.id = ${integrationId})`;
}

/** How far the former account's records of a resource type have been looked at. */
export interface FormerPlace {
  readonly resourceType: ResourceType;
  /** An external id; null: none has been. */
  readonly doneTo: string | null;
}

/** Precondition of every method that writes: the caller holds the integration's row lock. */
@Injectable()
export class FormerRecordRepository {
  constructor(private readonly database: Database) {}

  /** All that was ever stored is of a former account from now on. */
  async begin(tx: Tx, integrationId: string): Promise<void> {
    await sqlOf(tx).execute(
      `INSERT INTO sync_former_records (integration_id, resource_type)
       SELECT integration_id, resource_type FROM sync_feeds WHERE integration_id = $1
       ON CONFLICT (integration_id, resource_type) DO UPDATE SET done_to = NULL`,
      [integrationId],
    );
  }

  async isPending(integrationId: string): Promise<boolean> {
    const rows = await this.database.query(`SELECT 1 FROM sync_former_records WHERE integration_id = $1 LIMIT 1`, [
      integrationId,
    ]);
    return rows.length > 0;
  }

  async next(tx: Tx, integrationId: string): Promise<FormerPlace | null> {
    const rows = await sqlOf(tx).query<FormerPlace>(
      `SELECT resource_type AS "resourceType", done_to AS "doneTo" FROM sync_former_records WHERE integration_id = $1
       ORDER BY resource_type LIMIT 1`,
      [integrationId],
    );
    return rows[0] ?? null;
  }

  /** `doneTo` null: none is left. */
  async advance(tx: Tx, integrationId: string, { resourceType, doneTo }: FormerPlace): Promise<void> {
    const place = 'integration_id = $integrationId AND resource_type = $resourceType';
    const key = { integrationId, resourceType };
    if (doneTo === null) await sqlOf(tx).execute(`DELETE FROM sync_former_records WHERE ${place}`, key);
    else await sqlOf(tx).execute(`UPDATE sync_former_records SET done_to = $doneTo WHERE ${place}`, { ...key, doneTo });
  }
}
