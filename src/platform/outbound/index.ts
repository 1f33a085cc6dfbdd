export { DestinationRefused, hostIsUnder } from './destination';
export { GuardedHttpClient } from './guarded-http-client';
export type { BindOptions } from './guarded-http-client';
export type { Judgement, OutboundHttp, OutboundRequest, OutboundResponse } from './outbound-http';
export { NameResolver } from './name-resolver';
export { parseJsonBody } from './json-body';
export { RateBudget } from './rate-budget';
export { ProviderFailure, VERDICTS, VERDICT_POLICIES } from './verdict';
export type { Verdict, VerdictPolicy } from './verdict';
