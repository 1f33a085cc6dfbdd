import { type BeforeApplicationShutdown, Injectable, Logger } from '@nestjs/common';
import { Drain } from '../platform/health';
import { AdminListRepository, type LiveRun } from './store/admin-list.repository';

type Listener = (runs: readonly LiveRun[]) => void;

const EVERY_MS = 1_000;
const MAX_RUNS = 50;

/** Asks once a second what is running, while anybody listens, and tells everybody when it has changed. */
@Injectable()
export class LiveRuns implements BeforeApplicationShutdown {
  private readonly logger = new Logger('live');
  private readonly listeners = new Map<Listener, () => void>();
  /** Of the loop that is asking; null: nobody listens. */
  private loop: { timer: NodeJS.Timeout } | null = null;
  private asking: Promise<void> = Promise.resolve();
  private last = '';
  private runs: readonly LiveRun[] = [];

  constructor(
    private readonly lists: AdminListRepository,
    drain: Drain,
  ) {
    // a stream that stays open would hold the end of the process back
    drain.onStart(() => this.endAll());
  }

  /** `onEnd`: the process is leaving. Returns how to stop listening. */
  listen(listener: Listener, onEnd: () => void): () => void {
    this.listeners.set(listener, onEnd);
    if (this.loop === null) this.schedule(0);
    else listener(this.runs);
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
      this.logger.warn({ msg: 'what is running is not known', err: error });
      return;
    }
    const now = JSON.stringify(this.runs);
    if (now === this.last) return;
    this.last = now;
    for (const listener of this.listeners.keys()) listener(this.runs);
  }

  private endAll(): void {
    for (const end of this.listeners.values()) end();
    this.listeners.clear();
    this.rest();
  }

  private rest(): void {
    if (this.loop) clearTimeout(this.loop.timer);
    this.loop = null;
    this.last = '';
  }
}
