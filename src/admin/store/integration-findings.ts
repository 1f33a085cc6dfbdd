import { NOTICE_DAYS } from '../finding-facts';
import { RUN_IS_UNMADE } from './overdue-runs';

/** What integrations are found to be: for the overview, its metric, and the list that the overview leads to. */
interface IntegrationFinding {
  /** Over `INTEGRATION_VIEW v`. */
  readonly condition: string;
  readonly since: string;
}

const IS_DEGRADED = `v.health = 'degraded'`;
const IS_LATE = `v.condition IN ('healthy', 'waiting_for_provider') AND v.health = 'healthy' AND v.lateness_ms > greatest(v.interval_ms, 900000)`;
/** Of a row: its last run failed of what an incident of its provider is. */
export const failedOfOutage = (row: string): string =>
  `coalesce(${row}.last_error_code IN ('provider_error', 'provider_timeout'), false)`;
/** Told with the incident of its provider. */
export const SUFFERS_DEGRADED = `${IS_DEGRADED} AND v.in_incident AND ${failedOfOutage('v')}`;
export const SUFFERS_LATE = `${IS_LATE} AND v.in_incident`;

const NOTICE = `interval '${NOTICE_DAYS} days'`;

export const INTEGRATION_FINDINGS = {
  credentials_rejected: {
    condition: `v.state = 'active' AND v.breaker_cause = 'auth'`,
    since: 'v.breaker_opened_at',
  },
  breaker_open: {
    condition: `v.state = 'active' AND v.breaker_cause = 'failures'`,
    since: 'v.breaker_opened_at',
  },
  degraded: { condition: `${IS_DEGRADED} AND NOT (${SUFFERS_DEGRADED})`, since: 'v.last_error_since' },
  late: {
    condition: `${IS_LATE} AND NOT v.in_incident`,
    since: 'coalesce(v.last_sync_at, v.created_at)',
  },
  rate_limited: { condition: `v.state = 'active' AND v.limited_since IS NOT NULL`, since: 'v.limited_since' },
  paused_by_operator: { condition: `v.state = 'active' AND v.operator_paused`, since: 'v.operator_paused_at' },
  credentials_expiring: {
    condition: `v.state = 'active' AND v.credentials_expire_at < now() + ${NOTICE}`,
    since: `(v.credentials_expire_at - ${NOTICE})`,
  },
  filters_unproven: { condition: `v.state = 'active' AND v.unproven_since IS NOT NULL`, since: 'v.unproven_since' },
  provider_clock_off: { condition: `v.state = 'active' AND v.clock_off_since IS NOT NULL`, since: 'v.clock_off_since' },
  queue_stuck: { condition: RUN_IS_UNMADE, since: 'v.unmade_since' },
  /** Whose credentials did not open, and whose next run tries again. */
  key_management_away: {
    condition: `v.state = 'active' AND v.last_error_code = 'unavailable' AND NOT v.operator_paused AND NOT v.toggled_off`,
    since: 'v.last_error_since',
  },
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
    WHEN 'credentials_expiring' THEN ${INTEGRATION_FINDINGS.credentials_expiring.condition}
    WHEN 'filters_unproven' THEN ${INTEGRATION_FINDINGS.filters_unproven.condition}
    WHEN 'provider_clock_off' THEN ${INTEGRATION_FINDINGS.provider_clock_off.condition}
    WHEN 'queue_stuck' THEN ${INTEGRATION_FINDINGS.queue_stuck.condition}
    WHEN 'key_management_away' THEN ${INTEGRATION_FINDINGS.key_management_away.condition} END`;
