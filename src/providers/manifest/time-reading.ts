import { RowProblem, wholeNumber, type Row } from '../row';
import { scalarText } from '../scalar';
import { parseTime } from '../zoned-time';
import type { ManifestTimes } from './manifest';
import { pathIn } from './row-path';

const NAMES_ZONE = /(?:Z|[+-]\d{2}(?::?\d{2})?)\s*$/i;
const MAX_SECONDS = 253_402_300_799;

/** Reads times as the manifest's `times` says. Throws a RowProblem for what is none. */
export class TimeReading {
  constructor(private readonly times: ManifestTimes) {}

  get zoneless(): boolean {
    return this.times.zone === 'merchant';
  }

  at(row: Row, path: string, timezone: string | null): Date | null {
    return this.of(pathIn(row, path), path, timezone);
  }

  of(value: unknown, path: string, timezone: string | null): Date | null {
    const { form = 'iso', zone = 'named' } = this.times;
    if (value === null || value === undefined || value === '') return null;
    if (form === 'unix') {
      const seconds = wholeNumber({ [path]: value }, path);
      if (seconds === null || Math.abs(seconds) > MAX_SECONDS) throw new RowProblem(path, 'is not a time');
      return parseTime(new Date(seconds * 1_000).toISOString(), null, path);
    }
    const read = parseTime(value, zone === 'merchant' ? timezone : null, path);
    // a date alone is a day and names no hour
    const isDay = typeof value === 'string' && value.trim().length === 10;
    if (read !== null && zone === 'named' && !isDay && !NAMES_ZONE.test(scalarText(value) ?? '')) {
      throw new RowProblem(path, 'names no time zone');
    }
    return read;
  }
}
