import { InterlockError } from '../platform/errors';

export interface LaneBounds {
  readonly concurrency: number;
  /** Of one owner. */
  readonly maxWaiting: number;
}

/**
 * Work that is dear in memory or time: so many at once, and so many of one owner waiting; past that a clear refusal.
 * Owners take turns, so that whoever asks for much waits for itself.
 */
export class BoundedLane {
  private running = 0;
  /** By owner, whose turn is next first. */
  private readonly waiting = new Map<string, (() => void)[]>();

  constructor(private readonly bounds: LaneBounds) {}

  async run<T>(owner: string, work: () => Promise<T>): Promise<T> {
    if (this.running >= this.bounds.concurrency) await this.turnOf(owner);
    else this.running++;
    try {
      return await work();
    } finally {
      this.handOver();
    }
  }

  private turnOf(owner: string): Promise<void> {
    const own = this.waiting.get(owner) ?? [];
    if (own.length >= this.bounds.maxWaiting) throw new InterlockError('unavailable', { retryAfterSeconds: 1 });
    this.waiting.set(owner, own);
    return new Promise((begin) => own.push(begin));
  }

  /** Whoever ends gives its place to the next owner, which then goes behind the others. */
  private handOver(): void {
    const [next] = this.waiting;
    if (next === undefined) {
      this.running--;
      return;
    }
    const [owner, own] = next;
    this.waiting.delete(owner);
    const begin = own.shift()!;
    if (own.length > 0) this.waiting.set(owner, own);
    begin();
  }
}
