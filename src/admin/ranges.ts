import type { Bars } from './store/overview.repository';

/** What the charts look back on. */
export const RANGES = {
  day: { bars: 24, hours: 1 },
  week: { bars: 28, hours: 6 },
  month: { bars: 30, hours: 24 },
} as const satisfies Readonly<Record<string, Bars>>;
export type Range = keyof typeof RANGES;
