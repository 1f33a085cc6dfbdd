import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { AppConfig } from '../platform/config';
import { UnitOfWork } from '../platform/database';
import { chainOn } from './chain';
import { ChainRepository } from './store/chain.repository';

/** Half of what it may be behind. */
const TICK_MS = 400;
const BATCH = 1_000;

/**
 * Appends the entries that have committed to the hash chain, in the order in which it sees them; runs in every worker
 * and works in one of them at a time. No request ever waits for the head of the chain.
 */
@Injectable()
export class AuditChainer implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('audit');
  private readonly stopping = new AbortController();
  private loop: Promise<void> | null = null;
  private failing = false;

  constructor(
    private readonly config: AppConfig,
    private readonly chain: ChainRepository,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  onApplicationBootstrap(): void {
    if (this.config.runsWork) this.loop = this.work();
  }

  /** The last entries of this process are chained by it, or by the next one. */
  async beforeApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await this.loop;
  }

  /** Chains what waits and returns how much that was; null while another process does. */
  async chainOnce(): Promise<number | null> {
    return this.unitOfWork.run(async (tx) => {
      if (!(await this.chain.lock(tx))) return null;
      const { marks, entries } = await this.chain.takeUnchained(tx, BATCH);
      if (marks > entries.length) {
        this.logger.error({ msg: 'audit entries vanished before they were chained', count: marks - entries.length });
      }
      if (entries.length > 0) await this.chain.append(tx, chainOn(await this.chain.last(tx), entries));
      return marks;
    });
  }

  private async work(): Promise<void> {
    const { signal } = this.stopping;
    for (;;) {
      const chained = await this.attempt();
      if (signal.aborted) return;
      if (chained === BATCH) continue;
      await sleep(TICK_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  private async attempt(): Promise<number | null> {
    try {
      const chained = await this.chainOnce();
      this.failing = false;
      return chained;
    } catch (error) {
      // the database is away: said once, not twice a second
      if (!this.failing) this.logger.warn({ msg: 'audit entries could not be chained; retrying', err: error });
      this.failing = true;
      return null;
    }
  }
}
