import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import { BodyReader, BodyTooLarge } from './body-reader';

export interface WireRequest {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  readonly headersTimeoutMs: number;
  readonly totalTimeoutMs: number;
  readonly maxBytes: number;
  readonly signal: AbortSignal;
  /** Called in the tick in which the first byte is written; throws when none may be. */
  readonly mayDispatch: (() => void) | null;
}

export interface WireAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Decompressed. `too_large`, `unreadable`: the status is still worth classifying. */
  readonly body: Buffer | 'too_large' | 'unreadable';
  /** As it came over the wire. */
  readonly bytes: number;
}

/** An exchange that gave no answer. */
export class WireError extends Error {
  constructor(
    /** A byte of the request may have left. */
    readonly sent: boolean,
    override readonly cause: unknown,
  ) {
    super('the exchange broke');
  }
}

export class TotalTimeout extends Error {}

/** Answers such as `103 Early Hints` without an end to them. */
export class TooManyHints extends Error {}

const MAX_INFORMATIONAL = 10;

/**
 * One request and its answer on a dispatcher. Rejects with the signal's reason as soon as it aborts, whatever the
 * socket is doing, and otherwise with a WireError. Follows nothing, retries nothing, classifies nothing.
 */
export function exchange(dispatcher: Dispatcher, request: WireRequest): Promise<WireAnswer> {
  return new Promise<WireAnswer>((resolve, reject) => {
    const { signal } = request;
    let controller: Dispatcher.DispatchController | null = null;
    let reader: BodyReader | null = null;
    let sent = false;
    let settled = false;
    let informational = 0;

    const settle = (outcome: () => void, breakOff: Error | null) => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      outcome();
      if (breakOff === null) return;
      reader?.fail(breakOff);
      controller?.abort(breakOff);
    };
    const fail = (error: Error) => settle(() => reject(new WireError(sent, error)), error);
    const onAbort = () => settle(() => reject(signal.reason), new Error('aborted'));
    const timer = setTimeout(() => fail(new TotalTimeout()), request.totalTimeoutMs);
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });

    dispatcher.dispatch(
      {
        origin: request.url.origin,
        path: `${request.url.pathname}${request.url.search}`,
        method: request.method,
        headers: request.headers,
        body: request.body,
        headersTimeout: request.headersTimeoutMs,
        bodyTimeout: request.totalTimeoutMs,
      },
      {
        onRequestStart(started) {
          controller = started;
          // given up while the connection was being made: not a byte may leave now
          if (settled) return started.abort(new Error('aborted'));
          try {
            request.mayDispatch?.();
          } catch (error) {
            return fail(error as Error);
          }
          sent = true;
        },
        onResponseStart(_controller, status, rawHeaders) {
          if (settled) return;
          if (status < 200) {
            informational += 1;
            if (informational > MAX_INFORMATIONAL) fail(new TooManyHints());
            return;
          }
          const headers = flatten(rawHeaders);
          const current = new BodyReader(headers['content-encoding'] ?? '', request.maxBytes);
          reader = current;
          current.body.then(
            (body) => settle(() => resolve({ status, headers, body, bytes: current.bytes }), null),
            (error: Error) => {
              const body = error instanceof BodyTooLarge ? 'too_large' : 'unreadable';
              settle(() => resolve({ status, headers, body, bytes: current.bytes }), error);
            },
          );
        },
        onResponseData(running, chunk) {
          if (settled || reader === null) return;
          if (!reader.write(chunk, () => running.resume())) running.pause();
        },
        onResponseEnd() {
          reader?.end();
        },
        onResponseError(_controller, error) {
          fail(error);
        },
      },
    );
  });
}

function flatten(headers: IncomingHttpHeaders): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) flat[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : value;
  }
  return flat;
}
