export { QueueModule, queueConnection } from './queue.module';
