export { ERROR_CATALOGUE, ERROR_CODES, NEXT_ACTIONS } from './catalogue';
export type { ErrorCode, ErrorDefinition, NextAction } from './catalogue';
export { InterlockError } from './interlock-error';
