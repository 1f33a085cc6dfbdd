import { Injectable } from '@nestjs/common';
import { sqlOf, type Tx } from '../../platform/database';
import type { BadRow, ResourceType } from '../../providers';

/** A stream keeps at most this many; beyond it rows are counted in the log only. */
const MAX_PER_STREAM = 1_000;

@Injectable()
export class QuarantineRepository {
  async add(
    tx: Tx,
    key: { integrationId: string; stream: string; resourceType: ResourceType; runId: string },
    rows: readonly BadRow[],
  ): Promise<void> {
    if (rows.length === 0) return;
    await sqlOf(tx).execute(
      `INSERT INTO sync_quarantine AS q (integration_id, stream, row_key, external_id, resource_type, reason, path, row_digest, run_id,
         amount_minor, currency)
       SELECT $1, $2, coalesce(b.external_id, b.row_digest), b.external_id, $3, b.reason, b.path, b.row_digest, $4,
         b.amount_minor, b.currency
       FROM (SELECT DISTINCT ON (coalesce(external_id, row_digest)) * FROM
               unnest($5::text[], $6::text[], $7::text[], $8::text[], $10::bigint[], $11::text[])
                 AS b(external_id, reason, path, row_digest, amount_minor, currency)) b
       WHERE (SELECT count(*) FROM sync_quarantine WHERE integration_id = $1 AND stream = $2) < $9
          OR EXISTS (SELECT 1 FROM sync_quarantine e WHERE e.integration_id = $1 AND e.stream = $2
                       AND e.row_key = coalesce(b.external_id, b.row_digest))
       ON CONFLICT (integration_id, stream, row_key) DO UPDATE SET reason = excluded.reason, path = excluded.path,
         row_digest = excluded.row_digest, amount_minor = excluded.amount_minor, currency = excluded.currency, run_id = excluded.run_id, times_seen = q.times_seen + 1, last_seen_at = now()`,
      [
        key.integrationId,
        key.stream,
        key.resourceType,
        key.runId,
        rows.map((row) => row.externalId),
        rows.map((row) => row.reason),
        rows.map((row) => row.path),
        rows.map((row) => row.rowDigest),
        MAX_PER_STREAM,
        rows.map((row) => row.amount?.amountMinor ?? null),
        rows.map((row) => row.amount?.currency ?? null),
      ],
    );
  }

  /**
   * What a complete full scan, begun at that time, did not meet is not there any more, or has another key. `named`:
   * rows that are known by an id too, which no other way tells of.
   */
  async dropUnmet(
    tx: Tx,
    key: { integrationId: string; stream: string },
    { since, named }: { since: string; named: boolean },
  ): Promise<void> {
    await sqlOf(tx).execute(
      `DELETE FROM sync_quarantine
       WHERE integration_id = $1 AND stream = $2 AND last_seen_at < $3::timestamptz AND ($4::boolean OR external_id IS NULL)`,
      [key.integrationId, key.stream, since, named],
    );
  }

  /** Rows of a former account are nobody's business any more. */
  async clear(tx: Tx, integrationId: string): Promise<void> {
    await sqlOf(tx).execute(`DELETE FROM sync_quarantine WHERE integration_id = $1`, [integrationId]);
  }

  /** Rows that came back understood leave the quarantine. Precondition: no id holds a line break. */
  async release(tx: Tx, key: { integrationId: string; stream: string }, externalIds: readonly string[]): Promise<void> {
    if (externalIds.length === 0) return;
    await sqlOf(tx).execute(
      `DELETE FROM sync_quarantine WHERE integration_id = $1 AND stream = $2 AND row_key = ANY(string_to_array($3, E'\\n'))`,
      [key.integrationId, key.stream, externalIds.join('\n')],
    );
  }
}
