import type { EventEmitter } from 'node:events';
import { BullModule } from '@nestjs/bullmq';
import { type DynamicModule, Module } from '@nestjs/common';
import { createPostgresBackend, createRedisBackend, setDefaultBackendFactory } from 'bullmq';
import type { AppConfig } from '../config';
import { connectionTo } from '../database';

/** The schema of BullMQ's own tables when the queue runs on PostgreSQL. */
export const QUEUE_SCHEMA = 'bullmq';

@Module({})
export class QueueModule {
  /** Redis when REDIS_URL is set, else the application's PostgreSQL through BullMQ's own backend: same code over both. */
  static forRoot(config: AppConfig): DynamicModule {
    // BullMQ chooses its backend process-wide
    if (config.redisUrl) setDefaultBackendFactory(createRedisBackend);
    else setDefaultBackendFactory(createPostgresBackend);
    return {
      module: QueueModule,
      imports: [BullModule.forRoot({ connection: queueConnection(config) as never })],
    };
  }
}

export function queueConnection(config: AppConfig): object {
  if (config.redisUrl) {
    return { url: config.redisUrl, maxRetriesPerRequest: null, enableReadyCheck: false };
  }
  return {
    ...connectionTo(config.database.directUrl),
    schema: QUEUE_SCHEMA,
    max: 4,
    migrate: true,
    // while a client is out of the pool (BullMQ migrates at start) nobody listens: losing it would end the process
    onConnect: (client: EventEmitter) => void client.on('error', () => undefined),
  };
}
