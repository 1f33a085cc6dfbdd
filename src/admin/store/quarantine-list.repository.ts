import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database';
import type { Position } from '../page-cursor';
import { microsOf, olderThan, positionValues } from './keyset';

export interface QuarantinedRow {
  readonly id: string;
  readonly integrationId: string;
  readonly merchantName: string | null;
  readonly environment: string;
  readonly provider: string;
  readonly stream: string;
  readonly externalId: string | null;
  readonly resourceType: string;
  readonly reason: string;
  readonly path: string;
  readonly runId: string;
  readonly timesSeen: number;
  readonly firstSeenAt: Date;
  readonly lastSeenAt: Date;
}

export interface QuarantineFilter {
  readonly provider?: string;
  readonly environment?: string;
  readonly integrationId?: string;
  readonly merchantId?: string;
  readonly resourceType?: string;
  readonly path?: string;
  readonly lastSeenFrom?: Date;
}

/** The quarantined rows of all merchants. */
@Injectable()
export class QuarantineListRepository {
  constructor(private readonly database: Database) {}

  /** Never the row itself: it is not stored. */
  page(
    filter: QuarantineFilter,
    after: Position | null,
    limit: number,
  ): Promise<(QuarantinedRow & { micros: string })[]> {
    return this.database.query(
      `SELECT * FROM (
         SELECT q.id, q.integration_id AS "integrationId",
           m.name AS "merchantName", i.environment, i.provider, q.stream, q.external_id AS "externalId",
           q.resource_type AS "resourceType", q.reason, q.path, q.run_id AS "runId", q.times_seen AS "timesSeen",
           q.first_seen_at AS "firstSeenAt", q.last_seen_at AS "lastSeenAt", ${microsOf('q.first_seen_at')} AS micros
         FROM quarantine_view q JOIN integration_view i ON i.id = q.integration_id LEFT JOIN merchant_view m ON m.id = i.merchant_id
         WHERE ($1::uuid IS NULL OR q.integration_id = $1) AND ($2::uuid IS NULL OR i.merchant_id = $2)
           AND ($3::text IS NULL OR i.provider = $3) AND ($4::text IS NULL OR i.environment = $4)
           AND ($5::text IS NULL OR q.resource_type = $5)
           AND ($9::text IS NULL OR q.path = $9) AND ($10::timestamptz IS NULL OR q.last_seen_at >= $10)) q
       WHERE ${olderThan('q."firstSeenAt"', 'q.id', '$6', '$7')} ORDER BY q."firstSeenAt" DESC, q.id DESC LIMIT $8`,
      [
        filter.integrationId ?? null,
        filter.merchantId ?? null,
        filter.provider ?? null,
        filter.environment ?? null,
        filter.resourceType ?? null,
        ...positionValues(after),
        limit + 1,
        filter.path ?? null,
        filter.lastSeenFrom ?? null,
      ],
    );
  }
}
