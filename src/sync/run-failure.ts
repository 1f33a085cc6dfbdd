import { CredentialUnavailable } from '../integrations';
import type { ErrorCode, NextAction } from '../platform/errors';
import { ProviderFailure, type Verdict, VERDICT_POLICIES } from '../platform/outbound';

/** A failure as logs, health and the merchant see it. */
export interface RunFailure {
  readonly verdict: Verdict;
  readonly code: ErrorCode;
  readonly nextAction: NextAction;
  readonly message: string;
  /** The provider asked for a pause, or the budget is used up. */
  readonly retryAfterMs: number | null;
}

/** Judges what a handler threw. Texts are ours or a provider's masked message: never an exception's own text. */
export function judgeFailure(error: unknown): RunFailure {
  if (error instanceof ProviderFailure) {
    const policy = VERDICT_POLICIES[error.verdict];
    const code = error.verdict === 'network' && !error.timedOut ? 'provider_error' : policy.code;
    const own = error.field ? `${error.field} ${error.message}.` : error.message;
    const message = error.providerMessage ? `${own} The provider said: ${error.providerMessage}` : own;
    return { verdict: error.verdict, code, nextAction: policy.nextAction, message, retryAfterMs: error.retryAfterMs };
  }
  if (error instanceof CredentialUnavailable) {
    return {
      verdict: 'internal',
      code: 'unavailable',
      nextAction: 'wait',
      message: error.message,
      retryAfterMs: null,
    };
  }
  return {
    verdict: 'internal',
    code: 'internal_error',
    nextAction: 'contact_support',
    message: 'Something went wrong on our side.',
    retryAfterMs: null,
  };
}
