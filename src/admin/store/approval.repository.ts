import { Injectable } from '@nestjs/common';
import { Database, sqlOf, type Tx } from '../../platform/database';
import type { Approval } from '../approval';
import type { BulkRetryLine } from '../bulk-retry-outcome';
import type { Position } from '../page-cursor';
import { microsOf, olderThan, positionValues } from './keyset';

type NewApproval = Pick<Approval, 'id' | 'act' | 'target' | 'summary' | 'parameters' | 'requestedBy' | 'reason'>;

const columns = (
  parameters: string,
) => `a.id, a.act, a.target, a.summary, ${parameters} AS parameters, a.state, a.requested_by AS "requestedBy", a.reason,
  a.requested_at AS "requestedAt", a.expires_at AS "expiresAt", a.decided_by AS "decidedBy",
  a.decision_reason AS "decisionReason", a.decided_at AS "decidedAt", a.error`;
const COLUMNS = columns('a.parameters');
/** A list has no texts of manifests. */
const LISTED = columns(`a.parameters - 'manifest'`);

@Injectable()
export class ApprovalRepository {
  constructor(private readonly database: Database) {}

  /** What one operator asks for, or does alone, is counted by one transaction after the other. */
  async lockSubject(tx: Tx, subject: string): Promise<void> {
    await sqlOf(tx).query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`admin_approvals/${subject}`]);
  }

  async waitingOf(tx: Tx, subject: string): Promise<number> {
    const rows = await sqlOf(tx).query<{ count: number }>(
      `SELECT count(*) AS count FROM admin_approvals
       WHERE state = 'waiting' AND expires_at > clock_timestamp() AND requested_by = $1`,
      [subject],
    );
    return rows[0]!.count;
  }

  /** Log entries of the last hour. */
  async retriedAlone(tx: Tx, subject: string): Promise<number> {
    const rows = await sqlOf(tx).query<{ entries: number }>(
      `SELECT coalesce(sum(entries), 0) AS entries FROM admin_bulk_retries
       WHERE subject = $1 AND begun_at > clock_timestamp() - interval '1 hour'`,
      [subject],
    );
    return rows[0]!.entries;
  }

  async noteRetry(tx: Tx, retry: { id: string; subject: string; entries: number }): Promise<void> {
    await sqlOf(tx).execute(
      'INSERT INTO admin_bulk_retries (id, subject, entries, begun_at) VALUES ($1, $2, $3, clock_timestamp())',
      [retry.id, retry.subject, retry.entries],
    );
  }

  /** null: such a request waits already. */
  async insert(tx: Tx, approval: NewApproval, expiresInMs: number): Promise<Approval | null> {
    const { id, act, target, summary, parameters, requestedBy, reason } = approval;
    const rows = await sqlOf(tx).query<Approval>(
      `INSERT INTO admin_approvals AS a (id, act, target, summary, parameters, requested_by, reason, expires_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, now() + $8 * interval '1 millisecond')
       ON CONFLICT (act, target) WHERE state IN ('waiting', 'approved') DO NOTHING RETURNING ${COLUMNS}`,
      [id, act, target, summary, JSON.stringify(parameters), requestedBy, reason, expiresInMs],
    );
    return rows[0] ?? null;
  }

  /** Until the transaction ends; `expired`: its time is over now, whenever the transaction began. */
  async lock(tx: Tx, id: string): Promise<(Approval & { expired: boolean }) | null> {
    const locked = await sqlOf(tx).query('SELECT 1 FROM admin_approvals WHERE id = $1 FOR UPDATE', [id]);
    if (locked.length === 0) return null;
    const rows = await sqlOf(tx).query<Approval & { expired: boolean }>(
      `SELECT ${COLUMNS}, a.expires_at <= clock_timestamp() AS expired FROM admin_approvals a WHERE a.id = $1`,
      [id],
    );
    return rows[0]!;
  }

  /** An approval gives the lease of the act with it. Precondition: it is locked, and waits. */
  async decide(
    tx: Tx,
    id: string,
    decision: { state: 'approved' | 'refused'; by: string; reason: string; leaseMs: number },
  ): Promise<Approval> {
    const { state, by, reason, leaseMs } = decision;
    const rows = await sqlOf(tx).query<Approval>(
      `UPDATE admin_approvals a SET state = $2, decided_by = $3, decision_reason = $4, decided_at = now(),
         lease_until = now() + $5 * interval '1 millisecond'
       WHERE a.id = $1 RETURNING ${COLUMNS}`,
      [id, state, by, reason, leaseMs],
    );
    return rows[0]!;
  }

  /** Those whose time is over, in one step. */
  async expire(tx: Tx): Promise<Approval[]> {
    return sqlOf(tx).query<Approval>(
      `UPDATE admin_approvals a SET state = 'expired' WHERE a.id IN (
         SELECT id FROM admin_approvals WHERE state = 'waiting' AND expires_at <= now() LIMIT 100 FOR UPDATE SKIP LOCKED)
       RETURNING ${COLUMNS}`,
    );
  }

  /** The lease of an approved act that nobody does, of these kinds: another release knows others. */
  async claim(acts: readonly string[], leaseMs: number): Promise<Approval | null> {
    const rows = await this.database.query<Approval>(
      `UPDATE admin_approvals a SET lease_until = now() + $1 * interval '1 millisecond' WHERE a.id = (
         SELECT id FROM admin_approvals
         WHERE state = 'approved' AND act = ANY($2) AND (lease_until IS NULL OR lease_until <= now())
         ORDER BY decided_at LIMIT 1 FOR UPDATE SKIP LOCKED)
       RETURNING ${COLUMNS}`,
      [leaseMs, acts],
    );
    return rows[0] ?? null;
  }

  async steps(id: string): Promise<ReadonlySet<string>> {
    const rows = await this.database.query<{ step: string }>(
      'SELECT step FROM admin_approval_steps WHERE approval_id = $1',
      [id],
    );
    return new Set(rows.map(({ step }) => step));
  }

  /** In the transaction of the act. false: it has been done. */
  async takeStep(tx: Tx, id: string, done: { step: string; outcome?: BulkRetryLine }): Promise<boolean> {
    const { step, outcome } = done;
    const rows = await sqlOf(tx).query<{ step: string }>(
      `INSERT INTO admin_approval_steps (approval_id, step, outcome) VALUES ($1, $2, $3)
       ON CONFLICT DO NOTHING RETURNING step`,
      [id, step, outcome === undefined ? null : JSON.stringify(outcome)],
    );
    return rows.length > 0;
  }

  /** What became of the parts of a bulk retry so far, by the merchant’s name. */
  async outcomes(id: string): Promise<BulkRetryLine[]> {
    const rows = await this.database.query<{ outcome: BulkRetryLine }>(
      `SELECT outcome FROM admin_approval_steps WHERE approval_id = $1 AND outcome IS NOT NULL
       ORDER BY outcome->>'merchantName', step`,
      [id],
    );
    return rows.map(({ outcome }) => outcome);
  }

  /** false: it has ended already. */
  async end(tx: Tx, id: string, error: string | null): Promise<boolean> {
    const rows = await sqlOf(tx).query<{ id: string }>(
      `UPDATE admin_approvals SET state = CASE WHEN $2::text IS NULL THEN 'done' ELSE 'failed' END, error = $2,
         lease_until = NULL
       WHERE id = $1 AND state = 'approved' RETURNING id`,
      [id, error],
    );
    return rows.length > 0;
  }

  page(state: string | null, after: Position | null, limit: number): Promise<(Approval & { micros: string })[]> {
    return this.database.query(
      `SELECT ${LISTED}, ${microsOf('a.requested_at')} AS micros FROM admin_approvals a
       WHERE ($1::text IS NULL OR a.state = $1) AND ${olderThan('a.requested_at', 'a.id', '$2', '$3')}
       ORDER BY a.requested_at DESC, a.id DESC LIMIT $4`,
      [state, ...positionValues(after), limit + 1],
    );
  }

  async find(id: string): Promise<Approval | null> {
    const rows = await this.database.query<Approval>(`SELECT ${COLUMNS} FROM admin_approvals a WHERE a.id = $1`, [id]);
    return rows[0] ?? null;
  }

  /** That wait for a decision: how many, and since when. */
  async waiting(): Promise<{ count: number; since: Date | null }> {
    const rows = await this.database.query<{ count: number; since: Date | null }>(
      `SELECT count(*) AS count, min(requested_at) AS since FROM admin_approvals
       WHERE state = 'waiting' AND expires_at > now()`,
    );
    return rows[0]!;
  }
}
