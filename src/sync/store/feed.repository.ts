import { Injectable } from '@nestjs/common';
import { Database, sqlOf, type Tx } from '../../platform/database';
import { ofCurrentAccount } from './former-record.repository';
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

/** A record, and how new what is known of it is. */
export interface KnownRecord extends StoredRecord {
  /** What had changed in the record's list up to this time has been read; null: nothing for certain. */
  readonly readFrom: Date | null;
}

export interface FeedEntry extends StoredRecord {
  readonly position: number;
}

export interface FeedExtract {
  /** The position of the feed's last change. */
  readonly head: number;
  /** Tombstones up to this position may have been removed. */
  readonly trimmed: number;
  readonly entries: FeedEntry[];
}

const COLUMNS = `id, external_id AS "externalId", resource_type AS "resourceType", version,
  CASE WHEN ${ofCurrentAccount('$1')} THEN operation ELSE 'deleted' END AS operation, data,
  source_updated_at AS "sourceUpdatedAt", synced_at AS "syncedAt"`;

@Injectable()
export class FeedRepository {
  constructor(private readonly database: Database) {}

  /**
   * Entries after a position, in feed order, with where the feed stood at that moment: one statement, so that what a trim removed
   * and that it did are seen together. One partition, one index.
   */
  async after(
    key: { integrationId: string; resourceType: ResourceType },
    position: number,
    options: { limit: number; includeDeleted: boolean },
  ): Promise<FeedExtract> {
    const rows = await this.database.query<FeedEntry & Pick<FeedExtract, 'head' | 'trimmed'>>(
      `SELECT f.position AS head, f.trimmed_position AS trimmed, r.* FROM sync_feeds f
       LEFT JOIN LATERAL (
         SELECT ${COLUMNS}, feed_position AS position FROM records
         -- every position is above 0: said because the index holds no others, see its migration
         WHERE integration_id = $1 AND resource_type = $2 AND feed_position > $3 AND feed_position > 0
           AND (CASE operation WHEN 'deleted' THEN $4::boolean ELSE ${ofCurrentAccount('$1')} END)
         ORDER BY feed_position LIMIT $5) r ON true
       WHERE f.integration_id = $1 AND f.resource_type = $2 ORDER BY r.position`,
      [key.integrationId, key.resourceType, position, options.includeDeleted, options.limit],
    );
    const { head, trimmed } = rows[0] ?? { head: 0, trimmed: 0 };
    return { head, trimmed, entries: rows.filter((row) => row.id !== null) };
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

  /** As `find`, inside a transaction. Precondition: it holds the integration's row lock, so that no writer is at the record. */
  async read(
    tx: Tx,
    key: { integrationId: string; resourceType: ResourceType },
    externalId: string,
  ): Promise<KnownRecord | null> {
    const rows = await sqlOf(tx).query<KnownRecord>(
      `SELECT ${COLUMNS}, (SELECT (c.cursor->>'readFrom')::timestamptz FROM sync_cursors c
         WHERE c.integration_id = r.integration_id AND c.stream = r.stream) AS "readFrom"
       FROM records r WHERE integration_id = $1 AND resource_type = $2 AND external_id = $3`,
      [key.integrationId, key.resourceType, externalId],
    );
    return rows[0] ?? null;
  }
}
