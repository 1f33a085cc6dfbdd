import { randomUUID } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import { AuditLog } from '../audit';
import { UnitOfWork, type Tx } from '../platform/database';
import { InterlockError } from '../platform/errors';
import { KeyManagement, type KeyVersion } from './key-management';
import { rotationActor, rotationEvent } from './rotation-event';
import { RotationPasses, type RotationPassOptions } from './rotation-passes';
import type { RotationMode } from './rotation-work';
import {
  LEASE_MS,
  RotationRepository,
  takenOver,
  type RotationLease,
  type RotationRow,
} from './store/rotation.repository';

export type RotationProgress = Readonly<RotationRow>;

export interface RotationRequest {
  readonly mode: RotationMode;
  /** Left out: the key that is current. */
  readonly toKeyId?: string;
  /** An operator at the command line: `cli`, or `cli:name`. */
  readonly requestedBy: string;
}

export interface RotationRunOptions extends RotationPassOptions {
  /**
   * When the signal came from the end of a process and not from an operator: a worker takes the rotation up at once.
   */
  readonly handsOver?: boolean;
}

/** A run that gave up (key management away for long, the database gone) is followed by another after this time. */
const NEXT_ATTEMPT_MS = 60_000;

/**
 * Moves every secret to another key while everything goes on. Resumable by construction: the work is the rows that are
 * not on the target yet, so a run that was killed anywhere is taken up by the next one. It ends verified: every secret
 * was opened once, and none is left behind. Whoever works on it holds a lease; when that lapses a worker resumes it.
 */
@Injectable()
export class VaultRotation {
  private readonly logger = new Logger('vault');

  constructor(
    private readonly keys: KeyManagement,
    private readonly passes: RotationPasses,
    private readonly rotations: RotationRepository,
    private readonly audit: AuditLog,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /**
   * Begins a rotation, or returns the one that is open if it is the same. `run` does the work. `also`: in the
   * transaction that begins one.
   */
  async start(request: RotationRequest, also?: (tx: Tx) => Promise<void>): Promise<RotationProgress> {
    const target = await this.keys.currentKey(request.toKeyId);
    const open = await this.rotations.running();
    if (open) return sameOrConflict(open, request.mode, target);
    const id = randomUUID();
    const begun = await this.unitOfWork.run(async (tx) => {
      const inserted = await this.rotations.insert(tx, { id, target, ...request });
      if (inserted) {
        await also?.(tx);
        await this.audit.record(tx, rotationEvent('started', id, request.requestedBy, { ...request, ...target }));
      }
      return inserted;
    });
    const rotation = begun ? await this.rotations.find(id) : await this.rotations.running();
    // it began and ended between the two reads
    if (!rotation) return this.start(request, also);
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
        actor: rotationActor(requestedBy),
        details,
      }),
    );
    return version;
  }

  async currentKey(): Promise<KeyVersion> {
    return this.keys.currentKey();
  }

  /** Works on an open rotation until it has ended, or the signal stops it. Refused while another process is at it. */
  async run(id: string, options: RotationRunOptions = {}): Promise<RotationProgress> {
    const lease = { id, runner: randomUUID() };
    const acquired = await this.rotations.acquire(lease);
    if (acquired) return this.hold(acquired, lease, options);
    const found = await this.rotations.find(id);
    if (!found) throw new InterlockError('not_found');
    if (found.finishedAt) return found;
    throw new InterlockError('conflict', { message: 'Another process is working on the rotation.' });
  }

  /** Takes up the open rotation if its runner is gone, and works on it like `run`. null: there is none. */
  async resumeInterrupted(options: RotationRunOptions = {}): Promise<RotationProgress | null> {
    const runner = randomUUID();
    const acquired = await this.unitOfWork.run(async (tx) => {
      const rotation = await this.rotations.acquireInterrupted(tx, runner);
      if (rotation) {
        const { id, requestedBy, state, moved, verified, resumes } = rotation;
        const event = rotationEvent('resumed', id, requestedBy, { state, moved, verified, resumes });
        await this.audit.record(tx, { ...event, actor: { kind: 'system', id: 'interlock' } });
      }
      return rotation;
    });
    if (!acquired) return null;
    const { id, state, moved, total, resumes } = acquired;
    this.logger.warn({
      msg: 'a vault rotation lost its worker; resuming it',
      rotation: { id, state, moved, total, resumes },
    });
    return this.hold(acquired, { id, runner }, options);
  }

  private async hold(rotation: RotationRow, lease: RotationLease, options: RotationRunOptions): Promise<RotationRow> {
    const stop = options.signal;
    const lost = new AbortController();
    const signsOfLife = setInterval(() => {
      this.rotations.renew(lease).then(
        (held) => held || lost.abort(),
        // away for a moment: the lease may outlast it
        () => undefined,
      );
    }, LEASE_MS / 3);
    try {
      const signal = stop ? AbortSignal.any([stop, lost.signal]) : lost.signal;
      const ended = await this.passes.toTheEnd(rotation, lease, { ...options, signal });
      if (lost.signal.aborted && ended.finishedAt === null) throw takenOver();
      if (stop?.aborted && !options.handsOver && ended.finishedAt === null) await this.recordStop(ended);
      return ended;
    } finally {
      clearInterval(signsOfLife);
      const freeInMs = !stop?.aborted ? NEXT_ATTEMPT_MS : options.handsOver ? 0 : null;
      await this.rotations.release(lease, freeInMs).catch(() => undefined);
    }
  }

  /** An operator stopped it: secrets stay on two keys until somebody continues. */
  private async recordStop({ id, requestedBy, state, moved, verified }: RotationRow): Promise<void> {
    const event = rotationEvent('stopped', id, requestedBy, { state, moved, verified });
    await this.unitOfWork.run((tx) => this.audit.record(tx, event));
  }
}

function sameOrConflict(open: RotationRow, mode: RotationMode, target: KeyVersion): RotationRow {
  if (open.mode === mode && open.targetKeyId === target.keyId) return open;
  throw new InterlockError('conflict', {
    message: `A rotation (${open.mode} to ${open.targetKeyId}) is not finished; it must end first.`,
  });
}
