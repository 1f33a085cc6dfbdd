import { ProviderFailure } from '../platform/outbound';

/**
 * A list that a provider promises newest first, as far as it was read. The promise is proven by rows and not believed:
 * a scan may end at a cutoff only after it has seen times descend, and none ascend, since the list's first row. It
 * travels in the position of a page.
 */
export class NewestFirst {
  private constructor(
    private readonly lastMs: number | null,
    private readonly descended: boolean,
    private readonly broken: boolean,
  ) {}

  static readonly START = new NewestFirst(null, false, false);

  /** The list behind the rows of one more page. A row without a time says nothing. */
  after(times: readonly (Date | null)[]): NewestFirst {
    let { lastMs, descended, broken } = this;
    for (const time of times) {
      if (time === null) continue;
      const ms = time.getTime();
      if (lastMs !== null && ms > lastMs) broken = true;
      if (lastMs !== null && ms < lastMs) descended = true;
      lastMs = ms;
    }
    return new NewestFirst(lastMs, descended, broken);
  }

  get isBroken(): boolean {
    return this.broken;
  }

  /** No row that is still to come is from the cutoff on. */
  hasPassed(cutoff: Date | null): boolean {
    return cutoff !== null && this.lastMs !== null && this.descended && !this.broken && this.lastMs < cutoff.getTime();
  }

  /** As a part of a position: no colon in it. */
  toString(): string {
    return `${this.lastMs ?? ''}${this.descended ? 'd' : ''}${this.broken ? 'b' : ''}`;
  }

  static parse(text: string): NewestFirst {
    const found = /^(-?\d+)?(d)?(b)?$/.exec(text);
    if (found === null) throw new ProviderFailure('internal', 'The position of the scan cannot be read.');
    return new NewestFirst(found[1] === undefined ? null : Number(found[1]), found[2] === 'd', found[3] === 'b');
  }
}
