import { Module, type DynamicModule } from '@nestjs/common';
import { AuditModule } from '../audit';
import { AuthModule } from '../auth';
import { dataSourceOptions } from '../database/data-source';
import { MerchantsModule } from '../merchants';
import { NodesModule } from '../nodes';
import { OperatorsModule } from '../operators';
import { Clock, SystemClock } from '../platform/clock';
import { AppConfig } from '../platform/config';
import { DatabaseModule } from '../platform/database';
import { VaultModule } from '../vault';

/** What commands work with: the services, without HTTP, queues and workers. */
@Module({})
export class CliModule {
  static forRoot(config: AppConfig): DynamicModule {
    return {
      module: CliModule,
      global: true,
      imports: [
        DatabaseModule.forRoot(dataSourceOptions({ ...config.database, poolSize: 4 })),
        AuditModule,
        VaultModule,
        MerchantsModule,
        AuthModule,
        NodesModule,
        OperatorsModule,
      ],
      providers: [
        { provide: AppConfig, useValue: config },
        { provide: Clock, useClass: SystemClock },
      ],
      exports: [AppConfig, Clock],
    };
  }
}
