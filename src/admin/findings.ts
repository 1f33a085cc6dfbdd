import type { Risk } from '../platform/config';
import type { Environment } from '../platform/http';
import { PROVIDER_CATALOGUE, type ProviderId } from '../providers';
import { FINDING_KINDS, type FindingCode, type Severity } from './finding-kinds';

export interface Incident {
  readonly id: string;
  readonly provider: string;
  readonly environment: Environment;
  readonly openedAt: Date;
  readonly closedAt: Date | null;
  /** When the next run may try; open incidents only. */
  readonly retryAt: Date | null;
  /** Active integrations of this provider and environment, and whose they are: at most three names. */
  readonly integrations: number;
  readonly merchants: readonly string[];
  readonly merchantCount: number;
}

/** A field, a form or a word that a provider was not seen to send before. */
export interface NewAtProvider {
  readonly provider: string;
  readonly environment: Environment;
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
  /** How many merchants they belong to. */
  readonly merchantCount: number;
}

/** What rows come to in one currency. */
export interface Amount {
  readonly currency: string;
  readonly amountMinor: number;
  /** Of how many rows it is known. */
  readonly rows: number;
}

/** What is looked at; null: all. */
export interface ViewScope {
  readonly environment: Environment | null;
  readonly provider: string | null;
}
export const EVERYTHING: ViewScope = { environment: null, provider: null };

export interface EnvironmentFacts {
  readonly environment: Environment;
  readonly active: number;
  readonly rejected: Affected;
  readonly broken: Affected;
  readonly degraded: Affected;
  readonly late: Affected;
  /** Runs wait because the provider, or the account's budget, allows no call now. */
  readonly limited: Affected;
  readonly pausedByOperator: Affected;
  readonly heldDeletions: Affected;
  readonly heldPayments: Affected & { readonly amounts: readonly Amount[] };
  readonly quarantined: readonly (Affected & { readonly resourceType: string; readonly amounts: readonly Amount[] })[];
  readonly unprovenFilters: Affected;
  /** API keys that end within two weeks, and have no successor. */
  readonly expiringKeys: Affected;
  /** Webhook endpoints that were switched off for failing, or that answered 410. */
  readonly disabledEndpoints: Affected;
  /** Webhook endpoints of which every try has failed for an hour. */
  readonly failingEndpoints: Affected;
}

export interface AuditBacklog {
  readonly origin: string;
  readonly links: number;
  readonly since: Date;
  readonly lastError: string | null;
}

/** A fault, and since when this process has seen it. */
export interface SeenFault {
  readonly reason: string;
  readonly since: Date;
}

/** What the process and its vault know beside the facts of integrations. */
export interface ServiceFacts {
  readonly risks?: readonly Risk[];
  /** When an operator stopped the open rotation; null: none is stopped. */
  readonly rotationStoppedAt?: Date | null;
  /** Why AWS KMS is not available to this process; null: it is. */
  readonly keyManagementAway?: SeenFault | null;
  readonly databaseReadOnly?: SeenFault | null;
  /** Why the queue takes nothing; null: it does. */
  readonly queueAway?: SeenFault | null;
  /** Runs that nobody works on. */
  readonly stuckRuns?: Affected;
  readonly clockSkew?: SeenFault | null;
  /** What ends within two weeks. */
  readonly expiring?: { readonly tokens: Affected; readonly nodeKeys: Affected };
  readonly certificates?: readonly { readonly variable: string; readonly expiresAt: Date }[];
  /** Requests that wait for a second operator. */
  readonly approvals?: { readonly count: number; readonly since: Date | null };
  /** Receivers of the audit chain that do not take it. */
  readonly auditBacklogs?: readonly AuditBacklog[];
}

/** One thing that is wrong: since when, for whom, and what to do next. */
export interface Finding {
  readonly code: FindingCode;
  readonly severity: Severity;
  /** null: it concerns the service itself. */
  readonly environment: Environment | null;
  readonly title: string;
  readonly since: string | null;
  readonly count: number;
  readonly merchants: readonly string[];
  readonly merchantCount: number;
  /** Money that it holds back, as far as that is known. */
  readonly amounts: readonly Amount[];
  readonly next: string;
  /** Query of the integrations list that shows them, or of the list that `list` names. */
  readonly filter: Readonly<Record<string, string>> | null;
}

/** Before something ends. */
export const NOTICE_MS = 14 * 86_400_000;
/** Above this share of late integrations the service is behind, not one integration. */
const LATE_SHARE = 0.05;
const RANK: Readonly<Record<Severity, number>> = { critical: 0, warning: 1, info: 2 };

/** Worst first; of the same severity live before sandbox. */
export function findingsOf(
  facts: readonly EnvironmentFacts[],
  incidents: readonly Incident[],
  novelties: readonly NewAtProvider[] = [],
  service: ServiceFacts = {},
): Finding[] {
  const found = [
    ...ofService(service),
    ...incidents.filter(({ closedAt }) => closedAt === null).map(ofIncident),
    ...facts.flatMap((of) => [...ofIntegrations(of), ...ofWaiting(of)].map((one) => placed(one, of.environment))),
    ...novelties.map(ofNovelty),
  ];
  const sandbox = ({ environment }: Finding): number => Number(environment === 'sandbox');
  return found.sort((a, b) => RANK[a.severity] - RANK[b.severity] || sandbox(a) - sandbox(b));
}

type Details = Partial<Omit<Finding, 'code' | 'title'>>;

function finding(code: FindingCode, title: string, details: Details = {}): Finding {
  const { severity, next } = FINDING_KINDS[code];
  const none = { environment: null, since: null, count: 1, merchants: [], merchantCount: 0, amounts: [], filter: null };
  return { code, severity, title, next, ...none, ...details };
}

/** No customer of a merchant is behind a sandbox: nothing of it is critical. */
function placed(found: Finding, environment: Environment): Finding {
  const severity = environment === 'sandbox' && found.severity === 'critical' ? 'warning' : found.severity;
  return { ...found, severity, environment, filter: found.filter && { ...found.filter, environment } };
}

/** None where nobody is affected. */
function affecting(
  code: FindingCode,
  affected: Affected,
  title: string,
  filter: Finding['filter'] = { finding: code },
  details: Details = {},
): Finding[] {
  const { since, count, merchants, merchantCount } = affected;
  return count === 0 ? [] : [finding(code, title, { since, count, merchants, merchantCount, filter, ...details })];
}

function ofIncident(incident: Incident): Finding {
  const { provider, environment, integrations, openedAt, merchants, merchantCount } = incident;
  const found = finding('provider_incident', `${nameOf(provider)} is failing for several merchants`, {
    since: openedAt.toISOString(),
    count: integrations,
    merchants,
    merchantCount,
    filter: { provider },
  });
  return placed(found, environment);
}

/** Findings about the service itself. A risky setting is no fault: it never decides the headline. */
function ofService(service: ServiceFacts): Finding[] {
  const { risks = [], rotationStoppedAt = null, keyManagementAway = null, clockSkew = null } = service;
  const seen = (
    code: FindingCode,
    fault: SeenFault | null | undefined,
    title: (reason: string) => string,
  ): Finding[] => (fault ? [finding(code, title(fault.reason), { since: fault.since.toISOString() })] : []);
  const stopped = rotationStoppedAt && { reason: '', since: rotationStoppedAt };
  return [
    ...seen('database_read_only', service.databaseReadOnly, (reason) => `The database ${reason}`),
    ...(service.queueAway
      ? seen('queue_stuck', service.queueAway, (reason) => `The queue ${reason}`)
      : ofStuckRuns(service.stuckRuns)),
    ...seen('key_management_away', keyManagementAway, (reason) => `AWS KMS is not available: ${reason}`),
    ...(service.auditBacklogs ?? []).map(ofAuditBacklog),
    ...seen('clock_skew', clockSkew, (reason) => `The clock of this process ${reason}`),
    ...seen('rotation_stopped', stopped, () => 'A rotation of the vault is stopped').map((each) => ({
      ...each,
      filter: { list: 'vault' },
    })),
    ...affecting(
      'approvals_waiting',
      asAffected(service.approvals),
      `${some(service.approvals?.count ?? 0, 'act')} waiting for a second operator`,
      { list: 'approvals' },
    ),
    ...ofExpiring(service),
    ...risks.map(({ variable, risk }) => finding('risky_setting', `${variable}: ${risk}`)),
  ];
}

function ofExpiring({ expiring, certificates = [] }: ServiceFacts): Finding[] {
  const ending = (
    code: FindingCode,
    affected: Affected | undefined,
    noun: string,
    filter: Finding['filter'],
  ): Finding[] => (affected ? affecting(code, affected, `${some(affected.count, noun)} about to expire`, filter) : []);
  return [
    ...ending('tokens_expiring', expiring?.tokens, 'token', { list: 'tokens' }),
    ...ending('node_keys_expiring', expiring?.nodeKeys, 'node key', null),
    ...certificates.map(({ variable, expiresAt }) =>
      finding(
        'certificates_expiring',
        `The certificate of ${variable} ends on ${expiresAt.toISOString().slice(0, 10)}`,
        {
          since: new Date(expiresAt.getTime() - NOTICE_MS).toISOString(),
        },
      ),
    ),
  ];
}

function asAffected(waiting: ServiceFacts['approvals']): Affected {
  return { count: waiting?.count ?? 0, since: waiting?.since?.toISOString() ?? null, merchants: [], merchantCount: 0 };
}

function ofAuditBacklog({ origin, links, since, lastError }: AuditBacklog): Finding {
  const reason = lastError === null ? '' : `: ${lastError}`;
  return finding('audit_stream_behind', `The audit stream to ${origin} is behind${reason}`, {
    since: since.toISOString(),
    count: links,
    filter: { list: 'audit' },
  });
}

function ofStuckRuns(runs?: Affected): Finding[] {
  if (!runs) return [];
  const title = `${some(runs.count, 'run')} due, and none is worked on`;
  return affecting('queue_stuck', runs, title, { list: 'runs', live: 'true' });
}

function ofIntegrations(facts: EnvironmentFacts): Finding[] {
  const { late, rejected, broken, degraded, limited, pausedByOperator, unprovenFilters } = facts;
  const widespread = late.count >= 3 && late.count > facts.active * LATE_SHARE;
  const behind: Details = widespread
    ? { severity: 'critical', next: 'The workers are behind: check that they run, and the queue.' }
    : {};
  const paused = (count: number): string => `${some(count, 'integration')} paused`;
  const lateTitle = `${some(late.count, 'healthy integration')} ${late.count === 1 ? 'is' : 'are'} late`;
  const filters = `${some(unprovenFilters.count, 'integration')} with a changed-since filter that is not proven`;
  return [
    ...affecting('late', late, lateTitle, undefined, behind),
    ...affecting('credentials_rejected', rejected, `${paused(rejected.count)}: credentials rejected`),
    ...affecting('breaker_open', broken, `${paused(broken.count)} after failing again and again`),
    ...affecting('degraded', degraded, `${some(degraded.count, 'integration')} degraded`),
    ...affecting('rate_limited', limited, `${some(limited.count, 'integration')} waiting for a rate limit`),
    ...affecting('paused_by_operator', pausedByOperator, `${paused(pausedByOperator.count)} by an operator`),
    ...affecting('filters_unproven', unprovenFilters, filters),
  ];
}

/** Findings that wait for a decision. */
function ofWaiting(facts: EnvironmentFacts): Finding[] {
  const { heldPayments, quarantined, heldDeletions, expiringKeys, disabledEndpoints, failingEndpoints } = facts;
  const plans = `${some(heldDeletions.count, 'deletion plan')} waiting for a decision`;
  const disabled = `${some(disabledEndpoints.count, 'webhook endpoint')} switched off for failing`;
  const failing = `${some(failingEndpoints.count, 'webhook endpoint')} failing`;
  return [
    ...affecting(
      'payments_held',
      heldPayments,
      `${some(heldPayments.count, 'payment')} held for review${worth(heldPayments)}`,
      { list: 'payment-reviews' },
      { amounts: heldPayments.amounts },
    ),
    ...quarantined.flatMap((rows) =>
      affecting(
        'rows_quarantined',
        rows,
        `${some(rows.count, 'row')} of ${rows.resourceType} in quarantine${worth(rows)}`,
        { list: 'quarantine', resourceType: rows.resourceType },
        { amounts: rows.amounts },
      ),
    ),
    ...affecting('deletions_held', heldDeletions, plans, { list: 'deletion-plans', state: 'held' }),
    ...affecting('endpoints_disabled', disabledEndpoints, disabled, merchantsWith('endpoints_disabled')),
    ...affecting('endpoints_failing', failingEndpoints, failing, merchantsWith('endpoints_failing')),
    ...affecting(
      'keys_expiring',
      expiringKeys,
      `${some(expiringKeys.count, 'API key')} about to expire`,
      merchantsWith('keys_expiring'),
    ),
  ];
}

const merchantsWith = (code: FindingCode): Finding['filter'] => ({ list: 'merchants', finding: code });

function ofNovelty(novelty: NewAtProvider): Finding {
  const { provider, environment, stream, kind, name, since, quarantined } = novelty;
  const rows = quarantined === 0 ? '' : `: ${some(quarantined, 'row')} in quarantine`;
  const what = `${kind === 'field' ? 'the field ' : ''}${name} in ${stream}`;
  const found = finding('new_at_provider', `${nameOf(provider)} has begun to send ${what}${rows}`, {
    // a field that nothing reads yet changes no record
    severity: kind === 'word' ? 'warning' : 'info',
    since: since.toISOString(),
    count: Math.max(quarantined, 1),
    filter: { provider },
  });
  return placed(found, environment);
}

/** `: £44.00`, or nothing where no amount is known. */
function worth({ count, amounts }: { count: number; amounts: readonly Amount[] }): string {
  if (amounts.length === 0) return '';
  const known = amounts.reduce((sum, { rows }) => sum + rows, 0);
  return `: ${known < count ? 'at least ' : ''}${amounts.map(moneyOf).join(' + ')}`;
}

function moneyOf({ currency, amountMinor }: Amount): string {
  const format = new Intl.NumberFormat('en', { style: 'currency', currency });
  return format.format(amountMinor / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
}

function some(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function nameOf(provider: string): string {
  // one that was removed from the catalogue keeps its id
  return PROVIDER_CATALOGUE[provider as ProviderId]?.name ?? provider;
}
