import { Injectable } from '@nestjs/common';
import { Database, sqlOf, type Tx } from '../../platform/database';
import type { Environment } from '../../platform/http';
import type { ProviderId, ResourceType } from '../../providers';

/** Changes of a feed that are not in the event log. */
export interface UnannouncedFeed {
  readonly merchantId: string;
  readonly environment: Environment;
  readonly provider: ProviderId;
  readonly integrationId: string;
  readonly resourceType: ResourceType;
  /** Feed positions: after `from`, up to `to`. */
  readonly from: number;
  readonly to: number;
  readonly created: number;
  readonly updated: number;
  readonly deleted: number;
  /** Entries up to here may be gone: moves with each erasure. */
  readonly trimmed: number;
  /** Of the database, for the cursor. */
  readonly generation: number;
}

/** Counting more at once would hold a worker up. */
const MAX_RANGE = 50_000;

@Injectable()
export class AnnouncementRepository {
  constructor(private readonly database: Database) {}

  async unannounced(limit: number): Promise<UnannouncedFeed[]> {
    return this.database.query<UnannouncedFeed>(
      `SELECT i.merchant_id AS "merchantId", i.environment, i.provider, f.integration_id AS "integrationId",
         f.resource_type AS "resourceType", f."from", f."to", f.trimmed, c.*, g.generation
       FROM (
         SELECT integration_id, resource_type, announced_position AS "from",
           least(position, announced_position + ${MAX_RANGE}) AS "to",
           trimmed_position AS trimmed
         FROM sync_feeds WHERE unannounced ORDER BY integration_id, resource_type LIMIT $1) f
       JOIN integration_view i ON i.id = f.integration_id
       CROSS JOIN database_generation_view g
       CROSS JOIN LATERAL (
         SELECT count(*) FILTER (WHERE operation = 'created') AS created,
           count(*) FILTER (WHERE operation = 'updated') AS updated, count(*) FILTER (WHERE operation = 'deleted') AS deleted
         FROM records r WHERE r.integration_id = f.integration_id AND r.resource_type = f.resource_type
           AND r.feed_position > f."from" AND r.feed_position <= f."to" AND r.feed_position > 0) c`,
      [limit],
    );
  }

  /** False: another worker has announced meanwhile, or what was counted may be erased. */
  async mark(tx: Tx, feed: UnannouncedFeed): Promise<boolean> {
    const count = await sqlOf(tx).execute(
      `UPDATE sync_feeds SET announced_position = $4
       WHERE integration_id = $1 AND resource_type = $2 AND announced_position = $3 AND trimmed_position = $5`,
      [feed.integrationId, feed.resourceType, feed.from, feed.to, feed.trimmed],
    );
    return count === 1;
  }
}
