const SLICE_PAGES = 20;
const SLICE_MS = 15_000;

/**
 * How long a run may hold a worker slot: 20 pages or 15 s, then it goes behind the others. When no run waits, it begins
 * another time slice instead of a needless pass through the queue.
 */
export class RunTimeSlice {
  private pages = 0;
  private begunAt = performance.now();
  private asking = false;
  private over = false;

  constructor(private readonly someoneWaits: () => Promise<boolean>) {}

  countPage(): void {
    this.pages++;
  }

  /** Never waits: whether another run waits is asked in the background, so the answer may come one page late. */
  usedUp(): boolean {
    if (this.over) return true;
    const ranOut = this.pages >= SLICE_PAGES || performance.now() - this.begunAt >= SLICE_MS;
    if (ranOut && !this.asking) this.decide();
    return false;
  }

  private decide(): void {
    this.asking = true;
    this.someoneWaits().then(
      (waits) => {
        this.asking = false;
        if (waits) this.over = true;
        else this.begin();
      },
      // the database is away: a pass through the queue needs no answer from it
      () => (this.over = true),
    );
  }

  private begin(): void {
    this.pages = 0;
    this.begunAt = performance.now();
  }
}
