import { Module, Optional, type OnModuleInit } from '@nestjs/common';
import { AuditModule } from '../audit';
import { AppConfig } from '../platform/config';
import { GuardedHttpClient, NameResolver } from '../platform/outbound';
import { RetentionTasks } from '../platform/retention';
import { ProvidersModule } from '../providers';
import { VaultModule } from '../vault';
import { DriftWatch } from './drift-watch';
import { IntegrationAccess } from './integration-access';
import { IntegrationChanges } from './integration-changes';
import { KeyManagementGate } from './key-management-gate';
import { ProviderBudgets } from './provider-budgets';
import { ProviderSession } from './provider-session';
import { ClaimRepository } from './store/claim.repository';
import { GrantRefreshRepository } from './store/grant-refresh.repository';
import { IntegrationRepository } from './store/integration.repository';
import { KeyManagementGateRepository } from './store/key-management-gate.repository';
import { ProviderBudgetRepository } from './store/provider-budget.repository';
import { ProviderSightingRepository } from './store/provider-sighting.repository';
import { StoredGrants } from './stored-grants';

@Module({
  imports: [AuditModule, ProvidersModule, VaultModule],
  providers: [
    IntegrationRepository,
    IntegrationAccess,
    IntegrationChanges,
    ClaimRepository,
    KeyManagementGateRepository,
    KeyManagementGate,
    ProviderBudgetRepository,
    ProviderBudgets,
    ProviderSightingRepository,
    DriftWatch,
    GrantRefreshRepository,
    StoredGrants,
    ProviderSession,
    {
      provide: GuardedHttpClient,
      inject: [AppConfig],
      useFactory: (config: AppConfig) =>
        new GuardedHttpClient({
          allowPrivate: config.outboundAllowPrivate,
          resolver: new NameResolver({ servers: config.outboundDnsServers }).resolve,
        }),
    },
  ],
  exports: [
    // the pipe of `CurrentIntegrationKey` asks it, in each module that has a controller
    ProvidersModule,
    IntegrationRepository,
    IntegrationChanges,
    IntegrationAccess,
    ClaimRepository,
    ProviderSession,
    GuardedHttpClient,
  ],
})
export class IntegrationsModule implements OnModuleInit {
  constructor(
    private readonly budgets: ProviderBudgets,
    @Optional() private readonly retention?: RetentionTasks,
  ) {}

  onModuleInit(): void {
    this.retention?.register({ name: 'provider_budgets', trim: (limit) => this.budgets.removeIdle(limit) });
  }
}
