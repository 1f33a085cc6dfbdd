import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database';
import type { ResourceType } from '../../providers';
import type { Amount } from '../finding-facts';
import type { Position } from '../page-cursor';
import { microsOf, olderThan, positionValues } from './keyset';

export const PLAN_STATES = ['held', 'approved', 'discarded'] as const;

export interface ListedDeletionPlan {
  readonly id: string;
  readonly integrationId: string;
  readonly merchantName: string | null;
  readonly provider: string;
  readonly environment: string;
  readonly stream: string;
  readonly resourceType: ResourceType;
  readonly runId: string;
  readonly state: (typeof PLAN_STATES)[number];
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
  p.resource_type AS "resourceType", p.run_id AS "runId", p.state, p.rows,
  p.live_records AS "liveRecords", p.sample, p.created_at AS "createdAt", p.decided_at AS "decidedAt",
  p.decided_by AS "decidedBy", p.reason`;
const SOURCE = `deletion_plan_view p JOIN integration_view i ON i.id = p.integration_id LEFT JOIN merchant_view m ON m.id = i.merchant_id`;

/** One record of a plan, and what is stored of it. */
export interface PlannedDeletion {
  readonly externalId: string;
  /** The number of an invoice, the name of a product or device; never of a person. */
  readonly label: string | null;
  /** It is stored still: an approval deletes it, if it is missing still. */
  readonly isLive: boolean;
  /** Of a record of money. */
  readonly amountMinor: number | null;
  readonly currency: string | null;
  readonly lastChangeAt: Date | null;
}

/** What all of a plan would take away. */
export interface PlannedLoss {
  readonly records: number;
  readonly amounts: readonly Amount[];
}

/** Of an array of PostgreSQL, with room for a page behind it. */
const MAX_ROWS = 2_000_000_000;

@Injectable()
export class DeletionPlanListRepository {
  constructor(private readonly database: Database) {}

  page(
    filter: { state?: string; integrationId?: string; provider?: string; environment?: string },
    after: Position | null,
    limit: number,
  ): Promise<(ListedDeletionPlan & { micros: string })[]> {
    return this.database.query(
      `SELECT ${COLUMNS}, ${microsOf('p.created_at')} AS micros FROM ${SOURCE}
       WHERE ($1::text IS NULL OR p.state = $1) AND ($2::uuid IS NULL OR p.integration_id = $2)
         AND ($3::text IS NULL OR i.provider = $3) AND ($4::text IS NULL OR i.environment = $4)
         AND ${olderThan('p.created_at', 'p.id', '$5', '$6')}
       ORDER BY p.created_at DESC, p.id DESC LIMIT $7`,
      [
        filter.state ?? null,
        filter.integrationId ?? null,
        filter.provider ?? null,
        filter.environment ?? null,
        ...positionValues(after),
        limit + 1,
      ],
    );
  }

  /** In the order of the plan; `micros` is the place in it. Only the page's part of the ids is looked at. */
  records(
    plan: Pick<ListedDeletionPlan, 'id'>,
    after: Position | null,
    limit: number,
  ): Promise<(PlannedDeletion & { id: string; micros: string })[]> {
    const before = Math.min(Math.max(Number(after?.micros ?? 0), 0), MAX_ROWS);
    return this.database.query(
      `SELECT p.id, ($2::integer + u.place)::text AS micros, u.external_id AS "externalId", r.label, coalesce(r.is_live, false) AS "isLive",
         r.amount_minor AS "amountMinor", r.currency, r.synced_at AS "lastChangeAt"
       FROM deletion_plan_view p CROSS JOIN LATERAL unnest(p.external_ids[$2::integer + 1:$2::integer + $3::integer]) WITH ORDINALITY AS u (external_id, place)
       LEFT JOIN record_view r ON r.integration_id = p.integration_id AND r.resource_type = p.resource_type AND r.external_id = u.external_id
       WHERE p.id = $1 ORDER BY u.place`,
      [plan.id, before, limit + 1],
    );
  }

  /** Of all its records that are stored still: takes the longer, the more there are. */
  async loss(id: string): Promise<PlannedLoss> {
    const rows = await this.database.query<{ currency: string | null; records: number; amountMinor: number | null }>(
      `SELECT CASE WHEN r.amount_minor IS NOT NULL THEN r.currency END AS currency, count(*) AS records,
         sum(r.amount_minor)::bigint AS "amountMinor"
       FROM deletion_plan_view p CROSS JOIN LATERAL unnest(p.external_ids) AS u (external_id)
       JOIN record_view r ON r.integration_id = p.integration_id AND r.resource_type = p.resource_type AND r.external_id = u.external_id
       WHERE p.id = $1 AND r.is_live GROUP BY 1 ORDER BY 1`,
      [id],
    );
    const records = rows.reduce((sum, row) => sum + row.records, 0);
    const amounts = rows.flatMap(({ currency, amountMinor, records: of }) =>
      currency === null || amountMinor === null ? [] : [{ currency, amountMinor, rows: of }],
    );
    return { records, amounts };
  }

  async find(id: string): Promise<ListedDeletionPlan | null> {
    const rows = await this.database.query<ListedDeletionPlan>(`SELECT ${COLUMNS} FROM ${SOURCE} WHERE p.id = $1`, [
      id,
    ]);
    return rows[0] ?? null;
  }
}
