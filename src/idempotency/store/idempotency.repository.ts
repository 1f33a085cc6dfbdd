import { Injectable } from '@nestjs/common';
import { Database, sqlOf, type Tx } from '../../platform/database';

export interface IdempotencyRow {
  readonly id: string;
  readonly fingerprint: Buffer;
  readonly state: 'running' | 'done';
  readonly status: number | null;
  readonly headers: Record<string, string> | null;
  readonly answer: string | null;
  readonly secretId: string | null;
  readonly expired: boolean;
}

export interface StoredAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly answer: string | null;
  readonly secretId: string | null;
}

/** What has to go with it. */
export interface EndedRecord {
  readonly id: string;
  readonly secretId: string | null;
  readonly effectSecretId: string | null;
}

const ENDED_COLUMNS = `id, secret_id AS "secretId", effect_secret_id AS "effectSecretId"`;

/** Serialises the making of the digest key; an arbitrary constant, ours in this database. */
const DIGEST_KEY_LOCK = 4_711_003;

@Injectable()
export class IdempotencyRepository {
  constructor(private readonly database: Database) {}

  /**
   * Takes the scope for this request: when nobody has it, or when whoever had it let the lease lapse and this is the
   * same request. Returns the record's id, or null when the scope is somebody else's.
   */
  async claim(claim: {
    id: string;
    scope: Buffer;
    fingerprint: Buffer;
    leaseToken: string;
    leaseMs: number;
    lifetimeMs: number;
  }): Promise<string | null> {
    const rows = await this.database.query<{ id: string }>(
      `INSERT INTO idempotency_records AS r (id, scope, fingerprint, state, lease_token, lease_until, expires_at)
       VALUES ($1, $2, $3, 'running', $4, now() + make_interval(secs => $5), now() + make_interval(secs => $6))
       ON CONFLICT (scope) DO UPDATE SET lease_token = excluded.lease_token, lease_until = excluded.lease_until
         WHERE r.state = 'running' AND r.lease_until <= now() AND r.expires_at > now() AND r.fingerprint = excluded.fingerprint
       RETURNING id`,
      [claim.id, claim.scope, claim.fingerprint, claim.leaseToken, claim.leaseMs / 1000, claim.lifetimeMs / 1000],
    );
    return rows[0]?.id ?? null;
  }

  async find(scope: Buffer): Promise<IdempotencyRow | null> {
    const rows = await this.database.query<IdempotencyRow>(
      `SELECT id, fingerprint, state, status, headers, answer, secret_id AS "secretId", expires_at <= now() AS expired
       FROM idempotency_records WHERE scope = $1`,
      [scope],
    );
    return rows[0] ?? null;
  }

  /** False: the lease lapsed and was taken over, or the record is gone. */
  async renew(id: string, leaseToken: string, leaseMs: number): Promise<boolean> {
    const rows = await this.database.execute(
      `UPDATE idempotency_records SET lease_until = now() + make_interval(secs => $3)
       WHERE id = $1 AND lease_token = $2 AND state = 'running'`,
      [id, leaseToken, leaseMs / 1000],
    );
    return rows > 0;
  }

  /** False: somebody else took the scope over; that one's answer counts. */
  async complete(tx: Tx, id: string, leaseToken: string, stored: StoredAnswer): Promise<boolean> {
    const rows = await sqlOf(tx).execute(
      `UPDATE idempotency_records SET state = 'done', status = $3, headers = $4, answer = $5, secret_id = $6
       WHERE id = $1 AND lease_token = $2 AND state = 'running'`,
      [id, leaseToken, stored.status, JSON.stringify(stored.headers), stored.answer, stored.secretId],
    );
    return rows > 0;
  }

  /**
   * The next request with this key runs again: from the start, or from the effect that this one had in spite of its
   * answer.
   */
  async release(id: string, leaseToken: string): Promise<void> {
    await this.database.execute(
      `WITH gone AS (
         DELETE FROM idempotency_records WHERE id = $1 AND lease_token = $2 AND state = 'running' AND effect IS NULL)
       UPDATE idempotency_records SET lease_until = now()
       WHERE id = $1 AND lease_token = $2 AND state = 'running' AND effect IS NOT NULL`,
      [id, leaseToken],
    );
  }

  async findEffect(id: string): Promise<{ effect: string; secretId: string | null } | null> {
    const rows = await this.database.query<{ effect: string; secretId: string | null }>(
      `SELECT effect, effect_secret_id AS "secretId" FROM idempotency_records WHERE id = $1 AND effect IS NOT NULL`,
      [id],
    );
    return rows[0] ?? null;
  }

  /** False: the request has had its effect, or its record is gone. */
  async keepEffect(tx: Tx, id: string, kept: { effect: string; secretId: string | null }): Promise<boolean> {
    const rows = await sqlOf(tx).execute(
      `UPDATE idempotency_records SET effect = $2, effect_secret_id = $3
       WHERE id = $1 AND state = 'running' AND effect IS NULL`,
      [id, kept.effect, kept.secretId],
    );
    return rows > 0;
  }

  /** Expired records, locked for their end; those that another process is just ending are passed over. */
  lockExpired(tx: Tx, limit: number): Promise<EndedRecord[]> {
    return sqlOf(tx).query(
      `SELECT ${ENDED_COLUMNS} FROM idempotency_records
       WHERE expires_at <= now() ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED`,
      [limit],
    );
  }

  async lockExpiredScope(tx: Tx, scope: Buffer): Promise<EndedRecord | null> {
    const rows = await sqlOf(tx).query<EndedRecord>(
      `SELECT ${ENDED_COLUMNS} FROM idempotency_records WHERE scope = $1 AND expires_at <= now() FOR UPDATE`,
      [scope],
    );
    return rows[0] ?? null;
  }

  async delete(tx: Tx, ids: readonly string[]): Promise<void> {
    await sqlOf(tx).execute('DELETE FROM idempotency_records WHERE id = ANY ($1::uuid[])', [ids]);
  }

  async findDigestKey(tx?: Tx): Promise<string | null> {
    const sql = tx ? sqlOf(tx) : this.database;
    const rows = await sql.query<{ secretId: string }>('SELECT secret_id AS "secretId" FROM idempotency_digest_key');
    return rows[0]?.secretId ?? null;
  }

  async lockDigestKey(tx: Tx): Promise<void> {
    await sqlOf(tx).query('SELECT pg_advisory_xact_lock($1)', [DIGEST_KEY_LOCK]);
  }

  async insertDigestKey(tx: Tx, secretId: string): Promise<void> {
    await sqlOf(tx).execute('INSERT INTO idempotency_digest_key (id, secret_id) VALUES (1, $1)', [secretId]);
  }
}
