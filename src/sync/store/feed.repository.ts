import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database';
import type { NormalisedRecord, ResourceType } from '../../providers';

export interface StoredRecord {
  readonly id: string;
  readonly externalId: string;
  readonly resourceType: ResourceType;
  readonly version: number;
  readonly operation: 'created' | 'updated' | 'deleted';
  readonly data: NormalisedRecord;
  readonly sourceUpdatedAt: Date | null;
  readonly syncedAt: Date;
}

const COLUMNS = `id, external_id AS "externalId", resource_type AS "resourceType", version, operation, data,
  source_updated_at AS "sourceUpdatedAt", synced_at AS "syncedAt"`;

@Injectable()
export class FeedRepository {
  constructor(private readonly database: Database) {}

  /** Entries after a position, in feed order. One partition, one index. */
  async after(
    key: { integrationId: string; resourceType: ResourceType },
    position: number,
    options: { limit: number; includeDeleted: boolean },
  ): Promise<(StoredRecord & { position: number })[]> {
    return this.database.query(
      `SELECT ${COLUMNS}, feed_position AS position FROM records
       WHERE integration_id = $1 AND resource_type = $2 AND feed_position > $3 AND ($4 OR operation <> 'deleted')
       ORDER BY feed_position LIMIT $5`,
      [key.integrationId, key.resourceType, position, options.includeDeleted, options.limit],
    );
  }

  async find(
    key: { integrationId: string; resourceType: ResourceType },
    externalId: string,
  ): Promise<StoredRecord | null> {
    const rows = await this.database.query<StoredRecord>(
      `SELECT ${COLUMNS} FROM records WHERE integration_id = $1 AND resource_type = $2 AND external_id = $3`,
      [key.integrationId, key.resourceType, externalId],
    );
    return rows[0] ?? null;
  }

  /** Tombstones up to this position may have been removed. */
  async trimmedPosition(key: { integrationId: string; resourceType: ResourceType }): Promise<number> {
    const rows = await this.database.query<{ position: number }>(
      `SELECT trimmed_position AS position FROM sync_feeds WHERE integration_id = $1 AND resource_type = $2`,
      [key.integrationId, key.resourceType],
    );
    return rows[0]?.position ?? 0;
  }
}
