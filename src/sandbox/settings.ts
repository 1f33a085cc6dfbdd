import { isTimezone, isValueOf, type Variant } from './variant';

/**
 * Behaviour of a simulator that tests may change while it runs; per simulator, and per account where an account says
 * so.
 */
export interface SimulatorSettings {
  /** What becomes of a filter for the time of the last change. */
  updatedFilter: 'honoured' | 'ignored' | 'refused' | 'equality';
  /** Other filters that are ignored silently, by column. */
  ignoredFilters: string[];
  /** Requests a second of one account; 0 lifts the limit. */
  ratePerSecond: number;
  burst: number;
  /** How a 429 says when to come back. */
  retryAfter: 'off' | 'seconds' | 'date' | 'fraction' | 'nonsense';
  pageCap: number;
  /** How far the provider's clock is ahead of ours: in the `Date` header and in the times it writes. */
  clockSkewMs: number;
  /** Rows are listed only this much later than the time that stands in them. */
  lateCommitMs: number;
  /** Resources that answer 404. */
  missingResources: string[];
  /** Zone of times that are written without one (PracticeHub), and of days (Wodify). */
  timezone: string;
  /**
   * Failures that come as HTTP 200 with the error in the body (Wodify): none, those about the question asked, or all.
   */
  errorsIn200: 'none' | 'some' | 'all';
  /** Whether devices go on reporting (Terminal). */
  heartbeats: 'on' | 'off';
  /** In which order a list comes that nobody has sorted. */
  rowOrder: 'oldest' | 'newest' | 'scattered' | 'last-changed';
  /** Whether the number of all rows comes with a list. */
  totals: 'exact' | 'absent' | 'drifting';
  /** Whether computed rows carry words that no list of words knows. */
  unknownWords: 'none' | 'some';
  /** The words that a field of computed rows has, by `resource.field`. */
  words: Record<string, string[]>;
  /** Fields that rows do not have, by resource. */
  hiddenFields: Record<string, string[]>;
  /** Fields that rows have besides, with their value, by resource. */
  addedFields: Record<string, Record<string, unknown>>;
  /** Values of the provider's own variants, by key. */
  variants: Record<string, string>;
}

export const defaultSettings: SimulatorSettings = {
  updatedFilter: 'honoured',
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
  heartbeats: 'on',
  rowOrder: 'oldest',
  totals: 'exact',
  unknownWords: 'none',
  words: {},
  hiddenFields: {},
  addedFields: {},
  variants: {},
};

const oneOf =
  (...words: string[]) =>
  (value: unknown): boolean =>
    words.includes(value as string);
const numberFrom = (least: number) => (value: unknown) => typeof value === 'number' && value >= least;
const texts = (value: unknown): boolean =>
  Array.isArray(value) && value.length <= 100 && value.every((item) => typeof item === 'string' && item.length <= 200);
const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const mapOf = (rule: (value: unknown) => boolean) => (value: unknown) =>
  isObject(value) && Object.keys(value).length <= 100 && Object.values(value).every(rule);

const rules: Record<Exclude<keyof SimulatorSettings, 'variants'>, (value: unknown) => boolean> = {
  updatedFilter: oneOf('honoured', 'ignored', 'refused', 'equality'),
  ignoredFilters: texts,
  ratePerSecond: numberFrom(0),
  burst: numberFrom(1),
  retryAfter: oneOf('off', 'seconds', 'date', 'fraction', 'nonsense'),
  pageCap: numberFrom(1),
  clockSkewMs: (value) => Number.isFinite(value),
  lateCommitMs: numberFrom(0),
  missingResources: texts,
  timezone: isTimezone,
  errorsIn200: oneOf('none', 'some', 'all'),
  heartbeats: oneOf('on', 'off'),
  rowOrder: oneOf('oldest', 'newest', 'scattered', 'last-changed'),
  totals: oneOf('exact', 'absent', 'drifting'),
  unknownWords: oneOf('none', 'some'),
  words: mapOf((value) => texts(value) && (value as string[]).length > 0),
  hiddenFields: mapOf(texts),
  addedFields: mapOf(isObject),
};

/** Checks settings that came from outside; throws with the name of the first wrong one. */
export function readSettings(input: object, variants: readonly Variant[]): Partial<SimulatorSettings> {
  const { variants: chosen = {}, ...rest } = input as Partial<SimulatorSettings>;
  for (const [name, value] of Object.entries(rest)) {
    if (!Object.hasOwn(rules, name)) throw new Error(`unknown setting ${name}`);
    if (!rules[name as keyof typeof rules](value)) throw new Error(`setting ${name} has no such value`);
  }
  const settings: Partial<SimulatorSettings> = { ...rest, ...readVariants(chosen, variants) };
  // A burst left at its default would hide a lower rate.
  if (settings.ratePerSecond !== undefined && settings.burst === undefined) {
    settings.burst = Math.max(1, settings.ratePerSecond);
  }
  return settings;
}

/** Lays settings over others; variants that are not named stay as they were. */
export function overlaid<Base extends Partial<SimulatorSettings>>(
  base: Base,
  over: Partial<SimulatorSettings>,
): Base & Partial<SimulatorSettings> {
  return { ...base, ...over, variants: { ...base.variants, ...over.variants } };
}

function readVariants(chosen: unknown, variants: readonly Variant[]): Partial<SimulatorSettings> {
  if (!isObject(chosen)) throw new Error('setting variants has no such value');
  const settings: Record<string, unknown> = {};
  const own: Record<string, string> = {};
  for (const [key, value] of Object.entries(chosen)) {
    const variant = variants.find((one) => one.key === key);
    if (!variant) throw new Error(`unknown variant ${key}`);
    if (!isValueOf(variant, value)) throw new Error(`variant ${key} has no such value`);
    if (variant.setting === undefined) own[key] = value;
    else settings[variant.setting] = value;
  }
  return { ...settings, variants: own };
}
