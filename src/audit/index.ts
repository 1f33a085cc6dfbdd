export { AuditLog } from './audit-log';
export type { AuditAct } from './audit-log';
export { AuditModule } from './audit.module';
