import type { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { RedisQueueBackend, type BackendFactory, type IQueueBackend } from 'bullmq';
import { retryDelayMs } from './redis-client';

/** Backends that connect anew where they were refused at first: BullMQ 6.7 keeps that failure for good. */
export function connectingAnew<B extends IQueueBackend, C>(create: BackendFactory<B, C>): BackendFactory<B, C> {
  return (...given) => {
    const backend = create(...given);
    if (backend instanceof RedisQueueBackend) {
      const { connection, blockingConnection } = backend as unknown as Record<string, RedisConnecting | undefined>;
      for (const each of [connection, blockingConnection]) if (each) keepConnecting(each, 1);
    } else {
      const { connection } = backend as unknown as { connection: PostgresConnecting };
      for (const each of [connection, backend as PostgresConnecting]) forgetFailure(each);
    }
    return backend;
  };
}

interface PostgresConnecting {
  readyPromise?: Promise<void>;
  waitUntilReady(): Promise<void>;
}

function forgetFailure(connection: PostgresConnecting): void {
  const ready = connection.waitUntilReady.bind(connection);
  connection.waitUntilReady = () =>
    ready().catch((error: unknown) => {
      connection.readyPromise = undefined;
      throw error;
    });
}

interface RedisConnecting extends EventEmitter {
  initializing: Promise<unknown>;
  closing?: boolean;
  _client?: EventEmitter & { disconnect(): void };
  readonly handleClientError: () => void;
  readonly handleClientClose: () => void;
  readonly handleClientReady: () => void;
  init(): Promise<unknown>;
}

/** A refused client stays refused while its socket lives: the next attempt has a client of its own. */
function keepConnecting(connection: RedisConnecting, attempt: number): void {
  connection.initializing.catch(async () => {
    await sleep(retryDelayMs(attempt), undefined, { ref: false });
    if (connection.closing) return;
    if (connection._client) partWith(connection._client, connection);
    connection._client = undefined;
    connection.initializing = connection.init();
    connection.initializing.catch(
      (error: unknown) => connection.listenerCount('error') && connection.emit('error', error),
    );
    keepConnecting(connection, attempt + 1);
  });
}

function partWith(client: NonNullable<RedisConnecting['_client']>, connection: RedisConnecting): void {
  client.off('error', connection.handleClientError);
  client.off('close', connection.handleClientClose);
  client.off('ready', connection.handleClientReady);
  // its last words are nobody's
  client.on('error', () => undefined);
  client.disconnect();
}
