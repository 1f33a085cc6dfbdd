export { DatabaseModule } from './database.module';
export { Database } from './database';
export { Notifications } from './notifications';
export { UnitOfWork } from './unit-of-work';
export { Tx, managerOf, sqlOf } from './tx';
export type { NamedStatement, Sql } from './sql';
