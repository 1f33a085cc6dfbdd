import { ProviderFailure } from '../outbound';

interface Instant {
  readonly monotonic: number;
  readonly wall: number;
}

/**
 * What a worker knows by itself of its lease: without asking, in the moment in which it must know. A lease is counted
 * from before it was asked for, so that it never seems longer here than in the database, on two clocks: the monotonic
 * one, which nobody sets, runs on while a process is stopped; but Linux stops it with the machine, and then the wall
 * clock has moved.
 */
export class HeldLease {
  private since: Instant;

  constructor(
    private readonly leaseMs: number,
    private readonly now: () => Instant = () => ({ monotonic: performance.now(), wall: Date.now() }),
  ) {
    this.since = now();
  }

  /** Call it before the renewal is asked for; what it returns, when it was granted. */
  renewal(): () => void {
    const asked = this.now();
    return () => (this.since = asked);
  }

  /** Not above zero: another worker may hold the run by now. */
  get leftMs(): number {
    const { monotonic, wall } = this.now();
    return this.leaseMs - Math.max(monotonic - this.since.monotonic, wall - this.since.wall);
  }

  /** For the last moment before something is sent. Throws a ProviderFailure that says that nothing was. */
  assertHeld(): void {
    if (this.leftMs > 0) return;
    throw new ProviderFailure('network', 'The call was not sent: this worker no longer holds the run.', {
      nothingSent: true,
      final: true,
      ours: true,
    });
  }
}
