export { ENVIRONMENTS, isBound, RequestContext } from './request-context';
export type { Caller, Environment, RequestState } from './request-context';
export { ERROR_CODES_EXTENSION, MayFail } from './may-fail.decorator';
export { PUBLIC_ROUTE, Public } from './public.decorator';
export { ErrorFilter, toInterlockError } from './error.filter';
export { toErrorBody } from './error-body';
export type { ErrorBody } from './error-body';
export { pagination, parsePage, wholeNumberQuery } from './pagination';
export type { PageRequest, Pagination } from './pagination';
