import { Global, Module, type DynamicModule } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import type { DataSourceOptions } from 'typeorm';
import { Database } from './database';
import { Notifications } from './notifications';
import { SessionLocks } from './session-locks';
import { DatabaseGenerationRepository } from './store/database-generation.repository';
import { UnitOfWork } from './unit-of-work';

@Global()
@Module({})
export class DatabaseModule {
  /** The options come from outside: the platform knows no entity. */
  static forRoot(options: DataSourceOptions): DynamicModule {
    return {
      module: DatabaseModule,
      imports: [TypeOrmModule.forRoot({ ...options, retryAttempts: 3, retryDelay: 500 })],
      providers: [Database, UnitOfWork, Notifications, SessionLocks, DatabaseGenerationRepository],
      exports: [Database, UnitOfWork, Notifications, SessionLocks, DatabaseGenerationRepository],
    };
  }
}
