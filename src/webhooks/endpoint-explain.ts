import type { NextAction } from '../platform/errors';
import { DEGRADED_AFTER, MAX_HELD, STALLED_AFTER } from './delivery-rules';
import type { EndpointView } from './store/endpoint.repository';

export type EndpointStatus = 'healthy' | 'degraded' | 'disabled';

export interface EndpointReason {
  readonly code: string;
  readonly message: string;
  readonly since: Date | null;
  readonly nextAction: NextAction;
}

export interface EndpointExplanation {
  /** Events that happen now are sent without anybody doing anything. */
  readonly willDeliver: boolean;
  readonly reasons: readonly EndpointReason[];
}

export function statusOf({
  disabledReason,
  failures,
}: Pick<EndpointView, 'disabledReason' | 'failures'>): EndpointStatus {
  if (disabledReason !== null) return 'disabled';
  return failures >= DEGRADED_AFTER ? 'degraded' : 'healthy';
}

const DISABLED = {
  switched_off: 'The endpoint was switched off. Enable it, and it goes on where it stands.',
  failing: 'Nothing but failures for five days: the endpoint was switched off. Mend it, then enable it.',
  gone: 'The endpoint answered 410 and was switched off. Enable it if that was a mistake.',
} as const;

/** An event that waits for so long, with nothing of the endpoint in its way, is late by a fault of ours. */
const DELAYED_AFTER_MS = 60_000;

/**
 * Why events are, or are not, delivered now: what is in the way first, then what else is worth knowing. `waitingSince`:
 * when the first event happened that the endpoint has yet to be sent; null: there is none.
 */
export function explainEndpoint(
  endpoint: EndpointView,
  waitingSince: Date | null,
  now = new Date(),
): EndpointExplanation {
  const isIdle = waitingSince === null && endpoint.heldCount === 0 && endpoint.replayCount === 0;
  const obstacles = obstaclesOf(endpoint, isIdle, now);
  const passing = isIdle ? ['failing', 'stalled'] : ['failing'];
  const inTheWay = endpoint.disabledReason !== null || obstacles.some(({ code }) => !passing.includes(code));
  const reasons = [...obstacles, ...waitingOf(endpoint, inTheWay ? null : waitingSince, now), ...leftBehind(endpoint)];
  if (inTheWay && waitingSince !== null) {
    reasons.push(
      reason('behind', 'Events wait in the log until then. None is lost for 30 days.', waitingSince, 'wait'),
    );
  }
  if (reasons.length === 0) {
    reasons.push(reason('up_to_date', 'Everything was delivered.', endpoint.lastSuccessAt, 'none'));
  }
  return { willDeliver: !inTheWay, reasons };
}

/** Key management is away, or the key is not to be had. */
function unsigned({ lacksKey }: EndpointView, since: Date): EndpointReason {
  return lacksKey
    ? reason(
        'key_management_unavailable',
        'The service has no access to the key that seals the endpoint’s secret: events cannot be signed until it has.',
        since,
        'contact_support',
      )
    : reason(
        'key_management_unavailable',
        'The key management service cannot be reached: events cannot be signed, and are sent when it can.',
        since,
        'wait',
      );
}

/** What keeps, or soon may keep, events from being sent. */
function obstaclesOf(endpoint: EndpointView, isIdle: boolean, now: Date): EndpointReason[] {
  const { disabledReason, disabledAt, failures, failingSince, notBefore, heldCount, unsignedSince } = endpoint;
  const reasons: EndpointReason[] = [];
  const cause = endpoint.lastError === null ? '' : ` The last one: ${endpoint.lastError}`;
  // nothing else keeps an endpoint to which nothing is sent
  if (disabledReason !== null) {
    const why = disabledReason === 'failing' ? cause : '';
    return [reason(disabledReason, DISABLED[disabledReason] + why, disabledAt, 'fix_request')];
  }
  if (unsignedSince !== null) reasons.push(unsigned(endpoint, unsignedSince));
  if (failures >= STALLED_AFTER) {
    const next = isIdle
      ? 'The next event is tried a while after it happens; when it is taken, all that follow are sent as they happen.'
      : 'One event is tried again and again; when it is taken, all that waits follows.';
    const message = `The last ${failures} tries failed. ${next}${cause}`;
    reasons.push(reason('stalled', message, failingSince, 'fix_request'));
  } else if (failures > 0) {
    const message = `The last tries failed: ${failures} in a row.${cause}`;
    reasons.push(reason('failing', message, failingSince, 'fix_request'));
  }
  if (notBefore !== null && notBefore > now) {
    const message = `The endpoint asked for a pause, until ${notBefore.toISOString()}.`;
    reasons.push(reason('slowed_down', message, null, 'wait'));
  }
  if (heldCount >= MAX_HELD) {
    const message = `${heldCount} events failed, or wait behind one that did. New ones wait for them.`;
    reasons.push(reason('held_full', message, null, 'wait'));
  }
  return reasons;
}

/** What is still to be sent, and when that is. */
function waitingOf(endpoint: EndpointView, since: Date | null, now: Date): EndpointReason[] {
  const { heldCount, nextTryAt, replayCount, ratePerSecond } = endpoint;
  const reasons: EndpointReason[] = [];
  if (since !== null && ratePerSecond !== null) {
    const message = `Events wait for the endpoint’s rate of ${ratePerSecond} a second. Set another one where that is too slow.`;
    reasons.push(reason('rate_limited', message, since, 'wait'));
  } else if (since !== null && now.getTime() - since.getTime() > DELAYED_AFTER_MS && endpoint.failures === 0) {
    const message = 'Events wait, and nothing of the endpoint is in their way: they catch up, or the service is late.';
    reasons.push(reason('delayed', message, since, 'contact_support'));
  } else if (since !== null) {
    reasons.push(reason('behind', 'Events are being sent.', since, 'wait'));
  }
  const isOff = endpoint.disabledReason !== null;
  if (heldCount > 0 && (isOff || heldCount < MAX_HELD)) {
    const events = heldCount === 1 ? '1 event waits' : `${heldCount} events wait`;
    const until = nextTryAt !== null && nextTryAt > now ? `, not before ${nextTryAt.toISOString()}` : '';
    const then = isOff ? ' until the endpoint is enabled' : until;
    reasons.push(reason('held', `${events} for another try${then}.`, null, 'wait'));
  }
  if (replayCount > 0) {
    const replays = replayCount === 1 ? '1 replay' : `${replayCount} replays`;
    const message = isOff
      ? `${replays} will go on when the endpoint is enabled.`
      : `${replays} ${replayCount === 1 ? 'is' : 'are'} under way.`;
    reasons.push(reason('replaying', message, null, 'wait'));
  }
  return reasons;
}

/** What is not sent by itself any more. */
function leftBehind({ parkedCount, missed }: EndpointView): EndpointReason[] {
  const reasons: EndpointReason[] = [];
  if (parkedCount > 0) {
    const message =
      parkedCount === 1
        ? '1 event was given up after its last try. Replay it by its id.'
        : `${parkedCount} events were given up after their last try. Replay them by their ids.`;
    reasons.push(reason('parked', message, null, 'fix_request'));
  }
  if (missed > 0) {
    const message = `Up to ${missed} events were removed before the endpoint came to them: they are kept 30 days.`;
    reasons.push(reason('missed', message, null, 'none'));
  }
  return reasons;
}

function reason(code: string, message: string, since: Date | null, nextAction: NextAction): EndpointReason {
  return { code, message, since, nextAction };
}
