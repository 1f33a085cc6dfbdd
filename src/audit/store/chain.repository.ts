import { Injectable } from '@nestjs/common';
import { Database, sqlOf, type Tx } from '../../platform/database';
import type { ChainedEntry, ChainLink } from '../chain';
import type { InspectedLink } from '../chain-inspection';

/** Arbitrary, ours in this database: one chainer at a time. */
const CHAIN_LOCK = 4_711_010;
const FIRST = '00000000-0000-0000-0000-000000000000';

const ENTRY_COLUMNS = `e.id, (extract(epoch FROM e.occurred_at) * 1000000)::bigint::text AS "occurredAt", e.action,
  e.merchant_id AS "merchantId", e.environment, e.actor_kind AS "actorKind", e.actor_id AS "actorId",
  e.request_id AS "requestId", e.subject_type AS "subjectType", e.subject_id AS "subjectId", e.reason,
  e.details::text AS details`;

type LinkRow = ChainLink & { [K in keyof ChainedEntry]: ChainedEntry[K] | null };

/** A part of the log, by id. */
export interface EntriesStep {
  /** null: there are no entries behind it. */
  readonly last: string | null;
  readonly entries: number;
  /** How many of them wait for the chainer. */
  readonly waiting: number;
  /** Those that neither stand in the chain nor wait for it. */
  readonly loose: string[];
}

@Injectable()
export class ChainRepository {
  constructor(private readonly database: Database) {}

  /** Until the transaction ends. false: another process is chaining. */
  async lock(tx: Tx): Promise<boolean> {
    const rows = await sqlOf(tx).query<{ locked: boolean }>('SELECT pg_try_advisory_xact_lock($1) AS locked', [
      CHAIN_LOCK,
    ]);
    return rows[0]!.locked;
  }

  async last(tx: Tx): Promise<Pick<ChainLink, 'sequence' | 'hash'> | null> {
    const rows = await sqlOf(tx).query<Pick<ChainLink, 'sequence' | 'hash'>>(
      'SELECT sequence, hash FROM audit_chain ORDER BY sequence DESC LIMIT 1',
    );
    return rows[0] ?? null;
  }

  /** Takes waiting entries off the list; their links must be appended in the same transaction. */
  async takeUnchained(tx: Tx, limit: number): Promise<{ marks: number; entries: ChainedEntry[] }> {
    const marks = await sqlOf(tx).query<{ id: string }>(
      `DELETE FROM audit_unchained WHERE entry_id IN (SELECT entry_id FROM audit_unchained LIMIT $1)
       RETURNING entry_id AS id`,
      [limit],
    );
    if (marks.length === 0) return { marks: 0, entries: [] };
    const entries = await sqlOf(tx).query<ChainedEntry>(
      `SELECT ${ENTRY_COLUMNS} FROM audit_entries e
       WHERE e.id = ANY ($1::uuid[]) AND NOT EXISTS (SELECT 1 FROM audit_chain c WHERE c.entry_id = e.id)
       ORDER BY e.occurred_at, e.id`,
      [marks.map((mark) => mark.id)],
    );
    return { marks: marks.length, entries };
  }

  async append(tx: Tx, links: readonly ChainLink[]): Promise<void> {
    await sqlOf(tx).execute(
      `INSERT INTO audit_chain (sequence, entry_id, entry_hash, hash)
       SELECT * FROM unnest($1::bigint[], $2::uuid[], $3::bytea[], $4::bytea[])`,
      [
        links.map((link) => link.sequence),
        links.map((link) => link.entryId),
        links.map((link) => link.entryHash),
        links.map((link) => link.hash),
      ],
    );
  }

  async link(sequence: number): Promise<InspectedLink | null> {
    const [link] = await this.links(sequence - 1, 1);
    return link?.sequence === sequence ? link : null;
  }

  async links(after: number, limit: number): Promise<InspectedLink[]> {
    const rows = await this.database.query<LinkRow>(
      `SELECT c.sequence, c.entry_id AS "entryId", c.entry_hash AS "entryHash", c.hash, ${ENTRY_COLUMNS}
       FROM audit_chain c LEFT JOIN audit_entries e ON e.id = c.entry_id
       WHERE c.sequence > $1 ORDER BY c.sequence LIMIT $2`,
      [after, limit],
    );
    return rows.map(({ sequence, entryId, entryHash, hash, ...entry }) => ({
      sequence,
      entryId,
      entryHash,
      hash,
      entry: entry.id === null ? null : (entry as ChainedEntry),
    }));
  }

  async unchained(after: string | null, limit: number): Promise<ChainedEntry[]> {
    return this.database.query<ChainedEntry>(
      `SELECT ${ENTRY_COLUMNS} FROM audit_unchained u JOIN audit_entries e ON e.id = u.entry_id
       WHERE u.entry_id > $1 ORDER BY u.entry_id LIMIT $2`,
      [after ?? FIRST, limit],
    );
  }

  /**
   * Of the next entries by id, those that are not chained; `waits`: they wait for it. One statement, because the
   * chainer moves them in one step; and a bounded one, because what is asked of the whole log at once takes longer than
   * any statement may.
   */
  async notChained(after: string | null, limit: number): Promise<EntriesStep> {
    const rows = await this.database.query<{ last: string | null; entries: number; id: string | null; waits: boolean }>(
      `WITH step AS MATERIALIZED (SELECT id FROM audit_entries WHERE id > $1 ORDER BY id LIMIT $2),
       -- a look-up each, whatever the planner thinks of their number: a join may read the whole chain for each step
       placed AS MATERIALIZED (
         SELECT s.id, (SELECT true FROM audit_chain c WHERE c.entry_id = s.id LIMIT 1) AS chained,
           (SELECT true FROM audit_unchained u WHERE u.entry_id = s.id LIMIT 1) AS waits FROM step s),
       apart AS (SELECT id, coalesce(waits, false) AS waits FROM placed WHERE chained IS NULL)
       SELECT (SELECT id FROM step ORDER BY id DESC LIMIT 1) AS last, (SELECT count(*) FROM step) AS entries, a.id, a.waits
       FROM (SELECT) AS always LEFT JOIN apart a ON true`,
      [after ?? FIRST, limit],
    );
    const { last, entries } = rows[0]!;
    const apart = rows.filter((row) => row.id !== null);
    const loose = apart.filter((row) => !row.waits).map((row) => row.id!);
    return { last, entries, waiting: apart.length - loose.length, loose };
  }

  async entries(ids: readonly string[]): Promise<ChainedEntry[]> {
    return this.database.query<ChainedEntry>(
      `SELECT ${ENTRY_COLUMNS} FROM audit_entries e WHERE e.id = ANY ($1::uuid[]) ORDER BY e.occurred_at`,
      [ids],
    );
  }

  /** What progress is measured by: how many links and entries there are, about. */
  async size(): Promise<{ lastSequence: number; entries: number }> {
    const rows = await this.database.query<{ lastSequence: number; entries: number }>(
      `SELECT coalesce((SELECT sequence FROM audit_chain ORDER BY sequence DESC LIMIT 1), 0) AS "lastSequence",
         (SELECT greatest(reltuples, 0)::float8 FROM pg_class WHERE oid = 'audit_entries'::regclass) AS entries`,
    );
    return rows[0]!;
  }
}
