import { RowProblem, type Row } from './row';

const FORM =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*(Z|[+-]\d{2}(?::?\d{2})?)?)?$/i;

/** What providers write where they have no date. */
const ABSENT = /^(1900-01-01|1753-01-01|0001-01-01|0000-00-00)/;

const DAY_MS = 86_400_000;

/** The years 1 to 9999 in UTC: what ISO-8601 writes with four digits, and what the database takes. */
const FIRST_MS = Date.parse('0001-01-01T00:00:00.000Z');
const LAST_MS = Date.parse('9999-12-31T23:59:59.999Z');

/**
 * A provider's time as UTC, within the years 1 to 9999. A time without a zone is wall-clock time in `zone` (IANA; null:
 * UTC is assumed, and the engine's overlap makes up for it). Of a time that a clock change shows twice, the first is
 * taken; one that it skips is moved past the gap.
 */
export function parseTime(value: unknown, zone: string | null, path: string): Date | null {
  if (value === null || value === undefined || value === '') return null;
  if (typeof value !== 'string') throw new RowProblem(path, 'is not a time');
  const text = value.trim();
  if (text === '' || ABSENT.test(text)) return null;
  const found = FORM.exec(text);
  if (found === null) throw new RowProblem(path, 'is not a time');
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', offset] = found;
  const sane = new Date(0);
  // not Date.UTC, which takes the year 26 for 1926
  sane.setUTCFullYear(+year!, +month! - 1, +day!);
  sane.setUTCHours(+hour, +minute, +second, +fraction.slice(0, 3).padEnd(3, '0'));
  const wallMs = sane.getTime();
  // 31 February and 25 o'clock roll over: not a time, rather than another one
  if (
    sane.getUTCDate() !== +day! ||
    sane.getUTCMonth() !== +month! - 1 ||
    sane.getUTCHours() !== +hour ||
    +minute > 59
  ) {
    throw new RowProblem(path, 'is not a time');
  }
  const instantMs =
    offset !== undefined ? wallMs - offsetMs(offset) : zone === null ? wallMs : wallToInstant(wallMs, zone);
  if (instantMs < FIRST_MS || instantMs > LAST_MS) throw new RowProblem(path, 'is not a time');
  return new Date(instantMs);
}

export function timeIn(row: Row, path: string, zone: string | null): Date | null {
  return parseTime(row[path], zone, path);
}

/** The wall clock of a zone at an instant, as `YYYY-MM-DD HH:MM:SS`. */
export function wallClock(instant: Date, zone: string | null): string {
  const shifted = new Date(instant.getTime() + (zone === null ? 0 : zoneOffsetMs(instant.getTime(), zone)));
  return shifted.toISOString().slice(0, 19).replace('T', ' ');
}

/** No clock is put back by more. */
const MAX_CLOCK_CHANGE_MS = 2 * 3_600_000;

/**
 * A time to filter by, for a provider whose times carry no zone, as `YYYY-MM-DD HH:MM:SS`. Whether the provider
 * compares wall clocks or UTC is not known, so this is the earlier of the two: it asks for a few hours too much, and
 * never for too little.
 */
export function zonelessFilterTime(since: Date, zone: string | null): string {
  const ms = since.getTime();
  // a clock that is put back soon after `since` shows earlier times for later changes
  const offsets = zone === null ? [0] : [0, zoneOffsetMs(ms, zone), zoneOffsetMs(ms + MAX_CLOCK_CHANGE_MS, zone)];
  return wallClock(new Date(ms + Math.min(...offsets)), null);
}

/**
 * The earliest that `parseTime` makes of a zone-less stamp from `since` or later: in the hour that a clock change
 * repeats, later changes are read as an hour before they were made.
 */
export function earliestReading(since: Date, zone: string): Date {
  const ms = since.getTime();
  const offset = Math.min(zoneOffsetMs(ms, zone), zoneOffsetMs(ms + MAX_CLOCK_CHANGE_MS, zone));
  return new Date(Math.min(ms, wallToInstant(ms + offset, zone)));
}

/**
 * Whether a wall-clock time that was read as this instant may have meant another: the zone's clock shows it twice, as
 * in the hour that an autumn clock change repeats, or it is in the hour behind one that is skipped, where times are put
 * that the zone does not have.
 */
export function isUnclearHour(instantMs: number, zone: string): boolean {
  const before = zoneOffsetMs(instantMs - DAY_MS, zone);
  const after = zoneOffsetMs(instantMs + DAY_MS, zone);
  if (before === after) return false;
  if (before < after) {
    return zoneOffsetMs(instantMs, zone) === after && zoneOffsetMs(instantMs - (after - before), zone) === before;
  }
  const wallMs = instantMs + zoneOffsetMs(instantMs, zone);
  return [before, after].every((offset) => zoneOffsetMs(wallMs - offset, zone) === offset);
}

function wallToInstant(wallMs: number, zone: string): number {
  // the offsets a day before and a day after are the only two that the wall time can have
  const before = zoneOffsetMs(wallMs - DAY_MS, zone);
  const after = zoneOffsetMs(wallMs + DAY_MS, zone);
  for (const offset of [before, after]) {
    if (zoneOffsetMs(wallMs - offset, zone) === offset) return wallMs - offset;
  }
  return wallMs - before;
}

/**
 * What is known of a zone's days (UTC, counted from 1970): its offset where one holds all day, null where the clock
 * changes.
 */
const days = new Map<string, Map<number, number | null>>();
/** Of all zones together; some 50 bytes each. */
const MAX_DAYS = 100_000;
let knownDays = 0;

/**
 * Formatting a date, the only way to ask for an offset, costs more than all else that is done to a row: it is asked
 * once a day.
 */
function zoneOffsetMs(instantMs: number, zone: string): number {
  let ofZone = days.get(zone);
  if (ofZone === undefined) days.set(zone, (ofZone = new Map()));
  const day = Math.floor(instantMs / DAY_MS);
  let offset = ofZone.get(day);
  if (offset === undefined) {
    if (++knownDays > MAX_DAYS) {
      days.clear();
      days.set(zone, (ofZone = new Map()));
      knownDays = 1;
    }
    const atStart = formattedOffsetMs(day * DAY_MS, zone);
    // no zone changes its clock there and back within a day
    offset = formattedOffsetMs((day + 1) * DAY_MS, zone) === atStart ? atStart : null;
    ofZone.set(day, offset);
  }
  return offset ?? formattedOffsetMs(instantMs, zone);
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formattedOffsetMs(instantMs: number, zone: string): number {
  let format = formats.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
    formats.set(zone, format);
  }
  const part: Record<string, number> = {};
  for (const { type, value } of format.formatToParts(instantMs)) part[type] = Number(value);
  const wall = new Date(0);
  wall.setUTCFullYear(part['year']!, part['month']! - 1, part['day']!);
  wall.setUTCHours(part['hour']!, part['minute']!, part['second']!);
  return wall.getTime() - Math.floor(instantMs / 1000) * 1000;
}

function offsetMs(offset: string): number {
  if (/^z$/i.test(offset)) return 0;
  const digits = offset.replace(/\D/g, '').padEnd(4, '0');
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2));
  return (offset.startsWith('-') ? -minutes : minutes) * 60_000;
}
