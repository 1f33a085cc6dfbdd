import { Module } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { VaultModule } from '../vault';
import { Digests } from './digests';
import { IdempotencyInterceptor } from './http/idempotency.interceptor';
import { IdempotencyService } from './idempotency.service';
import { IdempotencyRepository } from './store/idempotency.repository';

@Module({
  imports: [VaultModule],
  providers: [
    IdempotencyService,
    IdempotencyRepository,
    Digests,
    { provide: APP_INTERCEPTOR, useClass: IdempotencyInterceptor },
  ],
})
export class IdempotencyModule {}
