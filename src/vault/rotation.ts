import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { type AuditAct, AuditLog } from '../audit';
import { type Tx, UnitOfWork } from '../platform/database';
import { InterlockError } from '../platform/errors';
import { CacheInvalidation } from './cache-invalidation';
import { KeyManagement, type KeyVersion } from './key-management';
import { Patience } from './patience';
import { type FailedSecret, type MovedSecret, type RotationMode, RotationWork, type RowOutcome } from './rotation-work';
import { secretAct } from './secret-act';
import { RotationLock } from './store/rotation-lock';
import { RotationRepository, type RotationRow } from './store/rotation.repository';

export type RotationProgress = Readonly<RotationRow>;

export interface RotationRequest {
  readonly mode: RotationMode;
  /** Left out: the key that is current. */
  readonly toKeyId?: string;
  /** An operator at the command line: `cli`, or `cli:name`. */
  readonly requestedBy: string;
}

export interface RotationRunOptions {
  /** Stops between two batches; the rotation stays open and goes on with the next run. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: RotationProgress) => void;
  readonly batchSize?: number;
  /** How long key management may be away before the run gives up; the rotation stays open. */
  readonly patienceMs?: number;
}

const DEFAULT_BATCH = 1_000;
const DEFAULT_PATIENCE_MS = 10 * 60_000;
/** Secrets sealed under the old key meanwhile make another pass; a service that never stops doing so ends as failed. */
const MAX_PASSES = 20;
const MAX_REPORTED_FAILURES = 100;

/**
 * Moves every secret to another key while everything goes on. Resumable by construction: the work is the rows that are not
 * on the target yet, so a run that was killed anywhere is taken up by the next one. It ends verified: every secret was
 * opened once, and none is left behind.
 */
@Injectable()
export class VaultRotation {
  constructor(
    private readonly keys: KeyManagement,
    private readonly work: RotationWork,
    private readonly rotations: RotationRepository,
    private readonly lock: RotationLock,
    private readonly invalidation: CacheInvalidation,
    private readonly audit: AuditLog,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /** Begins a rotation, or returns the one that is open if it is the same. `run` does the work. */
  async start(request: RotationRequest): Promise<RotationProgress> {
    const target = await this.keys.currentKey(request.toKeyId);
    const open = await this.rotations.running();
    if (open) return sameOrConflict(open, request.mode, target);
    const id = randomUUID();
    const begun = await this.unitOfWork.run(async (tx) => {
      const inserted = await this.rotations.insert(tx, { id, target, ...request });
      if (inserted)
        await this.audit.record(tx, rotationAct('started', id, request.requestedBy, { ...request, ...target }));
      return inserted;
    });
    const rotation = begun ? await this.rotations.find(id) : await this.rotations.running();
    // it began and ended between the two questions
    if (!rotation) return this.start(request);
    return sameOrConflict(rotation, request.mode, target);
  }

  async progress(id?: string): Promise<RotationProgress | null> {
    return id === undefined ? this.rotations.latest() : this.rotations.find(id);
  }

  /** Live secrets by the key that wraps them. */
  async keysInUse(): Promise<(KeyVersion & { count: number })[]> {
    return this.rotations.countByKey();
  }

  /** A new version of the local keyring, current from now on. AWS KMS rotates its material by itself. */
  async rotateKeyring(requestedBy: string): Promise<KeyVersion> {
    const version = await this.keys.addVersion();
    const details = { requestedBy, ...version };
    await this.unitOfWork.run((tx) =>
      this.audit.record(tx, {
        action: 'vault.keyring_rotated',
        subject: { type: 'vault_key', id: version.keyId },
        actor: actorOf(requestedBy),
        details,
      }),
    );
    return version;
  }

  async currentKey(): Promise<KeyVersion> {
    return this.keys.currentKey();
  }

  /** Works on an open rotation until it has ended, or the signal stops it. */
  async run(id: string, options: RotationRunOptions = {}): Promise<RotationProgress> {
    const lock = await this.lock.acquire();
    if (!lock) throw new InterlockError('conflict', { message: 'Another process is working on the rotation.' });
    try {
      const rotation = await this.rotations.find(id);
      if (!rotation) throw new InterlockError('not_found');
      return await this.toItsEnd(rotation, options);
    } finally {
      await lock.release();
    }
  }

  private async toItsEnd(rotation: RotationRow, options: RotationRunOptions): Promise<RotationRow> {
    let current = rotation;
    for (let pass = 1; current.finishedAt === null && !options.signal?.aborted; pass++) {
      if (current.state === 'moving') {
        current = await this.movePass(current, options);
        if (options.signal?.aborted) break;
        const left = await this.rotations.countToMove(current.id);
        // rows that cannot be moved are left too; they are named already, and another pass would not help them
        if (left > 0 && pass < MAX_PASSES && current.failures.length === 0) continue;
        current = await this.unitOfWork.run((tx) => this.rotations.enter(tx, current.id, 'verifying'));
      }
      current = await this.verifyPass(current, options);
      if (options.signal?.aborted) break;
      current = await this.end(current, pass);
      options.onProgress?.(current);
    }
    return current;
  }

  private async end(rotation: RotationRow, pass: number): Promise<RotationRow> {
    const remaining = await this.rotations.countToMove(rotation.id);
    return this.unitOfWork.run(async (tx) => {
      // sealed under the old key while the others were being opened
      if (remaining > 0 && rotation.failures.length === 0 && pass < MAX_PASSES) {
        return this.rotations.enter(tx, rotation.id, 'moving');
      }
      const good = remaining === 0 && rotation.failures.length === 0;
      const ended = await this.rotations.finish(tx, rotation.id, good ? 'done' : 'failed', remaining);
      const { moved, verified, failures } = ended;
      const facts = { moved, verified, remaining, failed: failures.length };
      await this.audit.record(tx, rotationAct(good ? 'verified' : 'failed', ended.id, ended.requestedBy, facts));
      return ended;
    });
  }

  private async movePass(rotation: RotationRow, options: RotationRunOptions): Promise<RotationRow> {
    const target = await this.retarget(rotation, options);
    const { mode, id } = rotation;
    return this.eachBatch(
      target,
      options,
      (after, limit) => this.rotations.nextToMove(id, after, limit),
      (rows) => this.work.move(rows, mode, { keyId: target.targetKeyId, keyVersion: target.targetKeyVersion }),
      async (tx, moved, cursor) => {
        const written = await this.rotations.replace(tx, moved);
        const acts = moved.filter(({ row }) => written.has(row.id)).map((one) => movedAct(mode, id, one));
        await this.audit.recordAll(tx, acts);
        await this.invalidation.evictEverywhere(tx, [...written]);
        return this.rotations.advance(tx, id, { moved: written.size, cursor });
      },
    );
  }

  private async verifyPass(rotation: RotationRow, options: RotationRunOptions): Promise<RotationRow> {
    return this.eachBatch(
      rotation,
      options,
      (after, limit) => this.rotations.nextToVerify(after, limit),
      (rows) => this.work.verify(rows),
      async (tx, opened, cursor) => this.rotations.advance(tx, rotation.id, { verified: opened.length, cursor }),
    );
  }

  /** The keyring may have been rotated again since the rotation began: what is current is the target. */
  private async retarget(rotation: RotationRow, options: RotationRunOptions): Promise<RotationRow> {
    const target = await patienceOf(options).through(() => this.keys.currentKey(rotation.targetKeyId));
    if (target.keyVersion === rotation.targetKeyVersion) return rotation;
    return this.unitOfWork.run((tx) => this.rotations.retarget(tx, rotation.id, target));
  }

  /** Every row once, in the order of ids, from where the rotation stands; each batch commits with its cursor. */
  private async eachBatch<R extends { readonly id: string }, T>(
    rotation: RotationRow,
    options: RotationRunOptions,
    read: (after: string | null, limit: number) => Promise<R[]>,
    work: (rows: R[]) => Promise<RowOutcome<T>[]>,
    commit: (tx: Tx, done: T[], cursor: string | null) => Promise<RotationRow>,
  ): Promise<RotationRow> {
    let current = rotation;
    const patience = patienceOf(options);
    while (!options.signal?.aborted) {
      const after = current.cursor;
      const rows = await read(after, options.batchSize ?? DEFAULT_BATCH);
      const outcomes = await work(rows);
      const away = outcomes.findIndex((outcome) => 'failed' in outcome && outcome.failed.error.transient);
      const settled = away === -1 ? outcomes : outcomes.slice(0, away);
      const done = settled.flatMap((outcome) => ('done' in outcome ? [outcome.done] : []));
      const failed = settled.flatMap((outcome) => ('failed' in outcome ? [outcome.failed] : []));
      const cursor = rows.length === 0 ? null : settled.length === 0 ? after : rows[settled.length - 1]!.id;
      current = await this.unitOfWork.run(async (tx) => {
        const advanced = await commit(tx, done, cursor);
        const room = Math.max(0, MAX_REPORTED_FAILURES - advanced.failures.length);
        const known = new Set(advanced.failures.map((failure) => failure.id));
        const news = failed.filter((failure) => !known.has(failure.id)).slice(0, room);
        return news.length === 0 ? advanced : this.rotations.addFailures(tx, rotation.id, news.map(toReport));
      });
      options.onProgress?.(current);
      if (rows.length === 0) return current;
      if (away === -1) patience.restore();
      else await patience.wait((outcomes[away] as { failed: FailedSecret }).failed.error);
    }
    return current;
  }
}

function patienceOf(options: RotationRunOptions): Patience {
  return new Patience(options.patienceMs ?? DEFAULT_PATIENCE_MS, options.signal);
}

function sameOrConflict(open: RotationRow, mode: RotationMode, target: KeyVersion): RotationRow {
  if (open.mode === mode && open.targetKeyId === target.keyId) return open;
  throw new InterlockError('conflict', {
    message: `A rotation (${open.mode} to ${open.targetKeyId}) is open; it has to end first.`,
  });
}

function toReport({ id, error }: FailedSecret): { id: string; reason: string } {
  return { id, reason: error.reason };
}

/** Left out: the caller of the request. */
function actorOf(requestedBy: string): AuditAct['actor'] {
  return requestedBy.startsWith('cli') ? { kind: 'cli', id: requestedBy } : undefined;
}

function rotationAct(verb: string, id: string, requestedBy: string, details: Record<string, unknown>): AuditAct {
  return {
    action: `vault.rotation_${verb}`,
    subject: { type: 'vault_rotation', id },
    actor: actorOf(requestedBy),
    details: { requestedBy, ...details },
  };
}

function movedAct(mode: RotationMode, rotationId: string, { row, envelope, fingerprint }: MovedSecret): AuditAct {
  const { id, context } = row;
  return secretAct(
    mode === 'rewrap' ? 'rewrapped' : 'reencrypted',
    { id, context, fingerprint },
    {
      rotationId,
      fromKey: `${row.keyId}#${row.keyVersion}`,
      toKey: `${envelope.wrappedKey.keyId}#${envelope.wrappedKey.keyVersion}`,
    },
  );
}
