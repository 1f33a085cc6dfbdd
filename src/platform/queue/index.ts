export { passNoticeOn } from './job-notice';
export { QueueModule, queueConnection } from './queue.module';
export { queueShards, shardOf } from './queue-shards';
