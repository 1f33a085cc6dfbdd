/** The jobs that one process has in hand, of all shards together. Whoever has waited longest has the next place. */
export class JobRoom {
  private readonly waiting: (() => void)[] = [];

  constructor(private free: number) {}

  enter(): Promise<void> {
    if (this.free > 0) {
      this.free--;
      return Promise.resolve();
    }
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  leave(): void {
    const next = this.waiting.shift();
    if (next) next();
    else this.free++;
  }
}
