import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import { Clock } from '../platform/clock';
import { ApiKeyRepository } from './store/api-key.repository';

const FLUSH_DELAY_MS = 5_000;
/** A key's time of last use is written at most this often, over all processes. */
const MIN_INTERVAL_MS = 60_000;
/** Above this size the set of marked keys is dropped, which costs one superfluous entry per key in the next batch. */
const MAX_REMEMBERED = 50_000;

/** Notes when keys were last used: in memory on the request's path, to the table in batches behind it. */
@Injectable()
export class LastUsedTracker implements BeforeApplicationShutdown {
  private readonly logger = new Logger('auth');
  private readonly markedAt = new Map<string, number>();
  private pending = new Map<string, Date>();
  private timer: NodeJS.Timeout | null = null;

  constructor(
    private readonly keys: ApiKeyRepository,
    private readonly clock: Clock,
  ) {}

  mark(keyId: string): void {
    const now = this.clock.now();
    const marked = this.markedAt.get(keyId);
    if (marked !== undefined && now.getTime() - marked < MIN_INTERVAL_MS) return;
    if (this.markedAt.size >= MAX_REMEMBERED) this.markedAt.clear();
    this.markedAt.set(keyId, now.getTime());
    this.pending.set(keyId, now);
    this.timer ??= setTimeout(() => this.flushLater(), FLUSH_DELAY_MS).unref();
  }

  async flush(): Promise<void> {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    if (this.pending.size === 0) return;
    const batch = this.pending;
    this.pending = new Map();
    await this.keys.touch([...batch.keys()], [...batch.values()], MIN_INTERVAL_MS / 1000);
  }

  /** While the database is still there. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.flush().catch((error: unknown) => this.report(error));
  }

  private flushLater(): void {
    this.flush().catch((error: unknown) => this.report(error));
  }

  /** A lost time of use does no harm: the next minute writes a newer one. */
  private report(error: unknown): void {
    this.logger.warn({ msg: 'times of last use were not written', err: error });
  }
}
