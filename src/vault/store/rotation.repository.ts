import { Injectable } from '@nestjs/common';
import { Database, sqlOf, type Tx } from '../../platform/database';
import { InterlockError } from '../../platform/errors';
import type { KeyVersion } from '../key-management';
import type { MovedSecret, RotationMode } from '../rotation-work';
import { IS_LIVE, SECRET_COLUMNS, SECRETS, type SealedSecretRow } from './sealed-secret.repository';

/** What an open rotation is doing: `interrupted` ones are taken up by a worker, `stopped` ones wait for an operator. */
export type RotationActivity = 'working' | 'interrupted' | 'stopped';

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
  /** null once it has ended. */
  activity: RotationActivity | null;
  /** How often a worker took it up after its runner was gone. */
  resumes: number;
}

/**
 * The right to work on a rotation: every write of its holder checks and prolongs it, so that one who lost it writes
 * nothing.
 */
export interface RotationLease {
  readonly id: string;
  readonly runner: string;
}

/** A sign of life is due three times in this time. */
export const LEASE_MS = 15_000;

/** What a step adds to the memory of a rotation. */
export interface RotationStep {
  readonly moved?: number;
  readonly verified?: number;
  /** Where the next batch begins; null: at the first row. */
  readonly cursor: string | null;
}

const COLUMNS = `id, mode, state, target_key_id AS "targetKeyId", target_key_version AS "targetKeyVersion",
  requested_by AS "requestedBy", started_at AS "startedAt", updated_at AS "updatedAt", finished_at AS "finishedAt",
  total, moved, verified, remaining, cursor, failures, resumes,
  CASE WHEN finished_at IS NOT NULL THEN NULL WHEN lease_until IS NULL THEN 'stopped'
       WHEN lease_until < now() THEN 'interrupted' ELSE 'working' END AS activity`;
// from the moment of the write: a transaction may take a good part of a lease
const LEASE = `clock_timestamp() + interval '${LEASE_MS} milliseconds'`;
/** Rows that a rotation has still to move; `r` is the rotation. Rows whose data key is newer than it are done. */
const TO_MOVE = `(s.key_id <> r.target_key_id OR s.key_version <> r.target_key_version
  OR (r.mode = 'reencrypt' AND s.data_key_at < r.started_at))`;
const FIRST = '00000000-0000-0000-0000-000000000000';

export function takenOver(): InterlockError {
  return new InterlockError('conflict', { message: 'Another process has taken over the rotation.' });
}

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

  /** With a lease for whoever comes to run it. false when another one is running. */
  async insert(
    tx: Tx,
    rotation: Pick<RotationRow, 'id' | 'mode' | 'requestedBy'> & { target: KeyVersion },
  ): Promise<boolean> {
    const inserted = await sqlOf(tx).execute(
      `INSERT INTO vault_rotations (id, mode, target_key_id, target_key_version, requested_by, lease_until, total)
       SELECT $1, $2, $3, $4, $5, ${LEASE}, count(*) FROM ${SECRETS} WHERE ${IS_LIVE}
       ON CONFLICT DO NOTHING`,
      [rotation.id, rotation.mode, rotation.target.keyId, rotation.target.keyVersion, rotation.requestedBy],
    );
    return inserted === 1;
  }

  /** null: there is no such open rotation, or another runner holds it. */
  async acquire(lease: RotationLease): Promise<RotationRow | null> {
    const rows = await this.database.query<RotationRow>(
      `UPDATE vault_rotations SET runner = $2, lease_until = ${LEASE}
       WHERE id = $1 AND finished_at IS NULL AND (runner IS NULL OR lease_until < now()) RETURNING ${COLUMNS}`,
      [lease.id, lease.runner],
    );
    return rows[0] ?? null;
  }

  /** The open rotation, if its runner is gone. */
  async acquireInterrupted(tx: Tx, runner: string): Promise<RotationRow | null> {
    const rows = await sqlOf(tx).query<RotationRow>(
      `UPDATE vault_rotations SET runner = $1, lease_until = ${LEASE}, resumes = resumes + 1
       WHERE finished_at IS NULL AND lease_until < now() RETURNING ${COLUMNS}`,
      [runner],
    );
    return rows[0] ?? null;
  }

  /** false: it is lost. */
  async renew(lease: RotationLease): Promise<boolean> {
    const renewed = await this.database.execute(
      `UPDATE vault_rotations SET lease_until = ${LEASE} WHERE id = $1 AND runner = $2 AND finished_at IS NULL`,
      [lease.id, lease.runner],
    );
    return renewed === 1;
  }

  /** In so many milliseconds a worker may take it up; null: only when an operator says so. */
  async release(lease: RotationLease, freeInMs: number | null): Promise<void> {
    await this.database.execute(
      `UPDATE vault_rotations SET runner = NULL, lease_until = now() + make_interval(secs => $3::double precision / 1000)
       WHERE id = $1 AND runner = $2 AND finished_at IS NULL`,
      [lease.id, lease.runner, freeInMs],
    );
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

  /**
   * Writes the rows that are still what was read, and returns their ids: a row changed or destroyed meanwhile is left
   * alone.
   */
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

  async advance(tx: Tx, lease: RotationLease, step: RotationStep): Promise<RotationRow> {
    return this.update(tx, lease, `moved = moved + $moved, verified = verified + $verified, cursor = $cursor`, {
      moved: step.moved ?? 0,
      verified: step.verified ?? 0,
      cursor: step.cursor,
    });
  }

  async retarget(tx: Tx, lease: RotationLease, target: KeyVersion): Promise<RotationRow> {
    return this.update(tx, lease, `target_key_id = $keyId, target_key_version = $keyVersion`, {
      keyId: target.keyId,
      keyVersion: target.keyVersion,
    });
  }

  /** The start of a phase: what an earlier attempt at verifying has counted does not hold any more. */
  async enter(tx: Tx, lease: RotationLease, state: 'moving' | 'verifying'): Promise<RotationRow> {
    return this.update(tx, lease, `state = $state, cursor = NULL, verified = 0`, { state });
  }

  async addFailures(tx: Tx, lease: RotationLease, failures: RotationRow['failures']): Promise<RotationRow> {
    return this.update(tx, lease, `failures = failures || $failures::jsonb`, {
      failures: JSON.stringify(failures),
    });
  }

  async finish(tx: Tx, lease: RotationLease, state: 'done' | 'failed', remaining: number): Promise<RotationRow> {
    return this.update(tx, lease, `state = $state, remaining = $remaining, finished_at = now()`, {
      state,
      remaining,
    });
  }

  private async update(tx: Tx, lease: RotationLease, assignments: string, values: object): Promise<RotationRow> {
    const rows = await sqlOf(tx).query<RotationRow>(
      `UPDATE vault_rotations SET ${assignments}, lease_until = ${LEASE}, updated_at = now()
       WHERE id = $id AND runner = $runner AND finished_at IS NULL RETURNING ${COLUMNS}`,
      { id: lease.id, runner: lease.runner, ...values },
    );
    if (!rows[0]) throw takenOver();
    return rows[0];
  }

  private async select(clause: string, values: unknown[]): Promise<RotationRow[]> {
    return this.database.query<RotationRow>(`SELECT ${COLUMNS} FROM vault_rotations ${clause}`, values);
  }
}
