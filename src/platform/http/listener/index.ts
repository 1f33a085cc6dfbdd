export { answerBrokenRequests } from './broken-request';
export { limitConnections, LINGER_MS, MAX_UNANSWERED } from './connection-limits';
export { hostRule, unknownHost } from './host-rule';
export type { KnownHosts } from './host-rule';
export { openListener, refuse } from './open-listener';
export type { Listener } from './open-listener';
export { setSecurityHeaders } from './security-headers';
