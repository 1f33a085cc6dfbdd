import { Module } from '@nestjs/common';
import { AppConfig } from '../platform/config';
import { createAdapters } from './adapters';
import { ProvidersController } from './http/providers.controller';
import { ProviderRegistry } from './provider.registry';

@Module({
  controllers: [ProvidersController],
  providers: [
    {
      provide: ProviderRegistry,
      inject: [AppConfig],
      useFactory: (config: AppConfig) => new ProviderRegistry(createAdapters(config.providers)),
    },
  ],
  exports: [ProviderRegistry],
})
export class ProvidersModule {}
