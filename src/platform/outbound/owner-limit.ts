/**
 * Bounds how many calls each owner has under way. Further calls of that owner wait in order; other owners do not wait.
 */
export class OwnerLimit {
  private readonly owners = new Map<string, { running: number; waiting: (() => void)[] }>();

  constructor(private readonly limit: number) {}

  async run<T>(owner: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    await this.enter(owner, signal);
    try {
      return await work();
    } finally {
      this.leave(owner);
    }
  }

  private enter(owner: string, signal: AbortSignal): Promise<void> {
    const state = this.owners.get(owner) ?? { running: 0, waiting: [] };
    this.owners.set(owner, state);
    if (state.running < this.limit) {
      state.running++;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const begin = (): void => {
        signal.removeEventListener('abort', giveUp);
        resolve();
      };
      const giveUp = (): void => {
        state.waiting.splice(state.waiting.indexOf(begin), 1);
        reject(signal.reason);
      };
      signal.addEventListener('abort', giveUp, { once: true });
      state.waiting.push(begin);
    });
  }

  /** Hands the place to the next in line. */
  private leave(owner: string): void {
    const state = this.owners.get(owner)!;
    const next = state.waiting.shift();
    if (next) return next();
    state.running--;
    if (state.running === 0) this.owners.delete(owner);
  }
}
