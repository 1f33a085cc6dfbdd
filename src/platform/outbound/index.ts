export { DestinationRefused, hostIsUnder } from './destination';
export { GuardedHttpClient } from './guarded-http-client';
export type { BindOptions } from './guarded-http-client';
export type { Judgement, OutboundHttp, OutboundRequest, OutboundResponse } from './outbound-http';
export { parseJsonBody } from './json-body';
export type { JsonElement } from './json-list';
export { RateBudget } from './rate-budget';
export { ProviderFailure, VERDICTS, VERDICT_POLICIES } from './verdict';
export type { Verdict, VerdictPolicy } from './verdict';
