import { InterlockError } from '../../errors';

/** Bytes of all bodies that are being read; what is stalled stays here. */
export const MAX_READING_BYTES = 64 * 1024 * 1024;
/** Of one caller: a key, a token, or an address without either. */
export const MAX_READING_BYTES_PER_CALLER = 16 * 1024 * 1024;
const RETRY_AFTER_SECONDS = 5;

/** What one body holds of the budget. */
export interface BodyShare {
  /** Throws `unavailable` when the budget is spent. */
  take(bytes: number): void;
  release(): void;
}

/** How much memory the bodies that have not arrived whole may hold together. */
export class BodyBudget {
  private all = 0;
  private readonly byCaller = new Map<string, number>();

  shareOf(caller: string): BodyShare {
    let held = 0;
    const add = (bytes: number): void => {
      held += bytes;
      this.all += bytes;
      const ofCaller = (this.byCaller.get(caller) ?? 0) + bytes;
      if (ofCaller === 0) this.byCaller.delete(caller);
      else this.byCaller.set(caller, ofCaller);
    };
    return {
      take: (bytes) => {
        add(bytes);
        if (this.all <= MAX_READING_BYTES && this.byCaller.get(caller)! <= MAX_READING_BYTES_PER_CALLER) return;
        throw new InterlockError('unavailable', {
          message: 'Too many request bodies are being received.',
          retryAfterSeconds: RETRY_AFTER_SECONDS,
        });
      },
      release: () => add(-held),
    };
  }
}
