import { RedisQueueBackend, type IQueueBackend } from 'bullmq';
import type { Redis } from 'ioredis';

/**
 * Hands the notice of a job on to another worker of the queue. Redis gives each notice to one worker alone, and this is
 * how BullMQ's own scripts write one; on PostgreSQL every worker hears of every job.
 */
export async function passNoticeOn(backend: IQueueBackend): Promise<void> {
  if (!(backend instanceof RedisQueueBackend)) return;
  const client = (await backend.client) as unknown as Redis;
  await client.zadd(backend.toKey('marker'), 0, '0');
}
