export { ERROR_CATALOGUE, ERROR_CODES, NEXT_ACTIONS } from './catalogue';
export type { ErrorCode, ErrorDefinition, NextAction, RetryPolicy } from './catalogue';
export { InterlockError } from './interlock-error';
