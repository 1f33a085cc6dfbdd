import { Module } from '@nestjs/common';
import { AuditModule } from '../audit';
import { AppConfig } from '../platform/config';
import { createAdapters } from './adapters';
import { ProviderNames } from './http/provider-names.pipe';
import { ProvidersController } from './http/providers.controller';
import { ManifestWatch } from './manifest-watch';
import { ProviderManifests } from './provider-manifests.service';
import { ProviderRegistry } from './provider.registry';
import { ProviderManifestRepository } from './store/provider-manifest.repository';

@Module({
  imports: [AuditModule],
  controllers: [ProvidersController],
  providers: [
    {
      provide: ProviderRegistry,
      inject: [AppConfig],
      useFactory: (config: AppConfig) => new ProviderRegistry(createAdapters(config.providers)),
    },
    ProviderManifestRepository,
    ManifestWatch,
    ProviderManifests,
    ProviderNames,
  ],
  exports: [ProviderRegistry, ProviderManifests, ManifestWatch, ProviderNames],
})
export class ProvidersModule {}
