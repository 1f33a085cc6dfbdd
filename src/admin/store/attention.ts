import { INTEGRATION_FINDINGS } from './integration-findings';

const isOf = (view: string, more = 'true') =>
  `EXISTS (SELECT 1 FROM ${view} x WHERE x.integration_id = v.id AND ${more})`;

/** Codes of the findings of warning or worse that count an integration, as `v`; in the order of `FINDING_KINDS`. */
export const ATTENTION = `array_remove(ARRAY[
  CASE WHEN ${isOf('payment_review_view')} THEN 'payments_held' END,
  CASE WHEN ${INTEGRATION_FINDINGS.late.condition} THEN 'late' END,
  CASE WHEN ${INTEGRATION_FINDINGS.credentials_rejected.condition} THEN 'credentials_rejected' END,
  CASE WHEN ${INTEGRATION_FINDINGS.breaker_open.condition} THEN 'breaker_open' END,
  CASE WHEN ${INTEGRATION_FINDINGS.degraded.condition} THEN 'degraded' END,
  CASE WHEN ${isOf('quarantine_view')} THEN 'rows_quarantined' END,
  CASE WHEN ${isOf('deletion_plan_view', `x.state = 'held'`)} THEN 'deletions_held' END,
  CASE WHEN ${INTEGRATION_FINDINGS.credentials_expiring.condition} THEN 'credentials_expiring' END,
  CASE WHEN ${INTEGRATION_FINDINGS.filters_unproven.condition} THEN 'filters_unproven' END,
  CASE WHEN ${INTEGRATION_FINDINGS.provider_clock_off.condition} THEN 'provider_clock_off' END], NULL)`;

export const ATTENTION_ORDER = `ARRAY['payments_held', 'late', 'credentials_rejected', 'breaker_open', 'degraded',
  'rows_quarantined', 'deletions_held', 'credentials_expiring', 'filters_unproven', 'provider_clock_off']`;
