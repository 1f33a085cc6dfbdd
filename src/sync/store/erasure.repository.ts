import { Injectable } from '@nestjs/common';
import { sqlOf, type Tx } from '../../platform/database';

/** Precondition of every method: the caller holds the integration's row lock. */
@Injectable()
export class ErasureRepository {
  /** Returns how many were erased: less than the limit means that none is left. */
  async eraseRecords(tx: Tx, integrationId: string, limit: number): Promise<number> {
    return sqlOf(tx).execute(
      `DELETE FROM records r USING (
         SELECT resource_type, external_id FROM records WHERE integration_id = $1 LIMIT $2) erased
       WHERE r.integration_id = $1 AND r.resource_type = erased.resource_type AND r.external_id = erased.external_id`,
      [integrationId, limit],
    );
  }

  /**
   * What is erased was never read: streams begin anew, and readers of the feed that stood somewhere must start over. To
   * be done with each batch, because an integration may be activated again before the last one.
   */
  async forgetPositions(tx: Tx, integrationId: string): Promise<void> {
    const sql = sqlOf(tx);
    await sql.execute(
      `UPDATE sync_cursors SET cursor = '{}'::jsonb, items_processed = 0, last_sync_at = NULL, last_sync_status = NULL,
         last_sync_error = NULL, updated_at = now() WHERE integration_id = $1`,
      [integrationId],
    );
    // one step further than the last entry, so that a cursor at the very end has expired as well
    await sql.execute(
      `UPDATE sync_feeds SET position = position + 1, trimmed_position = position + 1 WHERE integration_id = $1`,
      [integrationId],
    );
  }

  /** What else could hold personal data. */
  async eraseTraces(tx: Tx, integrationId: string): Promise<void> {
    const sql = sqlOf(tx);
    await sql.execute(
      `UPDATE sync_logs SET error = NULL, note = NULL WHERE integration_id = $1 AND coalesce(error, note) IS NOT NULL`,
      [integrationId],
    );
    await sql.execute(`UPDATE sync_runs SET error = NULL WHERE integration_id = $1 AND error IS NOT NULL`, [
      integrationId,
    ]);
    await sql.execute(`UPDATE sync_health SET last_error = NULL WHERE integration_id = $1 AND last_error IS NOT NULL`, [
      integrationId,
    ]);
    await sql.execute(`DELETE FROM sync_quarantine WHERE integration_id = $1`, [integrationId]);
    await sql.execute(`DELETE FROM sync_deletion_plans WHERE integration_id = $1`, [integrationId]);
    await sql.execute(`DELETE FROM sync_former_records WHERE integration_id = $1`, [integrationId]);
    await sql.execute(`DELETE FROM sync_scan_pages WHERE integration_id = $1`, [integrationId]);
  }
}
