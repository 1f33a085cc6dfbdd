import { Injectable, Logger } from '@nestjs/common';
import { AppConfig } from '../platform/config';
import { Daemon } from '../platform/daemon';
import { InterlockError } from '../platform/errors';
import { VaultRotation, type RotationProgress } from '../vault';

/**
 * Works on a rotation after the request that began it has been answered. Every worker resumes a rotation whose process
 * is gone. A process that ends hands its rotation over.
 */
@Injectable()
export class RotationRunner extends Daemon {
  protected readonly name = 'vault rotation';
  protected readonly intervalMs = 5_000;
  protected override readonly tickLimitMs = null;
  private readonly logger = new Logger('rotation');
  private readonly stop = new AbortController();
  private working: Promise<void> = Promise.resolve();

  constructor(
    private readonly config: AppConfig,
    private readonly rotation: VaultRotation,
  ) {
    super();
  }

  override onApplicationBootstrap(): void {
    if (this.config.runsWork) super.onApplicationBootstrap();
  }

  async start(...request: Parameters<VaultRotation['start']>): Promise<RotationProgress> {
    const begun = await this.rotation.start(...request);
    void this.work(() => this.rotation.run(begun.id, this.options));
    return begun;
  }

  /** Lasts as long as what it resumes. */
  async tick(): Promise<boolean> {
    await this.work(() => this.rotation.resumeInterrupted(this.options));
    return false;
  }

  override async beforeApplicationShutdown(): Promise<void> {
    this.stop.abort();
    await super.beforeApplicationShutdown();
    await this.working;
  }

  private get options() {
    return { signal: this.stop.signal, handsOver: true };
  }

  /** One after the other in this process; never fails. */
  private work(work: () => Promise<unknown>): Promise<void> {
    this.working = this.working.then(async () => {
      try {
        await work();
      } catch (error) {
        // another process is at it: its progress is read from the same row
        if (error instanceof InterlockError && error.code === 'conflict') return;
        this.logger.error({ msg: 'the rotation failed; it is retried in a minute', err: error });
      }
    });
    return this.working;
  }
}
