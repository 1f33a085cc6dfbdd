export { QUEUE_SCHEMA, QueueModule, queueConnection } from './queue.module';
