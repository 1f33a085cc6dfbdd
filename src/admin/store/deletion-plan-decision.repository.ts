import { Injectable } from '@nestjs/common';
import { Database, sqlOf, type Tx } from '../../platform/database';
import type { ResourceType } from '../../providers';
import type { Position } from '../page-cursor';
import { microsOf, olderThan, positionValues } from './keyset';

export const PLAN_STATES = ['held', 'approved', 'discarded'] as const;
export type PlanState = (typeof PLAN_STATES)[number];

export interface DeletionPlan {
  readonly id: string;
  readonly integrationId: string;
  readonly merchantName: string | null;
  readonly provider: string;
  readonly environment: string;
  readonly stream: string;
  readonly resourceType: ResourceType;
  readonly runId: string;
  readonly state: PlanState;
  readonly rows: number;
  readonly liveRecords: number;
  /** Ids of the provider, the first twenty; no personal field. */
  readonly sample: readonly string[];
  readonly createdAt: Date;
  readonly decidedAt: Date | null;
  readonly decidedBy: string | null;
  readonly reason: string | null;
}

const COLUMNS = `p.id, p.integration_id AS "integrationId", m.name AS "merchantName", i.provider, i.environment, p.stream,
  p.resource_type AS "resourceType", p.run_id AS "runId", p.state, cardinality(p.external_ids) AS rows,
  p.live_records AS "liveRecords", p.external_ids[1:20] AS sample, p.created_at AS "createdAt", p.decided_at AS "decidedAt",
  p.decided_by AS "decidedBy", p.reason`;
const SOURCE = `sync_deletion_plans p JOIN integrations i ON i.id = p.integration_id LEFT JOIN merchants m ON m.id = i.merchant_id`;

@Injectable()
export class DeletionPlanDecisionRepository {
  constructor(private readonly database: Database) {}

  page(
    filter: { state?: string; integrationId?: string },
    after: Position | null,
    limit: number,
  ): Promise<(DeletionPlan & { micros: string })[]> {
    return this.database.query(
      `SELECT ${COLUMNS}, ${microsOf('p.created_at')} AS micros FROM ${SOURCE}
       WHERE ($1::text IS NULL OR p.state = $1) AND ($2::uuid IS NULL OR p.integration_id = $2)
         AND ${olderThan('p.created_at', 'p.id', '$3', '$4')}
       ORDER BY p.created_at DESC, p.id DESC LIMIT $5`,
      [filter.state ?? null, filter.integrationId ?? null, ...positionValues(after), limit + 1],
    );
  }

  async find(id: string): Promise<DeletionPlan | null> {
    const rows = await this.database.query<DeletionPlan>(`SELECT ${COLUMNS} FROM ${SOURCE} WHERE p.id = $1`, [id]);
    return rows[0] ?? null;
  }

  /** Precondition: the caller holds the integration's row lock. */
  async lock(tx: Tx, id: string): Promise<{ state: PlanState; externalIds: string[] } | null> {
    const rows = await sqlOf(tx).query<{ state: PlanState; externalIds: string[] }>(
      `SELECT state, external_ids AS "externalIds" FROM sync_deletion_plans WHERE id = $1 FOR UPDATE`,
      [id],
    );
    return rows[0] ?? null;
  }

  /** Of the plan's rows those that no scan or change has seen since: a row that came back is not the plan's any more. */
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
