import type { Redis } from 'ioredis';
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
const PROBE_KEY = 'bull:interlock-health';

/** The same of Redis: a replica, or one whose memory is used up, answers a PING. */
export async function queueRefusal(redis: Redis): Promise<string | null> {
  try {
    await redis.set(PROBE_KEY, '1', 'PX', 1_000);
    return null;
  } catch (error) {
    const refusal = redisRefusal(error);
    if (refusal === null) throw error;
    return refusal;
  }
}
