import type { Sql } from '../../platform/database';
import { SEED_LENGTH, type Listing } from '../../providers';
import type { ChangedRecord, IncomingRecord, RecordDiff, RecordKey, StreamKey } from '../record-changes';
import type { VersionOrder } from '../version-order';

/**
 * What is stored of each incoming row `i`. LATERAL with a limit, so that each record is looked up by the primary key:
 * as a plain join the planner, which has no statistics while the first account of a partition is imported, reads every
 * record of the integration for each page.
 */
const STORED_BY_KEY = `LEFT JOIN LATERAL (
       SELECT * FROM records WHERE integration_id = $1 AND resource_type = $3 AND external_id = i.external_id LIMIT 1
     ) r ON true`;

const instant = (ms: string): string => `timestamptz 'epoch' + (${ms}) * interval '1 millisecond'`;

/** A stamp that is ahead of the clock is never compared with, also when its time has come. */
const comparable = (row: string): string =>
  `CASE WHEN ${instant(`${row}.source_updated_ms`)} <= clock_timestamp() THEN ${row}.reading END`;

/** Change detection by hash: no record is sent for it. What is an older version: `isOlder`. */
export async function diffRecords(
  sql: Sql,
  key: StreamKey,
  rows: readonly IncomingRecord[],
  order: VersionOrder,
): Promise<RecordDiff> {
  if (rows.length === 0) return { changes: '', statuses: null };
  const [diff] = await sql.query<RecordDiff>(
    `SELECT string_agg(
         CASE
           WHEN r.external_id IS NULL THEN CASE WHEN i.if_known THEN '-' ELSE 'n' END
           WHEN r.operation = 'deleted' THEN CASE WHEN i.if_known THEN '-' ELSE 'c' END
           WHEN NOT $9::boolean AND r.epoch = $2::int AND i.reading = r.source_reading AND r.source_updated_at <= clock_timestamp()
               AND ${instant('i.source_updated_ms + $10::float8')} < r.source_updated_at THEN '='
           WHEN r.epoch = $2::int AND r.content_hash = decode(i.hash, 'hex')
             THEN CASE WHEN left(i.digest, ${SEED_LENGTH}) <> left(coalesce(r.source_digest, ''), ${SEED_LENGTH}) THEN '~' ELSE '=' END
           ELSE 'u'
         END, '' ORDER BY i.ord) AS changes,
       CASE WHEN $3 = 'invoices' THEN string_agg(
         CASE WHEN r.operation <> 'deleted' AND r.data->>'status' IN ('draft', 'open') THEN left(r.data->>'status', 1)
           ELSE '-' END, '' ORDER BY i.ord) END AS statuses
     FROM unnest(string_to_array($4, E'\\n'), string_to_array($5, E'\\n'), string_to_array($6, E'\\n', '')::float8[],
         string_to_array($7, E'\\n')::boolean[], string_to_array($8, E'\\n', ''), string_to_array($11, E'\\n', '')::int[])
       WITH ORDINALITY AS i(external_id, hash, source_updated_ms, if_known, digest, reading, ord)
     ${STORED_BY_KEY}`,
    [
      key.integrationId,
      key.epoch,
      key.resourceType,
      lines(rows, (row) => row.externalId),
      lines(rows, (row) => row.hash),
      lines(rows, (row) => row.sourceUpdatedMs ?? ''),
      lines(rows, (row) => (row.ifKnown ? 't' : 'f')),
      lines(rows, (row) => row.digest ?? ''),
      order.providersWord,
      order.slackMs,
      lines(rows, (row) => row.reading ?? ''),
    ],
  );
  // a line break in an id would shift every line behind it
  if (diff?.changes?.length !== rows.length) throw new Error('The incoming records cannot be told apart by line.');
  return diff;
}

/** Which of the rows are stored, live and in this epoch, with the digest they are listed with. */
export async function areStored(
  sql: Sql,
  key: RecordKey & { epoch: number },
  rows: readonly Listing[],
): Promise<boolean[]> {
  if (rows.length === 0) return [];
  const [found] = await sql.query<{ letters: string }>(
    `SELECT string_agg(
         CASE WHEN r.epoch = $2::int AND r.operation <> 'deleted' AND r.source_digest = i.digest THEN '=' ELSE '-' END, ''
         ORDER BY i.ord) AS letters
     FROM unnest(string_to_array($4, E'\\n'), string_to_array($5, E'\\n')) WITH ORDINALITY AS i(external_id, digest, ord)
     ${STORED_BY_KEY}`,
    [
      key.integrationId,
      key.epoch,
      key.resourceType,
      lines(rows, (row) => row.externalId),
      lines(rows, (row) => row.digest),
    ],
  );
  if (found?.letters?.length !== rows.length) throw new Error('The listed rows cannot be told apart by line.');
  return Array.from(found.letters, (letter) => letter === '=');
}

/**
 * Gives records the digests of another mapping, of other settings, or their first. Once: a row that changes in what is
 * not kept is no reason to write, or one whose bytes are never the same would be written by each scan. Readers see
 * nothing of it. By its place, as in a tombstone: by id the planner may compare each with each.
 */
export async function relistRecords(sql: Sql, key: RecordKey, rows: readonly IncomingRecord[]): Promise<void> {
  if (rows.length === 0) return;
  await sql.execute(
    `UPDATE records r SET source_digest = i.digest, source_updated_at = ${instant('i.source_updated_ms')},
       source_reading = ${comparable('i')}
     FROM unnest(string_to_array($3, E'\\n'), string_to_array($4, E'\\n'), string_to_array($5, E'\\n', '')::float8[],
         string_to_array($6, E'\\n', '')::int[]) AS i(external_id, digest, source_updated_ms, reading),
       LATERAL (SELECT ctid AS place FROM records
         WHERE integration_id = $1 AND resource_type = $2 AND external_id = i.external_id LIMIT 1) d
     WHERE r.integration_id = $1 AND r.ctid = d.place`,
    [
      key.integrationId,
      key.resourceType,
      lines(rows, (row) => row.externalId),
      lines(rows, (row) => row.digest ?? ''),
      lines(rows, (row) => row.sourceUpdatedMs ?? ''),
      lines(rows, (row) => row.reading ?? ''),
    ],
  );
}

/**
 * Versions, feed positions and rows of what changed. `openInvoiceStatus`: what an unpaid invoice is first stored as;
 * what it was stored as is kept afterwards. The hash is that of the provider's row, so this choice never looks like a
 * change.
 */
export async function writeRecords(
  sql: Sql,
  key: StreamKey,
  changed: readonly ChangedRecord[],
  openInvoiceStatus: 'draft' | 'open',
): Promise<void> {
  if (changed.length === 0) return;
  const letter = openInvoiceStatus[0]!;
  // rows that are all new need not be looked up again, which is a sixth of the work of a first import
  const onConflict = changed.every(({ isNew }) => isNew) ? '' : OVERWRITE;
  await sql.execute(
    `WITH feed AS (
       INSERT INTO sync_feeds AS f (integration_id, resource_type, position) VALUES ($1, $3, $5)
       ON CONFLICT (integration_id, resource_type) DO UPDATE SET position = f.position + excluded.position
       RETURNING position - $5 AS before)
     INSERT INTO records AS r (integration_id, resource_type, external_id, id, stream, epoch, version, operation, data,
       content_hash, source_digest, source_updated_at, source_reading, feed_position)
     SELECT $1, $3, c.external_id, gen_random_uuid(), $4, $2::int, 1, c.operation,
       CASE WHEN $3 = 'invoices' AND c.data::jsonb->>'status' = 'open'
         THEN jsonb_set(c.data::jsonb, '{status}', to_jsonb(CASE c.open_status WHEN 'd' THEN 'draft' ELSE 'open' END))
         ELSE c.data::jsonb END,
       decode(c.hash, 'hex'), c.digest, ${instant('c.source_updated_ms')}, ${comparable('c')}, feed.before + c.ord
     FROM feed, unnest(string_to_array($6, E'\\n'), string_to_array($7, E'\\n'), string_to_array($8, E'\\n'),
         string_to_array($9, E'\\n', '')::float8[], string_to_array($10, E'\\n', ''), string_to_array($11, E'\\n'),
         string_to_array($12, E'\\n'), string_to_array($13, E'\\n', '')::int[])
       WITH ORDINALITY AS c(external_id, data, hash, source_updated_ms, digest, operation, open_status, reading, ord)
     ${onConflict}`,
    [
      key.integrationId,
      key.epoch,
      key.resourceType,
      key.stream,
      changed.length,
      lines(changed, ({ row }) => row.externalId),
      jsonLines(changed),
      lines(changed, ({ row }) => row.hash),
      lines(changed, ({ row }) => row.sourceUpdatedMs ?? ''),
      lines(changed, ({ row }) => row.digest ?? ''),
      lines(changed, ({ operation }) => operation),
      lines(changed, ({ keptStatus }) => (keptStatus === 'd' || keptStatus === 'o' ? keptStatus : letter)),
      lines(changed, ({ row }) => row.reading ?? ''),
    ],
  );
}

const OVERWRITE = `
     ON CONFLICT (integration_id, resource_type, external_id) DO UPDATE SET
       stream = excluded.stream, epoch = excluded.epoch, version = r.version + 1, operation = excluded.operation,
       data = excluded.data, content_hash = excluded.content_hash, source_digest = excluded.source_digest,
       source_updated_at = excluded.source_updated_at, source_reading = excluded.source_reading, feed_position = excluded.feed_position, synced_at = now(),
       missed_scan = NULL, missed_scans = 0`;

/** As `lines`, of bytes: a text of that length would be made, measured and encoded again. */
function jsonLines(changed: readonly ChangedRecord[]): Buffer {
  return Buffer.concat(changed.flatMap(({ row }, index) => (index === 0 ? [row.json] : [LINE_BREAK, row.json])));
}

const LINE_BREAK = Buffer.from('\n');

/** One text, a line each: as an array each quotation mark of each record would have to be escaped, here and there. */
function lines<T>(values: readonly T[], lineOf: (value: T) => string | number): string {
  return values.map(lineOf).join('\n');
}
