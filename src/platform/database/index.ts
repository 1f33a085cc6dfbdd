export { boundedQuery, MAX_LIST_BYTES } from './bounded-query';
export type { BoundedRows } from './bounded-query';
export { DatabaseModule } from './database.module';
export { Database } from './database';
export { Notifications } from './notifications';
export { together } from './together';
export { UnitOfWork } from './unit-of-work';
export { Tx, sqlOf } from './tx';
export type { NamedStatement, Sql } from './sql';
