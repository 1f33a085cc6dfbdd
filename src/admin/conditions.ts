/** What an integration is in: exactly one of these, for badges, counts and filters alike. */
export const CONDITIONS = [
  'healthy',
  'degraded',
  'waiting_for_provider',
  'paused',
  'operator_paused',
  'switched_off',
  'inactive',
] as const;
export type Condition = (typeof CONDITIONS)[number];
