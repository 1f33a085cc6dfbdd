import type { Cluster, Redis } from 'ioredis';
import type { Pool, PoolClient } from 'pg';
import type { AppConfig } from '../config';
import { NoServerError } from '../database';
import { keyPrefixes } from '../queue/queue-shards';
import { redisRefusal } from '../queue/redis-refusal';

const READ_ONLY = 'is read-only';

/**
 * Why a database that answers takes no writes; null: it takes them. A connection that is refused them is not kept: the
 * next one may find a server that takes them.
 */
export async function databaseRefusal(pool: Pool): Promise<string | null> {
  let client: PoolClient | undefined;
  let keeps = false;
  try {
    client = await pool.connect();
    const { rows } = await client.query<{ readOnly: boolean }>(
      `SELECT pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on' AS "readOnly"`,
    );
    keeps = !rows[0]!.readOnly;
    return keeps ? null : READ_ONLY;
  } catch (error) {
    if (error instanceof NoServerError && error.readOnly) return READ_ONLY;
    throw error;
  } finally {
    client?.release(!keeps);
  }
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
