import { Module } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { VaultModule } from '../vault';
import { Digests } from './digests';
import { IdempotencyInterceptor } from './http/idempotency.interceptor';
import { IdempotencyService } from './idempotency.service';
import { IdempotentEffects } from './idempotent-effects';
import { IdempotencyRepository } from './store/idempotency.repository';

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
export class IdempotencyModule {}
