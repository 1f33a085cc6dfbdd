export { DatabaseModule } from './database.module';
export { Database } from './database';
export { DatabaseGenerationRepository } from './store/database-generation.repository';
export { CLIENT_PATIENCE_MS, DEFAULT_STATEMENT_MS, READ_COMMITTED_SESSION } from './limits';
export { Notifications } from './notifications';
export { together } from './together';
export { UnitOfWork } from './unit-of-work';
export { Tx, sqlOf } from './tx';
export type { NamedStatement, Sql } from './sql';
