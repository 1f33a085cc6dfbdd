import type { Cluster, Redis } from 'ioredis';
import type { AppConfig } from '../config';
import { keyPrefixes } from '../queue/queue-shards';
import { redisRefusal } from '../queue/redis-refusal';

/** Why a database that answers takes no writes; null: it takes them. */
export async function databaseRefusal(database: {
  query<R extends object>(text: string): Promise<R[]>;
}): Promise<string | null> {
  const [session] = await database.query<{ readOnly: boolean }>(
    `SELECT pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on' AS "readOnly"`,
  );
  return session!.readOnly ? 'is read-only' : null;
}

/** Beside the queue's own keys, for a Redis whose user may touch nothing else; gone in a second. */
const PROBE_KEY = 'interlock-health';

/** In a Cluster one for each shard: its node alone may be full. */
export function probeKeys(config: Pick<AppConfig, 'redisUrl' | 'queueShards'>): string[] {
  return [...new Set(keyPrefixes(config))].map((prefix) => `${prefix}:${PROBE_KEY}`);
}

/** The same of Redis: a replica, or one whose memory is used up, answers a PING. */
export async function queueRefusal(redis: Redis | Cluster, keys: readonly string[]): Promise<string | null> {
  const refusals = await Promise.all(keys.map((key) => refusalAt(redis, key)));
  return refusals.find((refusal) => refusal !== null) ?? null;
}

async function refusalAt(redis: Redis | Cluster, key: string): Promise<string | null> {
  try {
    await redis.set(key, '1', 'PX', 1_000);
    return null;
  } catch (error) {
    const refusal = redisRefusal(error);
    if (refusal === null) throw error;
    return refusal;
  }
}
