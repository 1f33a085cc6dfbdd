export { ApiCall, type Call } from './api-call';
export { Interlock, type InterlockOptions } from './client';
export {
  ApiError,
  CallError,
  ConnectionError,
  type ErrorBody,
  type ErrorCode,
  InterlockError,
  type NextAction,
  TimeoutError,
  UnexpectedAnswerError,
} from './errors';
export { Feed, type FeedBatch, type FeedOptions, type FeedReset, FeedResetError } from './feed';
export type { components, operations, paths } from './generated/api';
export * from './generated/errors';
export { API_VERSION, VERSION } from './generated/operations';
export { List, type ListOf } from './list';
export type { NodeKey } from './node-tokens';
export type { Answer, DebugEvent } from './transport';
export type * from './types';
export { SyncFailedError, SyncTimeoutError, type WaitForSyncOptions } from './wait-for-sync';
export { verifyWebhook, type VerifyWebhookOptions, type WebhookProblem, WebhookVerificationError } from './webhooks';
