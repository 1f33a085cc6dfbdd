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

/** Why events are, or are not, delivered now: what is in the way first, then what else is worth knowing. */
export function explainEndpoint(endpoint: EndpointView, now = new Date()): EndpointExplanation {
  const reasons: EndpointReason[] = [];
  const add = (code: string, message: string, since: Date | null, nextAction: NextAction): void => {
    reasons.push({ code, message, since, nextAction });
  };
  const { disabledReason, failures, failingSince, notBefore, heldCount } = endpoint;
  if (disabledReason !== null) add(disabledReason, DISABLED[disabledReason], endpoint.disabledAt, 'fix_request');
  if (failures >= STALLED_AFTER) {
    const message = `The last ${failures} tries failed. One event is tried again and again; when it is taken, all that waits follows.`;
    add('stalled', message, failingSince, 'fix_request');
  } else if (failures > 0) {
    add('failing', `The last tries failed: ${failures} in a row.`, failingSince, 'fix_request');
  }
  if (notBefore !== null && notBefore > now) {
    add('slowed_down', `The endpoint asked for a pause, until ${notBefore.toISOString()}.`, null, 'wait');
  }
  if (heldCount >= MAX_HELD) {
    add('held_full', `${heldCount} events failed, or wait behind one that did. New ones wait for them.`, null, 'wait');
  }
  const willDeliver = reasons.every(({ code }) => code === 'failing');
  if (heldCount > 0 && heldCount < MAX_HELD) {
    const next = endpoint.nextTryAt?.toISOString() ?? 'soon';
    add('held', `${heldCount} events are tried again, the next at ${next}.`, null, 'wait');
  }
  if (endpoint.parkedCount > 0) {
    const message = `${endpoint.parkedCount} events were given up after their last try. Replay them by their ids.`;
    add('parked', message, null, 'fix_request');
  }
  if (endpoint.missed > 0) {
    const message = `Up to ${endpoint.missed} events were removed before the endpoint came to them: they are kept 30 days.`;
    add('missed', message, null, 'none');
  }
  const behind = endpoint.head - endpoint.position;
  if (behind > 0) add('behind', `${behind} positions of the log are still to be looked at.`, null, 'wait');
  if (reasons.length === 0) add('up_to_date', 'Everything was delivered.', endpoint.lastSuccessAt, 'none');
  return { willDeliver, reasons };
}
