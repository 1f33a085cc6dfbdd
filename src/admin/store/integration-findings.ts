/** What integrations are found to be: for the overview, its metric, and the list that the overview leads to. */
interface IntegrationFinding {
  /** Over `INTEGRATION_VIEW v`. */
  readonly condition: string;
  readonly since: string;
}

export const INTEGRATION_FINDINGS = {
  credentials_rejected: {
    condition: `v.state = 'active' AND v.breaker_cause = 'auth'`,
    since: 'v.breaker_opened_at',
  },
  breaker_open: {
    condition: `v.state = 'active' AND v.breaker_cause = 'failures'`,
    since: 'v.breaker_opened_at',
  },
  degraded: { condition: `v.health = 'degraded'`, since: 'v.last_error_since' },
  late: {
    condition: `v.condition = 'healthy' AND v.lateness_ms > greatest(v.interval_ms, 900000)`,
    since: 'coalesce(v.last_sync_at, v.created_at)',
  },
  rate_limited: { condition: `v.state = 'active' AND v.limited_since IS NOT NULL`, since: 'v.limited_since' },
  paused_by_operator: { condition: `v.state = 'active' AND v.operator_paused`, since: 'v.operator_paused_at' },
  filters_unproven: { condition: `v.state = 'active' AND v.unproven_since IS NOT NULL`, since: 'v.unproven_since' },
  provider_clock_off: { condition: `v.state = 'active' AND v.clock_off_since IS NOT NULL`, since: 'v.clock_off_since' },
} as const satisfies Readonly<Record<string, IntegrationFinding>>;

export type IntegrationFindingCode = keyof typeof INTEGRATION_FINDINGS;
export const INTEGRATION_FINDING_CODES = Object.keys(INTEGRATION_FINDINGS) as readonly IntegrationFindingCode[];

/** The list of exactly those that a finding counts; takes its code. */
export const hasFinding = (code: string): string => `CASE ${code}
    WHEN 'credentials_rejected' THEN ${INTEGRATION_FINDINGS.credentials_rejected.condition}
    WHEN 'breaker_open' THEN ${INTEGRATION_FINDINGS.breaker_open.condition}
    WHEN 'degraded' THEN ${INTEGRATION_FINDINGS.degraded.condition}
    WHEN 'late' THEN ${INTEGRATION_FINDINGS.late.condition}
    WHEN 'rate_limited' THEN ${INTEGRATION_FINDINGS.rate_limited.condition}
    WHEN 'paused_by_operator' THEN ${INTEGRATION_FINDINGS.paused_by_operator.condition}
    WHEN 'filters_unproven' THEN ${INTEGRATION_FINDINGS.filters_unproven.condition}
    WHEN 'provider_clock_off' THEN ${INTEGRATION_FINDINGS.provider_clock_off.condition} END`;
