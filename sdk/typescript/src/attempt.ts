import {
  ApiError,
  ConnectionError,
  TimeoutError,
  UnexpectedAnswerError,
  type CallError,
  type CallFacts,
  type ErrorBody,
} from './errors';
import { ERROR_CLASSES } from './generated/errors';
import { parseRetryAfter } from './retry-policy';

export type AttemptResult =
  | { readonly answer: { readonly body: unknown; readonly status: number; readonly headers: Headers } }
  | {
      readonly error: CallError;
      /** Whether the service may have acted all the same. */
      readonly isUnknown: boolean;
    };

interface AttemptInit {
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body: string | undefined;
}

interface AttemptLimits {
  readonly limitMs: number;
  readonly signal: AbortSignal | undefined;
  readonly facts: CallFacts;
}

/** Sends a request once and reads its answer whole. Throws only the reason of the caller's signal. */
export async function attempt(
  send: typeof fetch,
  url: string,
  init: AttemptInit,
  { limitMs, signal, facts }: AttemptLimits,
): Promise<AttemptResult> {
  const stop = new AbortController();
  const abort = (): void => stop.abort(signal?.reason);
  signal?.addEventListener('abort', abort, { once: true });
  let isOver = false;
  const timer = setTimeout(() => {
    isOver = true;
    stop.abort();
  }, limitMs);
  try {
    // a redirect would carry the credential to another place
    const response = await send(url, {
      method: init.method,
      headers: init.headers,
      redirect: 'manual',
      signal: stop.signal,
      ...(init.body === undefined ? {} : { body: init.body }),
    });
    return understood(response, await response.text(), facts);
  } catch (cause) {
    signal?.throwIfAborted();
    const error = isOver
      ? new TimeoutError(`No answer within ${limitMs} ms.`, facts)
      : new ConnectionError('The service gave no answer, or a part of one.', facts, cause);
    return { error, isUnknown: true };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  }
}

function understood(response: Response, text: string, facts: CallFacts): AttemptResult {
  const { status, headers, ok } = response;
  const body = text === '' ? undefined : parsed(text);
  if (ok && body !== null) return { answer: { body, status, headers } };
  const retryAfterMs = parseRetryAfter(headers.get('retry-after'));
  const requestId = headers.get('x-request-id') ?? undefined;
  const known = { ...facts, status, requestId, retryAfterMs };
  if (ok || !isErrorBody(body)) {
    const error = new UnexpectedAnswerError(`An answer with status ${status} is not the service's.`, known);
    return { error, isUnknown: ok || status >= 500 };
  }
  const Class = Object.hasOwn(ERROR_CLASSES, body.code) ? ERROR_CLASSES[body.code] : ApiError;
  return { error: new Class(body, known), isUnknown: status >= 500 };
}

/** Null for what is not JSON; no answer of the service is null. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isErrorBody(body: unknown): body is ErrorBody {
  return (
    typeof body === 'object' && body !== null && 'code' in body && typeof body.code === 'string' && 'error' in body
  );
}
