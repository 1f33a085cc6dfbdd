import { CredentialKeyMissing, CredentialUnavailable } from '../integrations';
import type { NextAction } from '../platform/errors';
import { VERDICT_POLICIES } from '../platform/outbound';
import type { ExplainFacts } from './store/explain.repository';

export interface ExplainReason {
  readonly code: string;
  readonly message: string;
  readonly since: string | null;
  readonly nextAction: NextAction;
}

export interface Explanation {
  readonly willRun: boolean;
  readonly nextExpectedStart: string | null;
  readonly reasons: readonly ExplainReason[];
}

const reason = (code: string, message: string, since: Date | null, nextAction: NextAction): ExplainReason => ({
  code,
  message,
  since: since?.toISOString() ?? null,
  nextAction,
});

/** What a queued run waits for. */
const WAIT_REASONS: Readonly<Record<string, readonly [code: string, message: string]>> = {
  rate_limited: ['rate_limited', 'The provider’s rate limit is used up; the run continues when it refills.'],
  provider_maintenance: ['provider_maintenance', 'The provider is in maintenance and has said when it will be back.'],
  key_management: [
    'key_management_unavailable',
    'The key management service cannot be reached; the run continues when it can.',
  ],
};

/** `unavailable` has several causes, and the text that was stored is ours: it says which of them it was. */
const KEY_MANAGEMENT_TEXTS: readonly (readonly [text: string, nextAction: NextAction])[] = [
  [CredentialUnavailable.text, 'wait'],
  [CredentialKeyMissing.text, 'contact_support'],
];

/** Why a changed-since filter is not used. */
const FILTER_REASONS = {
  ignored: 'The provider ignores the changed-since filter.',
  refused: 'The provider refuses the changed-since filter.',
  unproven: 'The changed-since filter did not return known changes.',
} as const;

export const NEVER_CONFIGURED: Explanation = {
  willRun: false,
  nextExpectedStart: null,
  reasons: [reason('not_configured', 'The integration was never activated.', null, 'reconnect')],
};

export function explainInactive(since: Date | null): Explanation {
  return {
    willRun: false,
    nextExpectedStart: null,
    reasons: [reason('not_active', 'The integration was deactivated; activate it to sync again.', since, 'reconnect')],
  };
}

/**
 * Ordered reasons why the next sync of an active integration will or will not run: the main one first, then what else
 * is worth knowing. `queueFault`: why the queue takes no jobs.
 */
export function explainActive(facts: ExplainFacts, queueFault: string | null = null): Explanation {
  const blocking = blockingReasons(facts);
  const waiting = waitingReasons(facts, queueFault);
  const informing = informingReasons(facts);
  const start = expectedStart(facts, blocking.length > 0);
  const reasons = [
    ...(facts.runState === null ? blocking : []),
    ...waiting,
    ...(facts.runState === null ? [] : blocking),
    ...informing,
  ];
  if (reasons.length === 0 || (blocking.length === 0 && waiting.length === 0)) {
    reasons.unshift(reason('scheduled', 'The next sync runs as scheduled.', null, 'none'));
  }
  // a failure that only delays the next run is still named first
  if (blocking.length === 0 && waiting.length === 0 && facts.lastErrorVerdict !== null) reasons.push(reasons.shift()!);
  return { willRun: start !== null, nextExpectedStart: start?.toISOString() ?? null, reasons };
}

/** What a caller is told names the call to make. The team is told what is so: an operator makes no such call. */
const FOR_TEAM: Readonly<Record<string, string>> = {
  credentials_rejected: 'The provider rejected the credentials.',
  sync_disabled: 'The merchant has switched automatic sync off.',
  not_active: 'The integration was deactivated.',
};

export function forTeam({ reasons, ...explanation }: Explanation): Explanation {
  return {
    ...explanation,
    reasons: reasons.map((each) => ({ ...each, message: FOR_TEAM[each.code] ?? each.message })),
  };
}

function blockingReasons(facts: ExplainFacts): ExplainReason[] {
  const found: ExplainReason[] = [];
  if (facts.breaker !== 'closed' && facts.breakerCause === 'auth') {
    const message = 'The provider rejected the credentials. Send new ones with PUT …/credentials.';
    found.push(reason('credentials_rejected', message, facts.breakerOpenedAt, 'reconnect'));
  }
  if (facts.operatorPaused) {
    const because = facts.pauseReason ? `: ${facts.pauseReason}` : '.';
    found.push(
      reason('paused_by_operator', `An operator paused the sync${because}`, facts.operatorPausedAt, 'contact_support'),
    );
  }
  if (facts.toggledOff) {
    found.push(
      reason('sync_disabled', 'Automatic sync is switched off (sync-toggle).', facts.toggledOffAt, 'resume_sync'),
    );
  }
  if (facts.breaker !== 'closed' && facts.breakerCause === 'failures') {
    const message = `Sync is paused after ${facts.consecutiveErrors} failed runs in a row: ${facts.lastError ?? 'no detail'}`;
    found.push(reason('breaker_open', message, facts.breakerOpenedAt, 'resume_sync'));
  }
  return found;
}

function waitingReasons(facts: ExplainFacts, queueFault: string | null): ExplainReason[] {
  const found: ExplainReason[] = [];
  if (facts.incidentSince !== null) {
    const message = 'Several merchants see the provider fail; runs wait until it works again.';
    found.push(reason('provider_incident', message, facts.incidentSince, 'wait'));
  }
  if (facts.runState === 'running') found.push(reason('running', 'A run is in progress.', facts.runSince, 'none'));
  const waiting = facts.runState === 'queued' && WAIT_REASONS[facts.runWaitReason ?? ''];
  if (waiting) {
    found.push(reason(...waiting, facts.runSince, 'wait'));
  } else if (facts.runState === 'queued' && queueFault !== null) {
    const message = `A run is queued, and the queue ${queueFault}; the run starts when the queue works again.`;
    found.push(reason('queue_unavailable', message, facts.runSince, 'wait'));
  } else if (facts.runState === 'queued' && facts.runWaitReason !== 'provider_incident') {
    found.push(reason('queued', 'A run is queued and starts as soon as a worker is free.', facts.runSince, 'none'));
  }
  return found;
}

function informingReasons(facts: ExplainFacts): ExplainReason[] {
  const found: ExplainReason[] = [];
  if (facts.lastErrorVerdict !== null && facts.breaker === 'closed') {
    const message = `The last run failed: ${facts.lastError ?? 'no detail'}`;
    const { explainCode, nextAction } = VERDICT_POLICIES[facts.lastErrorVerdict];
    const key = KEY_MANAGEMENT_TEXTS.find(([text]) => facts.lastError === text);
    found.push(
      key
        ? reason('key_management_unavailable', message, facts.lastErrorSince, key[1])
        : reason(explainCode, message, facts.lastErrorSince, nextAction),
    );
  }
  if (facts.heldRows) {
    const message = `${facts.heldRows} deletions are held until an operator approves or discards them.`;
    found.push(reason('deletions_held', message, facts.heldSince, 'contact_support'));
  }
  if (facts.formerSince !== null) {
    const message =
      'Records of the former account are no longer shown; the next sync writes their tombstones to the feed.';
    found.push(reason('former_account_leaving', message, facts.formerSince, 'none'));
  }
  for (const { stream, state, checkedAt } of facts.unusedFilters) {
    const message = `${stream}: ${FILTER_REASONS[state]} Every run reads the whole list.`;
    found.push(reason(`filter_${state}`, message, new Date(checkedAt), 'none'));
  }
  if (facts.clockAheadMs !== null) {
    const minutes = Math.round(Math.abs(facts.clockAheadMs) / 60_000);
    const side = facts.clockAheadMs > 0 ? 'ahead of' : 'behind';
    const message = `The provider’s clock is ${minutes} minutes ${side} ours. Nothing is missed: syncs go by the earlier of the two.`;
    found.push(reason('provider_clock_off', message, facts.clockOffSince, 'none'));
  }
  for (const resource of facts.absentLists) {
    const message = `${resource}: the account has no list at one of the paths that the service requests.`;
    found.push(reason('list_absent', message, null, 'contact_support'));
  }
  return found;
}

function expectedStart(facts: ExplainFacts, blocked: boolean): Date | null {
  const soonest = (date: Date) => new Date(Math.max(date.getTime(), facts.now.getTime()));
  if (facts.runState === 'running') return blocked ? null : facts.nextDueAt;
  if (facts.runState === 'queued') return soonest(facts.runNotBefore ?? facts.now);
  if (blocked) {
    const probes = facts.probeAt !== null && !facts.toggledOff && !facts.operatorPaused;
    return probes ? soonest(facts.probeAt!) : null;
  }
  return facts.nextDueAt === null ? null : soonest(facts.nextDueAt);
}
