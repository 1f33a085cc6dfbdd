export { QueueModule, queueConnection } from './queue.module';
export { queueShards, shardOf } from './queue-shards';
