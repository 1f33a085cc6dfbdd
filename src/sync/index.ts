/** What other modules may ask of the engine. */
export { DataErasers } from './data-erasers';
export { LogRepository } from './store/log.repository';
export { PageCommit } from './page-commit';
export { RecordFeed } from './record-feed';
export { SyncedItemRepository } from './store/synced-item.repository';
export type { SeenItem, SyncedLineItem, SyncedProduct } from './store/synced-item.repository';
export { toRunFailure } from './run-failure';
export { RunHandler } from './run-handler';
export type { RunContext, RunOutcome } from './run-handler';
export { RunHandlers } from './run-handlers';
export { RunRequests } from './run-requests';
export { RUNS_QUEUE } from './jobs/run.queue';
export type { Explanation } from './explain';
export { SyncExplainer } from './sync-explainer';
export { SyncLifecycle } from './sync-lifecycle';
export { SyncModule } from './sync.module';
export { LogRetries } from './log-retries';
export { RecordRepository } from './store/record.repository';
export { ScheduleRepository } from './store/schedule.repository';
/** What a sync log says beside its counts. */
export { SYNC_NOTE_CODES } from './sync-notes';
/** What was found of a changed-since filter. */
export { FILTER_STATES } from './cursor';
