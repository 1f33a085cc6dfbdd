import { Module, Optional, type OnModuleInit } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { RetentionTasks } from '../platform/retention';
import { VaultModule } from '../vault';
import { Digests } from './digests';
import { IdempotencyInterceptor } from './http/idempotency.interceptor';
import { IdempotencyService } from './idempotency.service';
import { IdempotentEffects } from './idempotent-effects';
import { IdempotencyRepository } from './store/idempotency.repository';

/** Each may take a sealed answer with it. */
const CLEANUP_BATCH = 200;

@Module({
  imports: [VaultModule],
  providers: [
    IdempotencyService,
    IdempotencyRepository,
    Digests,
    IdempotentEffects,
    { provide: APP_INTERCEPTOR, useClass: IdempotencyInterceptor },
  ],
  exports: [IdempotentEffects],
})
export class IdempotencyModule implements OnModuleInit {
  constructor(
    private readonly service: IdempotencyService,
    @Optional() private readonly retentionTasks?: RetentionTasks,
  ) {}

  onModuleInit(): void {
    const trim = (limit: number): Promise<number> => this.service.removeExpired(limit);
    this.retentionTasks?.register({ name: 'idempotency_records', batch: CLEANUP_BATCH, trim });
  }
}
