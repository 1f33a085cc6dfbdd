import { Injectable } from '@nestjs/common';
import type { Tx } from '../platform/database';
import type { LeasedRun } from './run';
import { toRunFailure, type RunFailure } from './run-failure';
import { RunFence, type FenceTarget } from './run-fence';
import { LogRepository, type LogCounts } from './store/log.repository';

/** What the handler of another module writes as a run: fenced commits, and one log entry for each resource. */
@Injectable()
export class RunWork {
  constructor(
    private readonly fence: RunFence,
    private readonly logs: LogRepository,
  ) {}

  /** How anything thrown ends a run. */
  static failureOf(thrown: unknown): RunFailure {
    return toRunFailure(thrown);
  }

  /** Under the integration's row lock, with the run's fence checked in the same transaction. */
  fenced<T>(target: FenceTarget, work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.fence.run(target, work);
  }

  async beginLog(tx: Tx, run: LeasedRun, provider: string, resource: string): Promise<void> {
    await this.logs.open(tx, run, provider, [resource]);
    await this.logs.start(tx, run.id, resource);
  }

  addToLog(tx: Tx, runId: string, resource: string, counts: LogCounts): Promise<void> {
    return this.logs.add(tx, runId, resource, counts);
  }

  /** null: all went well. */
  async endLog(
    tx: Tx,
    runId: string,
    resource: string,
    failure: Parameters<LogRepository['fail']>[3] | null,
  ): Promise<void> {
    if (failure) await this.logs.fail(tx, runId, resource, failure);
    else await this.logs.succeed(tx, runId, resource);
  }
}
