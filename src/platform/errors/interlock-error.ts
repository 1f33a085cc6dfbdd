import { ERROR_CATALOGUE, type ErrorCode, type NextAction } from './catalogue';

export interface ErrorOptionsOfInterlock {
  /** Replaces the catalogue's text; never contains a rejected value, a secret or SQL. */
  message?: string;
  nextAction?: NextAction;
  /** Validation errors only: field path to the rules it breaks. */
  fields?: Record<string, string[]>;
  /** Sent as `Retry-After`, in whole seconds. */
  retryAfterSeconds?: number;
  /** Parameters of the `WWW-Authenticate` of a 401. */
  challenge?: string;
  /** Extra members of the error body that a contract page asks for. */
  body?: Record<string, unknown>;
  cause?: unknown;
}

/** The only error that carries a code of the catalogue; every other error is answered as `internal_error`. */
export class InterlockError extends Error {
  readonly code: ErrorCode;
  readonly status: number;
  readonly nextAction: NextAction;
  readonly fields?: Record<string, string[]>;
  readonly retryAfterSeconds?: number;
  readonly challenge?: string;
  readonly body?: Record<string, unknown>;

  constructor(code: ErrorCode, options: ErrorOptionsOfInterlock = {}) {
    const definition = ERROR_CATALOGUE[code];
    super(options.message ?? definition.text, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'InterlockError';
    this.code = code;
    this.status = definition.status;
    this.nextAction = options.nextAction ?? definition.nextAction;
    this.fields = options.fields;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.challenge = options.challenge;
    this.body = options.body;
  }

  static invalidField(path: string, rule: string): InterlockError {
    return new InterlockError('invalid_request', { fields: { [path]: [rule] } });
  }
}
