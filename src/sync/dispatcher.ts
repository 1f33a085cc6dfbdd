import { Injectable } from '@nestjs/common';
import { Daemon } from '../platform/daemon';
import { UnitOfWork } from '../platform/database';
import { RunQueue } from './run.queue';
import { ScheduleRepository } from './store/schedule.repository';

const BATCH = 500;

/** Turns due schedules into runs: the claim and the run row commit together, and only then is the job added. */
@Injectable()
export class Dispatcher extends Daemon {
  protected readonly name = 'dispatcher';
  protected readonly intervalMs = 1_000;
  protected override readonly vital = true;

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly schedules: ScheduleRepository,
    private readonly queue: RunQueue,
  ) {
    super();
  }

  async tick(): Promise<boolean> {
    const due = await this.unitOfWork.run((tx) => this.schedules.claimDue(tx, BATCH));
    const probes = await this.unitOfWork.run((tx) => this.schedules.claimProbes(tx, BATCH));
    await this.queue.add([...due, ...probes].map((run) => ({ id: run.id, attempt: 1, delayMs: 0 })));
    return due.length === BATCH;
  }
}
