import { Injectable } from '@nestjs/common';
import { Database, sqlOf, type Tx } from '../../platform/database';
import type { ResourceType } from '../../providers';

export interface IncomingRecord {
  readonly externalId: string;
  /** The record as canonical JSON: one line, since JSON writes a line break within a text as `\n`. */
  readonly json: string;
  /** sha256 of `json`, hex. */
  readonly hash: string;
  readonly sourceUpdatedAt: Date | null;
  readonly digest: string | null;
  readonly ifKnown: boolean;
}

export interface UpsertCounts {
  created: number;
  updated: number;
  unchanged: number;
  /** Of the created and updated: older than `lateBefore`, or of unknown age. */
  late: number;
}

export interface RecordKey {
  readonly integrationId: string;
  readonly resourceType: ResourceType;
}

export interface StreamKey extends RecordKey {
  readonly stream: string;
  readonly epoch: number;
}

/** Precondition of every method that writes: the caller holds the integration's row lock, which puts feed positions in commit order. */
@Injectable()
export class RecordRepository {
  constructor(private readonly database: Database) {}

  /**
   * `openInvoiceStatus`: what an unpaid invoice is first stored as; what it was stored as is kept afterwards. The hash is that
   * of the provider's row, so this choice never looks like a change.
   *
   * Change detection, versions and feed positions in one statement. An unchanged row writes nothing; a row older than the
   * stored one of the same epoch never overwrites it. Precondition: at least one row, and external ids are distinct.
   */
  async upsert(
    tx: Tx,
    key: StreamKey,
    rows: readonly IncomingRecord[],
    options: { openInvoiceStatus: 'draft' | 'open'; lateBefore?: Date | null },
  ): Promise<UpsertCounts> {
    const counts = await sqlOf(tx).query<{ change: string; count: number; late: number }>(
      `WITH incoming AS (
         SELECT * FROM unnest($5::text[], string_to_array($6, E'\\n'), $7::text[], $8::timestamptz[], $9::text[], $10::boolean[])
           WITH ORDINALITY AS i(external_id, data, hash, source_updated_at, digest, if_known, ord)),
       judged AS (
         SELECT i.*, r.id AS record_id, r.version,
           CASE WHEN $3 = 'invoices' AND r.operation <> 'deleted' AND r.data->>'status' IN ('draft', 'open')
             THEN r.data->>'status' ELSE $11 END AS open_status,
           CASE
             WHEN r.external_id IS NULL OR r.operation = 'deleted' AND r.epoch < $2::int
               THEN CASE WHEN i.if_known THEN 'ignored' ELSE 'created' END
             WHEN r.epoch = $2::int AND i.source_updated_at < r.source_updated_at THEN 'unchanged'
             WHEN r.operation = 'deleted' THEN CASE WHEN i.if_known THEN 'ignored' ELSE 'created' END
             WHEN r.epoch = $2::int AND r.content_hash = decode(i.hash, 'hex') THEN 'unchanged'
             ELSE 'updated'
           END AS change
         FROM incoming i
         LEFT JOIN records r ON r.integration_id = $1 AND r.resource_type = $3 AND r.external_id = i.external_id),
       changed AS (
         SELECT *, row_number() OVER (ORDER BY ord) AS step, count(*) OVER () AS steps
         FROM judged WHERE change IN ('created', 'updated')),
       feed AS (
         INSERT INTO sync_feeds AS f (integration_id, resource_type, position)
         SELECT $1, $3, steps FROM changed LIMIT 1
         ON CONFLICT (integration_id, resource_type) DO UPDATE SET position = f.position + excluded.position
         RETURNING position),
       written AS (
         INSERT INTO records AS r (integration_id, resource_type, external_id, id, stream, epoch, version, operation, data,
           content_hash, source_digest, source_updated_at, feed_position)
         SELECT $1, $3, c.external_id, coalesce(c.record_id, gen_random_uuid()), $4, $2::int, coalesce(c.version, 0) + 1,
           c.change,
           CASE WHEN $3 = 'invoices' AND c.data::jsonb->>'status' = 'open'
             THEN jsonb_set(c.data::jsonb, '{status}', to_jsonb(c.open_status)) ELSE c.data::jsonb END,
           decode(c.hash, 'hex'), c.digest, c.source_updated_at, feed.position - c.steps + c.step
         FROM changed c, feed
         ON CONFLICT (integration_id, resource_type, external_id) DO UPDATE SET
           stream = excluded.stream, epoch = excluded.epoch, version = excluded.version, operation = excluded.operation,
           data = excluded.data, content_hash = excluded.content_hash, source_digest = excluded.source_digest,
           source_updated_at = excluded.source_updated_at, feed_position = excluded.feed_position, synced_at = now(),
           missed_scan = NULL, missed_scans = 0)
       SELECT change, count(*)::int AS count,
         (count(*) FILTER (WHERE source_updated_at IS NULL OR source_updated_at < $12::timestamptz))::int AS late
       FROM judged GROUP BY change`,
      [
        key.integrationId,
        key.epoch,
        key.resourceType,
        key.stream,
        rows.map((row) => row.externalId),
        // one text, a line a record: as an array each quotation mark of each record would have to be escaped, here and there
        rows.map((row) => row.json).join('\n'),
        rows.map((row) => row.hash),
        rows.map((row) => row.sourceUpdatedAt?.toISOString() ?? null),
        rows.map((row) => row.digest),
        rows.map((row) => row.ifKnown),
        options.openInvoiceStatus,
        options.lateBefore ?? null,
      ],
    );
    const of = (change: string) => counts.find((row) => row.change === change)?.count ?? 0;
    const late = counts.reduce(
      (sum, row) => sum + (row.change === 'created' || row.change === 'updated' ? row.late : 0),
      0,
    );
    return { created: of('created'), updated: of('updated'), unchanged: of('unchanged'), late };
  }

  /** Tombstones for records of this epoch; the last data stays. Returns how many were live. */
  async markDeleted(tx: Tx, key: RecordKey & { epoch: number }, externalIds: readonly string[]): Promise<number> {
    return this.tombstone(tx, key, `epoch = $3::int AND external_id = ANY($4::text[])`, [key.epoch, externalIds]);
  }

  /** A new account took the integration over: every record of older epochs leaves the feed in one step. */
  async markEpochDeleted(tx: Tx, key: RecordKey, newEpoch: number): Promise<number> {
    return this.tombstone(tx, key, `epoch < $3::int`, [newEpoch]);
  }

  private async tombstone(tx: Tx, key: RecordKey, condition: string, values: readonly unknown[]): Promise<number> {
    const rows = await sqlOf(tx).query<{ count: number }>(
      `WITH doomed AS (
         SELECT external_id, row_number() OVER (ORDER BY external_id) AS step, count(*) OVER () AS steps
         FROM records WHERE integration_id = $1 AND resource_type = $2 AND operation <> 'deleted' AND ${condition}),
       feed AS (
         INSERT INTO sync_feeds AS f (integration_id, resource_type, position)
         SELECT $1, $2, steps FROM doomed LIMIT 1
         ON CONFLICT (integration_id, resource_type) DO UPDATE SET position = f.position + excluded.position
         RETURNING position),
       written AS (
         UPDATE records r SET operation = 'deleted', version = r.version + 1, synced_at = now(), missed_scan = NULL,
           missed_scans = 0, feed_position = feed.position - d.steps + d.step
         FROM doomed d, feed
         WHERE r.integration_id = $1 AND r.resource_type = $2 AND r.external_id = d.external_id
         RETURNING 1)
       SELECT count(*)::int AS count FROM written`,
      [key.integrationId, key.resourceType, ...values],
    );
    return rows[0]?.count ?? 0;
  }

  async digests(key: RecordKey, externalIds: readonly string[]): Promise<Map<string, string>> {
    const rows = await this.database.query<{ externalId: string; digest: string }>(
      `SELECT external_id AS "externalId", source_digest AS digest FROM records
       WHERE integration_id = $1 AND resource_type = $2 AND external_id = ANY($3::text[])
         AND operation <> 'deleted' AND source_digest IS NOT NULL`,
      [key.integrationId, key.resourceType, externalIds],
    );
    return new Map(rows.map((row) => [row.externalId, row.digest]));
  }

  /**
   * Marks what a complete scan did not see. Records older than the floor are not concluded about: nothing older was asked for.
   * A day of slack covers providers whose list is cut by creation and whose records are dated by issue.
   */
  async markMissed(tx: Tx, key: StreamKey, scan: { id: string; floor: string | null }): Promise<number> {
    // the seen set is hashed once: asking each record of each page would grow with their product
    return sqlOf(tx).execute(
      `WITH seen AS MATERIALIZED (
         SELECT DISTINCT unnest(external_ids) AS external_id FROM sync_scan_pages
         WHERE integration_id = $1 AND stream = $3 AND scan_id = $5)
       UPDATE records r SET missed_scan = $5, missed_scans = r.missed_scans + 1
       WHERE r.integration_id = $1 AND r.resource_type = $2 AND r.stream = $3 AND r.epoch = $4 AND r.operation <> 'deleted'
         AND ($6::timestamptz IS NULL
           OR coalesce(r.data->>'issuedAt', r.data->>'paidAt')::timestamptz >= $6::timestamptz + interval '1 day')
         AND r.external_id NOT IN (SELECT external_id FROM seen)`,
      [key.integrationId, key.resourceType, key.stream, key.epoch, scan.id, scan.floor],
    );
  }

  /** Those that an earlier scan had missed and this one saw again are as good as ever. */
  async forgetMisses(tx: Tx, key: StreamKey, scanId: string): Promise<void> {
    await sqlOf(tx).execute(
      `UPDATE records SET missed_scan = NULL, missed_scans = 0
       WHERE integration_id = $1 AND resource_type = $2 AND stream = $3 AND missed_scans > 0
         AND missed_scan IS DISTINCT FROM $4`,
      [key.integrationId, key.resourceType, key.stream, scanId],
    );
  }

  async clearMissed(tx: Tx, key: RecordKey, externalIds: readonly string[]): Promise<void> {
    await sqlOf(tx).execute(
      `UPDATE records SET missed_scan = NULL, missed_scans = 0
       WHERE integration_id = $1 AND resource_type = $2 AND external_id = ANY($3::text[])`,
      [key.integrationId, key.resourceType, externalIds],
    );
  }

  async countLive(tx: Tx, key: StreamKey): Promise<number> {
    const rows = await sqlOf(tx).query<{ count: number }>(
      `SELECT count(*)::int AS count FROM records
       WHERE integration_id = $1 AND resource_type = $2 AND stream = $3 AND epoch = $4 AND operation <> 'deleted'`,
      [key.integrationId, key.resourceType, key.stream, key.epoch],
    );
    return rows[0]!.count;
  }

  /** Candidates of one scan; with `minMisses`, only those that so many scans in a row have missed. */
  async missedBy(key: StreamKey, scanId: string, options: { limit: number; minMisses: number }): Promise<string[]> {
    const rows = await this.database.query<{ externalId: string }>(
      `SELECT external_id AS "externalId" FROM records
       WHERE integration_id = $1 AND resource_type = $2 AND stream = $3 AND missed_scan = $4 AND missed_scans >= $5
         AND operation <> 'deleted'
       ORDER BY external_id LIMIT $6`,
      [key.integrationId, key.resourceType, key.stream, scanId, options.minMisses, options.limit],
    );
    return rows.map((row) => row.externalId);
  }
}
