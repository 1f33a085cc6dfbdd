import { Inject, Logger, Optional, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { Daemons } from './daemons';

/** Well beyond what a statement may take, and below the time after which the process is given up. */
const TICK_LIMIT_MS = 120_000;

/** A loop that calls `tick` again and again until shutdown, and whose shutdown awaits the tick in hand. */
export abstract class Daemon implements OnApplicationBootstrap, BeforeApplicationShutdown {
  protected abstract readonly name: string;
  protected abstract readonly intervalMs: number;
  /** A tick that takes longer is no longer waited for: the next one comes, beside it if need be. null: it may last. */
  protected readonly tickLimitMs: number | null = TICK_LIMIT_MS;
  /** Without it the process is of no use: when it does not come round, the process is to be restarted. */
  protected readonly vital: boolean = false;
  @Optional()
  @Inject(Daemons)
  private readonly daemons?: Daemons;
  protected readonly log = new Logger('daemon');
  private timer: NodeJS.Timeout | null = null;
  private current: Promise<unknown> = Promise.resolve();
  /** A long tick looks at it, and ends early. */
  protected stopped = false;

  /** True: there is more to do, do not wait. */
  protected abstract tick(): Promise<boolean>;

  onApplicationBootstrap(): void {
    this.roundEnded();
    this.schedule(0);
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopped = true;
    this.daemons?.stopped(this.name);
    if (this.timer) clearTimeout(this.timer);
    await this.current;
  }

  private schedule(delayMs: number): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => {
      this.current = this.round().then((more) => this.schedule(more ? 0 : this.intervalMs));
    }, delayMs);
  }

  /** One tick, within its limit; never fails. */
  private async round(): Promise<boolean> {
    const ticking = this.tick().then(
      (more) => {
        this.roundEnded();
        return more;
      },
      (error: unknown) => {
        this.roundEnded();
        this.log.warn({ msg: `${this.name}: tick failed`, err: error });
        return false;
      },
    );
    if (this.tickLimitMs === null) return ticking;
    let timer: NodeJS.Timeout | undefined;
    const tooLong = new Promise<false>((resolve) => {
      timer = setTimeout(() => {
        this.daemons?.abandoned(this.name);
        this.log.error({ msg: `${this.name}: tick abandoned`, limitMs: this.tickLimitMs });
        resolve(false);
      }, this.tickLimitMs!).unref();
    });
    return Promise.race([ticking, tooLong]).finally(() => clearTimeout(timer));
  }

  private roundEnded(): void {
    if (this.vital && !this.stopped) this.daemons?.roundEnded(this.name);
  }
}
