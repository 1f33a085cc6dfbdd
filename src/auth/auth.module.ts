import { Module, Optional, type OnModuleInit } from '@nestjs/common';
import { APP_GUARD, DiscoveryModule } from '@nestjs/core';
import { AuditModule } from '../audit';
import { EventsModule } from '../events';
import { Clock } from '../platform/clock';
import { AppConfig } from '../platform/config';
import { RetentionTasks } from '../platform/retention';
import { VaultModule } from '../vault';
import { AccessTokens } from './access-tokens';
import { AddressRefusals } from './address-refusals';
import { ApiKeyExpiry } from './api-key-expiry';
import { ApiKeyService } from './api-key.service';
import { AccessCheck } from './http/access-check';
import { AuthGuard } from './http/auth.guard';
import { JwksController } from './http/jwks.controller';
import { KeyAuthority } from './key-authority';
import { LastUsedTracker } from './last-used-tracker';
import { OutsideKeys } from './outside-keys';
import { OwnKeys } from './own-keys';
import { RateLimiter } from './rate-limiter';
import { SigningKeys } from './signing-keys';
import { StepUp } from './step-up';
import { AccessTokenRepository } from './store/access-token.repository';
import { ApiKeyRepository } from './store/api-key.repository';
import { ExchangeTriesRepository } from './store/exchange-tries.repository';
import { RateLimitRepository } from './store/rate-limit.repository';
import { SigningKeyRepository } from './store/signing-key.repository';
import { TokenRevocations } from './token-revocations';
import { TokenVerifier } from './token-verifier';
import { TokenService } from './token.service';
import { TryCleanup } from './try-cleanup';
import { TryLimits } from './try-limits';
import { UnkeyKeys } from './unkey-keys';

/** Far longer than the emptiest bucket takes to fill. */
const IDLE_BUCKET_SECONDS = 86_400;
const EXPIRED_TOKENS_KEPT_SECONDS = 86_400;

@Module({
  imports: [AuditModule, EventsModule, VaultModule, DiscoveryModule],
  controllers: [JwksController],
  providers: [
    AddressRefusals,
    ApiKeyService,
    ApiKeyRepository,
    ApiKeyExpiry,
    LastUsedTracker,
    OwnKeys,
    {
      provide: KeyAuthority,
      inject: [AppConfig, OwnKeys, ApiKeyRepository, Clock],
      useFactory: (config: AppConfig, ownKeys: OwnKeys, keys: ApiKeyRepository, clock: Clock) =>
        config.unkey === null ? ownKeys : UnkeyKeys.connect(config.unkey, keys, clock),
    },
    SigningKeys,
    SigningKeyRepository,
    OutsideKeys,
    TokenService,
    TokenRevocations,
    AccessTokens,
    AccessTokenRepository,
    TokenVerifier,
    StepUp,
    RateLimiter,
    RateLimitRepository,
    TryLimits,
    TryCleanup,
    ExchangeTriesRepository,
    AccessCheck,
    { provide: APP_GUARD, useClass: AuthGuard },
  ],
  exports: [
    AccessTokens,
    AddressRefusals,
    ApiKeyService,
    TryLimits,
    TokenService,
    TokenRevocations,
    TokenVerifier,
    SigningKeys,
    StepUp,
    KeyAuthority,
  ],
})
export class AuthModule implements OnModuleInit {
  constructor(
    private readonly rateLimits: RateLimitRepository,
    private readonly accessTokens: AccessTokenRepository,
    @Optional() private readonly retentionTasks?: RetentionTasks,
  ) {}

  onModuleInit(): void {
    this.retentionTasks?.register(
      { name: 'rate_limits', trim: (limit) => this.rateLimits.removeIdle(IDLE_BUCKET_SECONDS, limit) },
      { name: 'access_tokens', trim: (limit) => this.accessTokens.removeExpired(EXPIRED_TOKENS_KEPT_SECONDS, limit) },
    );
  }
}
