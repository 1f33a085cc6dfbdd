import { hash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Database, sqlOf, type Tx } from '../../platform/database';
import type { SealedRow } from '../envelope-opener';

export interface SealedSecretRow extends SealedRow {
  readonly generation: number;
  readonly fingerprint: string;
}

/** How many, and whose the credentials among them are: three merchants at most, and how many there are. */
export interface SecretsOfOwners {
  readonly count: number;
  readonly merchantIds: readonly string[];
  readonly merchantCount: number;
}

/** `s` is the secret, `d` its mark of destruction: a row that was put back from a copy counts as destroyed. */
export const SECRET_COLUMNS = `s.id, s.context, s.algorithm, s.aad_version AS "aadVersion", s.nonce, s.tag, s.ciphertext,
  s.wrapped_key AS "wrappedKey", s.key_id AS "keyId", s.key_version AS "keyVersion", s.generation, s.fingerprint,
  COALESCE(s.destroyed_at, d.destroyed_at) AS "destroyedAt"`;
export const SECRETS = `sealed_secrets s LEFT JOIN destroyed_secrets d ON d.id = s.id`;
export const IS_LIVE = `s.destroyed_at IS NULL AND d.id IS NULL`;

@Injectable()
export class SealedSecretRepository {
  constructor(private readonly database: Database) {}

  async insert(tx: Tx, row: Omit<SealedSecretRow, 'generation' | 'destroyedAt'>): Promise<void> {
    await sqlOf(tx).execute(
      `INSERT INTO sealed_secrets (id, purpose, owner_id, context, algorithm, aad_version, nonce, tag, ciphertext, wrapped_key,
                                   key_id, key_version, fingerprint)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
      [
        row.id,
        row.context['purpose'],
        row.context['owner_id'],
        JSON.stringify(row.context),
        row.algorithm,
        row.aadVersion,
        row.nonce,
        row.tag,
        row.ciphertext,
        row.wrappedKey,
        row.keyId,
        row.keyVersion,
        row.fingerprint,
      ],
    );
  }

  async find(id: string): Promise<SealedSecretRow | null> {
    const rows = await this.database.query<SealedSecretRow>(
      `SELECT ${SECRET_COLUMNS} FROM ${SECRETS} WHERE s.id = $1`,
      [id],
    );
    return rows[0] ?? null;
  }

  /**
   * Of these secrets the ones that are gone, destroyed, or wrapped anew. By digest: it is asked several times a second.
   */
  async outdated(known: readonly { readonly secretId: string; readonly wrapped: Buffer }[]): Promise<string[]> {
    const rows = await this.database.query<{ id: string }>(
      `SELECT known.id FROM unnest(string_to_array($1, ',')::uuid[], string_to_array($2, ',')) AS known (id, digest)
       WHERE NOT EXISTS (SELECT 1 FROM ${SECRETS}
                         WHERE s.id = known.id AND ${IS_LIVE} AND sha256(s.wrapped_key) = decode(known.digest, 'base64'))`,
      [
        known.map(({ secretId }) => secretId).join(','),
        known.map(({ wrapped }) => hash('sha256', wrapped, 'base64')).join(','),
      ],
    );
    return rows.map(({ id }) => id);
  }

  /**
   * Whether a live secret is sealed under a key whose id begins so. Asked at the start, when the database may still
   * lack its tables.
   */
  async anyUnder(keyIdPrefix: string): Promise<boolean> {
    const [{ isMigrated }] = (await this.database.query<{ isMigrated: boolean }>(
      `SELECT to_regclass('destroyed_secrets') IS NOT NULL AS "isMigrated"`,
    )) as [{ isMigrated: boolean }];
    if (!isMigrated) return false;
    const rows = await this.database.query(
      `SELECT 1 FROM ${SECRETS} WHERE ${IS_LIVE} AND starts_with(s.key_id, $1) LIMIT 1`,
      [keyIdPrefix],
    );
    return rows.length > 0;
  }

  /** Live secrets by what keeps the key that seals them: the id of a key says it. */
  async keptBy(keeper: 'local' | 'kms'): Promise<SecretsOfOwners> {
    const rows = await this.database.query<SecretsOfOwners>(
      `SELECT count(*) AS count, coalesce((array_agg(DISTINCT s.context->>'merchant_id')
           FILTER (WHERE s.context->>'merchant_id' IS NOT NULL))[1:3], '{}') AS "merchantIds",
         count(DISTINCT s.context->>'merchant_id') AS "merchantCount"
       FROM ${SECRETS} WHERE ${IS_LIVE} AND starts_with(s.key_id, 'local-') = $1`,
      [keeper === 'local'],
    );
    return rows[0]!;
  }

  /**
   * Puts another content in the place of the one with `was` as its fingerprint. false: the secret is destroyed, or
   * holds another one by now.
   */
  async replace(
    tx: Tx,
    id: string,
    was: string,
    { nonce, tag, ciphertext, fingerprint }: Pick<SealedSecretRow, 'nonce' | 'tag' | 'ciphertext' | 'fingerprint'>,
  ): Promise<boolean> {
    const replaced = await sqlOf(tx).execute(
      `UPDATE sealed_secrets s SET nonce = $3, tag = $4, ciphertext = $5, fingerprint = $6, generation = s.generation + 1
       WHERE id = $1 AND fingerprint = $2 AND destroyed_at IS NULL
         AND NOT EXISTS (SELECT 1 FROM destroyed_secrets d WHERE d.id = s.id)`,
      [id, was, nonce, tag, ciphertext, fingerprint],
    );
    return replaced === 1;
  }

  /** Crypto-shredding: without its wrapped key the ciphertext cannot be opened. null when it was gone already. */
  async destroy(tx: Tx, id: string): Promise<Pick<SealedSecretRow, 'id' | 'fingerprint' | 'context'> | null> {
    const rows = await sqlOf(tx).query<Pick<SealedSecretRow, 'id' | 'fingerprint' | 'context'>>(
      `WITH shredded AS (
         UPDATE sealed_secrets SET wrapped_key = NULL, destroyed_at = now(), generation = generation + 1
         WHERE id = $1 AND destroyed_at IS NULL RETURNING id, fingerprint, context),
       marked AS (INSERT INTO destroyed_secrets (id) SELECT id FROM shredded ON CONFLICT (id) DO NOTHING)
       SELECT id, fingerprint, context FROM shredded`,
      [id],
    );
    return rows[0] ?? null;
  }

  /**
   * Removes rows that were destroyed so many days ago, oldest first, and returns how many. Their mark of destruction
   * stays: a row that comes back from a copy does not open.
   */
  async purgeDestroyed(tx: Tx, days: number, limit: number): Promise<number> {
    return sqlOf(tx).execute(
      `DELETE FROM sealed_secrets WHERE id = ANY (ARRAY(
         SELECT id FROM sealed_secrets WHERE destroyed_at < now() - make_interval(days => $1) ORDER BY destroyed_at LIMIT $2
         FOR UPDATE SKIP LOCKED))`,
      [days, limit],
    );
  }
}
