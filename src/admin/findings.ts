import type { Risk } from '../platform/config';
import { FINDING_KINDS, type FindingCode, type Severity } from './finding-kinds';

export interface Incident {
  readonly id: string;
  readonly provider: string;
  readonly environment: string;
  readonly openedAt: Date;
  readonly closedAt: Date | null;
  /** When the next run may try; open incidents only. */
  readonly retryAt: Date | null;
  /** Active integrations of this provider and environment. */
  readonly integrations: number;
}

/** A field, a form or a word that a provider was not seen to send before. */
export interface NewAtProvider {
  readonly provider: string;
  readonly environment: string;
  readonly stream: string;
  readonly kind: 'field' | 'form' | 'word';
  readonly name: string;
  readonly since: Date;
  /** Rows in quarantine for this field since then; words only. */
  readonly quarantined: number;
}

export interface Affected {
  readonly count: number;
  readonly since: string | null;
  /** At most three names. */
  readonly merchants: readonly string[];
}

export interface FindingFacts {
  readonly active: number;
  readonly rejected: Affected;
  readonly broken: Affected;
  readonly failing: Affected;
  readonly late: Affected;
  readonly pausedByOperator: Affected;
  readonly heldDeletions: Affected;
  readonly heldPayments: Affected;
  readonly quarantined: readonly (Affected & { readonly resourceType: string })[];
  readonly unprovenFilters: Affected;
  /** API keys that end within two weeks, and have no successor. */
  readonly expiringKeys: Affected;
  /** Webhook endpoints that were switched off for failing, or that answered 410. */
  readonly disabledEndpoints: Affected;
  /** Webhook endpoints of which every try has failed for an hour. */
  readonly failingEndpoints: Affected;
}

export interface AuditBacklog {
  readonly destination: string;
  readonly links: number;
  readonly since: Date;
  readonly lastError: string | null;
}

/** What the process and its vault know beside the facts of integrations. */
export interface ServiceFacts {
  readonly risks?: readonly Risk[];
  /** When an operator stopped the open rotation; null: none is stopped. */
  readonly rotationStoppedAt?: Date | null;
  /** Why AWS KMS is not available to this process, and since when; null: it is. */
  readonly keyManagementAway?: { readonly reason: string; readonly since: Date } | null;
  /** Receivers of the audit chain that do not take it. */
  readonly auditBacklogs?: readonly AuditBacklog[];
}

/** One thing that is wrong: since when, for whom, and what to do next. */
export interface Finding {
  readonly code: FindingCode;
  readonly severity: Severity;
  readonly title: string;
  readonly since: string | null;
  readonly count: number;
  readonly merchants: readonly string[];
  readonly next: string;
  /** Query of the integrations list that shows them, or of the list that `list` names. */
  readonly filter: Readonly<Record<string, string>> | null;
}

export interface Headline {
  readonly level: 'ok' | Severity;
  readonly text: string;
}

/** Above this share of late integrations the service is behind, not one integration. */
const LATE_SHARE = 0.05;
const RANK: Readonly<Record<Severity, number>> = { critical: 0, warning: 1, info: 2 };

/** Worst first. */
export function findingsOf(
  facts: FindingFacts,
  incidents: readonly Incident[],
  novelties: readonly NewAtProvider[] = [],
  service: ServiceFacts = {},
): Finding[] {
  return [
    ...incidents.filter(({ closedAt }) => closedAt === null).map(ofIncident),
    ...ofService(service),
    ...ofIntegrations(facts),
    ...ofWaiting(facts),
    ...novelties.map(ofNovelty),
  ].sort((a, b) => RANK[a.severity] - RANK[b.severity]);
}

export function headlineOf(findings: readonly Finding[], active: number): Headline {
  const worst = findings[0];
  if (!worst || worst.severity === 'info') {
    return { level: 'ok', text: active === 0 ? 'No integration is active yet' : 'Everything is in step' };
  }
  const others = findings.filter(({ severity }) => severity !== 'info').length - 1;
  return {
    level: worst.severity,
    text: others > 0 ? `${worst.title}, and ${others} more` : worst.title,
  };
}

type Details = Partial<Omit<Finding, 'code' | 'title'>>;

function finding(code: FindingCode, title: string, details: Details = {}): Finding {
  const { severity, next } = FINDING_KINDS[code];
  return { code, severity, title, since: null, count: 1, merchants: [], next, filter: null, ...details };
}

/** None where nobody is affected. */
function affecting(
  code: FindingCode,
  affected: Affected,
  title: string,
  filter: Finding['filter'],
  details: Details = {},
): Finding[] {
  const { since, count, merchants } = affected;
  return count === 0 ? [] : [finding(code, title, { since, count, merchants, filter, ...details })];
}

function ofIncident({ provider, environment, integrations, openedAt }: Incident): Finding {
  return finding('provider_incident', `${provider} (${environment}) is failing for several merchants`, {
    since: openedAt.toISOString(),
    count: integrations,
    filter: { provider, environment },
  });
}

/** Findings about the service itself. A risky setting is no fault: it never decides the headline. */
function ofService(facts: ServiceFacts): Finding[] {
  const { risks = [], rotationStoppedAt = null, keyManagementAway = null, auditBacklogs = [] } = facts;
  return [
    ...auditBacklogs.map(ofAuditBacklog),
    ...risks.map(({ variable, risk }) => finding('risky_setting', `${variable}: ${risk}`)),
    ...(keyManagementAway
      ? [
          finding('key_management_away', `AWS KMS is not available: ${keyManagementAway.reason}`, {
            since: keyManagementAway.since.toISOString(),
          }),
        ]
      : []),
    ...(rotationStoppedAt
      ? [
          finding('rotation_stopped', 'A rotation of the vault is stopped', {
            since: rotationStoppedAt.toISOString(),
            filter: { list: 'vault' },
          }),
        ]
      : []),
  ];
}

function ofAuditBacklog({ destination, links, since, lastError }: AuditBacklog): Finding {
  const reason = lastError === null ? '' : `: ${lastError}`;
  return finding('audit_stream_behind', `The audit stream to ${destination} is behind${reason}`, {
    since: since.toISOString(),
    count: links,
    filter: { list: 'audit' },
  });
}

function ofIntegrations(facts: FindingFacts): Finding[] {
  const { late, rejected, broken, failing, pausedByOperator, unprovenFilters } = facts;
  const widespread = late.count >= 3 && late.count > facts.active * LATE_SHARE;
  const behind: Details = widespread
    ? { severity: 'critical', next: 'The workers are behind: check that they run, and the queue.' }
    : {};
  const paused = (count: number): string => `${some(count, 'integration')} paused`;
  return [
    ...affecting(
      'late',
      late,
      `${some(late.count, 'healthy integration')} ${late.count === 1 ? 'is' : 'are'} late`,
      { health: 'healthy', lateByMinutes: '15' },
      behind,
    ),
    ...affecting('credentials_rejected', rejected, `${paused(rejected.count)}: credentials rejected`, {
      health: 'paused',
      errorCode: 'provider_credentials_rejected',
    }),
    ...affecting('breaker_open', broken, `${paused(broken.count)} after failing again and again`, { health: 'paused' }),
    ...affecting('failing', failing, `${some(failing.count, 'integration')} failing`, { health: 'degraded' }),
    ...affecting('paused_by_operator', pausedByOperator, `${paused(pausedByOperator.count)} by an operator`, {
      operatorPaused: 'true',
    }),
    ...affecting(
      'filters_unproven',
      unprovenFilters,
      `${some(unprovenFilters.count, 'integration')} with a changed-since filter that is not proven`,
      null,
    ),
  ];
}

/** Findings that wait for a decision. */
function ofWaiting(facts: FindingFacts): Finding[] {
  const { heldPayments, quarantined, heldDeletions, expiringKeys, disabledEndpoints, failingEndpoints } = facts;
  return [
    ...affecting('payments_held', heldPayments, `${some(heldPayments.count, 'payment')} held for review`, {
      list: 'payment-reviews',
    }),
    ...quarantined.flatMap(({ resourceType, ...affected }) =>
      affecting('rows_quarantined', affected, `${some(affected.count, 'row')} of ${resourceType} in quarantine`, {
        list: 'quarantine',
        resourceType,
      }),
    ),
    ...affecting(
      'deletions_held',
      heldDeletions,
      `${some(heldDeletions.count, 'deletion plan')} waiting for a decision`,
      { list: 'deletion-plans' },
    ),
    ...affecting(
      'endpoints_disabled',
      disabledEndpoints,
      `${some(disabledEndpoints.count, 'webhook endpoint')} switched off for failing`,
      { list: 'merchants' },
    ),
    ...affecting('endpoints_failing', failingEndpoints, `${some(failingEndpoints.count, 'webhook endpoint')} failing`, {
      list: 'merchants',
    }),
    ...affecting('keys_expiring', expiringKeys, `${some(expiringKeys.count, 'API key')} about to expire`, {
      list: 'merchants',
    }),
  ];
}

function ofNovelty(novelty: NewAtProvider): Finding {
  const { provider, environment, stream, kind, name, since, quarantined } = novelty;
  const rows = quarantined === 0 ? '' : `: ${some(quarantined, 'row')} in quarantine`;
  const what = `${kind === 'field' ? 'the field ' : ''}${name} in ${stream}`;
  return finding('new_at_provider', `${provider} (${environment}) has begun to send ${what}${rows}`, {
    // a field that nothing reads yet changes no record
    severity: kind === 'word' ? 'warning' : 'info',
    since: since.toISOString(),
    count: Math.max(quarantined, 1),
    filter: { provider, environment },
  });
}

function some(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
