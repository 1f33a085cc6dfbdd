import { Injectable } from '@nestjs/common';
import { Database, sqlOf, type Tx } from '../../platform/database';
import type { ResourceType } from '../../providers';
import { parseCursor, type FilterFinding, type StreamCursor } from '../cursor';

export interface SyncStateRow {
  resourceType: ResourceType;
  lastSyncAt: Date | null;
  lastSyncStatus: string | null;
  itemsProcessed: number | null;
  lastSyncError: string | null;
  cursor: string | null;
}

export interface StreamProgress {
  readonly stream: string;
  readonly resourceType: ResourceType;
  readonly cursor: StreamCursor;
  /** Rows that were read since the last one was saved. */
  readonly items: number;
  readonly status: 'syncing' | 'success';
}

/** Where a stream stands when a run takes it up. */
export interface StoredStream {
  readonly cursor: StreamCursor;
  /** Rows of it are in quarantine. */
  readonly quarantined: boolean;
}

@Injectable()
export class CursorRepository {
  constructor(private readonly database: Database) {}

  /** By stream; one that is not there has never been read. */
  async findAll(tx: Tx, integrationId: string): Promise<ReadonlyMap<string, StoredStream>> {
    const rows = await sqlOf(tx).query<{ stream: string; cursor: unknown; quarantined: boolean }>(
      `SELECT c.stream, c.cursor, EXISTS (
         SELECT FROM sync_quarantine q WHERE q.integration_id = $1 AND q.stream = c.stream) AS quarantined
       FROM sync_cursors c WHERE c.integration_id = $1`,
      [integrationId],
    );
    return new Map(
      rows.map(({ stream, cursor, quarantined }) => [stream, { cursor: parseCursor(cursor), quarantined }]),
    );
  }

  async seed(
    tx: Tx,
    integrationId: string,
    streams: readonly { key: string; resource: ResourceType }[],
  ): Promise<void> {
    await sqlOf(tx).execute(
      `INSERT INTO sync_cursors (integration_id, stream, resource_type, cursor)
       SELECT $1, s.stream, s.resource_type, '{}'::jsonb FROM unnest($2::text[], $3::text[]) AS s(stream, resource_type)
       ON CONFLICT (integration_id, stream) DO NOTHING`,
      [integrationId, streams.map((stream) => stream.key), streams.map((stream) => stream.resource)],
    );
  }

  /** Another account: every stream begins anew. */
  async reset(tx: Tx, integrationId: string): Promise<void> {
    await sqlOf(tx).execute(
      `UPDATE sync_cursors SET cursor = '{}'::jsonb, last_sync_at = NULL, last_sync_status = NULL, last_sync_error = NULL,
         items_processed = 0, updated_at = now() WHERE integration_id = $1`,
      [integrationId],
    );
    await sqlOf(tx).execute(`DELETE FROM sync_scan_pages WHERE integration_id = $1`, [integrationId]);
  }

  async save(
    tx: Tx,
    key: { integrationId: string; stream: string; resourceType: ResourceType },
    cursor: StreamCursor,
    progress: { items: number; status: 'syncing' | 'success' },
  ): Promise<void> {
    await this.saveAll(tx, key.integrationId, [{ ...key, cursor, ...progress }]);
  }

  /** In one statement. */
  async saveAll(tx: Tx, integrationId: string, streams: readonly StreamProgress[]): Promise<void> {
    await sqlOf(tx).execute(
      `INSERT INTO sync_cursors AS c (integration_id, stream, resource_type, cursor, items_processed, last_sync_status, last_sync_at)
       SELECT $1, s.stream, s.resource_type, s.cursor, s.items, s.status, CASE WHEN s.status = 'success' THEN now() END
       FROM unnest($2::text[], $3::text[], $4::jsonb[], $5::bigint[], $6::text[]) AS s(stream, resource_type, cursor, items, status)
       ON CONFLICT (integration_id, stream) DO UPDATE SET
         cursor = excluded.cursor, items_processed = c.items_processed + excluded.items_processed,
         last_sync_status = excluded.last_sync_status, last_sync_error = NULL,
         last_sync_at = coalesce(excluded.last_sync_at, c.last_sync_at), updated_at = now()`,
      [
        integrationId,
        streams.map(({ stream }) => stream),
        streams.map(({ resourceType }) => resourceType),
        streams.map(({ cursor }) => JSON.stringify(cursor)),
        streams.map(({ items }) => items),
        streams.map(({ status }) => status),
      ],
    );
  }

  /** What else is known of the filter stays. */
  async saveFilter(tx: Tx, key: { integrationId: string; stream: string }, filter: FilterFinding): Promise<void> {
    await this.saveMember(tx, key, 'filter', `coalesce(cursor->'filter', '{}') || $value::jsonb`, filter);
  }

  async saveFollowedTo(tx: Tx, key: { integrationId: string; stream: string }, externalId: string): Promise<void> {
    await this.saveMember(tx, key, 'followedTo', '$value::jsonb', externalId);
  }

  private async saveMember(
    tx: Tx,
    key: { integrationId: string; stream: string },
    member: keyof StreamCursor,
    expression: string,
    value: unknown,
  ): Promise<void> {
    await sqlOf(tx).execute(
      `UPDATE sync_cursors SET cursor = jsonb_set(cursor, ARRAY[$member], ${expression}), updated_at = now()
       WHERE integration_id = $integrationId AND stream = $stream`,
      { integrationId: key.integrationId, stream: key.stream, member, value: JSON.stringify(value) },
    );
  }

  /** The streams of the resource that the run has not completed. */
  async markFailed(
    tx: Tx,
    key: { integrationId: string; resourceType: ResourceType },
    runId: string,
    error: string,
  ): Promise<void> {
    await sqlOf(tx).execute(
      `UPDATE sync_cursors SET last_sync_status = 'error', last_sync_error = $4, updated_at = now()
       WHERE integration_id = $1 AND resource_type = $2 AND cursor->>'completedBy' IS DISTINCT FROM $3`,
      [key.integrationId, key.resourceType, runId, error],
    );
  }

  /**
   * One row per resource type: the oldest of its streams decides when it was last in step, and the worst how it went.
   */
  async states(integrationId: string): Promise<SyncStateRow[]> {
    return this.database.query<SyncStateRow>(
      `SELECT resource_type AS "resourceType",
         CASE WHEN count(*) = count(last_sync_at) THEN min(last_sync_at) END AS "lastSyncAt",
         CASE WHEN bool_or(last_sync_status = 'error') THEN 'error' WHEN bool_or(last_sync_status = 'syncing') THEN 'syncing'
              WHEN bool_and(last_sync_status = 'success') THEN 'success' END AS "lastSyncStatus",
         sum(items_processed)::float8 AS "itemsProcessed", max(last_sync_error) AS "lastSyncError",
         CASE WHEN count(*) = count(cursor->>'watermark') THEN min(cursor->>'watermark') END AS cursor
       FROM sync_cursors WHERE integration_id = $1 GROUP BY resource_type ORDER BY resource_type`,
      [integrationId],
    );
  }

  /** Precondition: no id holds a line break. */
  async addScanPage(
    tx: Tx,
    key: { integrationId: string; stream: string },
    scan: { id: string; commits: number },
    externalIds: readonly string[],
  ): Promise<void> {
    await sqlOf(tx).execute(
      `INSERT INTO sync_scan_pages (integration_id, stream, scan_id, page, external_ids) VALUES ($1, $2, $3, $4, string_to_array($5, E'\\n'))`,
      [key.integrationId, key.stream, scan.id, scan.commits, externalIds.join('\n')],
    );
  }

  /** How much of a scan's seen set is there: commits and rows. */
  async scanSize(
    tx: Tx,
    key: { integrationId: string; stream: string },
    scanId: string,
  ): Promise<{ commits: number; rows: number }> {
    const rows = await sqlOf(tx).query<{ commits: number; rows: number }>(
      `SELECT count(*) AS commits, coalesce(sum(cardinality(external_ids)), 0) AS rows FROM sync_scan_pages
       WHERE integration_id = $1 AND stream = $2 AND scan_id = $3`,
      [key.integrationId, key.stream, scanId],
    );
    return rows[0]!;
  }

  async dropScans(tx: Tx, key: { integrationId: string; stream: string }): Promise<void> {
    await sqlOf(tx).execute(`DELETE FROM sync_scan_pages WHERE integration_id = $1 AND stream = $2`, [
      key.integrationId,
      key.stream,
    ]);
  }
}
