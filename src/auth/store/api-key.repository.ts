import { Injectable } from '@nestjs/common';
import { Database, sqlOf, type Tx } from '../../platform/database';
import type { Environment } from '../../platform/http';

/** A key as it may be shown: never the key itself, nor its hash. */
export interface ApiKey {
  readonly id: string;
  readonly merchantId: string;
  readonly environment: Environment;
  readonly name: string;
  readonly displayPrefix: string;
  readonly scopes: readonly string[];
  /** Where it may be used from; null: anywhere. */
  readonly allowedCidrs: readonly string[] | null;
  readonly rotatedFrom: string | null;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
  readonly lastUsedAt: Date | null;
}

export interface NewApiKeyRow {
  readonly id: string;
  readonly merchantId: string;
  readonly environment: Environment;
  readonly name: string;
  readonly keyHash: Buffer;
  readonly displayPrefix: string;
  readonly scopes: readonly string[];
  /** Where it may be used from; null: anywhere. */
  readonly allowedCidrs: readonly string[] | null;
  readonly rotatedFrom: string | null;
  readonly expiresAt: Date | null;
}

const COLUMNS = `id, merchant_id AS "merchantId", environment, name, display_prefix AS "displayPrefix", scopes,
  allowed_cidrs AS "allowedCidrs", rotated_from AS "rotatedFrom", created_at AS "createdAt", expires_at AS "expiresAt", revoked_at AS "revokedAt",
  last_used_at AS "lastUsedAt"`;

const LIVE_BY_HASH = `SELECT ${COLUMNS} FROM api_keys
  WHERE key_hash = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())`;

@Injectable()
export class ApiKeyRepository {
  constructor(private readonly database: Database) {}

  /** Keys that end within so many days, each once: from now on they count as told about. */
  async takeExpiring(tx: Tx, days: number, limit: number): Promise<ApiKey[]> {
    return sqlOf(tx).query<ApiKey>(
      `UPDATE api_keys SET expiry_told = true WHERE id IN (
         SELECT id FROM api_keys
         WHERE expires_at > now() AND expires_at < now() + make_interval(days => $1) AND revoked_at IS NULL
           AND NOT expiry_told
         ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED)
       RETURNING ${COLUMNS}`,
      [days, limit],
    );
  }

  async insert(tx: Tx, row: NewApiKeyRow): Promise<ApiKey> {
    const rows = await sqlOf(tx).query<ApiKey>(
      `INSERT INTO api_keys (id, merchant_id, environment, name, key_hash, display_prefix, scopes, rotated_from, expires_at,
         allowed_cidrs)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING ${COLUMNS}`,
      [
        row.id,
        row.merchantId,
        row.environment,
        row.name,
        row.keyHash,
        row.displayPrefix,
        row.scopes,
        row.rotatedFrom,
        row.expiresAt,
        row.allowedCidrs,
      ],
    );
    return rows[0]!;
  }

  async allowFrom(tx: Tx, id: string, allowedCidrs: readonly string[] | null): Promise<ApiKey> {
    const rows = await sqlOf(tx).query<ApiKey>(
      `UPDATE api_keys SET allowed_cidrs = $2 WHERE id = $1 RETURNING ${COLUMNS}`,
      [id, allowedCidrs],
    );
    return rows[0]!;
  }

  async findLiveByHash(hash: Buffer): Promise<ApiKey | null> {
    const rows = await this.database.query<ApiKey>(LIVE_BY_HASH, [hash]);
    return rows[0] ?? null;
  }

  /** Whether the merchant exists: an outside authority may name any. */
  async hasMerchant(id: string): Promise<boolean> {
    const rows = await this.database.query('SELECT 1 FROM merchant_view WHERE id = $1', [id]);
    return rows.length > 0;
  }

  list(merchantId: string): Promise<ApiKey[]> {
    return this.database.query<ApiKey>(
      `SELECT ${COLUMNS} FROM api_keys WHERE merchant_id = $1 ORDER BY created_at, id`,
      [merchantId],
    );
  }

  async find(id: string): Promise<ApiKey | null> {
    const rows = await this.database.query<ApiKey>(`SELECT ${COLUMNS} FROM api_keys WHERE id = $1`, [id]);
    return rows[0] ?? null;
  }

  async lock(tx: Tx, id: string): Promise<(ApiKey & { live: boolean }) | null> {
    const rows = await sqlOf(tx).query<ApiKey & { live: boolean }>(
      `SELECT ${COLUMNS}, revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now()) AS live
       FROM api_keys WHERE id = $1 FOR UPDATE`,
      [id],
    );
    return rows[0] ?? null;
  }

  async hasSuccessor(tx: Tx, id: string): Promise<boolean> {
    const rows = await sqlOf(tx).query('SELECT 1 FROM api_keys WHERE rotated_from = $1', [id]);
    return rows.length > 0;
  }

  async revoke(tx: Tx, id: string): Promise<ApiKey> {
    const rows = await sqlOf(tx).query<ApiKey>(
      `UPDATE api_keys SET revoked_at = coalesce(revoked_at, now()) WHERE id = $1 RETURNING ${COLUMNS}`,
      [id],
    );
    return rows[0]!;
  }

  /** Never prolongs a key that ends sooner. */
  async expireWithin(tx: Tx, id: string, seconds: number): Promise<ApiKey> {
    const rows = await sqlOf(tx).query<ApiKey>(
      `UPDATE api_keys SET expires_at = least(expires_at, now() + make_interval(secs => $2))
       WHERE id = $1 RETURNING ${COLUMNS}`,
      [id, seconds],
    );
    return rows[0]!;
  }

  /** Locks in the order of ids and skips rows that another process is writing, so two batches never deadlock. */
  async touch(ids: readonly string[], usedAt: readonly Date[], minIntervalSeconds: number): Promise<number> {
    return this.database.execute(
      `WITH due AS (
         SELECT k.id, used.at FROM api_keys k
         JOIN unnest($1::uuid[], $2::timestamptz[]) AS used (id, at) ON used.id = k.id
         WHERE k.last_used_at IS NULL OR k.last_used_at <= used.at - make_interval(secs => $3)
         ORDER BY k.id FOR NO KEY UPDATE OF k SKIP LOCKED)
       UPDATE api_keys SET last_used_at = due.at FROM due WHERE api_keys.id = due.id`,
      [ids, usedAt, minIntervalSeconds],
    );
  }
}
