import { InterlockError } from '../platform/errors';

export interface LaneBounds {
  readonly concurrency: number;
  readonly maxWaiting: number;
}

/** Work that is dear in memory or time: so many at once, so many waiting, and past that a clear refusal. */
export class BoundedLane {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly bounds: LaneBounds) {}

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.running >= this.bounds.concurrency) {
      if (this.waiting.length >= this.bounds.maxWaiting) {
        throw new InterlockError('unavailable', { retryAfterSeconds: 1 });
      }
      // whoever ends hands its place over
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    } else {
      this.running++;
    }
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.running--;
    }
  }
}
