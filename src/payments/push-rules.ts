import { ProviderFailure } from '../platform/outbound';
import type { Doubt, PushError, PushPosition, PushStep } from './outbound-payment';

/**
 * A search for an unknown outcome waits this long: the last one comes after the time that a provider's lists may lag
 * behind.
 */
export const SEARCH_DELAYS_MS = [2_000, 15_000, 60_000] as const;
export const MAX_SEARCHES = SEARCH_DELAYS_MS.length;
/** How many searches count as made when a payment begins to be searched for before it is sent. */
const SEARCHES_AHEAD: Readonly<Record<Doubt, number>> = { slight: MAX_SEARCHES - 1, grave: 0 };
/** Waits after failures that changed nothing at the provider; when they are used up, somebody has to ask again. */
export const RETRY_DELAYS_MS = [10_000, 60_000, 300_000, 1_800_000, 7_200_000] as const;

export type StageName = 'create' | 'allocate' | 'log';

/** One call at the provider, and how it is recorded before and after. */
export interface Stage {
  readonly name: StageName;
  readonly before: PushStep;
  readonly during: PushStep;
  readonly after: PushStep;
  /** The result of three searches that found nothing: a payment is never sent again, the later steps may be. */
  readonly whenAbsent: 'needs_review' | 'repeat';
}

/** queued → creating → created → allocating → allocated → logging → logged. */
export const STAGES: readonly Stage[] = [
  { name: 'create', before: 'queued', during: 'creating', after: 'created', whenAbsent: 'needs_review' },
  { name: 'allocate', before: 'created', during: 'allocating', after: 'allocated', whenAbsent: 'repeat' },
  { name: 'log', before: 'allocated', during: 'logging', after: 'logged', whenAbsent: 'repeat' },
];

export function stageOf(step: PushStep): Stage {
  const stage = STAGES.find(({ before, during }) => step === before || step === during);
  if (!stage) throw new Error(`nothing follows ${step}`);
  return stage;
}

export type PushEvent =
  /** About to call. Committed before the call, so that a crash leaves a known unknown outcome. */
  | { readonly kind: 'begun' }
  /** Not called yet. Searched for first, because an unknown call may have been made. */
  | { readonly kind: 'doubted'; readonly doubt: Doubt }
  /** The searches before the call found nothing. About to call: committed first, as for `begun`. */
  | { readonly kind: 'cleared' }
  /** The call, or a search, says that it took effect. */
  | { readonly kind: 'done' }
  /** The provider says no: nothing took effect, and the same call would be refused again. */
  | { readonly kind: 'refused'; readonly error: PushError }
  /** Nothing took effect; later it may. */
  | { readonly kind: 'not_done'; readonly error: PushError }
  /** Nothing took effect: the provider, or its budget, asks for a pause. */
  | { readonly kind: 'turned_away'; readonly error: PushError }
  /** It may have taken effect. */
  | { readonly kind: 'unknown'; readonly error: PushError }
  /** A complete search did not find it. */
  | { readonly kind: 'absent'; readonly error: PushError }
  /** The search itself failed. */
  | { readonly kind: 'unanswered'; readonly error: PushError }
  /** The search has to wait for its turn. */
  | { readonly kind: 'put_off'; readonly error: PushError };

export interface PushChange extends PushPosition {
  readonly waitMs: number;
  readonly error: PushError | null;
}

/** Where an event leads. Precondition: the payment is `queued`. */
export function after(payment: PushPosition, event: PushEvent): PushChange {
  const stage = stageOf(payment.step);
  const calling = payment.step === stage.during;
  const begins = event.kind === 'begun' || event.kind === 'doubted';
  if (begins === calling || (event.kind === 'cleared' && !isSearchedEnough(payment))) {
    throw new Error(`${event.kind} cannot follow ${payment.step}`);
  }
  const back = { ...payment, step: stage.before, searches: 0, doubt: null };
  switch (event.kind) {
    case 'begun':
    case 'cleared':
      return { ...payment, step: stage.during, searches: 0, doubt: null, waitMs: 0, error: null };
    case 'doubted': {
      const { doubt } = event;
      return { ...payment, step: stage.during, searches: SEARCHES_AHEAD[doubt], doubt, waitMs: 0, error: null };
    }
    case 'done': {
      const status = stage.after === 'logged' ? 'pushed' : 'queued';
      return { step: stage.after, status, attempts: 0, searches: 0, doubt: null, waitMs: 0, error: null };
    }
    case 'refused':
      return { ...back, status: 'failed', waitMs: 0, error: event.error };
    case 'turned_away':
      return { ...back, waitMs: 0, error: event.error };
    case 'not_done':
      return again(back, event.error);
    case 'unknown':
      return { ...payment, searches: 0, doubt: null, waitMs: SEARCH_DELAYS_MS[0], error: event.error };
    case 'absent':
      return notFound(payment, stage, event.error);
    case 'put_off':
      return { ...payment, waitMs: 0, error: event.error };
    case 'unanswered':
      return unanswered(payment, stage, event.error);
  }
}

/** One more search that finds nothing decides: nothing was sent. */
export function isSearchedEnough({ doubt, searches }: PushPosition): boolean {
  return doubt !== null && searches + 1 >= MAX_SEARCHES;
}

function notFound(payment: PushPosition, stage: Stage, error: PushError): PushChange {
  const searches = payment.searches + 1;
  const next = SEARCH_DELAYS_MS[searches];
  if (next !== undefined) return { ...payment, searches, waitMs: next, error };
  if (stage.whenAbsent === 'needs_review') return { ...payment, searches, status: 'needs_review', waitMs: 0, error };
  return again({ ...payment, step: stage.before, searches: 0 }, error);
}

/**
 * The outcome stays unknown, so giving up must not look as if nothing had happened. The next try searches again for a
 * slight doubt.
 */
function unanswered(payment: PushPosition, stage: Stage, error: PushError): PushChange {
  const change = again(payment, error);
  if (change.status !== 'failed') return change;
  if (payment.doubt === 'slight') return { ...change, step: stage.before, searches: 0, doubt: null };
  return { ...change, doubt: null, status: stage.whenAbsent === 'repeat' ? 'failed' : 'needs_review' };
}

function again(payment: PushPosition, error: PushError): PushChange {
  const waitMs = RETRY_DELAYS_MS[payment.attempts];
  const attempts = payment.attempts + 1;
  if (waitMs === undefined) return { ...payment, attempts, status: 'failed', waitMs: 0, error };
  return { ...payment, attempts, waitMs, error };
}

export type CallOutcome = 'refused' | 'not_done' | 'turned_away' | 'unknown';

/** A shorter pause is waited for without giving up the slot. */
const SHORTEST_PAUSE_MS = 1_000;

/**
 * What a failed call says about its effect. A POST is known to have done nothing only when no byte of it left or when
 * the provider said so; everything else, our own faults included, may have taken effect.
 */
export function outcomeOf(error: unknown): CallOutcome {
  if (!(error instanceof ProviderFailure)) return 'unknown';
  if (error.verdict === 'rate_limited') {
    return (error.retryAfterMs ?? 0) >= SHORTEST_PAUSE_MS ? 'turned_away' : 'not_done';
  }
  if (error.verdict === 'auth' || error.verdict === 'permission') return 'refused';
  if (error.nothingSent) return error.verdict === 'configuration' ? 'refused' : 'not_done';
  const { status } = error;
  return status !== null && status >= 400 && status < 500 && status !== 408 ? 'refused' : 'unknown';
}
