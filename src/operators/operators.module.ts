import { Module, Optional, type OnModuleInit } from '@nestjs/common';
import { AuditModule } from '../audit';
import { AuthModule } from '../auth';
import { RetentionTasks } from '../platform/retention';
import { OperatorSightings } from './operator-sightings';
import { Operators } from './operators';
import { SignIns } from './sign-ins';
import { OperatorRepository } from './store/operator.repository';

@Module({
  imports: [AuditModule, AuthModule],
  providers: [Operators, OperatorRepository, OperatorSightings, SignIns],
  exports: [Operators, OperatorSightings, SignIns],
})
export class OperatorsModule implements OnModuleInit {
  constructor(
    private readonly repository: OperatorRepository,
    @Optional() private readonly retentionTasks?: RetentionTasks,
  ) {}

  onModuleInit(): void {
    this.retentionTasks?.register({
      name: 'operator_session_ends',
      trim: (limit) => this.repository.removeEnds(limit),
    });
  }
}
