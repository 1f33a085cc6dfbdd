export { ENVIRONMENTS, RequestContext } from './request-context';
export type { Caller, Environment, RequestState } from './request-context';
export { requestIdMiddleware } from './request-id';
export { ErrorFilter, toInterlockError } from './error.filter';
export { toErrorBody } from './error-body';
export type { ErrorBody } from './error-body';
