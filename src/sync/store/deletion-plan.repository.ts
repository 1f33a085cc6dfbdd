import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { sqlOf, type Tx } from '../../platform/database';
import type { ResourceType } from '../../providers';

@Injectable()
export class DeletionPlanRepository {
  /** Holds the rows a scan missed for an operator; a newer scan's answer replaces the one that is still held. */
  async hold(
    tx: Tx,
    plan: {
      integrationId: string;
      stream: string;
      resourceType: ResourceType;
      runId: string;
      scanId: string;
      liveRecords: number;
    },
  ): Promise<void> {
    await sqlOf(tx).execute(
      `INSERT INTO sync_deletion_plans AS p (id, integration_id, stream, resource_type, run_id, state, external_ids, live_records)
       SELECT $1, $2, $3, $4, $5, 'held', array_agg(external_id ORDER BY external_id), least($6::bigint, 2147483647)
       FROM records WHERE integration_id = $2 AND resource_type = $4 AND stream = $3 AND missed_scan = $7 AND missed_scans > 0
         AND operation <> 'deleted'
       ON CONFLICT (integration_id, stream) WHERE state = 'held' DO UPDATE SET external_ids = excluded.external_ids,
         run_id = excluded.run_id, live_records = excluded.live_records, created_at = now()`,
      [randomUUID(), plan.integrationId, plan.stream, plan.resourceType, plan.runId, plan.liveRecords, plan.scanId],
    );
  }

  async isHeld(tx: Tx, key: { integrationId: string; stream: string }): Promise<boolean> {
    const rows = await sqlOf(tx).query(
      `SELECT 1 FROM sync_deletion_plans WHERE integration_id = $1 AND stream = $2 AND state = 'held'`,
      [key.integrationId, key.stream],
    );
    return rows.length > 0;
  }

  /** A later scan that misses little answers the question by itself. */
  async dropHeld(tx: Tx, key: { integrationId: string; stream: string }): Promise<void> {
    await sqlOf(tx).execute(
      `DELETE FROM sync_deletion_plans WHERE integration_id = $1 AND stream = $2 AND state = 'held'`,
      [key.integrationId, key.stream],
    );
  }
}
