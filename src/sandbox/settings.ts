/** Behaviour of a simulator that tests may change while it runs; per simulator, and per account where an account says so. */
export interface SimulatorSettings {
  /** `off`: a changed-since filter is ignored silently, as a provider does that never knew it. */
  updatedFilter: 'on' | 'off';
  /** Other filters that are ignored silently, by column. */
  ignoredFilters: string[];
  /** Requests a second of one account; 0 lifts the limit. */
  ratePerSecond: number;
  burst: number;
  /** How a 429 says when to come back. */
  retryAfter: 'off' | 'seconds' | 'date';
  pageCap: number;
  /** How far the provider's clock is ahead of ours: in the `Date` header and in the times it writes. */
  clockSkewMs: number;
  /** Rows are listed only this much later than the time that stands in them. */
  lateCommitMs: number;
  /** Resources that answer 404. */
  missingResources: string[];
  /** Zone of times that are written without one (PracticeHub). */
  timezone: string;
  /** Failures that come as HTTP 200 with the error in the body (Wodify): none, those about the question asked, or all. */
  errorsIn200: 'none' | 'some' | 'all';
  /** Whether pages say if there is more (Terminal). */
  hasMore: 'on' | 'off';
  /** Whether devices go on reporting (Terminal). */
  heartbeats: 'on' | 'off';
}

export const defaultSettings: SimulatorSettings = {
  updatedFilter: 'on',
  ignoredFilters: [],
  ratePerSecond: 50,
  burst: 50,
  retryAfter: 'seconds',
  pageCap: 100,
  clockSkewMs: 0,
  lateCommitMs: 0,
  missingResources: [],
  timezone: 'UTC',
  errorsIn200: 'some',
  hasMore: 'on',
  heartbeats: 'on',
};

const oneOf =
  (...words: string[]) =>
  (value: unknown): boolean =>
    words.includes(value as string);
const numberFrom = (least: number) => (value: unknown) => typeof value === 'number' && value >= least;
const texts = (value: unknown): boolean =>
  Array.isArray(value) && value.length <= 100 && value.every((item) => typeof item === 'string' && item.length <= 200);

const rules: Record<keyof SimulatorSettings, (value: unknown) => boolean> = {
  updatedFilter: oneOf('on', 'off'),
  ignoredFilters: texts,
  ratePerSecond: numberFrom(0),
  burst: numberFrom(1),
  retryAfter: oneOf('off', 'seconds', 'date'),
  pageCap: numberFrom(1),
  clockSkewMs: (value) => Number.isFinite(value),
  lateCommitMs: numberFrom(0),
  missingResources: texts,
  timezone: isTimezone,
  errorsIn200: oneOf('none', 'some', 'all'),
  hasMore: oneOf('on', 'off'),
  heartbeats: oneOf('on', 'off'),
};

/** Checks settings that came from outside; throws with the name of the first wrong one. */
export function readSettings(input: object): Partial<SimulatorSettings> {
  for (const [name, value] of Object.entries(input)) {
    if (!Object.hasOwn(rules, name)) throw new Error(`unknown setting ${name}`);
    if (!rules[name as keyof SimulatorSettings](value)) throw new Error(`setting ${name} has no such value`);
  }
  const settings: Partial<SimulatorSettings> = { ...input };
  // A burst left at its default would hide a lower rate.
  if (settings.ratePerSecond !== undefined && settings.burst === undefined) {
    settings.burst = Math.max(1, settings.ratePerSecond);
  }
  return settings;
}

function isTimezone(value: unknown): boolean {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: String(value) });
    return typeof value === 'string';
  } catch {
    return false;
  }
}
