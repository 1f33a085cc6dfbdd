// Generated from openapi.json and the error catalogue by `npm run openapi`.
import { ApiError } from '../errors';

/** 400 `invalid_request`. A field, query parameter or header is missing, malformed, unknown or out of range, or the destination in `credentials.baseUrl` may not be called or is not the provider’s API. `details.fields` names each field and its rule; the rejected value is never echoed. */
export class InvalidRequestError extends ApiError {}

/** 400 `provider_credentials_rejected`. The provider was reached and refused the credentials, or they lack a permission. Nothing was stored. Check the key in the provider’s own settings and send it again. */
export class ProviderCredentialsRejectedError extends ApiError {}

/** 400 `not_active`. The call needs an active integration. Activate it first. */
export class NotActiveError extends ApiError {}

/** 400 `sync_paused`. The circuit breaker of the integration is open. Read `lastSyncError` or the explain endpoint, fix the cause, then call resume-sync. */
export class SyncPausedError extends ApiError {}

/** 401 `unauthenticated`. The key or token is missing, malformed, unknown, expired or revoked. The text is the same for every cause, on purpose. */
export class UnauthenticatedError extends ApiError {}

/** 403 `permission_denied`. The caller is known but lacks the scope, permission or role. Use a key that has it. */
export class PermissionDeniedError extends ApiError {}

/** 404 `not_found`. There is no such resource for this caller and environment; for lifecycle calls: no integration of this provider is active. */
export class NotFoundError extends ApiError {}

/** 409 `conflict`. The requested transition is not allowed in the current state, which the text names. */
export class ConflictError extends ApiError {}

/** 409 `already_active`. An integration of this provider is active, or is just being activated by another call. Send new credentials with PUT …/credentials, or use deactivate, sync-toggle or resume-sync. */
export class AlreadyActiveError extends ApiError {}

/** 409 `idempotency_conflict`. An Idempotency-Key stands for one request: its body, and `limit` and `cursor` where the operation takes them. Send the original request, or a new key. */
export class IdempotencyConflictError extends ApiError {}

/** 409 `idempotency_in_progress`. Repeat the same request after `Retry-After` seconds: its stored answer will be replayed. */
export class IdempotencyInProgressError extends ApiError {}

/** 410 `cursor_expired`. Tombstones are kept 90 days, and a restored database may lack changes that a reader has seen. Start again without a cursor and compare. */
export class CursorExpiredError extends ApiError {}

/** 413 `payload_too_large`. Bodies are limited to 1 MiB, uncompressed, and to 16 KiB where no credential is required. The text names the limit. Split the request. */
export class PayloadTooLargeError extends ApiError {}

/** 415 `unsupported_media_type`. A body was sent whose Content-Type is not application/json, or whose Content-Encoding is not gzip, deflate or br. Where no credential is required, no Content-Encoding is accepted. */
export class UnsupportedMediaTypeError extends ApiError {}

/** 422 `unprocessable_entity`. The request is well formed but the provider lacks the capability, or the data it names does not allow it. */
export class UnprocessableEntityError extends ApiError {}

/** 429 `rate_limited`. The rate limit was reached. Wait for `Retry-After` seconds. */
export class RateLimitedError extends ApiError {}

/** 500 `internal_error`. A fault of the service. It is logged under the `requestId`; retry, and report the id if it persists. */
export class InternalError extends ApiError {}

/** 502 `provider_error`. The provider failed, or sent an answer that the adapter does not understand. Nothing was stored. Try again later. */
export class ProviderError extends ApiError {}

/** 503 `unavailable`. A dependency of the service (database, queue, key management) cannot be reached. Try again later. */
export class UnavailableError extends ApiError {}

/** 504 `provider_timeout`. The provider took too long. Nothing was stored. Try again later. */
export class ProviderTimeoutError extends ApiError {}

/** The class of each code. */
export const ERROR_CLASSES = {
  invalid_request: InvalidRequestError,
  provider_credentials_rejected: ProviderCredentialsRejectedError,
  not_active: NotActiveError,
  sync_paused: SyncPausedError,
  unauthenticated: UnauthenticatedError,
  permission_denied: PermissionDeniedError,
  not_found: NotFoundError,
  conflict: ConflictError,
  already_active: AlreadyActiveError,
  idempotency_conflict: IdempotencyConflictError,
  idempotency_in_progress: IdempotencyInProgressError,
  cursor_expired: CursorExpiredError,
  payload_too_large: PayloadTooLargeError,
  unsupported_media_type: UnsupportedMediaTypeError,
  unprocessable_entity: UnprocessableEntityError,
  rate_limited: RateLimitedError,
  internal_error: InternalError,
  provider_error: ProviderError,
  unavailable: UnavailableError,
  provider_timeout: ProviderTimeoutError,
};
