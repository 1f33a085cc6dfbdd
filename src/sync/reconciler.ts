import { Injectable, Logger } from '@nestjs/common';
import { Daemon } from '../platform/daemon';
import { BESIDE_US, hasEnded } from '../platform/lease';
import { RunQueue } from './run.queue';
import { RunRepository } from './store/run.repository';

/** A run that has waited this long may have lost its job; adding the same job id again does nothing when it has not. */
const OVERDUE_MS = 5_000;
/** After this long in the queue a run that goes on has the priority of a new one. */
const KEPT_OUT_MS = 60_000;
const BATCH = 500;

/** Repairs what a crash between two commits, or the loss of the whole queue, left behind, and reports it. */
@Injectable()
export class Reconciler extends Daemon {
  protected readonly name = 'reconciler';
  protected readonly intervalMs = 5_000;
  private readonly logger = new Logger('reconciler');
  /** Since the process started. */
  readonly healed = { freed: 0, promoted: 0, readded: 0 };

  constructor(
    private readonly runs: RunRepository,
    private readonly queue: RunQueue,
  ) {
    super();
  }

  async tick(): Promise<boolean> {
    await this.endLeasesBesideUs();
    const freed = await this.runs.freeDead(BATCH);
    const promoted = await this.runs.promoteStranded(BATCH);
    await this.queue.add([...freed, ...promoted]);
    await this.addOverdue();
    await this.queue.raise((await this.runs.overdue(KEPT_OUT_MS, BATCH)).filter(({ attempt }) => attempt > 1));
    this.healed.freed += freed.length;
    this.healed.promoted += promoted.length;
    if (freed.length + promoted.length > 0) {
      this.logger.warn({ msg: 'healed runs', freed: freed.length, promoted: promoted.length });
    }
    return false;
  }

  /**
   * Ends the sync leases of processes on this machine that have ended. Leases of pushes run out: a payment that was
   * sent may take a while to appear where a search finds it.
   */
  private async endLeasesBesideUs(): Promise<void> {
    if (BESIDE_US === null) return;
    const ended = (await this.runs.syncLeaseOwners(BESIDE_US)).filter(hasEnded);
    if (ended.length > 0) await this.runs.endSyncLeases(ended);
  }

  /** The longest overdue; and all of them, page by page, when the queue has lost more than a page of its jobs. */
  private async addOverdue(): Promise<void> {
    let page = await this.runs.overdue(OVERDUE_MS, BATCH);
    const all = page.length === BATCH && (await this.hasLostMany());
    while (page.length > 0) {
      if (!(await this.queue.add(page))) return;
      this.healed.readded += page.length;
      if (!all || page.length < BATCH) return;
      page = await this.runs.overdue(OVERDUE_MS, BATCH, page.at(-1)!);
    }
  }

  /**
   * Whether queued runs outnumber the jobs of the queue by more than one batch. A long backlog alone does not count: it
   * has its jobs.
   */
  private async hasLostMany(): Promise<boolean> {
    try {
      return (await this.runs.countQueued()) - (await this.queue.size()) > BATCH;
    } catch (error) {
      this.logger.warn({ msg: 'the jobs of the queue could not be counted', err: error });
      return false;
    }
  }
}
