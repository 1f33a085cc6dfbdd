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

  /** How many entries wait for the chainer. */
  async countUnchained(): Promise<number> {
    const rows = await this.database.query<{ count: number }>('SELECT count(*) FROM audit_unchained');
    return rows[0]!.count;
  }

  async unchained(after: string | null, limit: number): Promise<ChainedEntry[]> {
    return this.database.query<ChainedEntry>(
      `SELECT ${ENTRY_COLUMNS} FROM audit_unchained u JOIN audit_entries e ON e.id = u.entry_id
       WHERE u.entry_id > $1 ORDER BY u.entry_id LIMIT $2`,
      [after ?? FIRST, limit],
    );
  }

  /** Entries that neither stand in the chain nor wait for it. One statement: the chainer moves them in one step. */
  async loose(limit: number): Promise<ChainedEntry[]> {
    return this.database.query<ChainedEntry>(
      `SELECT ${ENTRY_COLUMNS} FROM audit_entries e
       WHERE NOT EXISTS (SELECT 1 FROM audit_chain c WHERE c.entry_id = e.id)
         AND NOT EXISTS (SELECT 1 FROM audit_unchained u WHERE u.entry_id = e.id)
       ORDER BY e.occurred_at LIMIT $1`,
      [limit],
    );
  }
}
