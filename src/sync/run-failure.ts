import { CredentialKeyMissing, CredentialUnavailable } from '../integrations';
import type { ErrorCode, NextAction } from '../platform/errors';
import { PROVIDER_SAID, ProviderFailure, VERDICT_POLICIES, type Verdict } from '../platform/outbound';
import { ProviderNotServed } from '../providers';

/** A failure as logs, health and the merchant see it. */
export interface RunFailure {
  readonly verdict: Verdict;
  readonly code: ErrorCode;
  readonly nextAction: NextAction;
  readonly message: string;
  /** Of the provider's answer; null: there was none, or it was not the answer that failed. */
  readonly status: number | null;
  /** The provider asked for a pause, or the budget is used up. */
  readonly retryAfterMs: number | null;
  /** Why the run should wait for `retryAfterMs` and then go on, which is nobody's failure; null: it has failed. */
  readonly waitReason: 'rate_limited' | 'provider_maintenance' | 'key_management' | null;
}

/** The guarded client has already made waits this short; a longer one ends the time slice. */
const SHORTEST_DELAY_MS = 1_000;

/** Classifies what a handler threw. Texts are ours or a provider's masked message: never an exception's own text. */
export function toRunFailure(error: unknown): RunFailure {
  if (error instanceof ProviderFailure) {
    const policy = VERDICT_POLICIES[error.verdict];
    const code = error.verdict === 'network' && !error.timedOut ? 'provider_error' : policy.code;
    const own = withStatus(error.field ? `${error.field} ${error.message}.` : error.message, error.status);
    const message = error.providerMessage ? own + PROVIDER_SAID + error.providerMessage : own;
    const { verdict, status, retryAfterMs } = error;
    const { nextAction } = policy;
    return { verdict, code, nextAction, message, status, retryAfterMs, waitReason: waitReasonOf(error) };
  }
  if (error instanceof CredentialUnavailable) {
    return {
      verdict: 'internal',
      code: 'unavailable',
      nextAction: 'wait',
      message: error.message,
      status: null,
      retryAfterMs: error.retryInMs,
      waitReason: error.retryInMs === null ? null : 'key_management',
    };
  }
  if (error instanceof ProviderNotServed || error instanceof CredentialKeyMissing) {
    const { code, nextAction, message } = error;
    return { verdict: 'internal', code, nextAction, message, status: null, retryAfterMs: null, waitReason: null };
  }
  return {
    verdict: 'internal',
    code: 'internal_error',
    nextAction: 'contact_support',
    message: 'Something went wrong on our side.',
    status: null,
    retryAfterMs: null,
    waitReason: null,
  };
}

/** A good answer that could not be understood has no status worth telling. */
function withStatus(message: string, status: number | null): string {
  if (status === null || (status >= 200 && status < 300) || message.includes(String(status))) return message;
  return `${message.replace(/\.$/, '')} (HTTP ${status}).`;
}

/** A 503 that names its end is announced maintenance; one that does not is an outage like any other. */
function waitReasonOf({ verdict, status, retryAfterMs }: ProviderFailure): RunFailure['waitReason'] {
  if ((retryAfterMs ?? 0) < SHORTEST_DELAY_MS) return null;
  if (verdict === 'rate_limited') return 'rate_limited';
  return verdict === 'provider_down' && status === 503 ? 'provider_maintenance' : null;
}
