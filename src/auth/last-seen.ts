import { Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import type { Clock } from '../platform/clock';

const FLUSH_DELAY_MS = 5_000;
/** A time is written at most this often, over all processes, unless what else is noted differs in the table. */
const MIN_INTERVAL_MS = 60_000;
/** Above this size the set of marked ids is dropped, which costs one superfluous entry per id in the next batch. */
const MAX_REMEMBERED = 50_000;

/** One caller and its last use; `of` is what else is noted. */
export interface Seen<Of> {
  readonly id: string;
  readonly at: Date;
  readonly of: Of;
}

/** Notes when callers were last seen: in memory on the request's path, to a table in batches behind it. */
export abstract class LastSeen<Of> implements BeforeApplicationShutdown {
  private readonly logger: Logger;
  private readonly marked = new Map<string, number>();
  private pending = new Map<string, Seen<Of>>();
  private timer: NodeJS.Timeout | null = null;

  /** `offeredMs`: a use is offered to the table at most this often; what other processes have noted is known there. */
  protected constructor(
    what: string,
    private readonly clock: Clock,
    private readonly offeredMs = MIN_INTERVAL_MS,
  ) {
    this.logger = new Logger(what);
  }

  protected abstract write(seen: readonly Seen<Of>[], minIntervalSeconds: number): Promise<unknown>;

  mark(id: string, of: Of): void {
    const now = this.clock.now();
    if (now.getTime() - (this.marked.get(id) ?? -Infinity) < this.offeredMs) return;
    if (this.marked.size >= MAX_REMEMBERED) this.marked.clear();
    this.marked.set(id, now.getTime());
    this.pending.set(id, { id, at: now, of });
    this.timer ??= setTimeout(() => this.flushLater(), FLUSH_DELAY_MS).unref();
  }

  async flush(): Promise<void> {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    if (this.pending.size === 0) return;
    const batch = this.pending;
    this.pending = new Map();
    try {
      await this.write([...batch.values()], MIN_INTERVAL_MS / 1000);
    } catch (error) {
      for (const id of batch.keys()) this.marked.delete(id);
      throw error;
    }
  }

  /** While the database is still there. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.flush().catch((error: unknown) => this.report(error));
  }

  private flushLater(): void {
    this.flush().catch((error: unknown) => this.report(error));
  }

  /** A lost time does no harm: the next use writes a newer one. */
  private report(error: unknown): void {
    this.logger.warn({ msg: 'times of last use were not written', err: error });
  }
}
