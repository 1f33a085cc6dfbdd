import { affecting, finding, placed, some, subjectIn, type Details, type Finding } from './finding';
import type {
  Affected,
  AffectedEndpoints,
  Amount,
  EnvironmentFacts,
  Incident,
  Limited,
  NewAtProvider,
  ServiceFacts,
} from './finding-facts';
import { FINDING_CODES, FINDING_KINDS, type FindingCode, type Severity } from './finding-kinds';
import { ofService } from './service-findings';

/** Above this share of late integrations the service is behind, not one integration. */
const LATE_SHARE = 0.05;
const RANK: Readonly<Record<Severity, number>> = { critical: 0, warning: 1, info: 2 };

/** What people call a provider. */
type NameOf = (provider: string) => string;

/** Worst first; of the same severity live before sandbox, and then as `FINDING_KINDS` lists them. */
export function findingsOf(
  facts: readonly EnvironmentFacts[],
  incidents: readonly Incident[],
  novelties: readonly NewAtProvider[] = [],
  service: ServiceFacts = {},
  nameOf: NameOf = (id) => id,
): Finding[] {
  const found = [
    ...ofService(service),
    ...incidents.filter(({ closedAt }) => closedAt === null).map((incident) => ofIncident(incident, nameOf)),
    ...facts.flatMap((of) =>
      [...ofIntegrations(of, nameOf), ...ofWaiting(of, nameOf)].map((one) => placed(one, of.environment)),
    ),
    ...novelties.map((novelty) => ofNovelty(novelty, nameOf)),
  ];
  const sandbox = ({ environment }: Finding): number => Number(environment === 'sandbox');
  return underTheirCause(found).sort(
    (a, b) =>
      RANK[a.severity] - RANK[b.severity] ||
      sandbox(a) - sandbox(b) ||
      FINDING_CODES.indexOf(a.code) - FINDING_CODES.indexOf(b.code),
  );
}

/** One cause is told once: what stands still because no run starts is told under what stops the runs. */
function underTheirCause(found: readonly Finding[]): Finding[] {
  const cause = found.find(({ environment, stopsRuns }) => environment === null && stopsRuns);
  const isEffect = (one: Finding): boolean => one !== cause && (one.code === 'late' || one.code === 'queue_stuck');
  const effects = found
    .filter(isEffect)
    .map(({ title, environment }) => title + (environment ? ` (${environment})` : ''));
  if (!cause || effects.length === 0) return [...found];
  return found
    .filter((one) => !isEffect(one))
    .map((one) => (one === cause ? { ...one, effects: [...one.effects, ...effects] } : one));
}

function ofIncident(incident: Incident, nameOf: NameOf): Finding {
  const { provider, environment, integrations, openedAt, merchants, merchantCount, degraded, late } = incident;
  const title = `${nameOf(provider)} (${environment}) is failing for several merchants`;
  const found = finding('provider_incident', title, {
    stopsRuns: true,
    next: [lastErrorOf(incident), nextTryOf(incident), FINDING_KINDS.provider_incident.next].join(''),
    since: openedAt.toISOString(),
    count: integrations,
    merchants,
    merchantCount,
    effects: [
      ...(degraded > 0 ? [`the last sync of ${some(degraded, 'integration')} failed`] : []),
      ...(late > 0 ? [`${some(late, 'integration')} late`] : []),
    ],
    filter: { provider },
  });
  return placed(found, environment);
}

function lastErrorOf({ lastError }: Incident): string {
  return lastError === null ? '' : `The last error: ${lastError}${/[.!?]$/.test(lastError) ? '' : '.'} `;
}

function nextTryOf({ retryAt }: Incident): string {
  if (retryAt === null) return '';
  return retryAt.getTime() > Date.now()
    ? `The next run tries at ${retryAt.toISOString()}. `
    : 'The next run tries now. ';
}

function ofIntegrations(facts: EnvironmentFacts, nameOf: NameOf): Finding[] {
  const { late, rejected, broken, degraded, limited, pausedByOperator } = facts;
  const { expiringCredentials, unprovenFilters, wrongClocks } = facts;
  const widespread = late.count >= 3 && late.count > facts.active * LATE_SHARE;
  const behind: Details = widespread
    ? { severity: 'critical', next: 'The workers are behind: check that they run, and the queue.' }
    : {};
  const of = (affected: Affected, noun = 'integration'): string =>
    `${some(affected.count, noun)}${providersIn(affected, nameOf)}`;
  const lateTitle = `${of(late, 'healthy integration')} ${late.count === 1 ? 'is' : 'are'} late`;
  const filters = `${of(unprovenFilters)} with a changed-since filter that is not proven`;
  const clocks = `${of(wrongClocks)} with a provider whose clock is off`;
  return [
    ...affecting('late', late, lateTitle, undefined, behind),
    ...affecting('credentials_rejected', rejected, `${of(rejected)} paused: credentials rejected`),
    ...affecting('breaker_open', broken, `${of(broken)} paused after failing again and again`),
    ...affecting('degraded', degraded, `${of(degraded)} degraded`),
    ...ofLimited(limited, nameOf),
    ...affecting('paused_by_operator', pausedByOperator, `${of(pausedByOperator)} paused by an operator`),
    ...affecting('credentials_expiring', expiringCredentials, endingTitle(expiringCredentials)),
    ...affecting('filters_unproven', unprovenFilters, filters),
    ...affecting('provider_clock_off', wrongClocks, clocks),
  ];
}

function endingTitle({ count, ended }: EnvironmentFacts['expiringCredentials']): string {
  const expiring = count - ended;
  const parts = [
    ...(ended > 0 ? [`${some(ended, 'integration')} whose credentials have ended`] : []),
    ...(expiring > 0 ? [`${some(expiring, 'integration')} whose credentials are about to end`] : []),
  ];
  return parts.join(', ');
}

function ofLimited(limited: Limited, nameOf: NameOf): Finding[] {
  const title = `${some(limited.count, 'integration')} waiting for the rate limit of ${firstOf((limited.providers ?? []).map(nameOf))}`;
  const next =
    limited.until === null
      ? {}
      : { next: `The next call may go out at ${limited.until}. ${FINDING_KINDS.rate_limited.next}` };
  return affecting('rate_limited', limited, title, undefined, next);
}

/** Findings that wait for a decision. */
function ofWaiting(facts: EnvironmentFacts, nameOf: NameOf): Finding[] {
  const { heldPayments, quarantined, heldDeletions, expiringKeys } = facts;
  const { disabledEndpoints, failingEndpoints, givenUpEvents } = facts;
  const plans = `${some(heldDeletions.count, 'deletion plan')}${providersIn(heldDeletions, nameOf)} waiting for a decision`;
  const disabled = `${some(disabledEndpoints.count, 'webhook endpoint')} switched off: ${namesIn(disabledEndpoints)}`;
  const givenUp = `${some(givenUpEvents.count, 'event')} given up after the last try: ${namesIn(givenUpEvents)}`;
  const failing = `${some(failingEndpoints.count, 'webhook endpoint')} failing: ${namesIn(failingEndpoints)}`;
  return [
    ...affecting(
      'payments_held',
      heldPayments,
      `${some(heldPayments.count, 'payment')}${providersIn(heldPayments, nameOf)} held for review${searched(heldPayments)}${worth(heldPayments)}`,
      { list: 'payment-reviews' },
      { amounts: heldPayments.amounts },
    ),
    ...quarantined.flatMap((rows) =>
      affecting(
        'rows_quarantined',
        rows,
        `${some(rows.count, 'row')} of ${rows.resourceType}${providersIn(rows, nameOf)} in quarantine${worth(rows)}`,
        { list: 'quarantine', resourceType: rows.resourceType },
        { amounts: rows.amounts },
      ),
    ),
    ...affecting('deletions_held', heldDeletions, plans, { list: 'deletion-plans', state: 'held' }),
    ...ofEndpoints('endpoints_disabled', disabledEndpoints, disabled),
    ...ofEndpoints('endpoints_failing', failingEndpoints, failing),
    ...ofEndpoints('events_given_up', givenUpEvents, givenUp),
    ...affecting(
      'keys_expiring',
      expiringKeys,
      `${some(expiringKeys.count, 'API key')} about to expire`,
      merchantsWith('keys_expiring'),
    ),
  ];
}

/** At most three by name. */
function firstOf(names: readonly string[], count = names.length): string {
  const shown = names.slice(0, 3);
  const rest = count - shown.length;
  if (rest > 0) return `${shown.join(', ')} and ${rest} more`;
  return shown.length < 2 ? shown.join() : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)!}`;
}

/** ` at Wodify and Square`, or nothing where no provider is known. */
function providersIn({ providers = [] }: Affected, nameOf: NameOf): string {
  return providers.length === 0 ? '' : ` at ${firstOf(providers.map(nameOf))}`;
}

const WHY_OFF: Readonly<Record<string, string>> = {
  gone: ' (answered 410)',
  failing: ' (failed for five days)',
  switched_off: ' (switched off)',
};

/** The first of them by name, with why they are off. */
function namesIn({ endpoints, endpointCount }: AffectedEndpoints): string {
  const names = endpoints.map(({ name, disabledReason }) => inOneLine(name) + (WHY_OFF[disabledReason ?? ''] ?? ''));
  return firstOf(names, endpointCount);
}

/** A merchant may call an endpoint anything. */
function inOneLine(name: string): string {
  const line = name.replace(/[\s\p{C}]+/gu, ' ').trim();
  return line.length <= 40 ? line : `${line.slice(0, 39)}…`;
}

/** The merchants are listed, who have them: endpoints have pages and no list. */
function ofEndpoints(code: FindingCode, affected: AffectedEndpoints, title: string): Finding[] {
  return affecting(code, affected, title, merchantsWith(code), { subject: subjectIn('webhook-endpoints', affected) });
}

const merchantsWith = (code: FindingCode): Finding['filter'] => ({ list: 'merchants', finding: code });

function ofNovelty(novelty: NewAtProvider, nameOf: NameOf): Finding {
  const { provider, environment, stream, kind, name, since, quarantined, merchants, merchantCount } = novelty;
  const rows = quarantined === 0 ? '' : `: ${some(quarantined, 'row')} in quarantine`;
  const what = `${kind === 'field' ? 'the field ' : ''}${name} in ${stream}`;
  const found = finding('new_at_provider', `${nameOf(provider)} has begun to send ${what}${rows}`, {
    // a field that nothing reads yet changes no record
    severity: kind === 'word' ? 'warning' : 'info',
    since: since.toISOString(),
    count: Math.max(quarantined, 1),
    merchants,
    merchantCount,
    filter: quarantined === 0 ? null : quarantineOf(novelty),
  });
  return placed(found, environment);
}

/** The rows that it put in quarantine. Of what changes no record nobody knows which accounts send it. */
function quarantineOf({ provider, name, since }: NewAtProvider): Finding['filter'] {
  return { list: 'quarantine', provider, path: name.split(':')[0]!, lastSeenFrom: since.toISOString() };
}

/** Until a search has found it, a payment is held as before: a search may wait for long. */
function searched({ count, searched: some }: EnvironmentFacts['heldPayments']): string {
  if (some === 0) return '';
  return some === count ? ', being searched for' : `, ${some} of them being searched for`;
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
