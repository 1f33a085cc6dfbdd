const halfHourMs = 1_800_000;
const dayMs = 86_400_000;
const shape = /^(\d{4})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?)?\s*(Z|[+-]\d\d:?\d\d)?$/;

/** Wall-clock times of one time zone, written without their zone as PracticeHub does. */
export class LocalTime {
  private readonly offsets = new Map<number, number>();
  private readonly days = new Map<number, string>();
  private readonly names: Intl.DateTimeFormat | undefined;

  constructor(timezone = 'UTC') {
    if (timezone === 'UTC') return;
    this.names = new Intl.DateTimeFormat('en-US', { timeZone: timezone, timeZoneName: 'longOffset' });
  }

  /** `2026-01-31 09:30:00`: seconds are the finest that is written. */
  format(ms: number): string {
    const wall = ms + this.offsetAt(ms);
    const day = Math.floor(wall / dayMs);
    const second = Math.floor((wall - day * dayMs) / 1000);
    return `${this.dayText(day)} ${two(Math.floor(second / 3600))}:${two(Math.floor(second / 60) % 60)}:${two(second % 60)}`;
  }

  /** The instant that a text names; a text without a zone is read in this zone. `null` when it is no time at all. */
  parse(text: unknown): number | null {
    const found = typeof text === 'string' ? shape.exec(text.trim()) : null;
    if (!found) return null;
    const [, year, month, day, hour, minute, second, fraction, zone] = found;
    const wall =
      Date.UTC(
        Number(year),
        Number(month) - 1,
        Number(day),
        Number(hour ?? 0),
        Number(minute ?? 0),
        Number(second ?? 0),
      ) + Math.floor(Number(`0.${fraction ?? '0'}`) * 1000);
    if (zone === 'Z') return wall;
    if (zone) {
      const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2));
      return wall - (zone.startsWith('-') ? -minutes : minutes) * 60_000;
    }
    // The offset belongs to the instant, which is not known yet: the second look settles times next to a clock change.
    const guess = wall - this.offsetAt(wall);
    return wall - this.offsetAt(guess);
  }

  /** Whether another instant has the same wall clock: clocks go back by half an hour or an hour. */
  isShownTwice(ms: number): boolean {
    return [-2, -1, 1, 2].some((halves) => this.format(ms + halves * halfHourMs) === this.format(ms));
  }

  /** Rows fall on few days; asking `Date` for each of them took most of the time of making a row. */
  private dayText(day: number): string {
    const known = this.days.get(day);
    if (known !== undefined) return known;
    if (this.days.size > 4000) this.days.clear();
    const text = new Date(day * dayMs).toISOString().slice(0, 10);
    this.days.set(day, text);
    return text;
  }

  private offsetAt(ms: number): number {
    if (!this.names) return 0;
    const slot = Math.floor(ms / halfHourMs);
    const known = this.offsets.get(slot);
    if (known !== undefined) return known;
    const name = this.names.formatToParts(slot * halfHourMs).find((part) => part.type === 'timeZoneName')?.value ?? '';
    const found = /([+-])(\d\d):(\d\d)/.exec(name);
    const offset = found ? (found[1] === '-' ? -1 : 1) * (Number(found[2]) * 60 + Number(found[3])) * 60_000 : 0;
    this.offsets.set(slot, offset);
    return offset;
  }
}

function two(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}
