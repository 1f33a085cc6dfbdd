import { Injectable } from '@nestjs/common';
import { Database, pipelined, sqlOf, type Tx } from '../../platform/database';
import type { Listing } from '../../providers';
import {
  allNew,
  changesOf,
  type Changes,
  type IncomingRecord,
  type RecordDiff,
  type RecordKey,
  type StreamKey,
} from '../record-changes';
import type { VersionOrder } from '../version-order';
import { areStored, diffRecords, relistRecords, writeRecords } from './record-statements';

const UNIQUE_VIOLATION = '23505';
/**
 * Classes of SQLSTATE that speak of the values: data exceptions, and limits of the database such as the size of an
 * index entry.
 */
const OF_THE_VALUES = new Set(['22', '54']);

/** Whether the database refused what it was given, and not when or by whom. */
export function isUnstorable(error: unknown): boolean {
  return error instanceof Error && 'code' in error && OF_THE_VALUES.has(String(error.code).slice(0, 2));
}

/**
 * Precondition of every method that writes: the caller holds the integration's row lock, which puts feed positions in
 * commit order.
 */
@Injectable()
export class RecordRepository {
  constructor(private readonly database: Database) {}

  /** Nothing of the resource was ever stored. */
  async isEmpty(tx: Tx, key: RecordKey): Promise<boolean> {
    const feeds = await sqlOf(tx).query(
      `SELECT FROM sync_feeds WHERE integration_id = $1 AND resource_type = $2 AND position > 0`,
      [key.integrationId, key.resourceType],
    );
    return feeds.length === 0;
  }

  /** Which of them changed, in their order. Precondition: external ids are distinct and hold no line break. */
  async diff(tx: Tx, key: StreamKey, rows: readonly IncomingRecord[], order: VersionOrder): Promise<RecordDiff> {
    return diffRecords(sqlOf(tx), key, rows, order);
  }

  /** Precondition: nothing has changed since they were compared, which the integration's lock sees to. */
  async write(
    tx: Tx,
    key: StreamKey,
    { changed, relisted }: Changes,
    openInvoiceStatus: 'draft' | 'open',
  ): Promise<void> {
    await pipelined(writeRecords(sqlOf(tx), key, changed, openInvoiceStatus), relistRecords(sqlOf(tx), key, relisted));
  }

  /**
   * Writes records that are taken for new without looking: false, and nothing is written, if one of them is stored. Not
   * for invoices, whose status hangs on the merchant's settings, nor for what is stored `if_known`.
   */
  async writeNew(tx: Tx, key: StreamKey, rows: readonly IncomingRecord[]): Promise<boolean> {
    const sql = sqlOf(tx);
    const { changed } = changesOf(rows, allNew(rows));
    try {
      await pipelined(sql.execute('SAVEPOINT taken_for_new'), writeRecords(sql, key, changed, 'open'));
      return true;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === UNIQUE_VIOLATION)) throw error;
      await sql.execute('ROLLBACK TO SAVEPOINT taken_for_new');
      return false;
    }
  }

  /** Those of the rows that the database does not take. Nothing is written. */
  async unstorable(tx: Tx, key: StreamKey, rows: readonly IncomingRecord[]): Promise<ReadonlySet<IncomingRecord>> {
    const sql = sqlOf(tx);
    const found = new Set<IncomingRecord>();
    for (const row of rows) {
      await sql.execute('SAVEPOINT one_row');
      try {
        await writeRecords(sql, key, [{ row, isNew: false, operation: 'created', keptStatus: null }], 'open');
      } catch (error) {
        if (!isUnstorable(error)) throw error;
        found.add(row);
      }
      await sql.execute('ROLLBACK TO SAVEPOINT one_row');
    }
    return found;
  }

  /** Tombstones for records of this epoch; the last data stays. Returns how many were live. */
  async markDeleted(tx: Tx, key: RecordKey & { epoch: number }, externalIds: readonly string[]): Promise<number> {
    return this.tombstone(tx, key, `epoch = $epoch::int AND external_id = ANY($externalIds::text[])`, {
      epoch: key.epoch,
      externalIds,
    });
  }

  /**
   * Tombstones for the former account's records among the next `limit` records behind an external id. Returns the last
   * that was looked at; null: there are none behind it.
   */
  async markFormerDeleted(
    tx: Tx,
    key: RecordKey & { epoch: number },
    after: string,
    limit: number,
  ): Promise<string | null> {
    const [looked] = await sqlOf(tx).query<{ last: string | null }>(
      `SELECT max(external_id) AS last FROM (
         SELECT external_id FROM records WHERE integration_id = $1 AND resource_type = $2 AND external_id > $3
         ORDER BY external_id LIMIT $4) next`,
      [key.integrationId, key.resourceType, after, limit],
    );
    const last = looked!.last;
    const former = `epoch < $epoch::int AND external_id > $after AND external_id <= $last`;
    if (last !== null) await this.tombstone(tx, key, former, { epoch: key.epoch, after, last });
    return last;
  }

  private async tombstone(tx: Tx, key: RecordKey, condition: string, values: object): Promise<number> {
    const rows = await sqlOf(tx).query<{ count: number }>(
      `WITH deletable AS (
         SELECT ctid AS place, row_number() OVER (ORDER BY external_id) AS step, count(*) OVER () AS steps
         FROM records WHERE integration_id = $integrationId AND resource_type = $resourceType AND operation <> 'deleted'
           AND ${condition}),
       feed AS (
         INSERT INTO sync_feeds AS f (integration_id, resource_type, position)
         SELECT $integrationId, $resourceType, steps FROM deletable LIMIT 1
         ON CONFLICT (integration_id, resource_type) DO UPDATE SET position = f.position + excluded.position
         RETURNING position),
       written AS (
         UPDATE records r SET operation = 'deleted', version = r.version + 1, synced_at = now(), missed_scan = NULL,
           missed_scans = 0, feed_position = feed.position - d.steps + d.step
         FROM deletable d, feed
         -- by its place, which nobody can change meanwhile: by id the planner may, without statistics, compare each with each
         WHERE r.integration_id = $integrationId AND r.ctid = d.place
         RETURNING 1)
       SELECT count(*) AS count FROM written`,
      { integrationId: key.integrationId, resourceType: key.resourceType, ...values },
    );
    return rows[0]?.count ?? 0;
  }

  /**
   * Which rows are stored with the digest they are listed with; without a transaction, as committed. Precondition: no
   * id holds a line break.
   */
  async areStored(tx: Tx | null, key: RecordKey & { epoch: number }, rows: readonly Listing[]): Promise<boolean[]> {
    return areStored(tx === null ? this.database : sqlOf(tx), key, rows);
  }

  /**
   * Marks what a complete scan did not see. Records older than the floor are not concluded about: nothing older was
   * asked for. A day of slack covers providers whose list is cut by creation and whose records are dated by issue.
   */
  async markMissed(tx: Tx, key: StreamKey, scan: { id: string; floor: string | null }): Promise<number> {
    // EXCEPT: a set operation is never done row by row. NOT IN was, as soon as statistics said that the seen set is
    // large, and an account of a million then never got to its end
    return sqlOf(tx).execute(
      `WITH missed AS MATERIALIZED (
         SELECT r.external_id FROM records r
         WHERE r.integration_id = $1 AND r.resource_type = $2 AND r.stream = $3 AND r.epoch = $4 AND r.operation <> 'deleted'
           AND ($6::timestamptz IS NULL
             OR coalesce(r.data->>'issuedAt', r.data->>'paidAt')::timestamptz >= $6::timestamptz + interval '1 day')
         EXCEPT
         SELECT unnest(external_ids) FROM sync_scan_pages WHERE integration_id = $1 AND stream = $3 AND scan_id = $5)
       UPDATE records SET missed_scan = $5, missed_scans = missed_scans + 1
       WHERE integration_id = $1 AND resource_type = $2 AND external_id = ANY(ARRAY(SELECT external_id FROM missed))`,
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

  /** Rows that were seen are not missed any more. */
  async clearMissed(tx: Tx, key: RecordKey, externalIds: readonly string[]): Promise<void> {
    await sqlOf(tx).execute(
      `UPDATE records SET missed_scan = NULL, missed_scans = 0
       WHERE integration_id = $1 AND resource_type = $2 AND missed_scans > 0 AND external_id = ANY($3::text[])`,
      [key.integrationId, key.resourceType, externalIds],
    );
  }

  async countLive(tx: Tx, key: StreamKey): Promise<number> {
    const rows = await sqlOf(tx).query<{ count: number }>(
      `SELECT count(*) AS count FROM records
       WHERE integration_id = $1 AND resource_type = $2 AND stream = $3 AND epoch = $4 AND operation <> 'deleted'`,
      [key.integrationId, key.resourceType, key.stream, key.epoch],
    );
    return rows[0]!.count;
  }

  /** Candidates of one scan behind an external id, in order; `misses`: how many scans in a row have missed it. */
  async missedBy(
    key: StreamKey,
    scanId: string,
    options: { limit: number; minMisses: number; after: string | null },
  ): Promise<{ externalId: string; misses: number }[]> {
    return this.database.query<{ externalId: string; misses: number }>(
      `SELECT external_id AS "externalId", missed_scans AS misses FROM records
       WHERE integration_id = $1 AND resource_type = $2 AND stream = $3 AND missed_scan = $4 AND missed_scans > 0
         AND missed_scans >= $5 AND ($7::text IS NULL OR external_id > $7)
         AND operation <> 'deleted'
       ORDER BY external_id LIMIT $6`,
      [key.integrationId, key.resourceType, key.stream, scanId, options.minMisses, options.limit, options.after],
    );
  }

  /** Some live rows that the scan did see. */
  async seenBy(key: StreamKey, scanId: string, limit: number): Promise<string[]> {
    const rows = await this.database.query<{ externalId: string }>(
      `SELECT r.external_id AS "externalId" FROM sync_scan_pages p, unnest(p.external_ids) AS seen(external_id)
       JOIN records r ON r.integration_id = $1 AND r.resource_type = $2 AND r.external_id = seen.external_id
       WHERE p.integration_id = $1 AND p.stream = $3 AND p.scan_id = $5 AND r.stream = $3 AND r.epoch = $4
         AND r.operation <> 'deleted' AND r.missed_scans = 0
       LIMIT $6`,
      [key.integrationId, key.resourceType, key.stream, key.epoch, scanId, limit],
    );
    return rows.map((row) => row.externalId);
  }

  /**
   * Some live rows that carry no time of change; none as long as no scan has found that such rows change
   * (`FilterFinding`).
   */
  async undated(key: StreamKey, limit: number): Promise<string[]> {
    const rows = await this.database.query<{ externalId: string }>(
      `SELECT external_id AS "externalId" FROM records
       WHERE integration_id = $1 AND resource_type = $2 AND stream = $3 AND epoch = $4 AND operation <> 'deleted'
         AND source_updated_at IS NULL AND missed_scans = 0 AND EXISTS (SELECT FROM sync_cursors c WHERE c.integration_id = $1 AND c.stream = $3
           AND (c.cursor->'filter'->>'undatedChange')::boolean)
       LIMIT $5`,
      [key.integrationId, key.resourceType, key.stream, key.epoch, limit],
    );
    return rows.map(({ externalId }) => externalId);
  }

  /**
   * The rows that the provider says changed last, newest first: what a changed-since filter must return. Not those that
   * the last scan missed: no filter returns what is gone.
   */
  async lastChanged(key: StreamKey, limit: number): Promise<{ externalId: string; sourceUpdatedAt: Date }[]> {
    return this.database.query<{ externalId: string; sourceUpdatedAt: Date }>(
      `SELECT external_id AS "externalId", source_updated_at AS "sourceUpdatedAt" FROM records
       WHERE integration_id = $1 AND resource_type = $2 AND stream = $3 AND epoch = $4 AND operation <> 'deleted'
         AND source_reading IS NOT NULL AND missed_scans = 0
       ORDER BY source_updated_at DESC LIMIT $5`,
      [key.integrationId, key.resourceType, key.stream, key.epoch, limit],
    );
  }
}
