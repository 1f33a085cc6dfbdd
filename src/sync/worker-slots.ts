/** How long a run keeps its slot while a call is under way. Most calls are answered sooner. */
const PATIENCE_MS = 1_000;
/** Runs that wait for their providers, for each slot: each may keep a page in memory. */
const AWAY_PER_SLOT = 3;

type Grant = () => void;

/**
 * The slots of one worker process: so many runs work at the same time. A run that waits for its provider gives up its
 * slot until the answer arrives, so hosts that do not answer block no other run.
 */
export class WorkerSlots {
  private free: number;
  private away = 0;
  private readonly maxAway: number;
  private readonly returning: Grant[] = [];
  private readonly newcomers: Grant[] = [];

  constructor(slots: number) {
    this.free = slots;
    this.maxAway = slots * AWAY_PER_SLOT;
  }

  /** For a run that is not in memory yet. */
  async take(): Promise<RunSlot> {
    if (this.free > 0) this.free--;
    else await new Promise<void>((resolve) => this.newcomers.push(resolve));
    return new RunSlot(this);
  }

  /** False: too many are away, and the slot is kept. */
  leave(): boolean {
    if (this.away >= this.maxAway) return false;
    this.away++;
    this.passOn();
    return true;
  }

  /** Before those who have not begun. False: aborted, and still away. */
  comeBack(signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return Promise.resolve(false);
    if (this.free > 0) {
      this.free--;
      this.away--;
      return Promise.resolve(true);
    }
    return new Promise((resolve) => {
      const grant: Grant = () => {
        signal.removeEventListener('abort', giveUp);
        this.away--;
        resolve(true);
      };
      const giveUp = (): void => {
        this.returning.splice(this.returning.indexOf(grant), 1);
        resolve(false);
      };
      signal.addEventListener('abort', giveUp, { once: true });
      this.returning.push(grant);
    });
  }

  end(held: boolean): void {
    if (held) this.passOn();
    else this.away--;
  }

  private passOn(): void {
    const next = this.returning.shift() ?? this.newcomers.shift();
    if (next) next();
    else this.free++;
  }
}

/** One run's slot, from its beginning to its end. */
export class RunSlot {
  private held = true;
  private comingBack: Promise<void> | null = null;
  private resolveGivenUp: () => void;
  /** Resolves when the slot is given up for the first time. */
  readonly givenUp = new Promise<void>((resolve) => (this.resolveGivenUp = resolve));

  constructor(private readonly slots: WorkerSlots) {}

  /** Makes a call to a provider. The run goes on when it holds a slot again, or without one when it is aborted. */
  async during<T>(call: () => Promise<T>, signal: AbortSignal): Promise<T> {
    const timer = setInterval(() => this.giveUp(), PATIENCE_MS);
    try {
      return await call();
    } finally {
      clearInterval(timer);
      if (!this.held) await this.takeBack(signal);
    }
  }

  end(): void {
    this.slots.end(this.held);
  }

  private giveUp(): void {
    if (!this.held || !this.slots.leave()) return;
    this.held = false;
    this.resolveGivenUp();
  }

  /** Several calls of one run may end at the same time. */
  private takeBack(signal: AbortSignal): Promise<void> {
    this.comingBack ??= this.slots.comeBack(signal).then((held) => {
      this.held = held;
      this.comingBack = null;
    });
    return this.comingBack;
  }
}
