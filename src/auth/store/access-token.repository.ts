import { Injectable } from '@nestjs/common';
import { Database, sqlOf, type Tx } from '../../platform/database';
import type { Environment } from '../../platform/http';

/** A token as it may be shown: never the token itself, which is stored nowhere. */
export interface AccessToken {
  readonly id: string;
  readonly jti: string;
  readonly subject: string | null;
  readonly roles: readonly string[];
  readonly permissions: readonly string[];
  readonly nodeIds: readonly string[];
  readonly merchantId: string | null;
  readonly environment: Environment | null;
  readonly createdAt: Date;
  /** null: issued elsewhere, known by its revocation alone. */
  readonly issuedBy: string | null;
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
  readonly revokedBy: string | null;
}

const COLUMNS = `id, jti, subject, roles, permissions, node_ids AS "nodeIds", merchant_id AS "merchantId", environment,
  created_at AS "createdAt", issued_by AS "issuedBy", expires_at AS "expiresAt", revoked_at AS "revokedAt",
  revoked_by AS "revokedBy"`;

@Injectable()
export class AccessTokenRepository {
  constructor(private readonly database: Database) {}

  async insert(tx: Tx, row: Omit<AccessToken, 'createdAt' | 'revokedAt' | 'revokedBy'>): Promise<AccessToken> {
    const rows = await sqlOf(tx).query<AccessToken>(
      `INSERT INTO access_tokens (id, jti, subject, roles, permissions, node_ids, merchant_id, environment, issued_by, expires_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING ${COLUMNS}`,
      [
        row.id,
        row.jti,
        row.subject,
        row.roles,
        row.permissions,
        row.nodeIds,
        row.merchantId,
        row.environment,
        row.issuedBy,
        row.expiresAt,
      ],
    );
    return rows[0]!;
  }

  /** null: it is revoked already. A token that was issued elsewhere gets its row here. */
  async revoke(
    tx: Tx,
    token: { id: string; jti: string; subject: string | null; expiresAt: Date | null; by: string },
  ): Promise<AccessToken | null> {
    const rows = await sqlOf(tx).query<AccessToken>(
      `INSERT INTO access_tokens AS t (id, jti, subject, roles, permissions, node_ids, expires_at, revoked_at, revoked_by)
       VALUES ($1, $2, $3, '{}', '{}', '{}', $4, clock_timestamp(), $5)
       ON CONFLICT (jti) DO UPDATE SET revoked_at = excluded.revoked_at, revoked_by = excluded.revoked_by
         WHERE t.revoked_at IS NULL
       RETURNING ${COLUMNS}`,
      [token.id, token.jti, token.subject, token.expiresAt, token.by],
    );
    return rows[0] ?? null;
  }

  async find(jti: string): Promise<AccessToken | null> {
    const rows = await this.database.query<AccessToken>(`SELECT ${COLUMNS} FROM access_tokens WHERE jti = $1`, [jti]);
    return rows[0] ?? null;
  }

  /** The newest first. */
  list(limit: number): Promise<AccessToken[]> {
    return this.database.query<AccessToken>(
      `SELECT ${COLUMNS} FROM access_tokens ORDER BY created_at DESC, id DESC LIMIT $1`,
      [limit],
    );
  }

  /** What would still be let in otherwise. */
  async listRevoked(skewSeconds: number): Promise<string[]> {
    const rows = await this.database.query<{ jti: string }>(
      `SELECT jti FROM access_tokens
       WHERE revoked_at IS NOT NULL AND (expires_at IS NULL OR expires_at > now() - make_interval(secs => $1))`,
      [skewSeconds],
    );
    return rows.map((row) => row.jti);
  }

  removeExpired(keptSeconds: number, limit: number): Promise<number> {
    return this.database.execute(
      `DELETE FROM access_tokens WHERE id IN (
         SELECT id FROM access_tokens WHERE expires_at < now() - make_interval(secs => $1) ORDER BY expires_at LIMIT $2
         FOR UPDATE SKIP LOCKED)`,
      [keptSeconds, limit],
    );
  }
}
