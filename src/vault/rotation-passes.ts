import { Injectable } from '@nestjs/common';
import { AuditLog, type AuditEvent } from '../audit';
import { UnitOfWork, type Tx } from '../platform/database';
import { CacheInvalidation } from './cache-invalidation';
import { DeadlineBackoff } from './deadline-backoff';
import { KeyManagement } from './key-management';
import { rotationEvent } from './rotation-event';
import { RotationWork, type FailedSecret, type MovedSecret, type RotationMode, type RowOutcome } from './rotation-work';
import { secretEvent } from './secret-event';
import { RotationRepository, type RotationLease, type RotationRow } from './store/rotation.repository';
import { VaultError } from './vault-error';

export interface RotationPassOptions {
  /** Stops between two batches; the rotation stays open and goes on with the next run. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Readonly<RotationRow>) => void;
  readonly batchSize?: number;
  /** How long key management may be away before the run gives up; the rotation stays open. */
  readonly backoffMs?: number;
}

/** The lease, which every write checks. */
type Work = RotationPassOptions & { readonly lease: RotationLease };

const DEFAULT_BATCH = 1_000;
const DEFAULT_BACKOFF_MS = 10 * 60_000;
/** Secrets sealed under the old key meanwhile make another pass; a service that never stops doing so ends as failed. */
const MAX_PASSES = 20;
const MAX_REPORTED_FAILURES = 100;

/** The passes of a rotation over the table: moving until nothing is left, then opening everything once. */
@Injectable()
export class RotationPasses {
  constructor(
    private readonly keys: KeyManagement,
    private readonly work: RotationWork,
    private readonly rotations: RotationRepository,
    private readonly invalidation: CacheInvalidation,
    private readonly audit: AuditLog,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /** Returns early, with the rotation open, when the signal is given. */
  async toTheEnd(rotation: RotationRow, lease: RotationLease, passOptions: RotationPassOptions): Promise<RotationRow> {
    const options = { ...passOptions, lease };
    let current = rotation;
    for (let pass = 1; current.finishedAt === null && !options.signal?.aborted; pass++) {
      if (current.state === 'moving') {
        current = await this.movePass(current, options);
        if (options.signal?.aborted) break;
        const left = await this.rotations.countToMove(current.id);
        // rows that cannot be moved are left too; they are named already, and another pass would not help them
        if (left > 0 && pass < MAX_PASSES && current.failures.length === 0) continue;
        current = await this.unitOfWork.run((tx) => this.rotations.enter(tx, lease, 'verifying'));
      }
      current = await this.verifyPass(current, options);
      if (options.signal?.aborted) break;
      current = await this.end(current, pass, lease);
      options.onProgress?.(current);
    }
    return current;
  }

  private async end(rotation: RotationRow, pass: number, lease: RotationLease): Promise<RotationRow> {
    const remaining = await this.rotations.countToMove(rotation.id);
    return this.unitOfWork.run(async (tx) => {
      // sealed under the old key while the others were being opened
      if (remaining > 0 && rotation.failures.length === 0 && pass < MAX_PASSES) {
        return this.rotations.enter(tx, lease, 'moving');
      }
      const good = remaining === 0 && rotation.failures.length === 0;
      const ended = await this.rotations.finish(tx, lease, good ? 'done' : 'failed', remaining);
      const { moved, verified, failures } = ended;
      const facts = { moved, verified, remaining, failed: failures.length };
      await this.audit.record(tx, rotationEvent(good ? 'verified' : 'failed', ended.id, ended.requestedBy, facts));
      return ended;
    });
  }

  private async movePass(rotation: RotationRow, options: Work): Promise<RotationRow> {
    const target = await this.retarget(rotation, options);
    const { mode, id } = rotation;
    return this.eachBatch(
      target,
      options,
      (after, limit) => this.rotations.nextToMove(id, after, limit),
      (rows) => this.work.move(rows, mode, { keyId: target.targetKeyId, keyVersion: target.targetKeyVersion }),
      async (tx, moved, cursor) => {
        const written = await this.rotations.replace(tx, moved);
        const events = moved.filter(({ row }) => written.has(row.id)).map((one) => movedEvent(mode, id, one));
        await this.audit.recordAll(tx, events);
        await this.invalidation.evictEverywhere(tx, [...written]);
        return this.rotations.advance(tx, options.lease, { moved: written.size, cursor });
      },
    );
  }

  private async verifyPass(rotation: RotationRow, options: Work): Promise<RotationRow> {
    return this.eachBatch(
      rotation,
      options,
      (after, limit) => this.rotations.nextToVerify(after, limit),
      (rows) => this.work.verify(rows),
      async (tx, opened, cursor) => this.rotations.advance(tx, options.lease, { verified: opened.length, cursor }),
    );
  }

  /** The keyring may have been rotated again since the rotation began: what is current is the target. */
  private async retarget(rotation: RotationRow, options: Work): Promise<RotationRow> {
    const target = await backoffOf(options)
      .through(() => this.keys.currentKey(rotation.targetKeyId))
      .catch((error: unknown) => {
        // the target is gone for good: each row fails with the reason, and the rotation ends and does not block the
        // next one
        if (error instanceof VaultError && !error.transient) return null;
        throw error;
      });
    if (target === null || target.keyVersion === rotation.targetKeyVersion) return rotation;
    return this.unitOfWork.run((tx) => this.rotations.retarget(tx, options.lease, target));
  }

  /** Every row once, in the order of ids, from where the rotation stands; each batch commits with its cursor. */
  private async eachBatch<R extends { readonly id: string }, T>(
    rotation: RotationRow,
    options: Work,
    read: (after: string | null, limit: number) => Promise<R[]>,
    work: (rows: R[]) => Promise<RowOutcome<T>[]>,
    commit: (tx: Tx, done: T[], cursor: string | null) => Promise<RotationRow>,
  ): Promise<RotationRow> {
    let current = rotation;
    const backoff = backoffOf(options);
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
        return news.length === 0 ? advanced : this.rotations.addFailures(tx, options.lease, news.map(toReport));
      });
      options.onProgress?.(current);
      if (rows.length === 0) return current;
      if (away === -1) backoff.restore();
      else await backoff.wait((outcomes[away] as { failed: FailedSecret }).failed.error);
    }
    return current;
  }
}

function backoffOf(options: RotationPassOptions): DeadlineBackoff {
  return new DeadlineBackoff(options.backoffMs ?? DEFAULT_BACKOFF_MS, options.signal);
}

function toReport({ id, error }: FailedSecret): { id: string; reason: string } {
  return { id, reason: error.reason };
}

function movedEvent(mode: RotationMode, rotationId: string, { row, envelope, fingerprint }: MovedSecret): AuditEvent {
  const { id, context } = row;
  return secretEvent(
    mode === 'rewrap' ? 'rewrapped' : 'reencrypted',
    { id, context, fingerprint },
    {
      rotationId,
      fromKey: `${row.keyId}#${row.keyVersion}`,
      toKey: `${envelope.wrappedKey.keyId}#${envelope.wrappedKey.keyVersion}`,
    },
  );
}
