export type { Judgement, OutboundHttp, OutboundRequest, OutboundResponse } from './outbound-http';
export { ProviderFailure, VERDICTS, VERDICT_POLICIES } from './verdict';
export type { Verdict, VerdictPolicy } from './verdict';
