import { Module, type DynamicModule, type ModuleMetadata } from '@nestjs/common';
import { AuditModule } from '../audit';
import { EventsModule } from '../events';
import { IdempotencyModule } from '../idempotency';
import { IntegrationsModule } from '../integrations';
import { MerchantsModule } from '../merchants';
import type { AppConfig } from '../platform/config';
import { ProvidersModule } from '../providers';
import { VaultModule } from '../vault';
import { ActivationService } from './activation.service';
import { CredentialChangeService } from './credential-change.service';
import { CredentialCheckService } from './credential-check.service';
import { CredentialExpiry } from './credential-expiry';
import { CredentialTest } from './credential-test';
import { DeactivationService } from './deactivation.service';
import { ErasureService } from './erasure.service';
import { ExpiringCredentials } from './expiring-credentials';
import { IntegrationsController } from './http/integrations.controller';
import { SettingsController } from './http/settings.controller';
import { IntegrationViewRepository } from './store/integration-view.repository';
import { SyncControlService } from './sync-control.service';

@Module({})
export class LifecycleModule {
  /** `imports`: the modules of syncs and mappings. */
  static forRoot(config: Pick<AppConfig, 'runsWork'>, imports: NonNullable<ModuleMetadata['imports']>): DynamicModule {
    return {
      module: LifecycleModule,
      imports: [
        AuditModule,
        EventsModule,
        VaultModule,
        IdempotencyModule,
        IntegrationsModule,
        MerchantsModule,
        ProvidersModule,
        ...imports,
      ],
      controllers: [IntegrationsController, SettingsController],
      providers: [
        ActivationService,
        CredentialChangeService,
        CredentialCheckService,
        CredentialTest,
        DeactivationService,
        ErasureService,
        IntegrationViewRepository,
        SyncControlService,
        ...(config.runsWork ? [CredentialExpiry, ExpiringCredentials] : []),
      ],
      exports: [SyncControlService, IntegrationViewRepository],
    };
  }
}
