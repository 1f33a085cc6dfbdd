import { Module } from '@nestjs/common';
import { AppConfig } from '../platform/config';
import { GuardedHttpClient } from '../platform/outbound';
import { ProvidersModule } from '../providers';
import { VaultModule } from '../vault';
import { IntegrationAccess } from './integration-access';
import { ProviderBudgets } from './provider-budgets';
import { ProviderSession } from './provider-session';
import { ClaimRepository } from './store/claim.repository';
import { IntegrationRepository } from './store/integration.repository';
import { ProviderBudgetRepository } from './store/provider-budget.repository';

@Module({
  imports: [ProvidersModule, VaultModule],
  providers: [
    IntegrationRepository,
    IntegrationAccess,
    ClaimRepository,
    ProviderBudgetRepository,
    ProviderBudgets,
    ProviderSession,
    {
      provide: GuardedHttpClient,
      inject: [AppConfig],
      useFactory: (config: AppConfig) => new GuardedHttpClient({ allowPrivate: config.outboundAllowPrivate }),
    },
  ],
  exports: [IntegrationRepository, IntegrationAccess, ClaimRepository, ProviderSession],
})
export class IntegrationsModule {}
