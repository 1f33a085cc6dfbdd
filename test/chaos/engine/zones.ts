import type { ClinicKind } from './chaos-clinic';
import type { Random } from './random';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const MOST_DAYS = 400;

/** Zones whose clocks change, west and east of Greenwich and south of the equator, one of them by half an hour. */
const ZONES = [
  'Europe/London',
  'Europe/Paris',
  'America/New_York',
  'America/Los_Angeles',
  'Australia/Lord_Howe',
  'Australia/Sydney',
];

/**
 * Four accounts: one without any trouble, one where a clock change is near, one that nobody knows the zone of, one of
 * any kind.
 */
export function drawKinds(random: Random): ClinicKind[] {
  const nowMs = Date.now();
  const [one, two, three] = [random.pick(ZONES), random.pick(ZONES), random.pick(ZONES)];
  const nearChange = (zone: string): number => lastChangeMs(zone, nowMs) - random.whole(5, 40) * MINUTE_MS;
  return [
    { zone: 'UTC', timezone: 'UTC', livesAtMs: nowMs },
    { zone: one, timezone: one, livesAtMs: nearChange(one) },
    { zone: two, timezone: null, livesAtMs: random.chance(0.5) ? nearChange(two) : nowMs },
    {
      zone: three,
      timezone: random.pick([three, null, 'Asia/Tokyo', 'America/Los_Angeles']),
      livesAtMs: random.chance(0.5) ? nearChange(three) : nowMs,
    },
  ];
}

/** When the zone's clock last changed, to the minute. */
function lastChangeMs(zone: string, nowMs: number): number {
  const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
  const offset = (atMs: number) => format.formatToParts(atMs).find(({ type }) => type === 'timeZoneName')?.value;
  let high = Math.floor(nowMs / HOUR_MS) * HOUR_MS;
  for (let hours = 0; offset(high - HOUR_MS) === offset(nowMs) && hours < MOST_DAYS * 24; hours++) high -= HOUR_MS;
  return high;
}
