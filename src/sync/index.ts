/** What other modules may ask of the engine: ten names at most, and no repository (scripts/module-graph.spec.ts). */
export { DeletionPlans } from './deletion-plans';
export { LogRetries } from './log-retries';
export { RunHandler } from './run-handler';
export { RunWork } from './run-work';
export { SYNC_WORDS } from './sync-words';
export { SyncedRecords } from './synced-records';
export { SyncExplainer } from './sync-explainer';
export { SyncExtensions } from './sync-extensions';
export { SyncLifecycle } from './sync-lifecycle';
export { SyncModule } from './sync.module';
