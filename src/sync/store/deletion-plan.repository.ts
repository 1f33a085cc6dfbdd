import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Database, sqlOf, type Tx } from '../../platform/database';
import type { ResourceType } from '../../providers';

export type DeletionPlanState = 'held' | 'approved' | 'discarded';

/** Ids that are numbers as people count them, then the others as text: the order in which a plan is looked through. */
const IDS_IN_ORDER = `array_agg(external_id
  ORDER BY CASE WHEN external_id ~ '^[0-9]{1,100}$' THEN external_id::numeric END NULLS LAST, external_id)`;

@Injectable()
export class DeletionPlanRepository {
  constructor(private readonly database: Database) {}

  /**
   * Holds the rows a scan missed for an operator; a newer scan's answer replaces the one that is still held, and is
   * held since then. With a row that was not in that one it is another plan, of another id: who decides by the id has
   * seen every row.
   */
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
       SELECT $1, $2, $3, $4, $5, 'held', ${IDS_IN_ORDER}, least($6::bigint, 2147483647)
       FROM records WHERE integration_id = $2 AND resource_type = $4 AND stream = $3 AND missed_scan = $7 AND missed_scans > 0
         AND operation <> 'deleted'
       ON CONFLICT (integration_id, stream) WHERE state = 'held' DO UPDATE SET
         id = CASE WHEN EXISTS (SELECT unnest(excluded.external_ids) EXCEPT SELECT unnest(p.external_ids)) THEN excluded.id ELSE p.id END,
         external_ids = excluded.external_ids, run_id = excluded.run_id, live_records = excluded.live_records`,
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

  async placeOf(id: string): Promise<{ integrationId: string; resourceType: ResourceType } | null> {
    const rows = await this.database.query<{ integrationId: string; resourceType: ResourceType }>(
      `SELECT integration_id AS "integrationId", resource_type AS "resourceType" FROM sync_deletion_plans WHERE id = $1`,
      [id],
    );
    return rows[0] ?? null;
  }

  /** Precondition: the caller holds the integration's row lock. */
  async lock(tx: Tx, id: string): Promise<{ state: DeletionPlanState; externalIds: string[] } | null> {
    const rows = await sqlOf(tx).query<{ state: DeletionPlanState; externalIds: string[] }>(
      `SELECT state, external_ids AS "externalIds" FROM sync_deletion_plans WHERE id = $1 FOR UPDATE`,
      [id],
    );
    return rows[0] ?? null;
  }

  /**
   * Of the plan's rows those that no scan or change has seen since: a row that came back is not the plan's any more.
   */
  async stillMissing(
    tx: Tx,
    key: { integrationId: string; resourceType: ResourceType; epoch: number },
    externalIds: readonly string[],
  ): Promise<string[]> {
    const rows = await sqlOf(tx).query<{ externalId: string }>(
      `SELECT external_id AS "externalId" FROM records
       WHERE integration_id = $1 AND resource_type = $2 AND epoch = $3 AND external_id = ANY($4::text[])
         AND operation <> 'deleted' AND missed_scan IS NOT NULL ORDER BY external_id`,
      [key.integrationId, key.resourceType, key.epoch, externalIds],
    );
    return rows.map((row) => row.externalId);
  }

  async decide(
    tx: Tx,
    id: string,
    decision: { state: 'approved' | 'discarded'; by: string; reason: string },
  ): Promise<void> {
    await sqlOf(tx).execute(
      `UPDATE sync_deletion_plans SET state = $2, decided_at = now(), decided_by = $3, reason = $4 WHERE id = $1`,
      [id, decision.state, decision.by, decision.reason],
    );
  }
}
