export { IdempotentEffects } from './idempotent-effects';
export { IdempotencyModule } from './idempotency.module';
export { SecretResponse } from './http/secret-response.decorator';
