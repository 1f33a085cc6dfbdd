/** Below this an answer costs nothing: pages of a hundred rows are smaller. */
const LARGE_BYTES = 1024 * 1024;
/** Of all large answers that one process takes: reading them then takes a tenth of its time. */
const BYTES_PER_MS = 2 * 1024;
/** The most that one owner waits for another's large answers. */
const MAX_WAIT_MS = 30_000;

/** Spreads an owner's calls by the size of their answers. */
export interface AnswerPace {
  /** Waits until the owner's large answers so far are made up for. */
  wait(sleep: (ms: number) => Promise<void>): Promise<void>;
  took(bytes: number): void;
}

/**
 * Large answers cost processor time that everybody else in the process waits for. Together they are taken at a steady
 * rate: whoever got one makes the next call when its bytes have passed at that rate, behind those of others. What is
 * waited for is not in memory yet.
 */
export class AnswerPaces {
  private readonly owners = new Map<string, number>();
  /** When all that was taken has passed. */
  private passedAt = 0;

  constructor(private readonly now: () => number) {}

  of(owner: string): AnswerPace {
    return {
      wait: async (sleep) => {
        const waitMs = (this.owners.get(owner) ?? 0) - this.now();
        if (waitMs > 0) await sleep(Math.min(waitMs, MAX_WAIT_MS));
      },
      took: (bytes) => {
        if (bytes >= LARGE_BYTES) this.took(owner, bytes);
      },
    };
  }

  private took(owner: string, bytes: number): void {
    const now = this.now();
    for (const [each, until] of this.owners) if (until <= now) this.owners.delete(each);
    const begins = Math.min(Math.max(this.passedAt, now), now + MAX_WAIT_MS);
    this.passedAt = begins + bytes / BYTES_PER_MS;
    this.owners.set(owner, this.passedAt);
  }
}
