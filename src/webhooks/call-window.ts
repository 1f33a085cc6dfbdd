/** More calls than a process works off at a time only wait, each on a connection that was opened for it. */
const CALLS_AT_A_TIME = 256;
/** Who takes longer is slow, and keeps nobody else from beginning. */
const HELD_MS = 40;

/**
 * How many calls this process begins at a time, over all endpoints, in the order in which they ask. A call has its
 * place until its answer is there, and for 40 ms at most, so that endpoints that answer slowly hold up no others.
 */
export class CallWindow {
  private free = CALLS_AT_A_TIME;
  private readonly waiting = new Set<() => void>();

  /** Resolves with what gives the place back. */
  async enter(): Promise<() => void> {
    if (this.free > 0) this.free--;
    else await new Promise<void>((resolve) => this.waiting.add(resolve));
    let isHeld = true;
    const leave = (): void => {
      if (isHeld) this.passOn();
      isHeld = false;
      clearTimeout(timer);
    };
    const timer = setTimeout(leave, HELD_MS);
    return leave;
  }

  private passOn(): void {
    const [first] = this.waiting;
    if (!first) {
      this.free++;
      return;
    }
    this.waiting.delete(first);
    first();
  }
}
