import type { ErrorCode, NextAction } from '../platform/errors';
import type { Verdict } from '../platform/outbound';
import type { LeasedRun, RunKind } from './run';

/** What a handler may ask of the engine while it works. */
export interface RunContext {
  readonly run: LeasedRun;
  /** Aborts when the lease is lost, the run is cancelled or the process drains. */
  readonly signal: AbortSignal;
  /**
   * For the moment before a call that changes something is sent (`mayDispatch`): throws a ProviderFailure that says
   * that nothing was sent when the lease is over by the clock, also when nobody has noticed yet.
   */
  assertHeld(): void;
  /**
   * Makes a call to the provider. While it takes long the run holds no worker slot, and it goes on when it has one
   * again.
   */
  duringCall<T>(call: () => Promise<T>): Promise<T>;
  /** The time slice is over, or the process drains: commit, then return `yielded`. */
  shouldYield(): boolean;
  /** One page was read; counts towards the time slice. */
  countPage(): void;
}

export type RunOutcome =
  | { readonly kind: 'succeeded' }
  /** Queues behind the others, from `notBeforeMs` on when it must wait. */
  | { readonly kind: 'yielded'; readonly notBeforeMs?: number; readonly reason?: string }
  | FailedRun
  | { readonly kind: 'cancelled' };

/** `code` and `nextAction` where they differ from the verdict's own (key management is away: `unavailable`, `wait`). */
export interface FailedRun {
  readonly kind: 'failed';
  readonly verdict: Verdict;
  readonly message: string;
  /** Of the provider's answer, where one failed. */
  readonly status?: number | null;
  readonly code?: ErrorCode;
  readonly nextAction?: NextAction;
  /** No retry before the next scheduled run. */
  readonly asScheduled?: true;
}

/**
 * One kind of work that the engine runs: it owns run rows, leases, retries and logs; the handler does the work between
 * them. Handlers are registered at start; a kind without a handler stops the process in worker roles.
 */
export abstract class RunHandler {
  abstract readonly kind: RunKind;
  abstract execute(context: RunContext): Promise<RunOutcome>;
}
