export type Severity = 'critical' | 'warning' | 'info';

/** The texts of a finding, wherever it appears. */
export interface FindingKind {
  /** Warnings and worse decide the headline. `info` is for what somebody chose. */
  readonly severity: Severity;
  /** What to do. */
  readonly next: string;
  /** The rule in docs/operations/alerts.yml. Its section in alerts.md is the runbook, which says `next` too. */
  readonly alert: string;
  /** What the alert fires on, where that is not `interlock_findings` with this code. */
  readonly metric?: string;
  /** No run of any integration starts while it stands. */
  readonly stopsRuns?: boolean;
}

/**
 * Every finding by its code. The overview and the metric `interlock_findings` are made of this list;
 * scripts/findings.spec.ts compares the alert rules and the runbook with it.
 */
export const FINDING_KINDS = {
  payments_held: {
    severity: 'critical',
    next: 'Look for each at the provider. Then search again, or say that it was not taken.',
    alert: 'InterlockPaymentsHeld',
  },
  database_read_only: {
    severity: 'critical',
    next: 'Nothing can be stored. Check for a failover and a full disk of PostgreSQL, and that DATABASE_URL names the primary.',
    alert: 'InterlockDatabaseReadOnly',
    stopsRuns: true,
  },
  database_away: {
    severity: 'critical',
    next: 'Connections to the database get no answer. Check that PostgreSQL runs, its max_connections, and the network to it.',
    alert: 'InterlockDatabaseAway',
    stopsRuns: true,
  },
  queue_stuck: {
    severity: 'critical',
    next: 'Check that a process with ROLE=worker runs, that its /health/ready is 200, and that it reaches the queue.',
    alert: 'InterlockQueueStuck',
    stopsRuns: true,
  },
  key_management_away: {
    severity: 'critical',
    next: 'Check the key, the rights of the process and the network to AWS KMS. Credentials whose data keys are in memory open for half an hour, and their syncs go on; the others wait and retry by themselves, and so do webhook deliveries.',
    alert: 'InterlockKmsFailing',
    metric: 'interlock_kms_call_duration_seconds_count',
  },
  key_management_missing: {
    severity: 'critical',
    next: 'Set KMS_OTHER_KEY_ID beside KMS_KEY_ID: the word local for the local keyring, the AWS KMS key beside that. Syncs of these merchants fail until then.',
    alert: 'InterlockKeyManagementMissing',
  },
  provider_incident: {
    severity: 'critical',
    next: 'No merchant is blamed, and runs retry by themselves. Check the provider’s status page if it lasts.',
    alert: 'InterlockProviderIncident',
    metric: 'interlock_provider_incident',
  },
  audit_stream_behind: {
    severity: 'critical',
    next: 'Check the receiver and the way to it. Nothing is lost: the stream goes on where it stands.',
    alert: 'InterlockAuditStreamBehind',
  },
  late: {
    severity: 'warning',
    next: 'Open each and read why.',
    alert: 'InterlockDataStale',
    metric: 'interlock_freshness_lag_seconds',
  },
  credentials_rejected: {
    severity: 'warning',
    next: 'Ask each merchant for new credentials. A resume alone is rejected again.',
    alert: 'InterlockNeedsAttention',
  },
  breaker_open: {
    severity: 'warning',
    next: 'Read why on the page of each, fix the cause, then resume it.',
    alert: 'InterlockNeedsAttention',
  },
  degraded: {
    severity: 'warning',
    next: 'Whatever is degraded retries by itself, and pauses after five failures in a row.',
    alert: 'InterlockNeedsAttention',
  },
  clock_skew: {
    severity: 'warning',
    next: 'Set the clock of this host, for example with NTP. Tokens and signatures are dated by it; schedules are not.',
    alert: 'InterlockClockSkew',
  },
  store_slow: {
    severity: 'warning',
    next: 'A check got no answer within two seconds; the one before it did. Check the load of its host and the network if it comes again.',
    alert: 'InterlockStoreSlow',
  },
  rows_quarantined: {
    severity: 'warning',
    next: 'Read what was wrong, and compare with the provider. These rows are in no list and no total until they are understood.',
    alert: 'InterlockQuarantine',
  },
  deletions_held: {
    severity: 'warning',
    next: 'Compare with the provider, then approve or discard.',
    alert: 'InterlockDeletionsHeld',
  },
  approvals_waiting: {
    severity: 'warning',
    next: 'Another operator than the one who asked approves or refuses each. Requests expire by themselves.',
    alert: 'InterlockApprovalsWait',
  },
  credentials_expiring: {
    severity: 'warning',
    next: 'Ask each merchant for new credentials before these end; after that the provider lets nothing pass.',
    alert: 'InterlockKeysExpire',
  },
  keys_expiring: {
    severity: 'warning',
    next: 'Rotate each before it ends. The old key works until the overlap ends.',
    alert: 'InterlockKeysExpire',
  },
  tokens_expiring: {
    severity: 'warning',
    next: 'Issue another one to whoever uses it, then revoke the old one.',
    alert: 'InterlockKeysExpire',
  },
  node_keys_expiring: {
    severity: 'warning',
    next: 'Make another key for the node, then delete the old one.',
    alert: 'InterlockKeysExpire',
  },
  certificates_expiring: {
    severity: 'warning',
    next: 'Put a new certificate into the file: it is read for each connection, without a restart.',
    alert: 'InterlockKeysExpire',
  },
  endpoints_disabled: {
    severity: 'warning',
    next: 'Tell each merchant: what happens meanwhile is kept 30 days, and is sent when the endpoint is enabled again.',
    alert: 'InterlockEndpointsFail',
  },
  endpoints_failing: {
    severity: 'warning',
    next: 'Events are tried again by themselves. After five days of failures only, the endpoint is switched off.',
    alert: 'InterlockEndpointsFail',
  },
  events_given_up: {
    severity: 'warning',
    next: 'Nothing sends these again by itself. Ask each merchant whether the endpoint takes events again, then replay them by their ids.',
    alert: 'InterlockEventsGivenUp',
  },
  rotation_stopped: {
    severity: 'warning',
    next: 'Run `npm run cli -- vault rotate` again, or begin another: secrets stay readable under both keys meanwhile.',
    alert: 'InterlockRotationStopped',
  },
  filters_unproven: {
    severity: 'warning',
    next: 'Nothing is missed: lists are read whole, which costs calls. Compare with docs/providers and run the command “cli provider check”.',
    alert: 'InterlockFiltersUnproven',
  },
  provider_clock_off: {
    severity: 'warning',
    next: 'Nothing is missed: syncs go by the earlier of the two clocks. Set the clock of a server of your own, or tell the provider.',
    alert: 'InterlockProviderClock',
  },
  new_at_provider: {
    severity: 'warning',
    next: 'Compare with docs/providers, and check an account with the command “cli provider check”. A word that is not known needs a new version.',
    alert: 'InterlockNewAtProvider',
  },
  manifest_refused: {
    severity: 'warning',
    next: 'Check it with `npm run cli -- provider lint`. What was served before still is, and nothing of it is deleted.',
    alert: 'InterlockManifestRefused',
  },
  rate_limited: {
    severity: 'info',
    next: 'Runs go on by themselves when the limit allows it. A longer interval, or a higher limit at the provider, helps.',
    alert: 'InterlockRateLimited',
  },
  paused_by_operator: {
    severity: 'info',
    next: 'Resume when the reason is gone.',
    alert: 'InterlockNeedsAttention',
  },
  risky_setting: {
    severity: 'info',
    next: 'Change the variable, or leave it if it is meant. docs/security.md says more.',
    alert: 'InterlockRiskySetting',
  },
} as const satisfies Readonly<Record<string, FindingKind>>;

export type FindingCode = keyof typeof FINDING_KINDS;
export const FINDING_CODES = Object.keys(FINDING_KINDS) as readonly FindingCode[];
