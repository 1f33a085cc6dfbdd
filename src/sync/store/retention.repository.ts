import { Injectable } from '@nestjs/common';
import { Database, sqlOf, type Tx } from '../../platform/database';

export interface OldTombstone {
  readonly integrationId: string;
  readonly resourceType: string;
  readonly externalId: string;
}

const BEFORE = `now() - make_interval(days => $1)`;

/** What the engine keeps for a while. Every removal is one statement of bounded size that passes over rows in use. */
@Injectable()
export class RetentionRepository {
  constructor(private readonly database: Database) {}

  /** The oldest tombstones of all integrations. */
  async oldTombstones(days: number, limit: number): Promise<OldTombstone[]> {
    return this.database.query<OldTombstone>(
      `SELECT integration_id AS "integrationId", resource_type AS "resourceType", external_id AS "externalId" FROM records
       WHERE operation = 'deleted' AND synced_at < ${BEFORE} ORDER BY synced_at LIMIT $2`,
      [days, limit],
    );
  }

  /**
   * Removes those that are tombstones still, and notes how far the feed has been trimmed: readers that stand before it
   * are told. Precondition: the caller holds the integration's row lock. Returns how many there were.
   */
  async removeTombstones(
    tx: Tx,
    integrationId: string,
    days: number,
    expired: readonly OldTombstone[],
  ): Promise<number> {
    const rows = await sqlOf(tx).query<{ count: number }>(
      `WITH gone AS (
         DELETE FROM records r USING unnest($3::text[], $4::text[]) AS d (resource_type, external_id)
         WHERE r.integration_id = $2 AND r.resource_type = d.resource_type AND r.external_id = d.external_id
           AND r.operation = 'deleted' AND r.synced_at < ${BEFORE}
         RETURNING r.resource_type, r.feed_position),
       noted AS (
         UPDATE sync_feeds f SET trimmed_position = greatest(f.trimmed_position, last.position)
         FROM (SELECT resource_type, max(feed_position) AS position FROM gone GROUP BY resource_type) last
         WHERE f.integration_id = $2 AND f.resource_type = last.resource_type)
       SELECT count(*) AS count FROM gone`,
      [days, integrationId, expired.map((each) => each.resourceType), expired.map((each) => each.externalId)],
    );
    return rows[0]!.count;
  }

  /** Their log entries, and which of those were retried, go with them. */
  removeRuns(days: number, limit: number): Promise<number> {
    return this.remove('sync_runs', `finished_at < ${BEFORE} ORDER BY finished_at`, days, limit);
  }

  /** Rows that no scan has met for so long. */
  removeQuarantined(days: number, limit: number): Promise<number> {
    return this.remove('sync_quarantine', `last_seen_at < ${BEFORE} ORDER BY last_seen_at`, days, limit);
  }

  removeDecidedPlans(days: number, limit: number): Promise<number> {
    return this.remove('sync_deletion_plans', `state <> 'held' AND decided_at < ${BEFORE}`, days, limit);
  }

  /** Of no use beyond the minutes within which they make a quorum. */
  removeProviderFailures(days: number, limit: number): Promise<number> {
    return this.remove('provider_failures', `failed_at < ${BEFORE}`, days, limit);
  }

  private remove(table: string, old: string, days: number, limit: number): Promise<number> {
    return this.database.execute(
      `DELETE FROM ${table} WHERE ctid = ANY (ARRAY(SELECT ctid FROM ${table} WHERE ${old} LIMIT $2 FOR UPDATE SKIP LOCKED))`,
      [days, limit],
    );
  }
}
