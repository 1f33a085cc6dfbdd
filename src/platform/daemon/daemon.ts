import { type BeforeApplicationShutdown, Logger, type OnApplicationBootstrap } from '@nestjs/common';

/** A loop that calls `tick` again and again until shutdown, and whose shutdown awaits the tick in hand. */
export abstract class Daemon implements OnApplicationBootstrap, BeforeApplicationShutdown {
  protected abstract readonly name: string;
  protected abstract readonly intervalMs: number;
  private readonly log = new Logger('daemon');
  private timer: NodeJS.Timeout | null = null;
  private current: Promise<unknown> = Promise.resolve();
  /** A long tick looks at it, and ends early. */
  protected stopped = false;

  /** True: there is more to do, do not wait. */
  protected abstract tick(): Promise<boolean>;

  onApplicationBootstrap(): void {
    this.schedule(0);
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopped = true;
    if (this.timer) clearTimeout(this.timer);
    await this.current;
  }

  private schedule(delayMs: number): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => {
      this.current = this.tick().then(
        (more) => this.schedule(more ? 0 : this.intervalMs),
        (error: unknown) => {
          this.log.warn({ msg: `${this.name}: tick failed`, err: error });
          this.schedule(this.intervalMs);
        },
      );
    }, delayMs);
  }
}
