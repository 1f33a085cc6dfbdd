import type { components } from './generated/api';

export type ErrorBody = components['schemas']['ErrorBody'];
/** The closed list of codes; see docs/errors.md. */
export type ErrorCode = ErrorBody['code'];
/** What the caller can do about an error. */
export type NextAction = ErrorBody['nextAction'];

/** What is known of a call that failed. */
export interface CallFacts {
  /** The operation's id in the OpenAPI document. */
  readonly operation: string;
  /** How often the request was sent. */
  readonly attempts: number;
  /** Of a write. The same call with this key is the same logical call: it takes effect once. */
  readonly idempotencyKey?: string | undefined;
}

/** Everything that this SDK throws, but for the reason of an AbortSignal of yours. */
export class InterlockError extends Error {
  override name = 'InterlockError';
}

/** What is known of its answer, where one came. */
export interface AnswerFacts extends CallFacts {
  readonly status?: number | undefined;
  readonly requestId?: string | undefined;
  readonly retryAfterMs?: number | undefined;
}

/** A call that did not succeed. */
export class CallError extends InterlockError implements AnswerFacts {
  override name = 'CallError';
  readonly operation: string;
  readonly attempts: number;
  readonly idempotencyKey: string | undefined;
  /** The HTTP status of the last answer. */
  readonly status: number | undefined;
  /** Of the last answer, as its `x-request-id`; the service's log has it too. */
  readonly requestId: string | undefined;
  /** How long the service asks to wait, in milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, facts: AnswerFacts, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.operation = facts.operation;
    this.attempts = facts.attempts;
    this.idempotencyKey = facts.idempotencyKey;
    this.status = facts.status;
    this.requestId = facts.requestId;
    this.retryAfterMs = facts.retryAfterMs;
  }
}

/** No answer arrived, or only a part of one. Whether the service has acted is not known. */
export class ConnectionError extends CallError {
  override name = 'ConnectionError';
}

/** The time of one attempt, or of the whole call, is over. Whether the service has acted is not known. */
export class TimeoutError extends CallError {
  override name = 'TimeoutError';
}

/** An answer that is not the service's: of a proxy on the way, or not JSON. */
export class UnexpectedAnswerError extends CallError {
  override name = 'UnexpectedAnswerError';
  declare readonly status: number;
}

/**
 * An error of the service. Each code has a class of its own; a code that this SDK does not know yet is an ApiError
 * itself.
 */
export class ApiError extends CallError {
  declare readonly status: number;
  declare readonly requestId: string;
  /** Branch on it: a code never changes its meaning. */
  readonly code: ErrorCode;
  readonly nextAction: NextAction;
  /** Of a request that is not valid: each field's path, and the rules that it breaks. */
  readonly fields: Readonly<Record<string, readonly string[]>>;

  constructor(body: ErrorBody, facts: AnswerFacts) {
    super(body.error, { ...facts, requestId: body.requestId });
    this.name = nameOf(body.code);
    this.code = body.code;
    this.nextAction = body.nextAction;
    this.fields = body.details?.fields ?? {};
  }
}

/** As the class is called, whatever a minifier makes of it: `not_found` is NotFoundError. */
function nameOf(code: string): string {
  const words = code.split('_').filter((word) => word !== 'error');
  return `${words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')}Error`;
}
