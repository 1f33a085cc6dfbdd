import type { Variant } from './variant';

/**
 * Points that are open at every provider; a provider's own list says which of them it has, and which of its facts
 * leaves them open.
 */
type Told = Pick<Variant, 'fact' | 'certainty' | 'with'> & { default?: string };

const common =
  <const Values extends readonly [string, ...string[]]>(key: NonNullable<Variant['setting']>, values: Values) =>
  (told: Told) => ({ key, setting: key, values, ...told, default: told.default ?? values[0] });

/** A filter for the time of the last change: does what it says, is ignored, is refused, or is read as equality. */
export const updatedFilter = common('updatedFilter', ['honoured', 'ignored', 'refused', 'equality']);
/** How a 429 says when to come back. */
export const retryAfter = common('retryAfter', ['seconds', 'date', 'off', 'fraction', 'nonsense']);
/** In which order a list comes that nobody has sorted. */
export const rowOrder = common('rowOrder', ['oldest', 'newest', 'scattered', 'last-changed']);
/** Whether the number of all rows comes with a list; a drifting one is now too low and now too high. */
export const totals = common('totals', ['exact', 'absent', 'drifting']);
/** Whether rows carry words that are in no list. */
export const unknownWordsVariant = common('unknownWords', ['none', 'some']);
export const errorsIn200 = common('errorsIn200', ['some', 'none', 'all']);
export const timezone = (told: Told) => ({
  ...common('timezone', ['UTC', 'Europe/London', 'America/New_York', 'Australia/Brisbane'])(told),
  open: 'timezone' as const,
});
