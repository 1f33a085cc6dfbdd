import type { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { BullModule } from '@nestjs/bullmq';
import { Logger, Module, type DynamicModule } from '@nestjs/common';
import {
  createIORedisClient,
  createPostgresBackend,
  createRedisBackend,
  RedisConnection,
  setDefaultBackendFactory,
  type BackendFactory,
  type IQueueBackend,
  type IRedisClient,
} from 'bullmq';
import type { Pool } from 'pg';
import { within } from '../clock';
import { redisAddressOf, type AppConfig } from '../config';
import { connectionTo } from '../database';
import { CLIENT_PATIENCE_MS, sessionSettings } from '../database/limits';
import { connectingAnew } from './connecting-anew';
import { connectToRedis, redisOptions } from './redis-client';

/** A connection whose other end is gone without a word is noticed by the operating system. */
const KEEP_ALIVE_MS = 10_000;
/** Beyond the longest that BullMQ waits for a job in one command, which is ten seconds. */
const SILENCE_MS = 15_000;
/** What is said to a store at parting needs an answer, which one that has fallen silent never gives. */
const PARTING_MS = 2_000;
/** The longest that a worker relies on being told of a job. */
const LONGEST_WAIT_SECONDS = 10;
const PAUSE_AFTER_FAILED_WAIT_MS = 1_000;

const logger = new Logger('queue');

/** The schema of BullMQ's own tables when the queue runs on PostgreSQL. */
export const QUEUE_SCHEMA = 'bullmq';

@Module({})
export class QueueModule {
  /**
   * Redis when REDIS_URL is set, else the application's PostgreSQL through BullMQ's own backend: same code over both.
   */
  static forRoot(config: AppConfig): DynamicModule {
    // BullMQ chooses its backend process-wide
    if (config.redisUrl) setDefaultBackendFactory(partingInTime(connectingAnew(withoutCommands(createRedisBackend))));
    else
      setDefaultBackendFactory(
        partingInTime(connectingAnew(withoutLongWaits(listeningAsConnected(createPostgresBackend)))),
      );
    return {
      module: QueueModule,
      imports: [BullModule.forRoot({ connection: queueConnection(config) as never })],
    };
  }
}

/** Backends whose end does not wait for a store that is not heard any more. The process ends all the same. */
function partingInTime<B extends IQueueBackend, C>(create: BackendFactory<B, C>): BackendFactory<B, C> {
  return (...given) => {
    const backend = create(...given);
    const close = backend.close.bind(backend);
    backend.close = async (force) => {
      if (await within(PARTING_MS, close(force))) return;
      // it would go on trying to connect; dead sockets are torn down after two seconds each
      await within(3 * PARTING_MS, backend.disconnect());
    };
    return backend;
  };
}

/**
 * Backends whose errors do not hold the command that failed: that of a refused user holds the password, and BullMQ
 * prints what nobody listens to yet.
 */
function withoutCommands<B extends IQueueBackend, C>(create: BackendFactory<B, C>): BackendFactory<B, C> {
  return (...given) => {
    const backend = create(...given);
    // before the queue's own listener, which comes next
    backend.on('error', (error: Error & { lastNodeError?: object }) => {
      for (const each of [error, error.lastNodeError]) if (each) Reflect.deleteProperty(each, 'command');
    });
    return backend;
  };
}

/**
 * Backends whose workers ask for a job themselves after a while, and after a wait that failed. After a failure BullMQ
 * 6.7 waits up to an hour for a notice, on a connection that may have fallen silent.
 */
function withoutLongWaits<B extends IQueueBackend, C>(create: BackendFactory<B, C>): BackendFactory<B, C> {
  return (...given) => {
    const backend = create(...given);
    const waitForJob = backend.waitForJob.bind(backend);
    backend.waitForJob = async (seconds) => {
      try {
        return await waitForJob(Math.min(seconds, LONGEST_WAIT_SECONDS));
      } catch (error) {
        logger.warn({ msg: 'no notice of a job can be waited for', err: error });
        await sleep(PAUSE_AFTER_FAILED_WAIT_MS);
        return null;
      }
    };
    return backend;
  };
}

/**
 * Backends that listen through the same kind of client as their pool has: BullMQ 6.7 makes the one that listens of `pg`
 * itself.
 */
function listeningAsConnected<B extends IQueueBackend, C>(create: BackendFactory<B, C>): BackendFactory<B, C> {
  return (...given) => {
    const backend = create(...given);
    const { connection } = backend as unknown as { connection: { pool: Pool; pgModule: object } };
    const { Client } = connection.pool.options;
    if (Client) connection.pgModule = { Client };
    return backend;
  };
}

/** What BullMQ makes its clients of. */
export function queueConnection(config: AppConfig): object {
  if (config.redisUrl) return redisConnection(config.redisUrl);
  return {
    ...connectionTo(config.database.directUrl),
    schema: QUEUE_SCHEMA,
    max: 4,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    connectionTimeoutMillis: 5_000,
    // also while BullMQ migrates: other processes wait for its lock when they start
    ...sessionSettings(config.database.statementMs),
    query_timeout: config.database.statementMs + CLIENT_PATIENCE_MS,
    migrate: true,
    // while a client is out of the pool (BullMQ migrates at start) nobody listens: losing it would end the process
    onConnect: (client: EventEmitter) => void client.on('error', () => undefined),
  };
}

function redisConnection(url: string): object {
  const settings = {
    maxRetriesPerRequest: null,
    enableReadyCheck: false,
    keepAlive: KEEP_ALIVE_MS,
    socketTimeout: SILENCE_MS,
  };
  const address = redisAddressOf(url);
  // BullMQ makes no client of a Cluster by itself, and closes those alone that are made in its name
  RedisConnection.clientFactory = address.kind === 'cluster' ? clusterClient : undefined;
  if (address.kind === 'cluster') return { clusterUrl: url, ...settings };
  return { ...(address.url === null ? {} : { url: address.url }), ...redisOptions(address), ...settings };
}

/** BullMQ adds a server's address and a way to reconnect; every node of a Cluster has its own. */
function clusterClient(options: object): IRedisClient {
  const { clusterUrl, ...settings } = options as { clusterUrl: string };
  return createIORedisClient(connectToRedis(clusterUrl, settings));
}
