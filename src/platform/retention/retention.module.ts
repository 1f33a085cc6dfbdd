import { Module, type DynamicModule } from '@nestjs/common';
import { Retention } from './retention';
import { RetentionTasks } from './retention-tasks';

@Module({})
export class RetentionModule {
  static forRoot(config: { readonly runsWork: boolean }): DynamicModule {
    return {
      module: RetentionModule,
      global: true,
      providers: [RetentionTasks, ...(config.runsWork ? [Retention] : [])],
      exports: [RetentionTasks],
    };
  }
}
