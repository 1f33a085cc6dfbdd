import fc from 'fast-check';
import { earliestReading, parseTime, wallClock, zonelessFilterTime } from './zoned-time';

const iso = (value: unknown, zone: string | null = null) => parseTime(value, zone, 'created')?.toISOString() ?? null;

describe('parseTime', () => {
  it.each<[string, string | null, string]>([
    ['2026-07-01 10:00:00', null, '2026-07-01T10:00:00.000Z'],
    ['2026-07-01 10:00:00', 'Europe/London', '2026-07-01T09:00:00.000Z'],
    ['2026-01-01 10:00:00', 'Europe/London', '2026-01-01T10:00:00.000Z'],
    ['2026-07-01T10:00:00', 'America/Los_Angeles', '2026-07-01T17:00:00.000Z'],
    ['2026-07-01 10:00', 'Asia/Kolkata', '2026-07-01T04:30:00.000Z'],
    ['2026-01-01 00:30:00', 'Pacific/Kiritimati', '2025-12-31T10:30:00.000Z'],
    ['2026-01-01', 'Australia/Lord_Howe', '2025-12-31T13:00:00.000Z'],
    // a zone in the text wins
    ['2026-07-01T10:00:00Z', 'Europe/London', '2026-07-01T10:00:00.000Z'],
    ['2026-07-01T10:00:00+02:00', 'Europe/London', '2026-07-01T08:00:00.000Z'],
    ['2026-07-01T10:00:00-0330', null, '2026-07-01T13:30:00.000Z'],
    ['2026-07-01 10:00:00+01', null, '2026-07-01T09:00:00.000Z'],
    ['2026-07-01T10:00:00.123456Z', null, '2026-07-01T10:00:00.123Z'],
    // shown twice: the first; skipped: past the gap
    ['2026-10-25 01:30:00', 'Europe/London', '2026-10-25T00:30:00.000Z'],
    ['2026-03-29 01:30:00', 'Europe/London', '2026-03-29T01:30:00.000Z'],
    ['2026-11-01 01:30:00', 'America/New_York', '2026-11-01T05:30:00.000Z'],
    ['2026-03-08 02:30:00', 'America/New_York', '2026-03-08T07:30:00.000Z'],
    // beside the change
    ['2026-03-29 00:59:59', 'Europe/London', '2026-03-29T00:59:59.000Z'],
    ['2026-03-29 02:00:00', 'Europe/London', '2026-03-29T01:00:00.000Z'],
    ['2026-10-25 02:00:00', 'Europe/London', '2026-10-25T02:00:00.000Z'],
    ['2024-02-29 12:00:00', null, '2024-02-29T12:00:00.000Z'],
  ])('%s in %s', (text, zone, utc) => {
    expect(iso(text, zone)).toBe(utc);
  });

  it.each([
    null,
    undefined,
    '',
    ' ',
    '1900-01-01',
    '1900-01-01T00:00:00Z',
    '0000-00-00 00:00:00',
    '0001-01-01T00:00:00',
  ])('%p is no time at all', (value) => {
    expect(iso(value)).toBeNull();
  });

  it.each([
    'yesterday',
    '2026-02-30',
    '2026-13-01',
    '2026-01-01 25:00:00',
    '2026-01-01 10:61',
    '01/02/2026',
    1767225600,
    {},
    '2026-01-01T',
    '26-01-01 10:00:00',
    '9999-12-31T23:59:59-00:01',
    '10000-01-01',
  ])('%p is refused', (value) => {
    expect(() => iso(value)).toThrow('created: is not a time');
  });

  it('goes to the wall clock and back, through both clock changes of a year', () => {
    for (const zone of ['Europe/London', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu']) {
      for (let hour = 0; hour < 365 * 24; hour += 7) {
        const instant = new Date(Date.UTC(2026, 0, 1, hour, 13, 5));
        const back = parseTime(wallClock(instant, zone), zone, 'x')!;
        // an hour that a zone shows twice comes back as the first of the two
        expect([0, 1_800_000, 3_600_000]).toContain(instant.getTime() - back.getTime());
      }
    }
  });
});

describe('a time to filter by, without a zone', () => {
  const zones = ['America/New_York', 'Europe/London', 'Australia/Lord_Howe', 'America/Santiago', 'Pacific/Auckland'];

  it('is not later than what a later change is stamped with, around every clock change of the year', () => {
    const minute = fc.integer({ min: Date.UTC(2026, 0, 1) / 60_000, max: Date.UTC(2026, 11, 31) / 60_000 });
    fc.assert(
      fc.property(fc.constantFrom(...zones), minute, fc.integer({ min: 0, max: 360 }), (zone, at, later) => {
        const filter = zonelessFilterTime(new Date(at * 60_000), zone);
        const stamp = wallClock(new Date((at + later) * 60_000), zone);
        return filter <= stamp && filter <= wallClock(new Date((at + later) * 60_000), null);
      }),
      { numRuns: 4_000 },
    );
    expect(zonelessFilterTime(new Date('2026-11-01T05:54:00Z'), 'America/New_York')).toBe('2026-11-01 00:54:00');
  });

  it('has an earliest reading, which no later change is read before', () => {
    for (const [zone, at] of [
      ['America/New_York', '2026-11-01T06:00:00Z'],
      ['Australia/Lord_Howe', '2026-04-04T15:00:00Z'],
      ['Europe/London', '2026-03-29T01:00:00Z'],
    ] as const) {
      for (let minutes = -150; minutes <= 150; minutes += 10) {
        const since = new Date(Date.parse(at) + minutes * 60_000);
        const earliest = earliestReading(since, zone).getTime();
        expect(since.getTime() - earliest).toBeLessThanOrEqual(3_600_000);
        for (let later = 0; later <= 120; later += 10) {
          const stamp = wallClock(new Date(since.getTime() + later * 60_000), zone);
          expect(parseTime(stamp, zone, 'x')!.getTime()).toBeGreaterThanOrEqual(earliest);
        }
      }
    }
    const noon = new Date('2026-07-01T12:00:00Z');
    expect(earliestReading(noon, 'America/New_York')).toEqual(noon);
  });
});
