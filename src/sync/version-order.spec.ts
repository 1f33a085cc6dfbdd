import fc from 'fast-check';
import { isOlder, readingOf, slackOf } from './version-order';

const NOW = Date.parse('2026-11-01T12:00:00Z');
const HOUR = 3_600_000;
const live = (atMs: number | null, reading: number | null = 0) => ({ atMs, reading, epoch: 3, deleted: false });
const context = { providersWord: false, slackMs: 0, epoch: 3, nowMs: NOW };

describe('which of two versions is older', () => {
  it.each<[string, Parameters<typeof isOlder>, boolean]>([
    ['comparable, and before', [live(NOW - 2), live(NOW - 1), context], true],
    ['of the same time', [live(NOW - 1), live(NOW - 1), context], false],
    ['comparable, and after', [live(NOW - 1), live(NOW - 2), context], false],
    ['listed by a full scan', [live(NOW - 2), live(NOW - 1), { ...context, providersWord: true }], false],
    ['of another account', [live(NOW - 2), { ...live(NOW - 1), epoch: 2 }, context], false],
    ['of a deleted record', [live(NOW - 2), { ...live(NOW - 1), deleted: true }, context], false],
    ['without a stamp', [live(null, null), live(NOW - 1), context], false],
    ['of a record without a stamp', [live(NOW - 2), live(null, null), context], false],
    ['read in another zone', [live(NOW - 2, 7), live(NOW - 1, 8), context], false],
    ['in a repeated hour', [live(NOW - 2, null), live(NOW - 1), context], false],
    ['of a record in a repeated hour', [live(NOW - 2), live(NOW - 1, null), context], false],
    ['of a record that is ahead of the clock', [live(NOW - 2), live(NOW + 1), context], false],
    ['within the slack', [live(NOW - 2 * HOUR), live(NOW - HOUR), { ...context, slackMs: HOUR }], false],
    ['past the slack', [live(NOW - 2 * HOUR - 1), live(NOW - HOUR), { ...context, slackMs: HOUR }], true],
  ])('%s: %p', (_name, [incoming, stored, how], older) => {
    expect(isOlder(incoming, stored, how)).toBe(older);
  });

  const zones = [
    'Europe/London',
    'America/New_York',
    'Australia/Lord_Howe',
    'Asia/Kathmandu',
    'America/Santiago',
    'UTC',
  ];
  /** A provider's wall clock as it shows an instant, read back in a zone. */
  const stampOf = (instantMs: number, providerZone: string, readIn: string | null) => {
    const wall = wallMs(instantMs, providerZone);
    const zone = readIn ?? 'UTC';
    for (const offset of [offsetMs(wall - 86_400_000, zone), offsetMs(wall + 86_400_000, zone)]) {
      if (offsetMs(wall - offset, zone) === offset) return wall - offset;
    }
    return wall - offsetMs(wall - 86_400_000, zone);
  };

  it.each([
    ['known', true, null] as const,
    ['unknown', false, null] as const,
    ['known, by a provider that keeps UTC', true, 'UTC'] as const,
  ])(
    'a later edit is never called older, around every clock change of a zone that is %s',
    (_name, known, providerZone) => {
      const instants = fc.integer({ min: Date.UTC(2026, 0, 1) / 60_000, max: Date.UTC(2026, 10, 1) / 60_000 });
      fc.assert(
        fc.property(fc.constantFrom(...zones), instants, fc.integer({ min: 1, max: 300 }), (zone, minute, later) => {
          const readIn = known ? zone : null;
          const reading = { zoneless: true, zone: readIn };
          const [before, after] = [minute, minute + later].map((one) =>
            stampOf(one * 60_000, providerZone ?? zone, readIn),
          );
          const stored = live(before!, readingOf(before!, reading));
          const incoming = { atMs: after!, reading: readingOf(after!, reading) };
          return !isOlder(incoming, stored, { ...context, slackMs: slackOf(reading), nowMs: Infinity });
        }),
        { numRuns: 3_000, examples: [['America/New_York', Date.UTC(2026, 2, 8, 2, 40) / 60_000, 30]] },
      );
    },
  );

  it('a stamp that names its zone is exact, whatever zone the merchant has', () => {
    expect(readingOf(Date.parse('2026-11-01T05:30:00Z'), { zoneless: false, zone: 'America/New_York' })).toBe(0);
    expect(readingOf(Date.parse('2026-11-01T05:30:00Z'), { zoneless: true, zone: 'America/New_York' })).toBeNull();
    expect(readingOf(Date.parse('2026-11-01T08:30:00Z'), { zoneless: true, zone: 'America/New_York' })).not.toBeNull();
  });

  it('compares no stamps from before and after a clock was put back', () => {
    const readings = [true, false].flatMap((zoneless) =>
      [null, 'UTC', 'Europe/Berlin'].flatMap((zone) =>
        [0, 1, 2].map((setbacks) => readingOf(Date.parse('2026-05-01T08:30:00Z'), { zoneless, zone, setbacks })),
      ),
    );
    // a stamp that names its zone is read without one
    expect(new Set(readings).size).toBe(9 + 3);
    expect(readingOf(0, { zoneless: false, zone: null })).toBe(0);
  });

  it('compares stamps of an unknown zone only where no clock change can lie between them', () => {
    expect(slackOf({ zoneless: true, zone: null })).toBe(2 * HOUR);
    expect(slackOf({ zoneless: true, zone: 'Europe/London' })).toBe(0);
    expect(slackOf({ zoneless: false, zone: null })).toBe(0);
  });
});

function offsetMs(instantMs: number, zone: string): number {
  return wallMs(instantMs, zone) - Math.floor(instantMs / 1_000) * 1_000;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function wallMs(instantMs: number, zone: string): number {
  const text =
    formats.get(zone) ?? new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' });
  formats.set(zone, text);
  return Date.parse(`${text.format(instantMs).replace(' ', 'T')}Z`);
}
