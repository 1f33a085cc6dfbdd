import { Injectable } from '@nestjs/common';
import { Database, MAX_LIST_BYTES, sqlOf, type Tx } from '../../platform/database';
import type { NormalisedRecord, ResourceType } from '../../providers';
import { ofCurrentAccount } from './former-record.repository';

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
  /** Of the database: a restore that was reported begins another. */
  readonly generation: number;
  /** The position of the feed's last change. */
  readonly head: number;
  /** Tombstones up to this position may have been removed. */
  readonly trimmed: number;
  readonly entries: FeedEntry[];
  /** Entries follow that are not among these. */
  readonly hasMore: boolean;
}

/** What a former account left behind is deleted for readers before its tombstones are written. */
const OPERATION = `CASE WHEN ${ofCurrentAccount('$1')} THEN operation ELSE 'deleted' END`;
const columns = (
  operation: string,
  data: string,
) => `id, external_id AS "externalId", resource_type AS "resourceType", version, ${operation} AS operation, ${data},
  source_updated_at AS "sourceUpdatedAt", synced_at AS "syncedAt"`;
const COLUMNS = columns(OPERATION, 'data');

@Injectable()
export class FeedRepository {
  constructor(private readonly database: Database) {}

  /**
   * Entries after a position, in feed order, at most `limit` and as many as fit into one answer, with where the feed
   * stood at that moment: one statement, so that what a trim removed and that it did are seen together. One partition,
   * one index.
   */
  async after(
    key: { integrationId: string; resourceType: ResourceType },
    position: number,
    options: { limit: number; includeDeleted: boolean },
  ): Promise<FeedExtract> {
    const rows = await this.database.query<
      FeedEntry & { generation: number; head: number; trimmed: number; found: number }
    >(
      `SELECT g.generation, coalesce(f.position, 0) AS head, coalesce(f.trimmed_position, 0) AS trimmed, r.*
       FROM database_generation_view g LEFT JOIN sync_feeds f ON f.integration_id = $1 AND f.resource_type = $2
       LEFT JOIN LATERAL (
         SELECT ${columns('operation', 'text::json AS data')}, position, found FROM (
           SELECT t.*, count(*) OVER () AS found, row_number() OVER (ORDER BY position) AS place,
             sum(octet_length(text)) OVER (ORDER BY position ROWS UNBOUNDED PRECEDING) AS bytes
           FROM (
             -- as text, once, for its length and for the answer
             SELECT id, external_id, resource_type, version, ${OPERATION} AS operation, source_updated_at, synced_at,
               data::text AS text, feed_position AS position FROM records
             -- every position is above 0: said because the index holds no others, see its migration
             WHERE integration_id = $1 AND resource_type = $2 AND feed_position > $3 AND feed_position > 0
               AND (CASE operation WHEN 'deleted' THEN $4::boolean ELSE ${ofCurrentAccount('$1')} END)
             ORDER BY feed_position LIMIT $5::int + 1) t) b
         WHERE place <= $5::int AND (place = 1 OR bytes <= $6::int)) r ON true
       ORDER BY r.position`,
      [key.integrationId, key.resourceType, position, options.includeDeleted, options.limit, MAX_LIST_BYTES],
    );
    const { generation, head, trimmed, found } = rows[0]!;
    const entries = rows.filter((row) => row.id !== null);
    return { generation, head, trimmed, entries, hasMore: found > entries.length };
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

  /**
   * As `find`, inside a transaction. Precondition: it holds the integration's row lock, so that no writer is at the
   * record.
   */
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
