import { Module } from '@nestjs/common';
import { AuditLog } from './audit-log';
import { AuditVerifier } from './audit-verifier';
import { AuditChainer } from './chainer';
import { AuditRepository } from './store/audit.repository';
import { ChainRepository } from './store/chain.repository';

@Module({
  providers: [AuditLog, AuditRepository, AuditChainer, AuditVerifier, ChainRepository],
  exports: [AuditLog, AuditChainer, AuditVerifier],
})
export class AuditModule {}
