export { AuditLog } from './audit-log';
export type { AuditAct } from './audit-log';
export { AuditModule } from './audit.module';
export { AuditChainer } from './chainer';
export { AuditVerifier } from './audit-verifier';
export type { Anchor, AuditVerdict, VerifyProgress } from './audit-verifier';
export { readAnchor, writeAnchor } from './anchor-file';
