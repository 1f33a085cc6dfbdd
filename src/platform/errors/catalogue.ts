/**
 * The closed catalogue of error codes. It is data with three exhaustive readers: the HTTP error filter, the retry
 * policy of runs and the generated docs/errors.md. A code is never renamed and never changes its status.
 */
export const NEXT_ACTIONS = [
  'none',
  'fix_request',
  'fix_credentials',
  'wait',
  'reconnect',
  'resume_sync',
  'contact_support',
] as const;
export type NextAction = (typeof NEXT_ACTIONS)[number];

/** What a run that failed with this code does next: try again by itself, or wait for somebody to act. */
export type RetryPolicy = 'retry' | 'act_first';

export interface ErrorDefinition {
  readonly status: number;
  /** The default text of `error`; one sentence, addressed to the caller. */
  readonly text: string;
  /** What the code means and what to do about it; the paragraph of docs/errors.md. */
  readonly meaning: string;
  readonly nextAction: NextAction;
  readonly retry: RetryPolicy;
  /** Callers of /v2 and /api/v1 never meet it. */
  readonly adminOnly?: true;
}

export const ERROR_CATALOGUE = {
  invalid_request: {
    status: 400,
    text: 'The request is not valid.',
    meaning:
      'A field, query parameter or header is missing, malformed, unknown or out of range, or the destination in `credentials.baseUrl` may not be called or is not the provider’s API. `details.fields` names each field and its rule; the rejected value is never echoed.',
    nextAction: 'fix_request',
    retry: 'act_first',
  },
  provider_credentials_rejected: {
    status: 400,
    text: 'Credentials were rejected by the provider.',
    meaning:
      'The provider was reached and refused the credentials, or they lack a permission. Nothing was stored. Check the key in the provider’s own settings and send it again.',
    nextAction: 'fix_credentials',
    retry: 'act_first',
  },
  not_active: {
    status: 400,
    text: 'The integration is not active.',
    meaning: 'The call needs an active integration. Activate it first.',
    nextAction: 'reconnect',
    retry: 'act_first',
  },
  sync_paused: {
    status: 400,
    text: 'Sync is paused after repeated failures. Call resume-sync to start again.',
    meaning:
      'The circuit breaker of the integration is open. Read `lastSyncError` or the explain endpoint, fix the cause, then call resume-sync.',
    nextAction: 'resume_sync',
    retry: 'act_first',
  },
  unauthenticated: {
    status: 401,
    text: 'A valid API key or token is required.',
    meaning:
      'The key or token is missing, malformed, unknown, expired or revoked. The text is the same for every cause, on purpose.',
    nextAction: 'fix_credentials',
    retry: 'act_first',
  },
  sign_in_too_old: {
    status: 401,
    text: 'This needs a recent sign-in.',
    meaning:
      'The act is dangerous, and the session of the console comes from a sign-in at the OpenID provider that is too old or below the level of `OIDC_STEP_UP_ACR`. Sign in again with `/admin/sign-in?stepUp=true`. A token that stands for no sign-in is not asked.',
    nextAction: 'fix_credentials',
    retry: 'act_first',
    adminOnly: true,
  },
  permission_denied: {
    status: 403,
    text: 'The caller is not allowed to do this.',
    meaning: 'The caller is known but lacks the scope, permission or role. Use a key that has it.',
    nextAction: 'contact_support',
    retry: 'act_first',
  },
  wrong_origin: {
    status: 403,
    text: 'The request does not come from the console of this service.',
    meaning:
      'The `Origin` of the request is not the address at which the service knows its console. Another site sent it, or a proxy hides the address: set `PUBLIC_ORIGIN` to what browsers show.',
    nextAction: 'fix_request',
    retry: 'act_first',
    adminOnly: true,
  },
  not_found: {
    status: 404,
    text: 'Not found.',
    meaning:
      'There is no such resource for this caller and environment; for lifecycle calls: no integration of this provider is active.',
    nextAction: 'fix_request',
    retry: 'act_first',
  },
  conflict: {
    status: 409,
    text: 'The resource is in a state that does not allow this.',
    meaning: 'The requested transition is not allowed in the current state, which the text names.',
    nextAction: 'fix_request',
    retry: 'act_first',
  },
  already_active: {
    status: 409,
    text: 'The integration is already active. Send new credentials with PUT …/credentials, or use deactivate, sync-toggle or resume-sync.',
    meaning:
      'An integration of this provider is active, or is just being activated by another call. Send new credentials with PUT …/credentials, or use deactivate, sync-toggle or resume-sync.',
    nextAction: 'none',
    retry: 'act_first',
  },
  idempotency_conflict: {
    status: 409,
    text: 'This Idempotency-Key was used with another request.',
    meaning:
      'An Idempotency-Key stands for one request: its body, and `limit` and `cursor` where the operation takes them. Send the original request, or a new key.',
    nextAction: 'fix_request',
    retry: 'act_first',
  },
  idempotency_in_progress: {
    status: 409,
    text: 'The first request with this Idempotency-Key is still running.',
    meaning: 'Repeat the same request after `Retry-After` seconds: its stored answer will be replayed.',
    nextAction: 'wait',
    retry: 'retry',
  },
  cursor_expired: {
    status: 410,
    text: 'The cursor has expired.',
    meaning:
      'Tombstones are kept 90 days, and a restored database may lack changes that a reader has seen. Start again without a cursor and compare.',
    nextAction: 'fix_request',
    retry: 'act_first',
  },
  payload_too_large: {
    status: 413,
    text: 'The body is too large.',
    meaning:
      'Bodies are limited to 1 MiB, uncompressed, and to 16 KiB where no credential is required. The text names the limit. Split the request.',
    nextAction: 'fix_request',
    retry: 'act_first',
  },
  unsupported_media_type: {
    status: 415,
    text: 'The body must be JSON.',
    meaning:
      'A body was sent whose Content-Type is not application/json, or whose Content-Encoding is not gzip, deflate or br. Where no credential is required, no Content-Encoding is accepted.',
    nextAction: 'fix_request',
    retry: 'act_first',
  },
  unprocessable_entity: {
    status: 422,
    text: 'The request cannot be carried out for this provider.',
    meaning:
      'The request is well formed but the provider lacks the capability, or the data it names does not allow it.',
    nextAction: 'fix_request',
    retry: 'act_first',
  },
  manifest_refused: {
    status: 422,
    text: 'The manifest has faults.',
    meaning:
      'The manifest of a provider is not what `provider lint` passes. `details.fields.manifest` names each fault with its line and column. Nothing was stored, and the version before is served.',
    nextAction: 'fix_request',
    retry: 'act_first',
    adminOnly: true,
  },
  rate_limited: {
    status: 429,
    text: 'Too many requests.',
    meaning: 'The rate limit was reached. Wait for `Retry-After` seconds.',
    nextAction: 'wait',
    retry: 'retry',
  },
  internal_error: {
    status: 500,
    text: 'Something went wrong on our side.',
    meaning: 'A fault of the service. It is logged under the `requestId`; retry, and report the id if it persists.',
    nextAction: 'contact_support',
    retry: 'retry',
  },
  provider_error: {
    status: 502,
    text: 'The provider could not be reached or answered with an error.',
    meaning:
      'The provider failed, or sent an answer that the adapter does not understand. Nothing was stored. Try again later.',
    nextAction: 'wait',
    retry: 'retry',
  },
  unavailable: {
    status: 503,
    text: 'The service is temporarily unavailable.',
    meaning: 'A dependency of the service (database, queue, key management) cannot be reached. Try again later.',
    nextAction: 'wait',
    retry: 'retry',
  },
  provider_timeout: {
    status: 504,
    text: 'The provider did not answer in time.',
    meaning: 'The provider took too long. Nothing was stored. Try again later.',
    nextAction: 'wait',
    retry: 'retry',
  },
} as const satisfies Record<string, ErrorDefinition>;

export type ErrorCode = keyof typeof ERROR_CATALOGUE;
export const ERROR_CODES = Object.keys(ERROR_CATALOGUE) as ErrorCode[];

/** The codes that callers of /v2 and /api/v1 may meet. */
export const PUBLIC_ERROR_CODES: readonly ErrorCode[] = ERROR_CODES.filter(
  (code) => !('adminOnly' in ERROR_CATALOGUE[code]),
);

/** Codes that may pass by themselves: the others wait for somebody to act, and a retry would only fail again. */
export const RETRYABLE_CODES: readonly ErrorCode[] = ERROR_CODES.filter(
  (code) => ERROR_CATALOGUE[code].retry === 'retry',
);
