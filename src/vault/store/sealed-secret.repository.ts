import { Injectable } from '@nestjs/common';
import { Database, sqlOf, type Tx } from '../../platform/database';
import type { SealedRow } from '../envelope-opener';
import type { EncryptionContext } from '../seal-context';

export interface SealedSecretRow extends SealedRow {
  readonly generation: number;
  readonly fingerprint: string;
}

const COLUMNS = `id, context, algorithm, aad_version AS "aadVersion", nonce, tag, ciphertext, wrapped_key AS "wrappedKey",
  key_id AS "keyId", key_version AS "keyVersion", generation, fingerprint, destroyed_at AS "destroyedAt"`;

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
    const rows = await this.database.query<SealedSecretRow>(`SELECT ${COLUMNS} FROM sealed_secrets WHERE id = $1`, [
      id,
    ]);
    return rows[0] ?? null;
  }

  /** Crypto-shredding: without its wrapped key the ciphertext cannot be opened. null when it was gone already. */
  async destroy(tx: Tx, id: string): Promise<{ fingerprint: string; context: EncryptionContext } | null> {
    const rows = await sqlOf(tx).query<{ fingerprint: string; context: EncryptionContext }>(
      `UPDATE sealed_secrets SET wrapped_key = NULL, destroyed_at = now(), generation = generation + 1
       WHERE id = $1 AND destroyed_at IS NULL RETURNING fingerprint, context`,
      [id],
    );
    return rows[0] ?? null;
  }
}
