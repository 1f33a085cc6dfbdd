import { Injectable } from '@nestjs/common';
import type { Integration } from '../integrations';
import { UnitOfWork, type Tx } from '../platform/database';
import { FencedOut, type LeasedRun } from './run';
import { RunRepository, type HeldIntegration } from './store/run.repository';

/** A run, and its integration as it was when the run began. */
export interface FenceTarget {
  readonly run: LeasedRun;
  /** Another epoch since then means that the run must not write. */
  readonly integration: Integration;
}

/**
 * Everything that a run writes goes through here, whatever its kind: under the integration's row lock, with the lease
 * and the epoch checked in the same transaction. Killed at any point, the next run continues from the last commit:
 * nothing lost, nothing twice.
 */
@Injectable()
export class RunFence {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly runs: RunRepository,
  ) {}

  /**
   * Runs the work if this worker still holds the run and the integration is what it was; throws FencedOut if not.
   * `held.current`: the integration as it is now, because its settings may have changed since a long run began.
   */
  async run<T>(
    target: FenceTarget,
    work: (tx: Tx, held: Held) => Promise<T>,
    required: Integration['state'] = 'active',
  ): Promise<T> {
    return this.unitOfWork.run(async (tx) => work(tx, await this.hold(tx, target, required)));
  }

  /** As `run`, for work whose first statements travel with the check: it awaits `holding` before it returns. */
  async begin<T>(target: FenceTarget, work: (tx: Tx, holding: Promise<Held>) => Promise<T>): Promise<T> {
    return this.unitOfWork.run((tx) => work(tx, this.hold(tx, target, 'active')));
  }

  private async hold(tx: Tx, { run, integration }: FenceTarget, required: Integration['state']): Promise<Held> {
    const held = await this.runs.hold(tx, run);
    if (!held || held.current.state !== required || held.current.epoch !== integration.epoch) throw new FencedOut();
    return { ...held, toldAtMs: performance.now() };
  }
}

export interface Held {
  /** The database's clock. */
  readonly now: Date;
  /** When `now` was told, by `performance.now()`. */
  readonly toldAtMs: number;
  readonly current: HeldIntegration;
}
