/** The jobs that one process has in hand, of all shards together. Whoever has waited longest has the next place. */
export class JobRoom {
  private readonly waiting: (() => void)[] = [];

  constructor(private free: number) {}

  tryEnter(): boolean {
    if (this.free <= 0) return false;
    this.free--;
    return true;
  }

  async enter(): Promise<void> {
    if (!this.tryEnter()) await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  /** For a job that is here, though there may be no room for it: the next place that is left counts for nobody. */
  squeezeIn(): void {
    this.free--;
  }

  leave(): void {
    const next = this.free < 0 ? undefined : this.waiting.shift();
    if (next) next();
    else this.free++;
  }
}
