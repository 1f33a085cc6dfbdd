import { InterlockError } from '../../errors';

const MIB = 1024 * 1024;
/** Counts the bytes of all bodies that are being read, stalled ones included. */
export const MAX_READING_BYTES = 64 * MIB;
/** Of one key or token. */
export const MAX_READING_BYTES_PER_CALLER = 16 * MIB;
/** Of all without either: from however many addresses, they leave the rest to those who have one. */
export const MAX_READING_BYTES_OF_STRANGERS = 32 * MIB;
export const MAX_READING_BYTES_PER_ADDRESS = 4 * MIB;
const RETRY_AFTER_SECONDS = 5;

/** What one body holds of the budget. */
export interface BodyReservation {
  /** Throws `unavailable` when the budget is spent. */
  take(bytes: number): void;
  release(): void;
}

/** How much memory the bodies that have not arrived whole may hold together. */
export class BodyBudget {
  private readonly held = new Map<string, number>();

  /** Of a key or token, by its name. */
  shareOf(caller: string): BodyReservation {
    return this.share({ all: MAX_READING_BYTES, [`caller ${caller}`]: MAX_READING_BYTES_PER_CALLER });
  }

  reservationOfStranger(network: string): BodyReservation {
    return this.share({
      all: MAX_READING_BYTES,
      strangers: MAX_READING_BYTES_OF_STRANGERS,
      [`network ${network}`]: MAX_READING_BYTES_PER_ADDRESS,
    });
  }

  /** `limits`: of each purse that pays for it. */
  private share(limits: Readonly<Record<string, number>>): BodyReservation {
    const purses = Object.entries(limits);
    let held = 0;
    const add = (bytes: number): void => {
      held += bytes;
      for (const [purse] of purses) {
        const now = (this.held.get(purse) ?? 0) + bytes;
        if (now === 0) this.held.delete(purse);
        else this.held.set(purse, now);
      }
    };
    return {
      take: (bytes) => {
        add(bytes);
        if (purses.every(([purse, limit]) => this.held.get(purse)! <= limit)) return;
        throw new InterlockError('unavailable', {
          message: 'Too many request bodies are being received.',
          retryAfterSeconds: RETRY_AFTER_SECONDS,
        });
      },
      release: () => add(-held),
    };
  }
}
