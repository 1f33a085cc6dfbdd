import { Injectable } from '@nestjs/common';
import { Database, sqlOf, type Tx } from '../../platform/database';
import type { KeyVersion } from '../key-management';
import type { MovedSecret, RotationMode } from '../rotation-work';
import { IS_LIVE, SECRET_COLUMNS, SECRETS, type SealedSecretRow } from './sealed-secret.repository';

export interface RotationRow {
  id: string;
  mode: RotationMode;
  state: 'moving' | 'verifying' | 'done' | 'failed';
  targetKeyId: string;
  targetKeyVersion: number;
  requestedBy: string;
  startedAt: Date;
  updatedAt: Date;
  finishedAt: Date | null;
  total: number;
  moved: number;
  verified: number;
  /** Rows still to be moved when it ended; null before. */
  remaining: number | null;
  cursor: string | null;
  failures: { id: string; reason: string }[];
}

/** What a step adds to the memory of a rotation. */
export interface RotationStep {
  readonly moved?: number;
  readonly verified?: number;
  /** Where the next batch begins; null: at the first row. */
  readonly cursor: string | null;
}

const COLUMNS = `id, mode, state, target_key_id AS "targetKeyId", target_key_version AS "targetKeyVersion",
  requested_by AS "requestedBy", started_at AS "startedAt", updated_at AS "updatedAt", finished_at AS "finishedAt",
  total, moved, verified, remaining, cursor, failures`;
/** Rows that a rotation has still to move; `r` is the rotation. Rows whose data key is newer than it are done. */
const TO_MOVE = `(s.key_id <> r.target_key_id OR s.key_version <> r.target_key_version
  OR (r.mode = 'reencrypt' AND s.data_key_at < r.started_at))`;
const FIRST = '00000000-0000-0000-0000-000000000000';

@Injectable()
export class RotationRepository {
  constructor(private readonly database: Database) {}

  async running(): Promise<RotationRow | null> {
    return (await this.select('WHERE finished_at IS NULL', []))[0] ?? null;
  }

  async find(id: string): Promise<RotationRow | null> {
    return (await this.select('WHERE id = $1', [id]))[0] ?? null;
  }

  async latest(): Promise<RotationRow | null> {
    return (await this.select('ORDER BY started_at DESC LIMIT 1', []))[0] ?? null;
  }

  /** false when another one is running. */
  async insert(
    tx: Tx,
    rotation: Pick<RotationRow, 'id' | 'mode' | 'requestedBy'> & { target: KeyVersion },
  ): Promise<boolean> {
    const inserted = await sqlOf(tx).execute(
      `INSERT INTO vault_rotations (id, mode, target_key_id, target_key_version, requested_by, total)
       SELECT $1, $2, $3, $4, $5, count(*) FROM ${SECRETS} WHERE ${IS_LIVE}
       ON CONFLICT DO NOTHING`,
      [rotation.id, rotation.mode, rotation.target.keyId, rotation.target.keyVersion, rotation.requestedBy],
    );
    return inserted === 1;
  }

  async nextToMove(rotationId: string, after: string | null, limit: number): Promise<SealedSecretRow[]> {
    return this.database.query<SealedSecretRow>(
      `SELECT ${SECRET_COLUMNS} FROM vault_rotations r, ${SECRETS}
       WHERE r.id = $1 AND s.id > $2 AND ${IS_LIVE} AND ${TO_MOVE} ORDER BY s.id LIMIT $3`,
      [rotationId, after ?? FIRST, limit],
    );
  }

  async nextToVerify(after: string | null, limit: number): Promise<SealedSecretRow[]> {
    return this.database.query<SealedSecretRow>(
      `SELECT ${SECRET_COLUMNS} FROM ${SECRETS} WHERE s.id > $1 AND ${IS_LIVE} ORDER BY s.id LIMIT $2`,
      [after ?? FIRST, limit],
    );
  }

  async countToMove(rotationId: string): Promise<number> {
    const rows = await this.database.query<{ count: number }>(
      `SELECT count(*) FROM vault_rotations r, ${SECRETS} WHERE r.id = $1 AND ${IS_LIVE} AND ${TO_MOVE}`,
      [rotationId],
    );
    return rows[0]!.count;
  }

  /** Live secrets by the key that wraps them. */
  async countByKey(): Promise<(KeyVersion & { count: number })[]> {
    return this.database.query(
      `SELECT s.key_id AS "keyId", s.key_version AS "keyVersion", count(*) FROM ${SECRETS} WHERE ${IS_LIVE}
       GROUP BY 1, 2 ORDER BY 1, 2`,
    );
  }

  /** Writes the rows that are still what was read, and returns their ids: a row changed or destroyed meanwhile is left alone. */
  async replace(tx: Tx, moved: readonly MovedSecret[]): Promise<Set<string>> {
    const rows = await sqlOf(tx).query<{ id: string }>(
      `UPDATE sealed_secrets s
       SET ciphertext = v.ciphertext, nonce = v.nonce, tag = v.tag, wrapped_key = v.wrapped_key, key_id = v.key_id,
           key_version = v.key_version, fingerprint = v.fingerprint, generation = s.generation + 1,
           data_key_at = CASE WHEN v.nonce = s.nonce THEN s.data_key_at ELSE now() END
       FROM unnest($1::uuid[], $2::integer[], $3::bytea[], $4::bytea[], $5::bytea[], $6::bytea[], $7::text[],
                   $8::integer[], $9::text[])
         AS v (id, generation, ciphertext, nonce, tag, wrapped_key, key_id, key_version, fingerprint)
       WHERE s.id = v.id AND s.generation = v.generation AND s.destroyed_at IS NULL
       RETURNING s.id`,
      [
        moved.map(({ row }) => row.id),
        moved.map(({ row }) => row.generation),
        moved.map(({ envelope }) => envelope.ciphertext),
        moved.map(({ envelope }) => envelope.nonce),
        moved.map(({ envelope }) => envelope.tag),
        moved.map(({ envelope }) => envelope.wrappedKey.bytes),
        moved.map(({ envelope }) => envelope.wrappedKey.keyId),
        moved.map(({ envelope }) => envelope.wrappedKey.keyVersion),
        moved.map(({ fingerprint }) => fingerprint),
      ],
    );
    return new Set(rows.map((row) => row.id));
  }

  async advance(tx: Tx, id: string, step: RotationStep): Promise<RotationRow> {
    return this.update(tx, id, `moved = moved + $2, verified = verified + $3, cursor = $4`, [
      step.moved ?? 0,
      step.verified ?? 0,
      step.cursor,
    ]);
  }

  async retarget(tx: Tx, id: string, target: KeyVersion): Promise<RotationRow> {
    return this.update(tx, id, `target_key_id = $2, target_key_version = $3`, [target.keyId, target.keyVersion]);
  }

  /** The start of a phase: what an earlier attempt at verifying has counted does not hold any more. */
  async enter(tx: Tx, id: string, state: 'moving' | 'verifying'): Promise<RotationRow> {
    return this.update(tx, id, `state = $2, cursor = NULL, verified = 0`, [state]);
  }

  async addFailures(tx: Tx, id: string, failures: RotationRow['failures']): Promise<RotationRow> {
    return this.update(tx, id, `failures = failures || $2::jsonb`, [JSON.stringify(failures)]);
  }

  async finish(tx: Tx, id: string, state: 'done' | 'failed', remaining: number): Promise<RotationRow> {
    return this.update(tx, id, `state = $2, remaining = $3, finished_at = now()`, [state, remaining]);
  }

  private async update(tx: Tx, id: string, assignments: string, values: unknown[]): Promise<RotationRow> {
    const rows = await sqlOf(tx).query<RotationRow>(
      `UPDATE vault_rotations SET ${assignments}, updated_at = now() WHERE id = $1 AND finished_at IS NULL
       RETURNING ${COLUMNS}`,
      [id, ...values],
    );
    if (!rows[0]) throw new Error('the rotation has ended');
    return rows[0];
  }

  private async select(clause: string, values: unknown[]): Promise<RotationRow[]> {
    return this.database.query<RotationRow>(`SELECT ${COLUMNS} FROM vault_rotations ${clause}`, values);
  }
}
