import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database';
import type { StreamKey } from '../record-changes';

export interface FollowedPart {
  /** Invoices from before this time are read by no scan; null: scans read them all. */
  readonly before: Date | null;
  /** The run that last completed a scan of the stream: what it saw in quarantine need not be asked for. */
  readonly completedBy: string | null;
  /** External ids go on behind this one, and begin again at the first. */
  readonly after: string | null;
  readonly limit: number;
}

/** Rows that can still change although no scan reads them. */
@Injectable()
export class FollowedRecordRepository {
  constructor(private readonly database: Database) {}

  /** External ids: of invoices that may be owed, and of rows in quarantine. */
  async next(key: StreamKey, { before, completedBy, after, limit }: FollowedPart): Promise<string[]> {
    const rows = await this.database.query<{ externalId: string }>(
      `SELECT external_id AS "externalId" FROM (
         SELECT external_id FROM records
         WHERE integration_id = $1 AND stream = $2 AND resource_type = 'invoices' AND epoch = $3 AND operation <> 'deleted'
           AND data->>'status' IN ('draft', 'open', 'partial', 'overdue')
           AND (data->>'issuedAt' IS NULL OR (data->>'issuedAt')::timestamptz < $4) AND $4::timestamptz IS NOT NULL
         UNION
         SELECT external_id FROM sync_quarantine
         WHERE integration_id = $1 AND stream = $2 AND external_id IS NOT NULL AND run_id IS DISTINCT FROM $5) AS followed
       ORDER BY ($6::text IS NULL OR external_id > $6) DESC, external_id LIMIT $7`,
      [key.integrationId, key.stream, key.epoch, before, completedBy, after, limit],
    );
    return rows.map(({ externalId }) => externalId);
  }
}
