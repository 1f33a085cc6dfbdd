import { Injectable } from '@nestjs/common';
import type { JWK } from 'jose';
import { Database, sqlOf, type Tx } from '../../platform/database';

export interface SigningKeyRow {
  readonly kid: string;
  readonly algorithm: string;
  readonly publicJwk: JWK;
  /** null: the private part is gone. Never so while it is active. */
  readonly secretId: string | null;
  readonly status: 'active' | 'retiring' | 'retired';
  readonly createdAt: Date;
  readonly notAfter: Date | null;
}

const COLUMNS = `kid, algorithm, public_jwk AS "publicJwk", secret_id AS "secretId", status, created_at AS "createdAt",
  not_after AS "notAfter"`;
/** Serialises changes of the key set; an arbitrary constant, ours in this database. */
const KEY_SET_LOCK = 4_711_002;

@Injectable()
export class SigningKeyRepository {
  constructor(private readonly database: Database) {}

  /** The keys whose tokens are good: the active one, and those that are retiring. */
  listTrusted(): Promise<SigningKeyRow[]> {
    return this.database.query<SigningKeyRow>(
      `SELECT ${COLUMNS} FROM signing_keys
       WHERE status IN ('active', 'retiring') AND (not_after IS NULL OR not_after > now()) ORDER BY created_at DESC, kid`,
    );
  }

  async lockKeySet(tx: Tx): Promise<void> {
    await sqlOf(tx).query('SELECT pg_advisory_xact_lock($1)', [KEY_SET_LOCK]);
  }

  async findActive(tx: Tx): Promise<SigningKeyRow | null> {
    const rows = await sqlOf(tx).query<SigningKeyRow>(`SELECT ${COLUMNS} FROM signing_keys WHERE status = 'active'`);
    return rows[0] ?? null;
  }

  async find(tx: Tx, kid: string): Promise<SigningKeyRow | null> {
    const rows = await sqlOf(tx).query<SigningKeyRow>(`SELECT ${COLUMNS} FROM signing_keys WHERE kid = $1`, [kid]);
    return rows[0] ?? null;
  }

  async insertActive(
    tx: Tx,
    key: { kid: string; algorithm: string; publicJwk: JWK; secretId: string },
  ): Promise<SigningKeyRow> {
    const rows = await sqlOf(tx).query<SigningKeyRow>(
      `INSERT INTO signing_keys (kid, algorithm, public_jwk, secret_id, status)
       VALUES ($1, $2, $3, $4, 'active') RETURNING ${COLUMNS}`,
      [key.kid, key.algorithm, JSON.stringify(key.publicJwk), key.secretId],
    );
    return rows[0]!;
  }

  /** It signs no more; what it signed is good for as long as the longest token lives. */
  async startRetiring(tx: Tx, kid: string, graceSeconds: number): Promise<void> {
    await sqlOf(tx).execute(
      `UPDATE signing_keys SET status = 'retiring', not_after = now() + make_interval(secs => $2) WHERE kid = $1`,
      [kid, graceSeconds],
    );
  }

  /** What it signed is refused from now on. */
  async retire(tx: Tx, kid: string): Promise<void> {
    await sqlOf(tx).execute(
      `UPDATE signing_keys SET status = 'retired', not_after = least(not_after, now()), retired_at = now() WHERE kid = $1`,
      [kid],
    );
  }
}
