import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import { InterlockError } from '../platform/errors';
import { Drain } from '../platform/health';
import { AdminListRepository, type ListedRun } from './store/admin-list.repository';

export interface LiveListener {
  /** Whose stream it is. */
  readonly subject: string;
  readonly tell: (runs: readonly ListedRun[]) => void;
  /** The process is stopping. */
  readonly end: () => void;
}

const EVERY_MS = 1_000;
const RETRY_AFTER_SECONDS = 10;
const MAX_RUNS = 50;
const MAX_OF_ONE_SUBJECT = 10;
const MAX_LISTENERS = 200;

/** Reads the running syncs once a second while anybody listens, and tells all listeners when they change. */
@Injectable()
export class LiveRuns implements BeforeApplicationShutdown {
  private readonly logger = new Logger('live');
  private readonly listeners = new Set<LiveListener>();
  /** Of the loop that is asking; null: nobody listens. */
  private loop: { timer: NodeJS.Timeout } | null = null;
  private asking: Promise<void> = Promise.resolve();
  private last = '';
  private runs: readonly ListedRun[] = [];

  constructor(
    private readonly lists: AdminListRepository,
    drain: Drain,
  ) {
    // a stream that stays open would hold the end of the process back
    drain.onStart(() => this.endAll());
  }

  /** Throws when there is no room for another listener, before anything of a stream is sent. */
  admit(subject: string): void {
    const own = [...this.listeners].filter((listener) => listener.subject === subject).length;
    if (own >= MAX_OF_ONE_SUBJECT || this.listeners.size >= MAX_LISTENERS) {
      throw new InterlockError('rate_limited', {
        message: 'Too many live streams are open.',
        retryAfterSeconds: RETRY_AFTER_SECONDS,
      });
    }
  }

  /** Returns how to stop listening. */
  listen(listener: LiveListener): () => void {
    this.listeners.add(listener);
    if (this.loop === null) this.schedule(0);
    else listener.tell(this.runs);
    return () => {
      this.listeners.delete(listener);
      if (this.listeners.size === 0) this.rest();
    };
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.endAll();
    await this.asking;
  }

  private schedule(delayMs: number): void {
    const timer = setTimeout(() => {
      this.asking = this.ask().finally(() => {
        // everybody may have left meanwhile, and others have come
        if (this.loop === mine) this.schedule(EVERY_MS);
      });
    }, delayMs);
    const mine = { timer };
    this.loop = mine;
  }

  private async ask(): Promise<void> {
    try {
      this.runs = await this.lists.liveRuns(MAX_RUNS);
    } catch (error) {
      this.logger.warn({ msg: 'the running syncs could not be read', err: error });
      return;
    }
    const now = JSON.stringify(this.runs);
    if (now === this.last) return;
    this.last = now;
    for (const listener of this.listeners) listener.tell(this.runs);
  }

  private endAll(): void {
    // each takes itself out as it ends
    for (const listener of [...this.listeners]) listener.end();
    this.listeners.clear();
    this.rest();
  }

  private rest(): void {
    if (this.loop) clearTimeout(this.loop.timer);
    this.loop = null;
    this.last = '';
  }
}
