import { InterlockError, type ErrorCode, type NextAction } from '../platform/errors';

/** What a request was answered, in a form that can be stored and given again. Its request id is not part of it. */
export type RepeatableAnswer =
  | { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: unknown }
  | { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly error: StoredError };

interface StoredError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly nextAction: NextAction;
  readonly fields?: Record<string, string[]>;
  readonly retryAfterSeconds?: number;
  readonly body?: Record<string, unknown>;
}

/** 401 and 403 say nothing about the request itself, 429 only about the moment. */
const NEVER_STORED_STATUSES: ReadonlySet<number> = new Set([401, 403, 429]);
const NEVER_STORED_CODES: ReadonlySet<string> = new Set(['idempotency_conflict', 'idempotency_in_progress']);

/**
 * Every 2xx, and every 4xx that would come out the same: not one that says when to try again. After a 5xx a retry runs
 * again.
 */
export function isStored(answer: RepeatableAnswer): boolean {
  if ('error' in answer) {
    const { code, retryAfterSeconds } = answer.error;
    const isOfTheMoment = NEVER_STORED_STATUSES.has(answer.status) || retryAfterSeconds !== undefined;
    return answer.status < 500 && !isOfTheMoment && !NEVER_STORED_CODES.has(code);
  }
  return answer.status >= 200 && answer.status < 300;
}

export function answerOfError(error: InterlockError, headers: Record<string, string>): RepeatableAnswer {
  const { code, message, nextAction, fields, retryAfterSeconds, body } = error;
  return { status: error.status, headers, error: { code, message, nextAction, fields, retryAfterSeconds, body } };
}

export function errorOf(stored: StoredError): InterlockError {
  return new InterlockError(stored.code, stored);
}
