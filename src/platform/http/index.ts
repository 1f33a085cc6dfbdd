export {
  countedPart,
  LIST_QUERY,
  ListEndDto,
  listEnd,
  ListQueryDto,
  listQueryOf,
  listRequest,
  offsetOf,
  ReadsList,
} from './params/bounded-list';
export type { ListPart, ListRequest } from './params/bounded-list';
export { ADDRESS_RANGE_RULE, AddressList, isAddressRange } from './address-list';
export { BodyRequired } from './body-required.decorator';
export { networkOf } from './caller-network';
export { currentActor, ENVIRONMENTS, isBound, RequestContext } from './request-context';
export type { Actor, Caller, Environment, SignIn } from './request-context';
export { MayFail } from './may-fail.decorator';
export { PUBLIC_ROUTE, Public } from './public.decorator';
export { ErrorFilter, toInterlockError } from './error.filter';
export { toErrorBody } from './error-body';
export { CURRENCY_RULE, isCurrency, IsCurrencyCode } from './params/currency';
export { IsTimestamp } from './params/is-timestamp.decorator';
export { parseTimestamp } from './params/timestamp';
export { IsOpenObject } from './params/open-object';
export { PAGE_LIMIT, pagination, PageQueryDto } from './params/pagination';
export type { PageQuery } from './params/pagination';
export { QueryFlag, QueryOneOf, QueryText, QueryTime, QueryUuid, QueryWhole } from './params/query-fields';
export { IdPipe, isUuid, UuidPipe } from './params/uuid';
export { AsFlag, AsUnset, AsWhole } from '../text-values';
