import { Module, type DynamicModule } from '@nestjs/common';
import { AdminModule } from './admin';
import { AuditModule } from './audit';
import { AuthModule } from './auth';
import { dataSourceOptions } from './database/data-source';
import { MIGRATIONS } from './database/migrations';
import { IdempotencyModule } from './idempotency';
import { LifecycleModule } from './lifecycle';
import { MappingsModule } from './mappings';
import { McpModule } from './mcp';
import { MerchantsModule, ProductService } from './merchants';
import { NodesModule } from './nodes';
import { PaymentsModule } from './payments';
import { Clock, SystemClock } from './platform/clock';
import { AppConfig } from './platform/config';
import { DatabaseModule } from './platform/database';
import { HealthModule } from './platform/health';
import { MetricsModule } from './platform/metrics';
import { QueueModule } from './platform/queue';
import { RetentionModule } from './platform/retention';
import { TracingModule } from './platform/tracing';
import { SyncModule } from './sync';
import { VaultModule } from './vault';
import { WebhooksModule } from './webhooks';

/** Composition only: which modules there are, and what the platform is told about them. */
@Module({})
export class AppModule {
  static forRoot(config: AppConfig): DynamicModule {
    // each is made once: two calls would be two modules
    const sync = SyncModule.forRoot(config);
    const mappings = MappingsModule.forRoot({ imports: [MerchantsModule, sync], products: ProductService });
    const payments = PaymentsModule.forRoot(config, [sync, mappings]);
    const webhooks = WebhooksModule.forRoot(config, [sync]);
    return {
      module: AppModule,
      global: true,
      imports: [
        DatabaseModule.forRoot(dataSourceOptions(config.database)),
        QueueModule.forRoot(config),
        HealthModule.forRoot({ migrations: MIGRATIONS.map((Migration) => new Migration().name) }),
        MetricsModule,
        RetentionModule.forRoot(config),
        TracingModule.forRoot(),
        AuditModule,
        VaultModule,
        MerchantsModule,
        AuthModule,
        IdempotencyModule,
        NodesModule,
        sync,
        mappings,
        payments,
        LifecycleModule.forRoot(config, [sync, mappings]),
        webhooks,
        AdminModule.forRoot([sync, payments, webhooks]),
        McpModule,
      ],
      providers: [
        { provide: AppConfig, useValue: config },
        { provide: Clock, useClass: SystemClock },
      ],
      exports: [AppConfig, Clock],
    };
  }
}
