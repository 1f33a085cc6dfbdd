import { NOTICE_MS } from '../finding-facts';

/** What is found of a merchant's keys and endpoints: for the overview, and the list that the overview leads to. */
interface MerchantFinding {
  readonly view: string;
  /** Over a row of the view, as `x`. Takes `MERCHANT_FINDING_VALUES`. */
  readonly condition: string;
  readonly since: string;
}

export const MERCHANT_FINDING_VALUES = {
  keyDays: NOTICE_MS / 86_400_000,
  /** An endpoint that is restarted fails for less. */
  endpointMinutes: 60,
} as const;

export const MERCHANT_FINDINGS = {
  keys_expiring: {
    view: 'api_key_view',
    condition: `x.revoked_at IS NULL AND x.expires_at BETWEEN now() AND now() + make_interval(days => $keyDays)
      AND NOT EXISTS (SELECT 1 FROM api_key_view n WHERE n.rotated_from = x.id)`,
    since: 'x.expires_at',
  },
  endpoints_disabled: {
    view: 'webhook_endpoint_view',
    condition: `x.disabled_reason IN ('failing', 'gone')`,
    since: 'x.disabled_at',
  },
  endpoints_failing: {
    view: 'webhook_endpoint_view',
    condition: `x.disabled_reason IS NULL AND x.failing_since < now() - make_interval(mins => $endpointMinutes)`,
    since: 'x.failing_since',
  },
  events_given_up: { view: 'webhook_parked_view', condition: 'true', since: 'x.held_at' },
} as const satisfies Readonly<Record<string, MerchantFinding>>;

export type MerchantFindingCode = keyof typeof MERCHANT_FINDINGS;
export const MERCHANT_FINDING_CODES = Object.keys(MERCHANT_FINDINGS) as readonly MerchantFindingCode[];

const hasOne = (view: string, condition: string): string => `EXISTS (SELECT 1 FROM ${view} x
  WHERE x.merchant_id = m.id AND ($environment::text IS NULL OR x.environment = $environment) AND ${condition})`;

/** The merchants, as `m`, of exactly those rows that a finding counts. */
export const MERCHANT_HAS_FINDING = `CASE $finding::text
    WHEN 'keys_expiring' THEN ${hasOne(MERCHANT_FINDINGS.keys_expiring.view, MERCHANT_FINDINGS.keys_expiring.condition)}
    WHEN 'endpoints_disabled' THEN ${hasOne(MERCHANT_FINDINGS.endpoints_disabled.view, MERCHANT_FINDINGS.endpoints_disabled.condition)}
    WHEN 'endpoints_failing' THEN ${hasOne(MERCHANT_FINDINGS.endpoints_failing.view, MERCHANT_FINDINGS.endpoints_failing.condition)}
    WHEN 'events_given_up' THEN ${hasOne(MERCHANT_FINDINGS.events_given_up.view, MERCHANT_FINDINGS.events_given_up.condition)} END`;
