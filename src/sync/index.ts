/** What other modules may ask of the engine. */
export { enabledStreams } from './enabled-streams';
export { PageCommit } from './page-commit';
export { RecordFeed } from './record-feed';
export type { StoredRecord } from './store/feed.repository';
export { RunHandler } from './run-handler';
export type { RunContext, RunOutcome } from './run-handler';
export { RunHandlers } from './run-handlers';
export { RunRequests } from './run-requests';
export { SyncLifecycle } from './sync-lifecycle';
export { SyncModule } from './sync.module';
