/** What other modules may ask of the engine. */
export { DataErasers } from './data-erasers';
export { LogRepository } from './store/log.repository';
export { PageCommit } from './page-commit';
export { RecordFeed } from './record-feed';
export type { StoredRecord } from './store/feed.repository';
export { SyncedItemRepository } from './store/synced-item.repository';
export type { SyncedLineItem, SyncedProduct } from './store/synced-item.repository';
export { judgeFailure } from './run-failure';
export { RunHandler } from './run-handler';
export type { RunContext, RunOutcome } from './run-handler';
export { RunHandlers } from './run-handlers';
export { RunRequests } from './run-requests';
export type { Explanation } from './explain';
export { SyncExplainer } from './sync-explainer';
export { SyncLifecycle } from './sync-lifecycle';
export { SyncModule } from './sync.module';
