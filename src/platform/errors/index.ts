export { ERROR_CATALOGUE, ERROR_CODES, NEXT_ACTIONS, RETRYABLE_CODES } from './catalogue';
export type { ErrorCode, ErrorDefinition, NextAction } from './catalogue';
export { InterlockError } from './interlock-error';
