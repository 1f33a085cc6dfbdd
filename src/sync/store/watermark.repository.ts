import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { boundedQuery, Database, sqlOf, type BoundedRows, type Tx } from '../../platform/database';
import type { Environment } from '../../platform/http';

export const WATERMARK_STATUSES = ['idle', 'syncing', 'success', 'error'] as const;
export type WatermarkStatus = (typeof WATERMARK_STATUSES)[number];

export interface WatermarkOwner {
  readonly merchantId: string;
  readonly environment: Environment;
  readonly source: string;
}

export interface Watermark {
  readonly id: string;
  readonly merchantId: string;
  readonly provider: string;
  readonly resourceType: string;
  readonly lastSyncAt: Date | null;
  readonly lastSyncStatus: WatermarkStatus | null;
  readonly lastSyncError: string | null;
  readonly cursor: string | null;
  readonly itemsSynced: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** What a worker may say; a field left out stays as it was. */
export interface WatermarkChange {
  readonly lastSyncAt?: Date | null;
  readonly lastSyncStatus?: WatermarkStatus | null;
  readonly lastSyncError?: string | null;
  readonly cursor?: string | null;
  readonly itemsSynced?: number;
}

const COLUMNS = `w.id, w.merchant_id AS "merchantId", w.source AS provider, w.resource_type AS "resourceType",
  w.last_sync_at AS "lastSyncAt", w.last_sync_status AS "lastSyncStatus", w.last_sync_error AS "lastSyncError", w.cursor,
  w.items_synced AS "itemsSynced", w.created_at AS "createdAt", w.updated_at AS "updatedAt"`;

/** The engine's own cursors, one row per resource type, under an id that stays the same. */
const ENGINE = `SELECT md5(c.integration_id::text || '/' || c.resource_type)::uuid AS id, i.merchant_id AS "merchantId",
    i.provider, c.resource_type AS "resourceType",
    CASE WHEN count(*) = count(c.last_sync_at) THEN min(c.last_sync_at) END AS "lastSyncAt",
    CASE WHEN bool_or(c.last_sync_status = 'error') THEN 'error' WHEN bool_or(c.last_sync_status = 'syncing') THEN 'syncing'
         WHEN bool_and(c.last_sync_status = 'success') THEN 'success' END AS "lastSyncStatus",
    max(c.last_sync_error) AS "lastSyncError",
    CASE WHEN count(*) = count(c.cursor->>'watermark') THEN min(c.cursor->>'watermark') END AS cursor,
    sum(c.items_processed)::float8 AS "itemsSynced", min(c.created_at) AS "createdAt", max(c.updated_at) AS "updatedAt"
  FROM sync_cursors c JOIN integration_view i ON i.id = c.integration_id
  WHERE i.merchant_id = $1 AND i.environment = $2 AND i.provider = $3
  GROUP BY c.integration_id, c.resource_type, i.merchant_id, i.provider`;

@Injectable()
export class WatermarkRepository {
  constructor(private readonly database: Database) {}

  /** By resource type. Where the engine has a cursor, it is the one that is shown. */
  list(owner: WatermarkOwner, part: { limit: number; offset: number }): Promise<BoundedRows<Watermark>> {
    return boundedQuery<Watermark>(
      this.database,
      `WITH engine AS (${ENGINE})
       SELECT * FROM engine
       UNION ALL
       SELECT ${COLUMNS} FROM sync_watermarks w
       WHERE w.merchant_id = $1 AND w.environment = $2 AND w.source = $3
         AND NOT EXISTS (SELECT 1 FROM engine e WHERE e."resourceType" = w.resource_type)
       ORDER BY "resourceType"`,
      [owner.merchantId, owner.environment, owner.source],
      part,
    );
  }

  async isOwnedByEngine(tx: Tx, owner: WatermarkOwner, resourceType: string): Promise<boolean> {
    const rows = await sqlOf(tx).query(
      `SELECT 1 FROM sync_cursors c JOIN integration_view i ON i.id = c.integration_id
       WHERE i.merchant_id = $1 AND i.environment = $2 AND i.provider = $3 AND c.resource_type = $4 LIMIT 1`,
      [owner.merchantId, owner.environment, owner.source, resourceType],
    );
    return rows.length > 0;
  }

  async put(
    tx: Tx,
    owner: WatermarkOwner,
    resourceType: string,
    change: WatermarkChange,
  ): Promise<{ watermark: Watermark; created: boolean }> {
    const given = (name: keyof WatermarkChange): boolean => change[name] !== undefined;
    const rows = await sqlOf(tx).query<Watermark & { created: boolean }>(
      `INSERT INTO sync_watermarks AS w (id, merchant_id, environment, source, resource_type, last_sync_at, last_sync_status,
         last_sync_error, cursor, items_synced)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
       ON CONFLICT (merchant_id, environment, source, resource_type) DO UPDATE SET
         last_sync_at = CASE WHEN $11 THEN excluded.last_sync_at ELSE w.last_sync_at END,
         last_sync_status = CASE WHEN $12 THEN excluded.last_sync_status ELSE w.last_sync_status END,
         last_sync_error = CASE WHEN $13 THEN excluded.last_sync_error ELSE w.last_sync_error END,
         cursor = CASE WHEN $14 THEN excluded.cursor ELSE w.cursor END,
         items_synced = CASE WHEN $15 THEN excluded.items_synced ELSE w.items_synced END, updated_at = now()
       RETURNING ${COLUMNS}, w.id = $1 AS created`,
      [
        randomUUID(),
        owner.merchantId,
        owner.environment,
        owner.source,
        resourceType,
        change.lastSyncAt ?? null,
        change.lastSyncStatus ?? null,
        change.lastSyncError ?? null,
        change.cursor ?? null,
        change.itemsSynced ?? 0,
        given('lastSyncAt'),
        given('lastSyncStatus'),
        given('lastSyncError'),
        given('cursor'),
        given('itemsSynced'),
      ],
    );
    const { created, ...watermark } = rows[0]!;
    return { watermark, created };
  }
}
