import { setTimeout as sleep } from 'node:timers/promises';
import { VaultError } from './vault-error';

const FIRST_BACKOFF_MS = 200;
const MAX_BACKOFF_MS = 30_000;

/** Waits with exponential backoff and full jitter while key management is away, and gives up in the end. */
export class DeadlineBackoff {
  private failingSince: number | null = null;
  private attempts = 0;

  constructor(
    private readonly limitMs: number,
    private readonly signal?: AbortSignal,
  ) {}

  restore(): void {
    this.failingSince = null;
    this.attempts = 0;
  }

  /** Throws the error once it has lasted longer than the limit. Comes back at once when the signal is given. */
  async wait(failure: VaultError): Promise<void> {
    this.failingSince ??= performance.now();
    if (performance.now() - this.failingSince > this.limitMs) throw failure;
    const ceilingMs = Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** this.attempts++);
    await sleep(Math.random() * ceilingMs, undefined, { signal: this.signal }).catch(() => undefined);
  }

  /** The work's result, however often key management was away before. */
  async through<T>(work: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        const result = await work();
        this.restore();
        return result;
      } catch (error) {
        if (!(error instanceof VaultError) || !error.transient || this.signal?.aborted) throw error;
        await this.wait(error);
      }
    }
  }
}
