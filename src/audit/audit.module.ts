import { Module } from '@nestjs/common';
import { AuditLog } from './audit-log';
import { AuditStreams } from './audit-streams';
import { AuditVerifier } from './audit-verifier';
import { AuditChainer } from './chainer';
import { AuditRepository } from './store/audit.repository';
import { ChainRepository } from './store/chain.repository';
import { StreamRepository } from './store/stream.repository';

@Module({
  providers: [AuditLog, AuditRepository, AuditChainer, AuditVerifier, AuditStreams, ChainRepository, StreamRepository],
  exports: [AuditLog, AuditChainer, AuditVerifier, AuditStreams],
})
export class AuditModule {}
