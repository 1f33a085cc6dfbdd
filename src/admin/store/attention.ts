import { INTEGRATION_FINDINGS } from './integration-findings';

/** Found once for all: they are few, and looked for integration by integration they cost more than all the rest. */
const joined = (view: string, name: string, condition = 'true') =>
  `LEFT JOIN (SELECT DISTINCT x.integration_id FROM ${view} x WHERE ${condition}) ${name} ON ${name}.integration_id = v.id`;

/** Which integrations, as `v`, have rows that wait for somebody. */
export const ATTENTION_ROWS = `${joined('payment_review_view', 'payments')} ${joined('quarantine_view', 'quarantined')}
  ${joined('deletion_plan_view', 'plans', `x.state = 'held'`)}`;

/**
 * Codes of the findings of warning or worse that count an integration, as `v` beside `ATTENTION_ROWS`; in the order of
 * `FINDING_KINDS`.
 */
export const ATTENTION = `array_remove(ARRAY[
  CASE WHEN payments.integration_id IS NOT NULL THEN 'payments_held' END,
  CASE WHEN ${INTEGRATION_FINDINGS.late.condition} THEN 'late' END,
  CASE WHEN ${INTEGRATION_FINDINGS.credentials_rejected.condition} THEN 'credentials_rejected' END,
  CASE WHEN ${INTEGRATION_FINDINGS.breaker_open.condition} THEN 'breaker_open' END,
  CASE WHEN ${INTEGRATION_FINDINGS.degraded.condition} THEN 'degraded' END,
  CASE WHEN quarantined.integration_id IS NOT NULL THEN 'rows_quarantined' END,
  CASE WHEN plans.integration_id IS NOT NULL THEN 'deletions_held' END,
  CASE WHEN ${INTEGRATION_FINDINGS.credentials_expiring.condition} THEN 'credentials_expiring' END,
  CASE WHEN ${INTEGRATION_FINDINGS.filters_unproven.condition} THEN 'filters_unproven' END,
  CASE WHEN ${INTEGRATION_FINDINGS.provider_clock_off.condition} THEN 'provider_clock_off' END], NULL)`;

export const ATTENTION_ORDER = `ARRAY['payments_held', 'late', 'credentials_rejected', 'breaker_open', 'degraded',
  'rows_quarantined', 'deletions_held', 'credentials_expiring', 'filters_unproven', 'provider_clock_off']`;
