import { attempt, type AttemptResult } from './attempt';
import type { Credentials } from './credentials';
import { TimeoutError, type CallFacts } from './errors';
import { UnauthenticatedError } from './generated/errors';
import { prepareRequest, type PreparedRequest } from './prepared-request';
import { isRetryable, retryDelayMs } from './retry-policy';
import { sleep, within } from './sleep';
import type { AnswerOf, Arguments, CallOptions, OperationId } from './types';

/** What the debug hook is told. It holds no header, no body and no query, so no secret. */
export interface DebugEvent {
  readonly kind: 'request' | 'answer' | 'failure' | 'retry';
  readonly operation: string;
  readonly method: string;
  readonly path: string;
  /** 1 for the first. */
  readonly attempt: number;
  readonly status?: number | undefined;
  readonly requestId?: string | undefined;
  readonly durationMs?: number | undefined;
  /** The name of the error. */
  readonly error?: string | undefined;
  /** Before the next attempt. */
  readonly delayMs?: number | undefined;
}

export interface TransportSettings {
  readonly baseUrl: string;
  readonly credentials: Credentials;
  readonly timeoutMs: number;
  readonly attemptTimeoutMs: number;
  readonly maxRetries: number;
  readonly backoff: { readonly baseMs: number; readonly capMs: number };
  readonly fetch: typeof fetch;
  readonly debug?: ((event: DebugEvent) => void) | undefined;
}

/** An answer, and how it came. */
export interface Answer<T> {
  readonly body: T;
  readonly status: number;
  readonly headers: Headers;
  readonly requestId: string | null;
  /** How often the request was sent. */
  readonly attempts: number;
  /** Whether the service had answered this Idempotency-Key before, and answered so again. */
  readonly replayed: boolean;
}

export interface SendOptions extends CallOptions {
  /** Of a deletion: 404 to a later attempt means that an earlier one was carried out. */
  readonly goneIsDone?: boolean;
}

/** Sends calls, and again where that is safe. */
export class Transport {
  constructor(readonly settings: TransportSettings) {}

  async send<O extends OperationId>(
    operation: O,
    args: Arguments<O>,
    options: SendOptions = {},
  ): Promise<Answer<AnswerOf<O>>> {
    const { settings } = this;
    const { signal, timeoutMs = settings.timeoutMs, maxRetries = settings.maxRetries } = options;
    const request = prepareRequest(settings.baseUrl, operation, args, options);
    const endsAt = Date.now() + timeoutMs;
    let wasRenewed = false;
    let isUncertain = false;
    for (let number = 1, retries = 0; ; number++) {
      signal?.throwIfAborted();
      const facts: CallFacts = { operation, attempts: number, idempotencyKey: request.idempotencyKey };
      const isOver = () => new TimeoutError('The time of the call is over.', { ...facts, attempts: number - 1 });
      if (Date.now() >= endsAt) throw isOver();
      const authorization = await within(settings.credentials.headers(), endsAt - Date.now(), signal, isOver);
      const result = await this.try(request, authorization, facts, options, endsAt);
      if ('answer' in result) return finished(result.answer, number);
      const { error, isUnknown } = result;
      if (options.goneIsDone && isUncertain && error.status === 404) {
        return {
          body: undefined as never,
          status: 204,
          headers: new Headers(),
          requestId: null,
          attempts: number,
          replayed: true,
        };
      }
      isUncertain ||= isUnknown;
      if (error instanceof UnauthenticatedError && !wasRenewed && settings.credentials.renew(authorization)) {
        // refused before anything was done: the same request with a new token
        wasRenewed = true;
        continue;
      }
      if (retries >= maxRetries || !isRetryable(error)) throw error;
      const delayMs = retryDelayMs(++retries, settings.backoff, error.retryAfterMs);
      if (Date.now() + delayMs >= endsAt) throw error;
      this.tell(request, { kind: 'retry', attempt: number, delayMs });
      await sleep(delayMs, signal);
    }
  }

  private async try(
    request: PreparedRequest,
    authorization: Record<string, string>,
    facts: CallFacts,
    options: CallOptions,
    endsAt: number,
  ): Promise<AttemptResult> {
    const startedAt = Date.now();
    const limitMs = Math.max(
      0,
      Math.min(options.attemptTimeoutMs ?? this.settings.attemptTimeoutMs, endsAt - startedAt),
    );
    this.tell(request, { kind: 'request', attempt: facts.attempts });
    const init = { method: request.method, headers: { ...request.headers, ...authorization }, body: request.body };
    const result = await attempt(this.settings.fetch, request.url, init, { limitMs, signal: options.signal, facts });
    const durationMs = Date.now() - startedAt;
    if ('answer' in result) {
      const { status, headers } = result.answer;
      const requestId = headers.get('x-request-id') ?? undefined;
      this.tell(request, { kind: 'answer', attempt: facts.attempts, status, requestId, durationMs });
    } else {
      const { error } = result;
      const { status, requestId } = error;
      this.tell(request, {
        kind: 'failure',
        attempt: facts.attempts,
        status,
        requestId,
        durationMs,
        error: error.name,
      });
    }
    return result;
  }

  private tell(
    { operation, method, path }: PreparedRequest,
    event: Omit<DebugEvent, 'operation' | 'method' | 'path'>,
  ): void {
    try {
      this.settings.debug?.({ operation, method, path, ...event });
    } catch {
      // what looks on must not change what happens
    }
  }
}

function finished<T>(answer: { body: unknown; status: number; headers: Headers }, attempts: number): Answer<T> {
  const { headers } = answer;
  return {
    ...(answer as { body: T; status: number; headers: Headers }),
    requestId: headers.get('x-request-id'),
    attempts,
    replayed: headers.get('idempotency-replayed') === 'true',
  };
}
