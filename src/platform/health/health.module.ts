import { Global, Module, type DynamicModule } from '@nestjs/common';
import { Daemons } from '../daemon';
import { Drain } from './drain';
import { HealthController } from './http/health.controller';
import { ExpectedMigrations, Readiness } from './readiness';

@Global()
@Module({})
export class HealthModule {
  /** The migrations come from outside: the platform knows no schema. */
  static forRoot(options: { migrations: readonly string[] }): DynamicModule {
    return {
      module: HealthModule,
      controllers: [HealthController],
      providers: [Daemons, Drain, Readiness, { provide: ExpectedMigrations, useValue: { names: options.migrations } }],
      exports: [Daemons, Drain, Readiness],
    };
  }
}
