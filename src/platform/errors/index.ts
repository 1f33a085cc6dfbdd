export { ERROR_CATALOGUE, ERROR_CODES, NEXT_ACTIONS, PUBLIC_ERROR_CODES, RETRYABLE_CODES } from './catalogue';
export type { ErrorCode, ErrorDefinition, NextAction } from './catalogue';
export { InterlockError } from './interlock-error';
