import type { Sql } from '../../platform/database';
import type { ResourceType } from '../../providers';

export interface IncomingRecord {
  readonly externalId: string;
  /** The record as canonical JSON: one line, since JSON writes a line break within a text as `\n`. */
  readonly json: string;
  /** sha256 of `json`, hex. */
  readonly hash: string;
  /** Milliseconds since 1970. */
  readonly sourceUpdatedMs: number | null;
  readonly digest: string | null;
  readonly ifKnown: boolean;
}

export interface ChangeCounts {
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

/**
 * What becomes of an incoming record: new, back from the dead, updated, as stored, or (`if_known`, and not known) left out.
 */
type Change = 'n' | 'c' | 'u' | '=' | '-';

/** A letter a row: its `Change`, and for invoices `d` or `o` where a draft or open one is stored. */
export interface Judgement {
  readonly changes: string;
  readonly statuses: string | null;
}

export interface ChangedRecord {
  readonly row: IncomingRecord;
  /** Nothing is stored under its id. */
  readonly isNew: boolean;
  readonly operation: 'created' | 'updated';
  /** The letter of the status that is kept. */
  readonly keptStatus: string | null;
}

/** `late`: of the created and updated, those older than `lateBefore`, or of unknown age. */
export function changesOf(
  rows: readonly IncomingRecord[],
  judgement: Judgement,
  lateBefore: Date | null,
): { counts: ChangeCounts; changed: ChangedRecord[] } {
  const counts = { created: 0, updated: 0, unchanged: 0, late: 0 };
  const settledMs = lateBefore?.getTime() ?? -Infinity;
  const changed: ChangedRecord[] = [];
  rows.forEach((row, index) => {
    const change = judgement.changes[index] as Change;
    if (change === '=') counts.unchanged++;
    if (change === '=' || change === '-') return;
    const operation = change === 'u' ? 'updated' : 'created';
    counts[operation]++;
    if (row.sourceUpdatedMs === null || row.sourceUpdatedMs < settledMs) counts.late++;
    changed.push({ row, isNew: change === 'n', operation, keptStatus: judgement.statuses?.[index] ?? null });
  });
  return { counts, changed };
}

/**
 * Change detection: an unchanged row sends its hash and nothing else.
 *
 * LATERAL with a limit, so that each record is looked up by the primary key. As a plain join the planner, which has no statistics
 * while the first account of a partition is imported, reads every record of the integration for each page.
 */
export async function judgeRecords(sql: Sql, key: StreamKey, rows: readonly IncomingRecord[]): Promise<Judgement> {
  if (rows.length === 0) return { changes: '', statuses: null };
  const [judged] = await sql.query<Judgement>(
    `SELECT string_agg(
         CASE
           WHEN r.external_id IS NULL THEN CASE WHEN i.if_known THEN '-' ELSE 'n' END
           WHEN r.operation = 'deleted' AND r.epoch < $2::int THEN CASE WHEN i.if_known THEN '-' ELSE 'c' END
           WHEN r.epoch = $2::int AND timestamptz 'epoch' + i.source_updated_ms * interval '1 millisecond' < r.source_updated_at THEN '='
           WHEN r.operation = 'deleted' THEN CASE WHEN i.if_known THEN '-' ELSE 'c' END
           WHEN r.epoch = $2::int AND r.content_hash = decode(i.hash, 'hex') THEN '='
           ELSE 'u'
         END, '' ORDER BY i.ord) AS changes,
       CASE WHEN $3 = 'invoices' THEN string_agg(
         CASE WHEN r.operation <> 'deleted' AND r.data->>'status' IN ('draft', 'open') THEN left(r.data->>'status', 1)
           ELSE '-' END, '' ORDER BY i.ord) END AS statuses
     FROM unnest(string_to_array($4, E'\\n'), string_to_array($5, E'\\n'), string_to_array($6, E'\\n', '')::float8[],
         string_to_array($7, E'\\n')::boolean[])
       WITH ORDINALITY AS i(external_id, hash, source_updated_ms, if_known, ord)
     LEFT JOIN LATERAL (
       SELECT * FROM records WHERE integration_id = $1 AND resource_type = $3 AND external_id = i.external_id LIMIT 1
     ) r ON true`,
    [
      key.integrationId,
      key.epoch,
      key.resourceType,
      lines(rows, (row) => row.externalId),
      lines(rows, (row) => row.hash),
      lines(rows, (row) => row.sourceUpdatedMs ?? ''),
      lines(rows, (row) => (row.ifKnown ? 't' : 'f')),
    ],
  );
  // a line break in an id would shift every line behind it
  if (judged?.changes?.length !== rows.length) throw new Error('The incoming records cannot be told apart by line.');
  return judged;
}

/**
 * Versions, feed positions and rows of what changed. `openInvoiceStatus`: what an unpaid invoice is first stored as; what it was stored
 * as is kept afterwards. The hash is that of the provider's row, so this choice never looks like a change.
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
       content_hash, source_digest, source_updated_at, feed_position)
     SELECT $1, $3, c.external_id, gen_random_uuid(), $4, $2::int, 1, c.operation,
       CASE WHEN $3 = 'invoices' AND c.data::jsonb->>'status' = 'open'
         THEN jsonb_set(c.data::jsonb, '{status}', to_jsonb(CASE c.open_status WHEN 'd' THEN 'draft' ELSE 'open' END))
         ELSE c.data::jsonb END,
       decode(c.hash, 'hex'), c.digest, timestamptz 'epoch' + c.source_updated_ms * interval '1 millisecond', feed.before + c.ord
     FROM feed, unnest(string_to_array($6, E'\\n'), string_to_array($7, E'\\n'), string_to_array($8, E'\\n'),
         string_to_array($9, E'\\n', '')::float8[], string_to_array($10, E'\\n', ''), string_to_array($11, E'\\n'),
         string_to_array($12, E'\\n'))
       WITH ORDINALITY AS c(external_id, data, hash, source_updated_ms, digest, operation, open_status, ord)
     ${onConflict}`,
    [
      key.integrationId,
      key.epoch,
      key.resourceType,
      key.stream,
      changed.length,
      lines(changed, ({ row }) => row.externalId),
      lines(changed, ({ row }) => row.json),
      lines(changed, ({ row }) => row.hash),
      lines(changed, ({ row }) => row.sourceUpdatedMs ?? ''),
      lines(changed, ({ row }) => row.digest ?? ''),
      lines(changed, ({ operation }) => operation),
      lines(changed, ({ keptStatus }) => (keptStatus === 'd' || keptStatus === 'o' ? keptStatus : letter)),
    ],
  );
}

const OVERWRITE = `
     ON CONFLICT (integration_id, resource_type, external_id) DO UPDATE SET
       stream = excluded.stream, epoch = excluded.epoch, version = r.version + 1, operation = excluded.operation,
       data = excluded.data, content_hash = excluded.content_hash, source_digest = excluded.source_digest,
       source_updated_at = excluded.source_updated_at, feed_position = excluded.feed_position, synced_at = now(),
       missed_scan = NULL, missed_scans = 0`;

/** One text, a line each: as an array each quotation mark of each record would have to be escaped, here and there. */
function lines<T>(values: readonly T[], lineOf: (value: T) => string | number): string {
  return values.map(lineOf).join('\n');
}
