import { Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import type { Clock } from '../platform/clock';

const FLUSH_DELAY_MS = 5_000;
/** A time is written at most this often, over all processes, unless what else is noted has changed. */
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
  private readonly marked = new Map<string, { readonly at: number; readonly of: string }>();
  private pending = new Map<string, Seen<Of>>();
  private timer: NodeJS.Timeout | null = null;

  protected constructor(
    what: string,
    private readonly clock: Clock,
  ) {
    this.logger = new Logger(what);
  }

  protected abstract write(seen: readonly Seen<Of>[], minIntervalSeconds: number): Promise<unknown>;

  mark(id: string, of: Of): void {
    const now = this.clock.now();
    const mark = { at: now.getTime(), of: JSON.stringify(of) };
    const before = this.marked.get(id);
    if (before?.of === mark.of && mark.at - before.at < MIN_INTERVAL_MS) return;
    if (this.marked.size >= MAX_REMEMBERED) this.marked.clear();
    this.marked.set(id, mark);
    this.pending.set(id, { id, at: now, of });
    this.timer ??= setTimeout(() => this.flushLater(), FLUSH_DELAY_MS).unref();
  }

  async flush(): Promise<void> {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    if (this.pending.size === 0) return;
    const batch = this.pending;
    this.pending = new Map();
    await this.write([...batch.values()], MIN_INTERVAL_MS / 1000);
  }

  /** While the database is still there. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.flush().catch((error: unknown) => this.report(error));
  }

  private flushLater(): void {
    this.flush().catch((error: unknown) => this.report(error));
  }

  /** A lost time does no harm: the next minute writes a newer one. */
  private report(error: unknown): void {
    this.logger.warn({ msg: 'times of last use were not written', err: error });
  }
}
