import type { ManifestTimes } from '../manifest';
import { VALUE_KINDS, type RowShape, type ValueKind } from './row-shape';

/** The same numbers for the same seed, in any process. */
export class SeededDraw {
  constructor(private state: number) {}

  /** From 0 on, below 1. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  whole(below: number): number {
    return Math.floor(this.next() * below);
  }

  oneOf<T>(choices: readonly T[]): T {
    return choices[this.whole(choices.length)]!;
  }
}

/** Where a simulated merchant is: never at UTC, so that a wrong zone shows. */
export const SIMULATED_ZONE = 'America/New_York';
export const SIMULATED_CURRENCY = 'GBP';

const WALL = new Intl.DateTimeFormat('sv-SE', {
  ...{ timeZone: SIMULATED_ZONE, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit' },
  ...{ hour: '2-digit', minute: '2-digit', second: '2-digit' },
});

/** The wall clock of the merchant, `YYYY-MM-DD HH:MM:SS`. */
export function merchantClock(ms: number): string {
  return WALL.format(ms);
}

/** A time as the provider writes it; `variant` chooses among the forms that one manifest allows. */
export function writtenTime(ms: number, { form = 'iso', zone = 'named' }: ManifestTimes, variant: number): unknown {
  if (form === 'unix') return Math.floor(ms / 1_000);
  if (zone === 'merchant') return merchantClock(ms);
  const utc = new Date(ms).toISOString();
  if (zone === 'utc') return variant % 2 === 0 ? utc.slice(0, 19) : utc.slice(0, 19).replace('T', ' ');
  const elsewhere = `${new Date(ms + 2 * 3_600_000).toISOString().slice(0, 19)}+02:00`;
  return [`${utc.slice(0, 19)}Z`, utc, elsewhere][variant % 3];
}

/** Writes the values of rows, and remembers which instant each written time stands for. */
export class SimulatedValues {
  readonly instants = new Map<unknown, number>();

  constructor(
    private readonly times: ManifestTimes,
    private readonly draw: SeededDraw,
  ) {}

  time(ms: number): unknown {
    const whole = ms - (ms % 1_000);
    const written = writtenTime(whole, this.times, this.draw.whole(3));
    this.instants.set(written, whole);
    return written;
  }

  /** undefined: the member is left out. */
  of(shape: RowShape, name: string, ordinal: number): unknown {
    if (shape.mayBeAbsent && this.draw.next() < 0.5) return undefined;
    if (shape.members.size > 0) {
      const members = [...shape.members].map(([each, inner]) => [each, this.of(inner, each, ordinal)] as const);
      return Object.fromEntries(members.filter(([, value]) => value !== undefined));
    }
    if (shape.entry !== null) {
      const length = Math.max(shape.least, 1) + this.draw.whole(3) - (shape.least === 0 ? 1 : 0);
      return Array.from({ length }, () => this.of(shape.entry!, name, ordinal) ?? null);
    }
    if (shape.literals.length > 0 && this.draw.next() < 0.85) return this.draw.oneOf(shape.literals);
    const kind = VALUE_KINDS.find((each) => shape.kinds.has(each));
    const isOptional = kind !== undefined && kind !== 'flag' && kind !== 'id';
    if (isOptional && this.draw.next() < 0.15) return this.draw.oneOf([null, undefined]);
    return this.written(kind ?? 'text', name, ordinal);
  }

  private written(kind: ValueKind, name: string, ordinal: number): unknown {
    const { draw } = this;
    switch (kind) {
      case 'id':
        return ordinal % 2 === 0 ? `x${ordinal}` : 70_000 + ordinal;
      case 'time':
        return this.time(Date.UTC(2026, draw.oneOf([0, 6]), 1 + draw.whole(28), draw.whole(24), draw.whole(60)));
      case 'minor':
        return draw.whole(3) === 0 ? draw.whole(40) * 100 : draw.whole(90_000);
      case 'whole':
        return 1 + draw.whole(20);
      case 'major':
        return draw.oneOf([`${1 + draw.whole(90)}.${10 + draw.whole(90)}`, draw.whole(90) + 0.5, draw.whole(90)]);
      case 'quantity':
        return 1 + draw.whole(5);
      case 'currency':
        return draw.oneOf(['gbp', 'USD', 'EUR', 'JPY']);
      case 'phone':
        return `+44 20 7946 0${100 + (ordinal % 900)}`;
      case 'flag':
        return draw.next() < 0.5;
      case 'word':
      case 'text':
        return `${name} ${ordinal}`;
    }
  }
}
