export { AuditLog } from './audit-log';
export type { AuditEvent } from './audit-log';
export { AuditModule } from './audit.module';
export { AuditChainer } from './chainer';
export { AuditStreams } from './audit-streams';
export { AuditVerifier } from './audit-verifier';
export type { Anchor, VerificationResult, VerifyProgress } from './audit-verifier';
export { readAnchor, writeAnchor } from './anchor-file';
export { verifyCopy } from './stream-copy';
