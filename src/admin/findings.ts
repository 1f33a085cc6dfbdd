import type { Risk } from '../platform/config';

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
  readonly held: Affected;
}

export type Severity = 'critical' | 'warning' | 'info';

/** One thing that is wrong: since when, for whom, and what to do next. */
export interface Finding {
  readonly code: string;
  readonly severity: Severity;
  readonly title: string;
  readonly since: string | null;
  readonly count: number;
  readonly merchants: readonly string[];
  readonly next: string;
  /** Query of the integrations list (or the name of another list) that shows them. */
  readonly filter: Readonly<Record<string, string>> | null;
}

export interface Headline {
  readonly level: 'ok' | Severity;
  readonly headline: string;
}

/** Above this share of late integrations it is the service that is behind, not one of them. */
const LATE_SHARE = 0.05;
const RANK: Readonly<Record<Severity, number>> = { critical: 0, warning: 1, info: 2 };

/** Worst first. */
export function findingsOf(
  facts: FindingFacts,
  incidents: readonly Incident[],
  risks: readonly Risk[] = [],
  novelties: readonly NewAtProvider[] = [],
): Finding[] {
  const found: Finding[] = [];
  for (const incident of incidents.filter(({ closedAt }) => closedAt === null)) {
    const { provider, environment, integrations } = incident;
    found.push({
      code: 'provider_incident',
      severity: 'critical',
      title: `${provider} (${environment}) is failing for several merchants`,
      since: incident.openedAt.toISOString(),
      count: integrations,
      merchants: [],
      next: 'Nobody is blamed and runs try again by themselves. Check the provider’s status page if it lasts.',
      filter: { provider, environment },
    });
  }
  const add = (
    code: string,
    severity: Severity,
    affected: Affected,
    title: string,
    next: string,
    filter: Finding['filter'],
  ): void => {
    if (affected.count === 0) return;
    const { since, count, merchants } = affected;
    found.push({ code, severity, title, since, count, merchants, next, filter });
  };
  const { late } = facts;
  const widespread = late.count >= 3 && late.count > facts.active * LATE_SHARE;
  add(
    'late',
    widespread ? 'critical' : 'warning',
    late,
    `${some(late.count, 'healthy integration')} ${late.count === 1 ? 'is' : 'are'} late`,
    widespread ? 'The workers are behind: check that they run, and the queue.' : 'Open it and read why.',
    { health: 'healthy', lateByMinutes: '15' },
  );
  add(
    'credentials_rejected',
    'warning',
    facts.rejected,
    `${some(facts.rejected.count, 'integration')} paused: credentials rejected`,
    'Ask the merchant for new credentials; a resume alone would be rejected again.',
    { health: 'paused', errorCode: 'provider_credentials_rejected' },
  );
  add(
    'breaker_open',
    'warning',
    facts.broken,
    `${some(facts.broken.count, 'integration')} paused after failing again and again`,
    'Read why on the integration’s page, mend the cause, then resume.',
    { health: 'paused' },
  );
  add(
    'failing',
    'warning',
    facts.failing,
    `${some(facts.failing.count, 'integration')} failing`,
    'They try again by themselves; after five failures in a row they pause.',
    { health: 'degraded' },
  );
  add(
    'deletions_held',
    'info',
    facts.held,
    `${some(facts.held.count, 'deletion plan')} waiting for a decision`,
    'Compare with the provider, then approve or discard.',
    { list: 'deletion-plans' },
  );
  add(
    'paused_by_operator',
    'info',
    facts.pausedByOperator,
    `${some(facts.pausedByOperator.count, 'integration')} paused by an operator`,
    'Resume when the reason is gone.',
    { operatorPaused: 'true' },
  );
  for (const { provider, environment, stream, kind, name, since, quarantined } of novelties) {
    const rows = quarantined === 0 ? '' : `: ${some(quarantined, 'row')} in quarantine`;
    found.push({
      code: 'new_at_provider',
      severity: quarantined > 0 ? 'warning' : 'info',
      title: `${provider} (${environment}) has begun to send ${kind === 'field' ? 'the field ' : ''}${name} in ${stream}${rows}`,
      since: since.toISOString(),
      count: Math.max(quarantined, 1),
      merchants: [],
      next: 'Compare with docs/providers, and check an account with `cli provider check`; a word that is not known needs a new version.',
      filter: { provider, environment },
    });
  }
  // how the service is set up says nothing about how it does: it never decides the verdict
  for (const { variable, risk } of risks) {
    found.push({
      code: 'risky_setting',
      severity: 'info',
      title: `${variable}: ${risk}`,
      since: null,
      count: 1,
      merchants: [],
      next: 'Change the variable, or leave it if it is meant; docs/security.md says more.',
      filter: null,
    });
  }
  return found.sort((a, b) => RANK[a.severity] - RANK[b.severity]);
}

export function headlineOf(findings: readonly Finding[], active: number): Headline {
  const worst = findings[0];
  if (!worst || worst.severity === 'info') {
    return { level: 'ok', headline: active === 0 ? 'No integration is active yet' : 'Everything is in step' };
  }
  const others = findings.filter(({ severity }) => severity !== 'info').length - 1;
  return {
    level: worst.severity,
    headline: others > 0 ? `${worst.title}, and ${others} more` : worst.title,
  };
}

function some(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
