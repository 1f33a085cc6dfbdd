export { DatabaseModule } from './database.module';
export { connectionTo } from './connection';
export { Database } from './database';
export { Notifications } from './notifications';
export { together } from './together';
export { UnitOfWork } from './unit-of-work';
export { Tx, sqlOf } from './tx';
export { ServerNotTrustedError } from './scram-socket';
export type { NamedStatement, Sql } from './sql';
