import { Module } from '@nestjs/common';
import { AppConfig } from '../platform/config';
import { createAdapters } from './adapters';
import { ProviderRegistry } from './provider.registry';

@Module({
  providers: [
    {
      provide: ProviderRegistry,
      inject: [AppConfig],
      useFactory: (config: AppConfig) =>
        new ProviderRegistry(createAdapters({ practicehubLiveHosts: config.practicehubLiveHosts })),
    },
  ],
  exports: [ProviderRegistry],
})
export class ProvidersModule {}
